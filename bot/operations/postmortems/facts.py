"""Gathers everything that a postmortem shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, TimelineEntry, permalink
from bot.domain.incidents.timeline_text import entry_words
from bot.domain.kit.references import Names
from bot.domain.kit.text import plain_from_markup
from bot.domain.postmortems.documents import Document, ThreadReply
from bot.domain.postmortems.measures import measured, reconstruct
from bot.domain.postmortems.model import Postmortem
from bot.domain.postmortems.planned import message_key
from bot.operations.kit.links import channel_link
from bot.operations.kit.names import namer
from bot.operations.kit.roles import roles_in
from bot.operations.kit.transaction import Tx
from bot.operations.kit.working_days import Calendars
from storage import (
    action_items,
    checklists,
    five_whys,
    meetings,
    messages,
    people,
    postmortems,
    timeline_reads,
    workspace,
)


def document_of(tx: Tx, incident: Incident, found: Postmortem) -> Document:
    """The postmortem with everything around it, as it is now."""
    entries = timeline_reads.find(tx.connection, incident.id, everything=True)
    items = action_items.of_incident(tx.connection, incident.id)
    names, team_url = namer(tx), tx.once(workspace.get, workspace.TEAM_URL) or ""
    place = messages.where(tx.connection, message_key(incident.id))
    discussed = place[1] if place else None
    told = [each for each in entries if not discussed or each.thread_ts != discussed or each.ts == discussed]
    link = _linker(team_url)
    events = reconstruct(told, found.curated, found.added, lambda entry: entry_words(entry, names), link)
    replies = timeline_reads.in_thread(tx.connection, *place) if place else []
    meeting = meetings.last_of(tx.connection, incident.id)
    return Document(
        incident=incident,
        postmortem=replace(found, timeline=events, action_items=tuple(each.id for each in items)),
        measured=measured(entries, incident.resolved_at),
        people=_people(tx, incident, found, entries, names),
        items=tuple((each, names.person(each.assigned_to) if each.assigned_to else "") for each in items),
        discussion=tuple(
            ThreadReply(
                names.person(each.by) if each.by else each.source or "a bot",
                plain_from_markup(each.text, names),
                link(each),
            )
            for each in replies
        ),
        zone=str(Calendars(tx).of(None).zone),
        entries=tuple(entries),
        analyses=tuple(five_whys.of_incident(tx.connection, incident.id)),
        revisions=tuple(postmortems.revisions(tx.connection, found.id)),
        checklists=tuple(checklists.of_incident(tx.connection, incident.id)),
        meeting=meeting.booking if meeting and meeting.is_live else None,
        channel_link=channel_link(tx, incident),
    )


def _linker(team_url: str) -> Callable[[TimelineEntry], str | None]:
    def link(entry: TimelineEntry) -> str | None:
        if not team_url or not entry.channel_id or not entry.ts:
            return None
        return permalink(team_url, entry.channel_id, entry.ts, entry.thread_ts)

    return link


def _people(
    tx: Tx, incident: Incident, found: Postmortem, entries: list[TimelineEntry], names: Names
) -> tuple[tuple[str, str], ...]:
    """(role, name) of people with roles, then of others, except bots, who wrote in the channel."""
    played = roles_in(tx, incident).held
    roles = [("Declared by", incident.declared_by), *((role.name, user) for role, user in played)]
    roles.append(("Postmortem by", found.owner_id or ""))
    roles += [
        ("Five whys by", each.facilitator_id) for each in five_whys.of_incident(tx.connection, incident.id)
    ]
    named = [(role, names.person(user)) for role, user in dict.fromkeys(roles) if user]
    had_role = {user for _, user in roles if user}
    wrote = dict.fromkeys(e.by for e in entries if e.kind is EntryKind.MESSAGE and e.by not in had_role)
    bots = {user for user in wrote if user and (person := tx.once(people.get, user)) and person.is_bot}
    others = [names.person(user) for user in wrote if user and user not in bots]
    return (*named, *(("Took part", each) for each in others))
