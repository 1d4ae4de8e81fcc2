"""What is purged after `KEEP_DAYS`, and what stays for good: one rule for each table that would only grow.

========================  ===============  ===============================================================
what                      its age is from  what stays
========================  ===============  ===============================================================
effects that are done     finished_at      what :data:`_STAYS` names; what waits, runs or was given up
polls of the calendar     finished_at      as above; besides, each poll deletes the one before, see
                                           :func:`storage.calendar.forget_reads`
handled requests          received_at      those that created something, and mentions of the bot
========================  ===============  ===============================================================

No other key is planned twice: what falls due by itself has set its next time in the transaction that planned
it (see :data:`storage.alarms.TIMES`), and a reminder of an action item is also a row in a table that is never
purged, as is the location of each message that the bot has posted.

The space is used again. SQLite stores new rows in the pages that were freed, so its file stays as large as it
ever was; shrinking it with each commit (https://www.sqlite.org/pragma.html#pragma_auto_vacuum) would move
pages while people wait for their acks. On PostgreSQL autovacuum frees the space: for the outbox as revision
0007 sets it, for requests whenever a fifth of them is gone, which is its default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Delete,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    tuple_,
    update,
)

from bot.codec import answer_to_json
from bot.domain.surface.answers import Sentence
from storage.outbox import DEAD, DONE, RUNNING, WAITING, in_state
from storage.tables import inbound, messages, outbox


@dataclass(frozen=True, slots=True)
class Rule:
    """Which rows of a table are purged."""

    order: tuple[Column[Any], ...]
    """Unique, found by an index, ends with the primary key, and grows with time: batches follow it."""
    begun: Column[datetime]
    """When a row was stored; a pass ends at the first row that is too young."""
    age: ColumnElement[datetime]
    """What its age is counted from."""
    may_go: ColumnElement[bool]
    """Whether nobody needs the row."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a pass has got: the rule it is at, and the last row it has seen."""

    rule: int = 0
    after: tuple[Any, ...] = ()


def _lane_is_open() -> ColumnElement[bool]:
    """Whether something in the row's lane is unsettled: it asks this row whether to look before it posts."""
    other = outbox.alias("other")
    return exists().where(other.c.lane == outbox.c.lane, in_state(WAITING, RUNNING, DEAD, of=other))


def _was_shown_to_somebody() -> ColumnElement[bool]:
    """Whether it is needed if an incident becomes private: see :mod:`storage.privacy`.

    An answer leaves something to delete only if it was a direct message. For somebody's App Home, the last
    row suffices.
    """
    later = outbox.alias("later")
    shown_again = exists().where(
        later.c.lane == outbox.c.lane, in_state(DONE, of=later), later.c.id > outbox.c.id
    )
    is_message = exists().where(messages.c.key == outbox.c.key)
    return or_(
        outbox.c.kind == "SendExport",
        and_(outbox.c.kind == "SendAnswer", is_message),
        and_(outbox.c.kind == "PublishHome", ~shown_again),
    )


def _may_be_planned_again() -> ColumnElement[bool]:
    """Whether nothing but this row says that it was planned before.

    Hints in five whys come once per person and session. A mention comes again whenever its message is edited.
    """
    is_planned_once = and_(outbox.c.key.like("answer/%"), outbox.c.key.not_like("answer/mention/%"))
    return and_(outbox.c.kind == "SendAnswer", ~is_planned_once)


_STAYS = (_lane_is_open, _was_shown_to_somebody, _may_be_planned_again)
_RESULTS = [column for column in inbound.columns if column.name not in {"key", "received_at"}]
"""What a request created, in whichever column."""

RULES: Sequence[Rule] = (
    Rule(
        order=(outbox.c.id,),
        begun=outbox.c.created_at,
        age=func.coalesce(outbox.c.finished_at, outbox.c.created_at, type_=outbox.c.created_at.type),
        may_go=and_(in_state(DONE), *(~stays() for stays in _STAYS)),
    ),
    Rule(
        order=(inbound.c.received_at, inbound.c.key),
        begun=inbound.c.received_at,
        age=inbound.c.received_at,
        # The same ☑️ on the same message means the same action item forever, and an edited mention comes again
        # whenever it is edited (https://github.com/slackapi/bolt-js/issues/960). Slack delivers all others
        # within a day, however often it has to try: https://docs.slack.dev/apis/events-api/#error-handling.
        may_go=and_(*(result.is_(None) for result in _RESULTS), inbound.c.key.not_like("mention/%")),
    ),
)


def purge(tx: Connection, at: Position, before: datetime, limit: int) -> Position | None:
    """Purge those of the next ``limit`` rows that are older than ``before`` and that nobody needs.

    Returns where to continue, or ``None`` after the last table.
    """
    rule = RULES[at.rule]
    rows = tx.execute(_page(at.rule, bool(at.after)), _after(rule, at.after) | {"most": limit}).all()
    if rows:
        seen = {"keys": [row[-2] for row in rows], "before": before}
        tx.execute(_purging(at.rule), seen)
        if rule.order == (outbox.c.id,):
            _forget_words(tx, seen)
    if len(rows) == limit and rows[-1][-1] < before:
        return Position(at.rule, tuple(rows[-1][:-1]))
    return Position(at.rule + 1) if at.rule + 1 < len(RULES) else None


@cache
def _page(number: int, continues: bool) -> Select[Any]:
    rule = RULES[number]
    page = select(*rule.order, rule.begun.label("begun")).order_by(*rule.order).limit(bindparam("most"))
    if not continues:
        return page
    last = (bindparam(f"after_{column.name}", type_=column.type) for column in rule.order)
    return page.where(tuple_(*rule.order) > tuple_(*last))


def _after(rule: Rule, after: tuple[Any, ...]) -> dict[str, Any]:
    return {f"after_{column.name}": value for column, value in zip(rule.order, after, strict=False)}


def _forget_words(tx: Connection, seen: Mapping[str, Any]) -> None:
    """Of an answer that only stays so that it isn't planned again, nobody needs what it said.

    It may quote a message whose text has been removed since.
    """
    for row in tx.execute(_only_known(), seen):
        if row.payload.get("answer", _NO_WORDS) != _NO_WORDS:
            values = {"payload": {**row.payload, "answer": _NO_WORDS}}
            tx.execute(update(outbox).where(outbox.c.id == row.id).values(values))


_NO_WORDS = answer_to_json(Sentence(""))


@cache
def _only_known() -> Select[Any]:
    seen = outbox.c.id.in_(bindparam("keys", expanding=True))
    is_old = RULES[0].age < bindparam("before", type_=outbox.c.created_at.type)
    stays = and_(in_state(DONE), _may_be_planned_again(), ~_was_shown_to_somebody())
    return select(outbox.c.id, outbox.c.payload).where(seen, is_old, stays).with_for_update()


@cache
def _purging(number: int) -> Delete:
    rule = RULES[number]
    key = rule.order[-1]
    is_old = rule.age < bindparam("before", type_=rule.begun.type)
    seen = key.in_(bindparam("keys", expanding=True))
    return delete(key.table).where(seen, is_old, rule.may_go)
