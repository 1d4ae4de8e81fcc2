"""kill -9 after `conversations.create`, before its id is stored; after a post was applied, before its ts is.

The same at each call of a declaration, before or after it is applied: the next process finishes the incident,
once. (The minute after which another replica takes over what a killed one had begun passes on a controlled
clock.)
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.arena import Arena
from tests.support.asking import incidents_channel, struck
from tests.support.people import eventually
from tests.support.promises import declared_once

POINTS = [
    pytest.param("conversations.create", "hang_after", id="the channel exists, its id isn't stored"),
    pytest.param("chat.postMessage", "hang_before", id="before a post"),
    pytest.param("chat.postMessage", "hang_after", id="a post is applied, its ts isn't stored"),
    pytest.param("pins.add", "hang_after", id="after the pin"),
    pytest.param("conversations.invite", "hang_after", id="after the invitation"),
    pytest.param("conversations.setTopic", "hang_after", id="after the topic"),
    pytest.param("conversations.open", "hang_before", id="before the direct message"),
]


@pytest.mark.parametrize(("method", "effect"), POINTS)
def test_the_incident_finishes_itself_once(arena: Arena, method: str, effect: str) -> None:
    # The codes with which Slack says that something was already applied.
    arena.expected.codes |= {"name_taken", "already_pinned", "already_in_channel"}
    # Nobody acks while there is no process.
    arena.expected.unacked.add("events_api")
    bot = arena.process()
    bot.start()
    incidents_channel(arena)
    arena.workspace.faults({"method": method, "effect": effect})
    arena.declare()
    eventually(lambda: struck(arena))
    bot.kill()
    arena.workspace.faults()
    arena.clock.move(timedelta(minutes=1))
    arena.bot()
    declared_once(arena.workspace)
