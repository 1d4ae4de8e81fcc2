"""Briefs people who come, or come back, to an incident. Slack doesn't tell a bot what they have read."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from bot.domain.incidents.briefing import MAX_CHANGES, Attendance, is_missed, offering
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import happened
from bot.domain.kit.errors import NotSaved
from bot.domain.kit.people import Viewer
from bot.domain.surface.answers import Briefing
from bot.domain.surface.shown import BriefingShown
from bot.operations.consequences import pages
from bot.operations.kit.access import existing_incident
from bot.operations.kit.entry_links import linked
from bot.operations.kit.gate import begin, is_double_click
from bot.operations.kit.names import names_in
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.roles import roles_in
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import attendance, briefings, incidents, people, workspace


class Briefings(Operations):
    """Tells people where an incident is, and what has changed since they were last seen in it."""

    @transaction
    def brief(self, tx: Tx, incident_id: int, *, by: str, key: str, asked_in: str | None = None) -> Briefing:
        """What the person has missed; the next briefing starts from now.

        A redelivery, or a double click, gets the same again. ``asked_in`` is the ts of the message in which
        they asked, which doesn't count as having been here. Raises ``UnknownRef``.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by)
        known = attendance.get(tx.connection, incident.id, by)
        if known.briefed_at and (not is_new or is_double_click(tx, known.briefed_at)):
            return _briefing(incident, known.briefed_since)
        since = _last_seen(tx, incident, by, known, asked_in)
        attendance.note_briefing(tx.connection, incident.id, by, tx.now, since)
        return _briefing(incident, since)

    def note_act(self, channel_id: str, user_id: str, acted: str = "") -> None:
        """Record that somebody has clicked, reacted or typed a command in an incident's channel.

        ``acted`` is when they did, as Slack's ``ts``; by default it was just now.

        In any other channel, this never waits for a writer. If it can't be stored, their next briefing is
        longer.
        """
        with suppress(NotSaved):
            incident_id = self._incident_in(channel_id, user_id)
            if incident_id is not None:
                self._note_act(incident_id, user_id, acted)

    def offer(self, channel_id: str, user_id: str, event_ts: str) -> None:
        """Offer a briefing to somebody who joined an incident's channel, unless the incident is new.

        Many may join at once, nearly always a new incident's channel: then this never waits for a writer.
        """
        incident_id = self._missed_in(channel_id, user_id)
        if incident_id is not None:
            self._offer(incident_id, user_id, event_ts)

    @reading
    def _incident_in(self, tx: Tx, channel_id: str, user_id: str) -> int | None:
        here = incidents.by_channel(tx.connection, channel_id, user_id)
        return here.id if here else None

    @transaction
    def _note_act(self, tx: Tx, incident_id: int, user_id: str, acted: str) -> None:
        at = happened(acted, tx.now)
        attendance.note_act(tx.connection, incident_id, user_id, at)
        pages.seen(tx, {(incident_id, user_id): at})

    @reading
    def _missed_in(self, tx: Tx, channel_id: str, user_id: str) -> int | None:
        here = incidents.by_channel(tx.connection, channel_id, user_id)
        if here is None or not is_missed(here, tx.now):
            return None
        person = tx.once(people.get, user_id)
        return here.id if person and person.may_act else None

    @transaction
    def _offer(self, tx: Tx, incident_id: int, user_id: str, event_ts: str) -> None:
        enqueue(tx, [offering(incident_id, user_id, event_ts)])


def show_briefing(tx: Tx, asked: Briefing, viewer: Viewer) -> BriefingShown:
    """What the briefing shows now."""
    incident = existing_incident(tx, asked.incident_id, viewer)
    since = datetime.fromisoformat(asked.since) if asked.since else None
    changes, total = briefings.changes(tx.connection, incident.id, since, MAX_CHANGES)
    noted = briefings.latest_note(tx.connection, incident.id)
    key_event = briefings.latest_key_event(tx.connection, incident.id)
    told = (*changes, *filter(None, (noted, key_event)))
    return BriefingShown(
        incident,
        since,
        noted and linked(tx, noted),
        key_event,
        tuple(linked(tx, each) for each in changes),
        total,
        briefings.messages(tx.connection, incident.id, since),
        tx.once(workspace.get, workspace.TEAM_URL) or "",
        names_in(tx, [each.text for each in told]),
        roles_in(tx, incident).supporting,
    )


def _briefing(incident: Incident, since: datetime | None) -> Briefing:
    return Briefing(incident.id, since.isoformat() if since else "")


def _last_seen(
    tx: Tx, incident: Incident, user_id: str, known: Attendance, asked_in: str | None
) -> datetime | None:
    """When the person last wrote, changed, marked, clicked or typed something here, or was briefed."""
    last = briefings.last_entry_by(tx.connection, incident.id, user_id, asked_in)
    marked = briefings.last_mark_by(tx.connection, incident.channel_id, user_id)
    return max(filter(None, (last, marked, known.acted_at, known.briefed_at)), default=None)
