"""The bot's clock jumps an hour forward and back; both changes of daylight saving time.

Promised: what waits continues within seconds of real time, nothing is done twice, and times are the ones that
people's own clocks showed.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.views.kit.text import local_time
from tests.support.arena import Arena
from tests.support.asking import incidents_channel, struck
from tests.support.clocks import MovableClock
from tests.support.people import eventually
from tests.support.promises import declared_once


@pytest.mark.parametrize("hours", [1, -1], ids=["forward", "back"])
def test_a_jump_in_the_middle_of_a_declaration_is_harmless(small: Arena, hours: int) -> None:
    clock = MovableClock()
    small.bot(clock=clock)
    incidents_channel(small)
    small.workspace.faults(
        {"method": "chat.postMessage", "effect": "429", "times": 2, "retry_after": 1},
        {"method": "pins.add", "effect": "503", "times": 1},
    )
    small.declare()
    eventually(lambda: struck(small) or None)
    clock.move(timedelta(hours=hours))
    # The tick notices it within a second; what waited for a retry waits a minute at most.
    eventually(lambda: [each for each in small.records if "clock" in each["event"]] or hours > 0)
    clock.move(timedelta(minutes=1))
    declared_once(small.workspace, 1)
    small.workspace.command("severity INC-1 critical")
    small.settle()


@pytest.mark.parametrize(
    "change",
    [datetime(2026, 3, 29, 1, 0, tzinfo=UTC), datetime(2026, 10, 25, 1, 0, tzinfo=UTC)],
    ids=["spring", "autumn"],
)
def test_around_a_clock_change_each_moment_stays_itself(change: datetime) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    moments = [change + timedelta(minutes=minutes) for minutes in range(-90, 91, 30)]
    shown = [local_time(moment.astimezone(berlin)) for moment in moments]
    assert shown == [local_time(moment) for moment in moments]
    assert len(set(shown)) == len(moments)
    assert all(
        f"<!date^{int(moment.timestamp())}^" in text for moment, text in zip(moments, shown, strict=True)
    )
