"""Slack's calls outlast any time-out while twenty handlers are busy; then somebody types a command.

Promised: it is acked in time, since no handler waits for Slack. (Shortened: the calls hang until the bot's
own time-out of eight seconds or the end of the test.)
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from tests.support.arena import Arena
from tests.support.asking import all_recorded, incidents_channel
from tests.support.people import eventually
from tests.support.promises import declared_once


def test_a_command_is_acked_while_every_call_hangs(arena: Arena) -> None:
    arena.bot()
    incidents_channel(arena)
    arena.declare()
    channel = arena.channel()
    declared_once(arena.workspace)
    arena.workspace.open_form("declare")
    arena.workspace.faults({"method": "*", "effect": "hang_before"})
    assert arena.submit(title="Another")
    eventually(lambda: [each for each in arena.log() if each["kind"] == "call" and each["ended"] is None])
    with ThreadPoolExecutor(20) as crowd:
        busy = crowd.map(lambda number: arena.workspace.say(f"fact {number}", channel), range(100))
        began = time.monotonic()
        assert "INC-1" in arena.workspace.command("list")
        assert time.monotonic() - began < 3.0
        list(busy)
    all_recorded(arena, 100)
    arena.workspace.faults()
    declared_once(arena.workspace, 2, 30)
