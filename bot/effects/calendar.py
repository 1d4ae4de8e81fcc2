"""Shows incidents, action items and time blocks in the calendar, sets up calls there, and reads changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from bot.domain.calendar.events import CalendarEvent, DueDateEvent, IncidentEvent
from bot.domain.calendar.time_blocks import BlockPlan
from bot.domain.incidents.calls import may_be_made
from bot.domain.outbox.effects import MakeCall, PutDueDate, PutIncidentEvent, PutTimeBlock, SyncCalendar
from bot.domain.outbox.retry import FailureKind
from bot.domain.outbox.rows import Claimed, Outcome
from bot.effects.calendars import Calendar
from bot.effects.failures import CallFailed
from bot.effects.performer import Performers
from bot.operations.calendar.reads import CalendarReads
from bot.operations.calendar.sync import CalendarSync
from bot.operations.calendar.time_blocks import TimeBlocks
from bot.operations.incidents.calls import IncidentCalls
from bot.views.calendar.events import block_event, due_event, incident_event

Shown = TypeVar("Shown", IncidentEvent, DueDateEvent, BlockPlan)


class CalendarPerformers:
    """Performs the effects that concern the calendar, except meetings."""

    def __init__(
        self,
        calendar: Calendar,
        reads: CalendarReads,
        blocks: TimeBlocks,
        sync: CalendarSync,
        calls: IncidentCalls,
    ) -> None:
        self._calendar, self._reads, self._blocks, self._sync = calendar, reads, blocks, sync
        self._calls = calls

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {
            PutIncidentEvent: self.put_incident,
            MakeCall: self.make_call,
            PutDueDate: self.put_due_date,
            PutTimeBlock: self.put_block,
            SyncCalendar: self.sync,
        }

    def put_incident(self, effect: PutIncidentEvent, _row: Claimed) -> Outcome:
        """Make the incident's event match the incident."""
        shown = self._reads.incident_event(effect.incident_id)
        _put(shown, incident_event, self._calendar.show, self._calendar.hide)
        return None

    def make_call(self, effect: MakeCall, _row: Claimed) -> Outcome:
        """Have the calendar set up the incident's call, if it may still get one."""
        shown = self._reads.incident_event(effect.incident_id)
        if shown and may_be_made(shown.incident):
            self._calls.made(effect.incident_id, self._calendar.call(incident_event(shown)))
        return None

    def put_due_date(self, effect: PutDueDate, _row: Claimed) -> Outcome:
        """Make the due date's event match the item, or remove it."""
        shown = self._reads.due_date(effect.incident_id, effect.item_id)
        _put(shown, due_event, self._calendar.show, self._calendar.hide)
        return None

    def put_block(self, effect: PutTimeBlock, _row: Claimed) -> Outcome:
        """Make the event in the person's calendar match the block, or remove it."""
        plan = self._blocks.plan(effect.block_id)
        address = plan.person.email if plan else None
        block, unblock = self._calendar.block, self._calendar.unblock
        _put(plan, block_event, partial(block, address), partial(unblock, address))
        return None

    def sync(self, _effect: SyncCalendar, _row: Claimed) -> Outcome:
        """Read what has changed; start over if the calendar refuses our sync token.

        Calendars expire such tokens after a while, and don't know those of another account or calendar.
        """
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
        for events, following in self._calendar.changes(token, self._sync.since(), self._sync.ours):
            if events:
                self._sync.hear(events)
            if following:
                self._sync.read_up_to(following)


def _put(
    shown: Shown | None,
    view: Callable[[Shown], CalendarEvent | None],
    show: Callable[[CalendarEvent], None],
    hide: Callable[[str], None],
) -> None:
    """Show the event as it should be now, or hide it; do nothing if what it shows no longer exists."""
    if shown is None:
        return
    event = view(shown)
    if event is None:
        hide(shown.event_id)
    else:
        show(event)
