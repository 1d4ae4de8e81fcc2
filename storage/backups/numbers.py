"""The numbers that new rows get after a restore."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqlalchemy import Connection, func, select, text

from storage.tables import metadata

_SHOWN = frozenset(
    {"incidents", "action_items", "five_whys_analyses", "postmortems", "meetings", "time_blocks"}
)
"""Tables whose numbers people see."""
_GAP_SHOWN, _GAP = 1_000, 1_000_000


def leave_a_gap(connection: Connection, tables: Iterable[str]) -> None:
    """Have new rows numbered well above the restored ones.

    What was declared after the backup is lost here, but is still in Slack and in the calendar: buttons,
    events and messages carry its numbers, and must never be taken for something new.
    """
    for name in tables:
        if metadata.tables[name].autoincrement_column is not None:
            last = connection.execute(select(func.max(metadata.tables[name].c.id))).scalar_one() or 0
            gap = _GAP_SHOWN if name in _SHOWN else _GAP
            _CONTINUE[connection.dialect.name](connection, name, last + gap)


def _continue_sqlite(connection: Connection, name: str, last: int) -> None:
    # https://www.sqlite.org/autoinc.html: an ordinary table, with a row for each table that had rows.
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": name})
    connection.execute(
        text("INSERT INTO sqlite_sequence VALUES (:name, :last)"), {"name": name, "last": last}
    )


def _continue_postgresql(connection: Connection, name: str, last: int) -> None:
    connection.execute(
        text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), {"name": name, "last": last}
    )


_CONTINUE: Mapping[str, Callable[[Connection, str, int], None]] = {
    "sqlite": _continue_sqlite,
    "postgresql": _continue_postgresql,
}
