"""A thousand messages in ten seconds, and many declarations at once.

Promised: each message is stored once, no channel gets more than one post a second, refreshes are coalesced,
and memory stays flat. (Shortened: five declarations instead of a hundred; `make bench` measures memory after
50,000.)
"""

from __future__ import annotations

from pathlib import Path

from tests.support.arena import Arena
from tests.support.asking import all_recorded
from tests.support.people import eventually
from tests.support.promises import declared_once, one_a_second

PEOPLE = ("ana", "ben", "chen", "dara", "emi", "farid")


def resident(pid: int) -> int:
    """Kilobytes of memory that the process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def test_everything_is_stored_and_done_at_slacks_pace(arena: Arena) -> None:
    process = arena.process()
    process.start()
    arena.declare("First")
    channel = arena.channel()
    for number in range(200):
        arena.workspace.say(f"warm {number}", channel)
    all_recorded(arena, 200)
    before = resident(process.pid)
    for number in range(1000):
        arena.workspace.say(f"fact {number}", channel)
    all_recorded(arena, 1200, 40)
    assert resident(process.pid) < 1.3 * before
    for level in ("critical", "low", "medium", "high", "critical"):
        arena.workspace.command(f"severity INC-1 {level}")
    for number in range(5):
        arena.declare(f"Number {number}", PEOPLE[number % len(PEOPLE)])
    eventually(lambda: len(arena.workspace.incident_channels()) == 6, 30)
    arena.settle(50)
    declared_once(arena.workspace, 1)
    posts = [each for each in arena.log() if each["name"] == "chat.postMessage" and each["ok"]]
    for place in {each["request"]["channel"] for each in posts}:
        one_a_second([each["started"] for each in posts if each["request"]["channel"] == place])
    updates = [each for each in arena.log() if each["name"] == "chat.update"]
    assert len(updates) <= 10
