"""The one alarm clock: which kinds of alarms have gone off.

An alarm's time stays in the row of what it is about. A table of copies could disagree with it, and in a
rolling deploy the version before, which sets only these columns, would set off nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import Enum, auto

from sqlalchemy import Column, Connection, bindparam, func, literal, select, union_all

from storage.tables import (
    action_items,
    calendar_syncs,
    checklist_lines,
    digests,
    five_whys_analyses,
    incidents,
    pages,
    postmortem_duties,
    updates,
)

AT_ONCE = 25
"""How many of a kind are handled in a transaction."""


class AlarmKind(Enum):
    """A kind of thing that falls due by itself, without anybody's request.

    Each has its time in a column of ``TIMES``, and a handler in :mod:`bot.parts`.
    """

    ITEM_REMINDER = auto()
    DIGEST = auto()
    POSTMORTEM_REMINDER = auto()
    NUDGE = auto()
    UPDATE_NUDGE = auto()
    CALENDAR_POLL = auto()
    MISSING_COMMANDER = auto()
    UNSEEN = auto()
    CHECKLIST_NUDGE = auto()


TIMES: Mapping[AlarmKind, Column[datetime]] = {
    AlarmKind.ITEM_REMINDER: action_items.c.remind_at,
    AlarmKind.DIGEST: digests.c.next_at,
    AlarmKind.POSTMORTEM_REMINDER: postmortem_duties.c.remind_at,
    AlarmKind.NUDGE: five_whys_analyses.c.nudge_at,
    AlarmKind.UPDATE_NUDGE: updates.c.nudge_at,
    AlarmKind.CALENDAR_POLL: calendar_syncs.c.next_at,
    AlarmKind.MISSING_COMMANDER: incidents.c.ask_commander_at,
    AlarmKind.UNSEEN: pages.c.tell_at,
    AlarmKind.CHECKLIST_NUDGE: checklist_lines.c.nudge_at,
}
"""Where each kind of alarm keeps its time (UTC); each column has an index, or few rows."""


def due(tx: Connection, now: datetime) -> frozenset[AlarmKind]:
    """The kinds of which at least one alarm is due."""
    return frozenset(AlarmKind[name] for name in tx.execute(_DUE, {"now": now}).scalars())


def next_after(tx: Connection, time: datetime, kinds: Iterable[AlarmKind]) -> datetime | None:
    """When the first alarm of these kinds after that time goes off, or ``None``."""
    found = (
        tx.execute(select(func.min(TIMES[kind])).where(TIMES[kind] > time)).scalar_one_or_none()
        for kind in kinds
    )
    times: Iterator[datetime | None] = iter(found)
    return min((each for each in times if each is not None), default=None)


_DUE = union_all(
    *(
        select(
            select(literal(kind.name).label("kind"))
            .where(time <= bindparam("now", type_=time.type))
            .limit(1)
            .subquery()
            .c.kind
        )
        for kind, time in TIMES.items()
    )
)
