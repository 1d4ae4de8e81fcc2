"""kill -9 right after the ack of an event, a hundred acks in all: each of them is in the timeline.

(Shortened: five kills with twenty acked messages each, the last one acked right before the kill.)
"""

from __future__ import annotations

from datetime import timedelta

from tests.support.arena import Arena
from tests.support.asking import all_recorded
from tests.support.people import eventually


def acked(arena: Arena) -> set[str]:
    """The ts of the messages that the bot has acked."""
    return {each["event_ts"] for each in arena.log() if each.get("acked") and each.get("event_ts")}


def test_what_was_acked_is_stored(arena: Arena) -> None:
    # Nobody acks between a kill and the next start.
    arena.expected.unacked |= {"events_api"}
    bot = arena.process()
    bot.start()
    arena.declare()
    channel = arena.channel()
    arena.settle()
    for _ in range(5):
        said = [arena.workspace.say("a fact", channel) for _ in range(20)]
        eventually(lambda: said[-1] in acked(arena))  # noqa: B023 - run at once
        bot.kill()
        stored = {row.ts for row in arena.rows("SELECT ts FROM timeline_entries WHERE kind = 'message'")}
        assert acked(arena) & set(said) <= stored
        bot.start()
    bot.kill()
    arena.clock.move(timedelta(minutes=1))
    arena.bot()
    all_recorded(arena, 100)
