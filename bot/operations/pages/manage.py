"""Calls people into incidents, and tells whoever asked who hasn't been seen."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, TimelineEntry, happened
from bot.domain.kit.errors import (
    BotError,
    CannotPage,
    GroupEmpty,
    GroupUnknown,
    NobodyPaged,
    NotPaged,
    NotSaved,
    OnlyYourself,
    OutdatedButton,
    OutsidersPaged,
    PagedRecently,
    PageOver,
    PageWhyMissing,
    TooManyPaged,
)
from bot.domain.kit.groups import UserGroup
from bot.domain.kit.people import SYSTEM
from bot.domain.kit.references import Kind
from bot.domain.kit.text import clean_text, is_blank, one_line
from bot.domain.pages.line import AGAIN, INVITE, page_line
from bot.domain.pages.model import MAX_PAGED, SEEN_WITHIN, WHY_LIMIT, Page, missing, paged_recently
from bot.domain.pages.planned import page_told_by, refreshing, telling_unseen, unseen_key
from bot.domain.surface.forms import PageInput
from bot.domain.surface.shown import PageFormShown
from bot.operations.consequences import pages as consequences_pages
from bot.operations.kit.access import can_see, existing_incident
from bot.operations.kit.gate import begin
from bot.operations.kit.names import namer
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.pages.reads import later_than
from storage import groups, incidents, messages, outbox_reads, pages, people, timeline
from storage.alarms import AT_ONCE


class IncidentPages(Operations):
    """Pages; ``by`` and ``key`` are as for :class:`IncidentManager`."""

    @transaction
    def page(self, tx: Tx, filled: PageInput, *, by: str, key: str) -> Page:
        """Call people into the incident.

        Raises ``NobodyPaged``, ``OnlyYourself``, ``CannotPage``, ``GroupUnknown``, ``GroupEmpty``,
        ``TooManyPaged``, ``PageWhyMissing``, ``TextTooLong``, ``PageOver`` unless the incident is active, and
        as questions, each with the command that agrees: ``OutsidersPaged`` if somebody can't see a private
        incident, and ``PagedRecently``.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, filled.incident_id, by, lock=True)
        known = pages.of_incident(tx.connection, incident.id)
        if not is_new:
            return _made_before(known, by)
        if not incident.is_active:
            raise PageOver(ref=incident.ref, status=incident.status.value)
        named = _groups(tx, filled)
        called, why = _called(tx, filled, named, by), _why(filled)
        _ask_first(tx, incident, replace(filled, why=why), called, known)
        handles = tuple(each.handle for each in named)
        return _add(
            tx, incident, Page(0, incident.id, by, tx.now, why, handles, people=dict.fromkeys(called))
        )

    @reading
    def calling(self, tx: Tx, incident_id: int, *, viewer: str) -> PageFormShown:
        """What the form opens with; raises ``UnknownRef``."""
        incident = existing_incident(tx, incident_id, viewer)
        return PageFormShown(incident, tuple(groups.all_enabled(tx.connection)))

    @transaction
    def answer(self, tx: Tx, incident_id: int, page_id: int, *, by: str, key: str) -> None:
        """Note that somebody who was paged is on their way.

        Raises ``NotPaged`` if they weren't paged, and ``OutdatedButton`` if there is no such page.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by)
        found = pages.get(tx.connection, incident.id, page_id)
        if found is None:
            raise OutdatedButton
        if by not in found.people:
            raise NotPaged(ref=incident.ref)
        if is_new:
            consequences_pages.seen(tx, {(incident.id, by): tx.now})
            # Even if they were seen before: whatever they have clicked shows that now.
            enqueue(tx, refreshing(incident.id, page_id, [by], key))

    def note_reaction(self, channel_id: str, ts: str, user_id: str, acted: str = "") -> None:
        """Note that somebody has reacted to, or clicked in, a direct message of the bot's.

        ``acted`` is when they did, as Slack's ``ts``; by default it was just now.
        If it isn't about a page, this never waits for a writer. If it can't be stored, they count as unseen.
        """
        with suppress(NotSaved):
            incident_id = self._paged_in(channel_id, ts, user_id)
            if incident_id is not None:
                self._note_seen(incident_id, user_id, acted)

    @transaction
    def tell_unseen(self, tx: Tx) -> int:
        """Tell some people which of those they paged haven't been seen; returns how many pages were due.

        Nobody is told anything if everybody has been seen, or if the incident is over.
        """
        due = pages.take_due(tx.connection, tx.now, AT_ONCE)
        for each in due:
            incident = incidents.get(tx.connection, each.incident_id, SYSTEM)
            if incident and missing(incident, each, later_than(tx, each)):
                # It was planned before if nobody needed to be told when its turn came.
                was_needless = outbox_reads.is_done(tx.connection, unseen_key(each))
                enqueue(tx, [telling_unseen(each, f"{tx.now.timestamp()}" if was_needless else "")])
        return len(due)

    @reading
    def _paged_in(self, tx: Tx, channel_id: str, ts: str, user_id: str) -> int | None:
        told = page_told_by(messages.key_at(tx.connection, channel_id, ts) or "")
        return told[0] if told and told[2] == user_id else None

    @transaction
    def _note_seen(self, tx: Tx, incident_id: int, user_id: str, acted: str) -> None:
        consequences_pages.seen(tx, {(incident_id, user_id): happened(acted, tx.now)})


def _made_before(known: list[Page], by: str) -> Page:
    """What an earlier delivery of the request has made."""
    theirs = [each for each in known if each.by == by]
    if not theirs:
        raise OutdatedButton
    return theirs[-1]


def _add(tx: Tx, incident: Incident, page: Page) -> Page:
    entry = TimelineEntry(
        0, incident.id, EntryKind.PAGE, tx.now, page.by, to_value=" ".join(page.people), text=page.why
    )
    entry_id = timeline.add(tx.connection, entry).id
    made = pages.add(tx.connection, replace(page, tell_at=tx.now + SEEN_WITHIN, entry_id=entry_id))
    consequences_pages.paged(tx, incident, made)
    return made


def _why(filled: PageInput) -> str:
    why = clean_text(one_line(filled.why), WHY_LIMIT, "why")
    if is_blank(why):
        raise PageWhyMissing
    return why


def _called(tx: Tx, filled: PageInput, known: Sequence[UserGroup], by: str) -> list[str]:
    """Who is paged, each once, without the person who asks, and without members of groups who may not act."""
    if not (filled.people or known):
        raise NobodyPaged
    for each in filled.people:
        person = tx.once(people.get, each)
        if person is None or not person.may_act:
            raise CannotPage(person=each, name=person.name if person else "This person")
    named = [*filled.people, *(each for group in known for each in _members(tx, group))]
    called = [each for each in dict.fromkeys(named) if each != by]
    if not called:
        raise OnlyYourself
    if len(called) > MAX_PAGED:
        raise TooManyPaged(most=MAX_PAGED, count=len(called))
    return called


def _groups(tx: Tx, filled: PageInput) -> list[UserGroup]:
    found = list[UserGroup]()
    for group_id in dict.fromkeys(filled.groups):
        group = groups.get(tx.connection, group_id)
        if group is None or group.is_disabled:
            raise GroupUnknown(group=namer(tx).shown(Kind.GROUP, group_id))
        if not _members(tx, group):
            raise GroupEmpty(group=f"@{group.handle}")
        found.append(group)
    return found


def _members(tx: Tx, group: UserGroup) -> list[str]:
    """The people in the group who may act."""
    found = (tx.once(people.get, each) for each in group.member_ids)
    return [each.id for each in found if each and each.may_act]


def _ask_first(tx: Tx, incident: Incident, filled: PageInput, called: list[str], known: list[Page]) -> None:
    """Raise what has to be asked first, unless ``filled`` agrees to it."""
    outsiders = [each for each in called if incident.is_private and not can_see(tx, incident, each)]
    if outsiders and not filled.invites:
        error: BotError = OutsidersPaged(ref=incident.ref, **_some(tx, outsiders))
        raise _asking(error, "Invite and page", incident, replace(filled, invites=True))
    recent = paged_recently(known, called, tx.now)
    if recent and not filled.again:
        page, paged = recent
        minutes = int(SEEN_WITHIN.total_seconds() / 60)
        error = PagedRecently(by=page.by, minutes=minutes, **_some(tx, paged))
        raise _asking(error, "Page again", incident, replace(filled, again=True))


def _some(tx: Tx, user_ids: list[str]) -> dict[str, str]:
    """The first of these people, and how many others there are, for an error's sentence."""
    others = len(user_ids) - 1
    told = f" and {others} {'other' if others == 1 else 'others'}" if others else ""
    return {"person": user_ids[0], "name": namer(tx).person(user_ids[0]), "others": told}


def _asking(error: BotError, label: str, incident: Incident, agreed: PageInput) -> BotError:
    words = [*([AGAIN] if agreed.again else []), *([INVITE] if agreed.invites else [])]
    error.offers = {label: page_line(incident, agreed.people, agreed.groups, agreed.why, *words)}
    return error
