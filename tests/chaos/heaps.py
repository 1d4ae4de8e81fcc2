"""A lot at once: messages, due rows, history to catch up with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from bot.domain.incidents.timeline import PostedMessage
from sandbox.workspace.model import Message
from storage import timeline
from storage.database import Database
from tests.chaos.common import PATIENCE, recovered, said, started
from tests.support.arena import Arena
from tests.support.heaps import UNWATCHED, fill_done
from tests.support.places import Place

if TYPE_CHECKING:
    from sandbox.workspace.model import Channel

BURST, HANDS = 1_000, 8
DUE, DONE = 1_000, 200_000
INCIDENTS, KNOWN, MISSED = 5, 1_000, 20


def burst(arena: Arena) -> float:
    """Seconds from the last message until all of them are stored."""
    started(arena)
    arena.declare()
    channel = arena.channel()
    arena.settle()
    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(lambda number: arena.workspace.say(f"fact {number}", channel), range(BURST)))
    return recovered(arena, monotonic())


def due_rows(arena: Arena) -> float:
    """Seconds from adding the rows until they and a declaration made meanwhile are done.

    According to the statistics of PostgreSQL's planner, all rows of the table are done. They stay stale until
    the next autovacuum, whose threshold is a share of the table.
    """
    place = Place(arena.database_url)
    started(arena)
    fill_done(place, DONE, lanes=DUE)
    place.run(*UNWATCHED, "ANALYZE outbox")
    at = place.time(str(int(datetime.now(UTC).timestamp())))
    payload = place.json("""'{"user_id": "U0ANA"}'""")
    place.run(
        "INSERT INTO outbox (kind, payload, key, lane, is_refresh, state, attempts, look_first, not_before,"
        f" created_at) SELECT 'PublishHome', {payload}, 'due/' || n, 'due/' || n, false, 'waiting', 0, false,"
        f" {at}, {at} FROM {place.numbers(DUE)}"
    )
    place.close()
    began = monotonic()
    arena.declare()
    return recovered(arena, began)


def restart(arena: Arena) -> float:
    """Seconds from the restart until the bot has caught up, while people write and give commands."""
    arena.expected.unacked.add("events_api")
    [bot] = started(arena)
    for number in range(1, INCIDENTS + 1):
        arena.declare(f"Number {number}")
    channels = [arena.channel(number) for number in range(1, INCIDENTS + 1)]
    arena.settle(PATIENCE)
    bot.stop()
    for number, name in enumerate(channels, 1):
        _fill(arena, number, arena.sandbox.store.channel(name))
        said(arena, MISSED, name, "missed")
    began = monotonic()
    bot.start()
    for turn in range(40):
        arena.workspace.say(f"meanwhile {turn}", channels[turn % INCIDENTS])
        arena.workspace.command(
            f"severity INC-{turn % INCIDENTS + 1} {('low', 'critical')[turn // INCIDENTS % 2]}"
        )
    return recovered(arena, began)


def _fill(arena: Arena, incident_id: int, channel: Channel) -> None:
    """Add messages that both Slack and the bot know."""
    store, database = arena.sandbox.store, Database(arena.database_url)
    written = [Message(store.next_ts(), "U0ANA", f"known {number}") for number in range(KNOWN)]
    channel.messages.update({each.ts: each for each in written})
    known = [PostedMessage(channel.id, each.ts, "U0ANA", None, each.text) for each in written]
    database.run(lambda tx: [timeline.record_message(tx, incident_id, each) for each in known])
    database.close()
