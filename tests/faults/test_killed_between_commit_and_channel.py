"""kill -9 after a declaration is stored, before its channel is made."""

from __future__ import annotations

from tests.faults.arena import Arena
from tests.scenarios.promises import declared_once
from tests.support.people import eventually


def test_the_incident_finishes_itself_once(arena: Arena) -> None:
    bot = arena.process()
    bot.start()
    arena.workspace.faults(
        {"method": "conversations.create", "channel": "inc-1-database-is-slow", "effect": "hang_before"}
    )
    arena.declare()
    eventually(lambda: arena.workspace.get("faults")["faults"][0]["struck"])
    bot.kill()
    arena.workspace.faults()
    bot.start()
    declared_once(arena.workspace)
