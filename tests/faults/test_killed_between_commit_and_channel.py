"""kill -9 after a declaration is stored, before its channel is made: the next process finishes it, once.

(The minute after which another replica takes over what a killed one had begun passes on a controlled clock.)
"""

from __future__ import annotations

from datetime import timedelta

from tests.support.arena import Arena
from tests.support.people import eventually
from tests.support.promises import declared_once


def test_the_incident_finishes_itself_once(arena: Arena) -> None:
    bot = arena.process()
    bot.start()
    name = "inc-1-database-is-slow"
    arena.workspace.faults({"method": "conversations.create", "channel": name, "effect": "hang_before"})
    arena.declare()
    eventually(lambda: arena.workspace.get("faults")["faults"][0]["struck"])
    bot.kill()
    arena.workspace.faults()
    arena.clock.move(timedelta(minutes=1))
    arena.bot()
    declared_once(arena.workspace)
