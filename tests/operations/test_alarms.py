"""One alarm clock for whatever falls due: it calls what is due, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.domain.action_items.model import NewActionItem
from bot.operations.alarms import AlarmClock
from bot.parts import alarm_handlers
from storage import alarms
from storage.alarms import AT_ONCE, AlarmKind
from storage.tables import action_items
from tests.support.office import Office, keys


def never() -> int:
    raise AssertionError("it isn't due")


def clock_of(office: Office, **handlers: Callable[[], int]) -> AlarmClock:
    """A clock with these handlers, by the name of their kind; the others mustn't be called."""
    return AlarmClock(
        office.database, office.clock, {kind: handlers.get(kind.name, never) for kind in AlarmKind}
    )


def an_item_that_is_due(office: Office) -> None:
    incident = office.declare()
    due = office.clock().date() + timedelta(days=1)
    new = NewActionItem(incident.id, "More disks", assigned_to="BEN", due_date=due)
    office.items.create_action_item(new, by="ANA", key=next(keys))
    # As the version before sets it: in the item's own column.
    soon = update(action_items).values(remind_at=office.clock())
    office.database.run(lambda tx: tx.execute(soon))


def test_every_kind_has_a_time_and_a_handler(office: Office) -> None:
    kinds = set(AlarmKind)
    assert set(alarms.TIMES) == kinds, "add its column to storage/alarms.py"
    handlers = alarm_handlers(office.database, office.clock)
    assert set(handlers) == kinds, "add its handler to alarm_handlers() of bot/parts.py"


def test_every_time_is_found_by_an_index() -> None:
    for kind, time in alarms.TIMES.items():
        indexed = {column.name for index in time.table.indexes for column in index.columns}
        assert time.name in indexed or kind is AlarmKind.CALENDAR_POLL, "only a calendar is a single row"


def test_nothing_is_called_while_nothing_is_due(office: Office) -> None:
    office.declare()
    clock_of(office).ring()


def test_what_is_due_is_called_until_nothing_is_left(office: Office) -> None:
    an_item_that_is_due(office)
    batches = [AT_ONCE, AT_ONCE, 3]
    clock_of(office, ITEM_REMINDER=lambda: batches.pop(0)).ring()
    assert batches == []


def test_a_handler_that_fails_keeps_no_other_waiting(office: Office) -> None:
    an_item_that_is_due(office)
    analysis = office.whys.conduct_five_whys(1, "ANA", by="ANA", key=next(keys))
    office.clock.move(minutes=31)
    called: list[str] = []

    def fails() -> int:
        raise RuntimeError("no")

    def nudges() -> int:
        called.append(analysis.ref)
        return 1

    with pytest.raises(RuntimeError):
        clock_of(office, ITEM_REMINDER=fails, NUDGE=nudges, DIGEST=lambda: 0).ring()
    assert called == [analysis.ref]
