"""The figures, each beside its goal. Bare Bolt and Muster take turns on the same server in the same run."""

from __future__ import annotations

import itertools
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from bot.domain.meetings import MOST_PEOPLE
from bot.effects.google import MOST_CALENDARS
from tests.bench import meetings, slackish
from tests.bench.clients import ROOT, Client, bare, folder, give_a_channel, muster, null, wait_for_calls
from tests.bench.scale import measured, ticks
from tests.bench.slackish import Slackish

__all__ = ["ROOT", "Figure", "acks", "burst", "declare", "memory", "reminders", "scale", "slots", "start"]

ACKS, DECLARATIONS, BURST, MESSAGES = 200, 20, 5000, 50_000
AT_A_TIME, WARM = 100, 1_000
"""How memory is filled, and the messages after which everything has been used once."""
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    bare: str
    muster: str
    ratio: float | None
    goal: str
    verdict: str


def p99(times: Iterable[float]) -> float:
    """The time that only one in a hundred exceeds."""
    ordered = sorted(times)
    return ordered[int(0.99 * (len(ordered) - 1))]


def compared(name: str, one: list[float], other: list[float], goals: dict[str, float]) -> list[Figure]:
    """Milliseconds of both and their ratios, at the median and at p99; less is better."""
    lines = []
    for how, of in (("median", statistics.median), ("p99", p99)):
        if how in goals:
            theirs, ours = of(one), of(other)
            verdict = "met" if ours <= goals[how] * theirs else "MISSED"
            goal = f"≤ {goals[how]}x"
            lines.append(Figure(f"{name}, {how}", _ms(theirs), _ms(ours), ours / theirs, goal, verdict))
    return lines


def acks(server: Slackish, rounds: int) -> list[Figure]:
    """One request after the other."""
    kinds: dict[str, Callable[[Client], dict[str, Any]]] = {
        "command": lambda _client: slackish.command(next(_numbers)),
        "message": lambda client: slackish.message(next(_numbers), client.channel),
    }
    times: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for who, run in (("bare", bare), ("muster", muster)):
            with run(server) as client:
                if who == "muster":
                    give_a_channel(server, client)
                for kind, make in kinds.items():
                    envelopes = [make(client) for _ in range(ACKS)]
                    times.setdefault((who, kind), []).extend(server.ack_times(envelopes, at_once=False)[5:])
                for _ in range(DECLARATIONS):
                    # Each of them to a bot that has done with the one before.
                    time.sleep(0.3)
                    made = slackish.submission(next(_numbers))
                    times.setdefault((who, "submission"), []).extend(server.ack_times([made], at_once=False))
    yardstick = times["bare", "command"]
    return [
        *compared(
            "ack of /incident list", yardstick, times["muster", "command"], {"median": 0.3, "p99": 0.5}
        ),
        *compared(
            "ack of a declaration", yardstick, times["muster", "submission"], {"median": 0.3, "p99": 0.5}
        ),
        *compared("ack of a message", times["bare", "message"], times["muster", "message"], {"median": 2.0}),
    ]


def declare(server: Slackish, rounds: int) -> list[Figure]:
    """A declaration while each call takes its time."""
    steps: dict[str, list[float]] = {"channel exists": [], "declarer in it": [], "last call done": []}
    slowest, made = 0.0, 0
    for _ in range(rounds):
        with muster(server) as client:
            give_a_channel(server, client)
            time.sleep(0.5)
            server.calls.clear()
            server.delay = 0.1
            began = time.perf_counter()
            server.ack_times([slackish.submission(next(_numbers))], at_once=False)
            wait_for_calls(server, "pins.add", 1)
            time.sleep(0.6)
            ended = {each.method: each.ended - began for each in server.calls}
            steps["channel exists"].append(ended["conversations.create"])
            steps["declarer in it"].append(ended["conversations.invite"])
            steps["last call done"].append(max(ended.values()))
            server.calls.clear()
            server.delay = 0.3
            twenty = [slackish.submission(next(_numbers)) for _ in range(20)]
            slowest = max(slowest, *server.ack_times(twenty, at_once=True))
            wait_for_calls(server, "conversations.create", 20)
            made = sum(each.method == "conversations.create" for each in server.calls)
    goals = {"channel exists": 0.13, "declarer in it": 0.26, "last call done": 0.45}
    lines = []
    for name, times in steps.items():
        ours, goal = statistics.median(times), goals[name]
        verdict = "met" if ours <= goal else "MISSED"
        lines.append(
            Figure(f"declare at 100 ms a call: {name}", "", _ms(ours), None, f"≤ {_ms(goal)}", verdict)
        )
    verdict = "met" if slowest <= 3 and made == 20 else "MISSED"
    lines.append(Figure("20 declares at once: slowest ack", "", _ms(slowest), None, "≤ 3 s", verdict))
    return lines


def burst(server: Slackish, rounds: int) -> list[Figure]:
    """Thousands of messages at once; every one is looked for in the database afterwards."""
    rates: dict[str, list[float]] = {"null": [], "bare": [], "muster": []}
    for _ in range(rounds):
        with null(server):
            rates["null"].append(server.rate(_messages(BURST, "C0")))
        with bare(server, "websocket_client") as client:
            rates["bare"].append(server.rate(_messages(BURST, "C0")))
        with muster(server) as client:
            give_a_channel(server, client)
            rates["muster"].append(server.rate(_messages(BURST, client.channel)))
            stored = _stored(client)
            if stored != BURST:
                raise AssertionError(f"{stored} of {BURST} messages are stored")
    ceiling, theirs, ours = (statistics.median(rates[who]) for who in ("null", "bare", "muster"))
    verdict = "met" if ours >= 0.7 * theirs else "MISSED"
    limit = f"{verdict}; the load generator does {ceiling:,.0f}/s"
    return [
        Figure(
            f"burst of {BURST:,}, events/s", f"{theirs:,.0f}", f"{ours:,.0f}", ours / theirs, "≥ 0.7x", limit
        )
    ]


def memory(server: Slackish, _rounds: int) -> list[Figure]:
    """Idle, and after many messages, some at a time; once, since it takes a while.

    What a burst piles up is in nobody's hands: the queue of 5,000 unread events is the SDK's, and takes 25 MB
    that Python keeps for the next one.
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
                server.rate(_messages(AT_A_TIME, client.channel))
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
            _met(idle <= 2.5 * theirs),
        ),
        Figure(
            f"memory after {MESSAGES:,} messages, MB",
            f"{before:.0f} after {WARM:,}",
            f"{after:.0f}",
            growth,
            "≤ 1.1x",
            _met(growth <= 1.1),
        ),
    ]


def start(server: Slackish, rounds: int) -> list[Figure]:
    """From the process's start to the greeting on its connection; only the first has a database to make."""
    theirs, first, later = list[float](), list[float](), list[float]()
    for _ in range(rounds):
        with bare(server) as client:
            theirs.append(client.start_seconds)
        with folder() as place:
            for times in (first, later):
                with muster(server, place) as client:
                    times.append(client.start_seconds)
    return [
        *compared("start to connected", theirs, later, {"median": 3.0}),
        *compared("the very first start", theirs, first, {"median": 3.0}),
    ]


def scale(_server: Slackish, _rounds: int) -> list[Figure]:
    """What people look at, with few incidents and with very many."""
    lines = []
    for engine, name, small, large in measured():
        verdict = _met(large <= 1.5 * small)
        few, many = f"{_ms(small)} at 1,000", f"{_ms(large)} at 100,000"
        lines.append(Figure(f"{name}, {engine}", few, many, large / small, "≤ 1.5x", verdict))
    return lines


def reminders(_server: Slackish, _rounds: int) -> list[Figure]:
    """A tick with 100 reminders due, among few open action items and among very many."""
    lines = []
    for engine, small, large in ticks():
        few, many = f"{_ms(small)} at 1,000", f"{_ms(large)} at 100,000"
        verdict = _met(large <= 2 * small)
        lines.append(Figure(f"100 reminders due, {engine}", few, many, large / small, "≤ 2x", verdict))
    return lines


def slots(_server: Slackish, _rounds: int) -> list[Figure]:
    """Where 50 people can meet; no other process takes part."""
    ours = meetings.slots()
    name = f"slots for {meetings.PEOPLE} people over ten working days"
    asked, goal = meetings.requests(), MOST_PEOPLE / MOST_CALENDARS
    return [
        Figure(name, "", _ms(ours), None, "≤ 50 ms", _met(ours <= 0.05)),
        Figure(
            f"free/busy requests for {MOST_PEOPLE}", "", str(asked), None, f"{goal:.0f}", _met(asked <= goal)
        ),
    ]


def _messages(count: int, channel: str) -> list[dict[str, Any]]:
    return [slackish.message(next(_numbers), channel) for _ in range(count)]


def _stored(client: Client) -> int:
    with closing(sqlite3.connect(str(client.database))) as connection:
        [count] = connection.execute(
            "SELECT count(DISTINCT ts) FROM timeline_entries WHERE kind = 'message'"
        ).fetchone()
    return int(count)


def _met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
