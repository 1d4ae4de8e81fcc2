"""The measurements, each with its goal. Bare Bolt and Muster take turns on the same server in one run."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable

from bot.domain.calendar.meetings import MAX_PEOPLE
from bot.effects.google.client import MAX_CALENDARS
from tests.bench import comers, meetings
from tests.bench.scale import measured, ticks
from tests.support import slackish
from tests.support.clients import ROOT, bare, folder, give_a_channel, muster, wait_for_calls
from tests.support.measures import Figure, messages, met, numbers
from tests.support.slackish import Slackish

__all__ = ["ROOT", "Figure", "declare", "memory", "reminders", "scale", "slots", "start"]

MESSAGES = 50_000
AT_A_TIME, WARM = 100, 1_000
"""Messages at a time when memory is filled, and messages after which everything has been used once."""


def p99(times: Iterable[float]) -> float:
    """The time that only one in a hundred exceeds."""
    ordered = sorted(times)
    return ordered[int(0.99 * (len(ordered) - 1))]


def declare(server: Slackish, rounds: int) -> list[Figure]:
    """The time of a declaration when each call to Slack takes a while."""
    steps: dict[str, list[float]] = {"channel exists": [], "declarer in it": [], "last call done": []}
    slowest, made = 0.0, 0
    for _ in range(rounds):
        with muster(server) as client:
            give_a_channel(server, client)
            time.sleep(0.5)
            server.calls.clear()
            server.delay = 0.1
            began = time.perf_counter()
            server.ack_times([slackish.submission(next(numbers))], at_once=False)
            wait_for_calls(server, "pins.add", 1)
            time.sleep(0.6)
            ended = {each.method: each.ended - began for each in server.calls}
            steps["channel exists"].append(ended["conversations.create"])
            steps["declarer in it"].append(ended["conversations.invite"])
            steps["last call done"].append(max(ended.values()))
            server.calls.clear()
            server.delay = 0.3
            twenty = [slackish.submission(next(numbers)) for _ in range(20)]
            slowest = max(slowest, *server.ack_times(twenty, at_once=True))
            wait_for_calls(server, "conversations.create", 20)
            made = sum(each.method == "conversations.create" for each in server.calls)
    goals = {"channel exists": 0.13, "declarer in it": 0.26, "last call done": 0.45}
    lines = []
    for name, times in steps.items():
        ours, goal = statistics.median(times), goals[name]
        verdict = "met" if ours <= goal else "MISSED"
        lines.append(
            Figure(f"declare at 100 ms a call: {name}", "", ms(ours), None, f"≤ {ms(goal)}", verdict)
        )
    verdict = "met" if slowest <= 3 and made == 20 else "MISSED"
    lines.append(Figure("20 declares at once: slowest ack", "", ms(slowest), None, "≤ 3 s", verdict))
    return [*lines, *comers.declare(server, rounds)]


def memory(server: Slackish, _rounds: int) -> list[Figure]:
    """Memory when idle, and after many messages, some at a time; measured once, since it takes a while.

    What a burst piles up isn't measured because we can't change it: the queue of 5,000 unread events belongs
    to the SDK, and takes 25 MB that Python keeps for the next burst.
    """
    with bare(server, "websocket_client") as client:
        theirs = client.resident()
    with folder() as place:
        with muster(server, place):
            pass
        with muster(server, place) as client:
            give_a_channel(server, client)
            idle = client.resident()
            for sent in range(0, MESSAGES, AT_A_TIME):
                server.rate(messages(AT_A_TIME, client.channel))
                if sent == WARM:
                    before = client.resident()
            after = client.resident()
    growth = after / before
    return [
        Figure(
            "memory idle, MB",
            f"{theirs:.0f}",
            f"{idle:.0f}",
            idle / theirs,
            "≤ 2.5x",
            met(idle <= 2.5 * theirs),
        ),
        Figure(
            f"memory after {MESSAGES:,} messages, MB",
            f"{before:.0f} after {WARM:,}",
            f"{after:.0f}",
            growth,
            "≤ 1.1x",
            met(growth <= 1.1),
        ),
    ]


def start(server: Slackish, rounds: int) -> list[Figure]:
    """From the process's start to the greeting on its connection; only the first has to make a database."""
    first, later = list[float](), list[float]()
    for _ in range(rounds):
        with folder() as place:
            for times in (first, later):
                with muster(server, place) as client:
                    times.append(client.start_seconds)
    return [
        Figure(name, "", ms(median), None, "≤ 1.5 s", met(median <= 1.5))
        for name, median in (
            ("start to connected", statistics.median(later)),
            ("the very first start", statistics.median(first)),
        )
    ]


def scale(_server: Slackish, _rounds: int) -> list[Figure]:
    """The time to load what people look at, with few incidents and with very many."""
    lines = []
    for engine, name, small, large in measured():
        verdict = met(large <= 1.5 * small)
        few, many = f"{ms(small)} at 1,000", f"{ms(large)} at 100,000"
        lines.append(Figure(f"{name}, {engine}", few, many, large / small, "≤ 1.5x", verdict))
    return lines


def reminders(_server: Slackish, _rounds: int) -> list[Figure]:
    """A tick with 100 reminders due, among few open action items and among very many."""
    lines = []
    for engine, small, large in ticks():
        few, many = f"{ms(small)} at 1,000", f"{ms(large)} at 100,000"
        verdict = met(large <= 2 * small)
        lines.append(Figure(f"100 reminders due, {engine}", few, many, large / small, "≤ 2x", verdict))
    return lines


def slots(_server: Slackish, _rounds: int) -> list[Figure]:
    """The time to find slots for 50 people; no other process takes part."""
    ours = meetings.slots()
    name = f"slots for {meetings.PEOPLE} people over ten working days"
    asked, goal = meetings.requests(), MAX_PEOPLE / MAX_CALENDARS
    return [
        Figure(name, "", ms(ours), None, "≤ 50 ms", met(ours <= 0.05)),
        Figure(
            f"free/busy requests for {MAX_PEOPLE}", "", str(asked), None, f"{goal:.0f}", met(asked <= goal)
        ),
    ]


def ms(seconds: float) -> str:
    """Seconds as they are shown."""
    return f"{seconds * 1000:.1f} ms"
