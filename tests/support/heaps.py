"""Fills an outbox with effects that were done long ago."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.support.places import Place

UNWATCHED = ("ALTER TABLE outbox SET (autovacuum_enabled = false)",)
_COLUMNS = (
    "INSERT INTO outbox (kind, payload, key, lane, is_refresh, state, attempts, look_first, not_before,"
    " created_at, finished_at, queue)"
)


def fill_done(place: Place, count: int, *, lanes: int) -> None:
    """Add sent digests in the lanes of those that are due, as a thousand weeks would leave them."""
    now = int(datetime.now(UTC).timestamp())
    at = place.time(str(now - 3600))
    payload = place.json("""'{"user_id": "U1", "week": "2025-12-29"}'""")
    if place.is_sqlite:
        place.settings("PRAGMA journal_mode=DELETE")
    place.run(
        f"{_COLUMNS} SELECT 'SendDigest', {payload}, 'done/' || (10000000 + n),"
        f" 'digest/U' || (10001 + n % {lanes}), false, 'done', 1, true, {at}, {at}, {at},"
        f" 'background' FROM {place.numbers(count)}"
    )
