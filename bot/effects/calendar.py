"""What the calendar shows of incidents, action items and time blocks; and hearing what changes there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.domain.calendar.meetings import EventNews, Reply
from bot.domain.outbox.effects import PutDueDate, PutIncidentEvent, PutTimeBlock, SyncCalendar
from bot.domain.outbox.retry import FailureKind
from bot.domain.outbox.rows import Claimed, Outcome
from bot.effects.failures import CallFailed, final
from bot.effects.performer import Performers
from bot.operations.calendar.reads import CalendarReads
from bot.operations.calendar.sync import CalendarSync
from bot.operations.calendar.time_blocks import TimeBlocks
from bot.views.calendar.events import Event, block_event, due_event, incident_event

if TYPE_CHECKING:
    from bot.effects.google.client import GoogleCalendar

NOT_CONNECTED = "google_not_connected"
"""It was put there while a calendar was connected, and none is by now."""
NO_GUESTS = "google_forbiddenForServiceAccounts"
"""A service account that acts for nobody may not invite anybody."""
_NOT_THEIRS = frozenset({"google_notFound", "google_requiredAccessLevel", "google_forbidden"})
_REPLIES = {reply.value: reply for reply in Reply}


class CalendarPerformers:
    """Performs what concerns the calendar; nothing where none is connected by now."""

    def __init__(
        self, google: GoogleCalendar | None, reads: CalendarReads, blocks: TimeBlocks, sync: CalendarSync
    ) -> None:
        self._google, self._reads, self._blocks, self._sync = google, reads, blocks, sync

    def performers(self) -> Performers:
        """The performer of each effect here."""
        return {
            PutIncidentEvent: self.put_incident,
            PutDueDate: self.put_due_date,
            PutTimeBlock: self.put_block,
            SyncCalendar: self.sync,
        }

    def put_incident(self, effect: PutIncidentEvent, _row: Claimed) -> Outcome:
        """The incident's event is as the incident is."""
        shown = self._reads.incident_event(effect.incident_id)
        if self._google and shown:
            self._google.put(shown.event_id, incident_event(shown), tells=False)
        return None

    def put_due_date(self, effect: PutDueDate, _row: Claimed) -> Outcome:
        """The event of the due date is as the item is, or gone."""
        shown = self._reads.due_date(effect.incident_id, effect.item_id)
        if self._google is None or shown is None:
            return None
        event = due_event(shown, has_guests=True)
        if event is None:
            self._google.delete(shown.event_id, tells=False)
            return None
        try:
            self._google.put(shown.event_id, event, tells=False)
        except CallFailed as error:
            if error.code != NO_GUESTS:
                raise
            self._google.put(shown.event_id, {**event, "attendees": []}, tells=False)
        return None

    def put_block(self, effect: PutTimeBlock, _row: Claimed) -> Outcome:
        """The block is in the person's calendar as it is, or gone.

        They are invited by the team's calendar. Where our account may invite nobody it is written into their
        own one, if they have shared it with us, else into the team's under their name.
        """
        plan = self._blocks.plan(effect.block_id)
        if plan is None:
            return None
        if self._google is None:
            raise final(NOT_CONNECTED)
        event = block_event(plan, has_guests=True)
        if event is None:
            self._remove_block(plan.event_id, plan.person.email)
            return None
        try:
            self._google.put(plan.event_id, event, tells=False)
        except CallFailed as error:
            if error.code != NO_GUESTS:
                raise
            alone = block_event(plan, has_guests=False) or {}
            self._put_block_alone(plan.event_id, alone, plan.person.email)
        return None

    def sync(self, _effect: SyncCalendar, _row: Claimed) -> Outcome:
        """Hear what has changed; from the start where the place up to which we have read is worth nothing.

        Google forgets such places after a while (410); those of another account or calendar it never knew.
        """
        if self._google is None:
            return None
        token = self._sync.token()
        try:
            self._read(token)
        except CallFailed as error:
            if token is None or error.failure.kind is not FailureKind.FINAL:
                raise
            self._sync.read_up_to(None)
            self._read(None)
        return None

    def _read(self, token: str | None) -> None:
        assert self._google  # noqa: S101 - the caller has looked
        for events, following in self._google.changes(token, self._sync.since()):
            ours = self._sync.ours([str(each["id"]) for each in events])
            if ours:
                self._sync.hear([news_of(each) for each in events if each["id"] in ours])
            if following:
                self._sync.read_up_to(following)

    def _put_block_alone(self, event_id: str, event: Event, address: str | None) -> None:
        assert self._google  # noqa: S101 - the caller has looked
        try:
            self._google.put(event_id, event, tells=False, calendar_id=address)
        except CallFailed as error:
            if error.code not in _NOT_THEIRS or address is None:
                raise
            self._google.put(event_id, event, tells=False)

    def _remove_block(self, event_id: str, address: str | None) -> None:
        assert self._google  # noqa: S101 - the caller has looked
        self._google.delete(event_id, tells=False)
        try:
            self._google.delete(event_id, tells=False, calendar_id=address)
        except CallFailed as error:
            if error.code not in _NOT_THEIRS:
                raise


def news_of(event: Mapping[str, Any]) -> EventNews:
    """An event of Google's as we hear of it."""
    entries = (event.get("conferenceData") or {}).get("entryPoints") or ()
    video = next((each.get("uri") for each in entries if each.get("entryPointType") == "video"), None)
    return EventNews(
        event_id=str(event["id"]),
        is_cancelled=event.get("status") == "cancelled",
        updated=_time(event.get("updated")),
        start=_time((event.get("start") or {}).get("dateTime")),
        end=_time((event.get("end") or {}).get("dateTime")),
        replies={
            str(each.get("email") or "").lower(): _REPLIES[each["responseStatus"]]
            for each in event.get("attendees") or ()
            if each.get("responseStatus") in _REPLIES
        },
        link=event.get("htmlLink"),
        meet=event.get("hangoutLink") or video,
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
