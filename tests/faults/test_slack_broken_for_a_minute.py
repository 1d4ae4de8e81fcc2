"""Slack answers 500, 503, `fatal_error` or non-JSON for a minute, or is unavailable, even at the bot's start.

Promised: requests are acked in time meanwhile, and all effects happen once Slack is back, including those
that became due in between. (The minute passes on a controlled clock, after which what waits is due again.)
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.outbox.effects import PublishHome
from bot.domain.outbox.rows import Planned
from storage import outbox
from tests.support.arena import Arena
from tests.support.asking import all_recorded, incidents_channel
from tests.support.people import eventually
from tests.support.promises import declared_once

BROKEN = ["500", "503", "error:fatal_error", "non_json", "reset_before"]


@pytest.mark.parametrize("effect", BROKEN)
def test_everything_happens_once_slack_is_back(arena: Arena, effect: str) -> None:
    [bot] = arena.bots(1)
    arena.declare("Something else")
    channel = arena.channel()
    arena.settle()
    arena.workspace.faults(
        {"method": "views.open", "effect": "delay", "seconds": 0.0}, {"method": "*", "effect": effect}
    )
    assert arena.declare()
    for number in range(5):
        arena.workspace.say(f"fact {number}", channel)
    assert "critical" in arena.workspace.command("severity INC-1 critical").lower()
    due = Planned(PublishHome("U0ANA"), "later", "later")
    bot.database.run(lambda tx: outbox.add(tx, [due], arena.clock() + timedelta(seconds=30)))
    eventually(lambda: len([each for each in arena.log() if each.get("fault") == effect]) > 3)
    arena.clock.move(timedelta(minutes=1))
    arena.workspace.faults()
    all_recorded(arena, 5)
    declared_once(arena.workspace, 2, 30)
    eventually(lambda: arena.workspace.get("view/ana")["home"])


def test_a_bot_that_starts_without_slack_waits_and_then_works(arena: Arena) -> None:
    arena.workspace.faults({"method": "*", "effect": "503"})
    process = arena.process()
    process.start(wait=False)
    eventually(lambda: len(arena.workspace.calls()) >= 2, 20)
    arena.workspace.faults()
    process.wait()
    incidents_channel(arena)
    arena.declare()
    declared_once(arena.workspace)
