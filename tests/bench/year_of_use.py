"""What a year of use leaves in a database, filled in by SQL.

The indexes are built afterwards, because that takes a fraction of the time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support.histories import BY, TEXT
from tests.support.places import Place

YEAR = 365 * 86_400
OPEN = 20
"""Incidents that are still open: the last ones."""
_PEOPLE = 200


@dataclass(frozen=True)
class Kind:
    """Effects of a kind: how many of twenty they are, and the SQL for their keys and lanes."""

    name: str
    of_twenty: int
    queue: str
    key: str
    lane: str = ""
    """By default each is in a lane of its own."""


_KINDS = (
    Kind("SendAnswer", 4, "answers", "'answer/click/U' || n || '/' || n"),
    Kind("PublishHome", 1, "answers", "'home/Ev' || n", f"'home/U' || (n % {_PEOPLE})"),
    Kind("SyncCalendar", 2, "calendar", "'calendar/sync/' || n", "'calendar/sync'"),
    Kind("ShowCard", 5, "people", "'INC-' || i || '/card/' || n", "'INC-' || i || '/card'"),
    Kind("PostUpdate", 3, "people", "'INC-' || i || '/entry/' || n", "'INC-' || i || '/updates'"),
    Kind("ShowActionItem", 3, "people", "'AI-' || i || '/message/' || n", "'AI-' || i || '/message'"),
    Kind("Remind", 1, "background", "'AI-' || n || '/reminder/1/U1'"),
    Kind("SetTopic", 1, "people", "'INC-' || i || '/topic/' || n", "'INC-' || i || '/topic'"),
)


@dataclass(frozen=True)
class Year:
    """How much there is of everything."""

    incidents: int = 5_000
    items: int = 4
    """Action items of each incident; of the open ones they are open."""
    messages: int = 400
    """In each incident."""
    rows: int = 1_000
    requests: int = 500


def fill(place: Place, year: Year, first: int = 1) -> None:
    """Add what the incidents from number ``first`` on have left."""
    if place.is_sqlite:
        place.settings("PRAGMA journal_mode=DELETE")
    begin = int(time.time()) - YEAR - 3600
    _incidents(place, year, first, begin)
    with _unindexed(place, "timeline_entries"):
        place.run(_messages(place, year, first, begin))
    with _unindexed(place, "outbox"):
        place.run(_effects(place, year, first, begin))
    with _unindexed(place, "inbound"):
        place.run(_requests(place, year, first, begin))
    if not place.is_sqlite:
        place.run("SELECT setval(pg_get_serial_sequence('incidents', 'id'), max(id)) FROM incidents")
        place.settings("VACUUM ANALYZE")


def _incidents(place: Place, year: Year, first: int, begin: int) -> None:
    at, nothing = place.time(_moment(begin, year.incidents)), place.json(repr("{}"))
    numbers = f"{place.numbers(year.incidents)} WHERE n >= {first}"
    severity = "CASE n % 4 WHEN 0 THEN 'critical' WHEN 1 THEN 'high' WHEN 2 THEN 'medium' ELSE 'low' END"
    is_open = f"CASE WHEN n > {year.incidents - OPEN} THEN 'open'"
    items = f"{place.numbers(year.items)} WHERE i.id >= {first}"
    place.run(
        "INSERT INTO incidents (id, title, severity, status, declared_at, declared_by, channel_id,"
        f" channel_name, is_private, metadata, created_at, updated_at) SELECT n, 'Incident ' || n,"
        f" {severity}, {is_open} ELSE 'closed' END, {at}, '{BY}', 'C' || n, 'inc-' || n, n % 100 = 7,"
        f" {nothing}, {at}, {at} FROM {numbers}",
        "INSERT INTO messages (key, channel_id, ts) SELECT 'INC-' || n || '/card', 'C' || n,"
        f" '17' || n || '.000100' FROM {numbers}",
        "INSERT INTO action_items (incident_id, title, description, assigned_to, status, priority,"
        " created_by, created_at, updated_at, assigned_at, planned_after, metadata)"
        f" SELECT i.id, 'Thing ' || n, '', 'U' || (i.id % {_PEOPLE}),"
        " CASE i.status WHEN 'open' THEN 'open' ELSE 'completed' END, 'medium',"
        f" '{BY}', i.created_at, i.created_at, i.created_at, i.created_at, {nothing}"
        f" FROM incidents i, {items}",
    )


def _messages(place: Place, year: Year, first: int, begin: int) -> str:
    count, none = year.incidents * year.messages, place.json(repr("[]"))
    at = _moment(begin, count)
    return (
        "INSERT INTO timeline_entries (incident_id, kind, at, by, text, files, channel_id, ts, is_seen,"
        f" is_deleted) SELECT i, 'message', {place.time(at)}, '{BY}', '{TEXT} ' || n, {none},"
        f" 'C' || i, ({at}) || '.' || (100000 + n % 900000), true, false FROM"
        f" {_by_incident(place, year.messages, count, first)}"
    )


def _effects(place: Place, year: Year, first: int, begin: int) -> str:
    count = year.incidents * year.rows
    at = place.time(_moment(begin, count))
    kind, queue = (_each(lambda each: f"'{each.name}'"), _each(lambda each: f"'{each.queue}'"))
    key, lane = _each(lambda each: each.key), _each(lambda each: each.lane or each.key)
    payload = place.json("""'{"incident_id": ' || i || '}'""")
    incident = "CASE WHEN n % 20 < 7 THEN NULL ELSE i END"
    return (
        "INSERT INTO outbox (kind, payload, key, lane, is_refresh, incident_id, state, attempts, look_first,"
        f" not_before, created_at, finished_at, queue) SELECT {kind}, {payload}, {key}, {lane}, false,"
        f" {incident}, 'done', 1, true, {at}, {at}, {at}, {queue} FROM"
        f" {_by_incident(place, year.rows, count, first)}"
    )


def _requests(place: Place, year: Year, first: int, begin: int) -> str:
    count = year.incidents * year.requests
    created = "CASE WHEN n % 250 = 0 THEN i END"
    return (
        "INSERT INTO inbound (key, received_at, incident_id) SELECT 'click/U' || n || '/' || n,"
        f" {place.time(_moment(begin, count))}, {created} FROM"
        f" {_by_incident(place, year.requests, count, first)}"
    )


def _by_incident(place: Place, each: int, count: int, first: int) -> str:
    """A table that counts as ``n``, with the number of the incident as ``i``."""
    return (
        f"(SELECT n, (n - 1) / {each} + 1 AS i FROM {place.numbers(count)}) AS r"
        f" WHERE i >= {first} ORDER BY n"
    )


def _moment(begin: int, count: int) -> str:
    """The SQL for the second of the year in which number ``n`` of so many happened."""
    return f"{begin} + CAST(n AS bigint) * {YEAR} / {count}"


def _each(value: Callable[[Kind], str]) -> str:
    """A CASE that takes each kind's value as often as its share says."""
    found, reached = "CASE", 0
    for kind in _KINDS:
        reached += kind.of_twenty
        found += f" WHEN n % 20 < {reached} THEN {value(kind)}"
    return f"{found} END"


@contextmanager
def _unindexed(place: Place, table: str) -> Iterator[None]:
    """The table without those of its indexes that no constraint needs; they are built again at the end."""
    query = (
        "SELECT name, sql AS made FROM sqlite_master"
        " WHERE type = 'index' AND tbl_name = :name AND sql IS NOT NULL"
        if place.is_sqlite
        else "SELECT indexname AS name, indexdef AS made FROM pg_indexes"
        " WHERE tablename = :name AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    indexes = place.rows(query, name=table)
    place.run(*(f"DROP INDEX {each.name}" for each in indexes))
    yield
    place.run(*(each.made for each in indexes))
