"""Twenty declarations at once: the time of the last announcement, and each one's processor time."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.bench.heap import posts
from tests.support import slackish
from tests.support.clients import wait_for_calls
from tests.support.measures import Figure
from tests.support.places import BOTH, bot, goal
from tests.support.slackish import Call, Slackish

DECLARES, CALL_SECONDS = 20, 0.1
ACK_WITHIN, LIMIT_SECONDS = 3.0, 90
LAST, PROCESSOR = 21.0, 0.05


def twenty(server: Slackish, _rounds: int) -> list[Figure]:
    """Measure once. At Slack's pace, a post a second per channel, twenty announcements take 19 s or more."""
    return [line for engine, fresh in BOTH for line in _of(server, engine, fresh)]


def _of(server: Slackish, engine: str, fresh: Any) -> Iterator[Figure]:
    name = f"{DECLARES} declares at once at {1000 * CALL_SECONDS:.0f} ms a call, {engine}"
    with fresh() as place, bot(server, place) as client:
        wait_for_calls(server, "conversations.create", 1)
        announcements = server.channels[-1]
        server.ack_within(slackish.submission(0), ACK_WITHIN)
        time.sleep(3)
        server.calls.clear()
        server.delay = CALL_SECONDS
        before, began = _processor(client.process.pid), perf_counter()
        server.send([slackish.submission(each) for each in range(DECLARES)])
        until = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < until and (
            len(_posts(server, announcements)) < DECLARES or not place.is_settled()
        ):
            time.sleep(0.5)
        processor = (_processor(client.process.pid) - before) / DECLARES
        told = _posts(server, announcements)
    last = max((each.ended for each in told), default=float("inf")) - began
    is_met = last <= LAST and len(told) == DECLARES
    yield goal(f"{name}: last announcement", f"{last:.1f} s, {len(told)} posted", "≤ 21 s", is_met=is_met)
    cost = f"{1000 * processor:.0f} ms"
    yield goal(f"{name}: processor per declare", cost, "≤ 50 ms", is_met=processor <= PROCESSOR)


def _posts(server: Slackish, channel: str) -> list[Call]:
    return [each for each in posts(server) if each.asked["channel"] == channel]


def _processor(pid: int) -> float:
    """The process's seconds of processor time: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html"""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
