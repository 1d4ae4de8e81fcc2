"""Acks that people wait for, one at a time, compared with those of a bare app that also stores something."""

from __future__ import annotations

import statistics
import time

from tests.bench.figures import ms, p99
from tests.support import slackish
from tests.support.clients import ENGINES, bare_insert, give_a_channel, muster
from tests.support.measures import Figure, met, numbers
from tests.support.slackish import Slackish

COMMANDS, DECLARATIONS, WARM = 200, 20, 5
SLOWEST, ABOVE = 0.1, 0.01
"""Seconds: the limits for p99, and for the median above the bare app's."""
_Times = dict[str, list[float]]


def acks(server: Slackish, rounds: int) -> list[Figure]:
    """The time to an ack; a bare app and Muster take turns, on either engine.

    Bolt by default acks commands when its poll of 10 ms ends, and a ratio to that would measure the
    processor. So the bare app has ``process_before_response=True``, as Muster has.
    """
    lines = []
    for engine, fresh in ENGINES.items():
        theirs, ours = _Times(), _Times()
        for _ in range(rounds):
            with fresh() as url, bare_insert(server, url):
                _measure(server, theirs)
            with fresh() as url, muster(server, url=url) as client:
                give_a_channel(server, client)
                _measure(server, ours)
        lines += [line for kind in ours for line in _lines(f"{kind}, {engine}", theirs[kind], ours[kind])]
    return lines


def _measure(server: Slackish, times: _Times) -> None:
    commands = [slackish.command(next(numbers)) for _ in range(COMMANDS)]
    times.setdefault("ack of /incident list", []).extend(server.ack_times(commands, at_once=False)[WARM:])
    for _ in range(DECLARATIONS):
        # Each request goes to a bot that has finished with the previous one.
        time.sleep(0.3)
        made = slackish.submission(next(numbers))
        times.setdefault("ack of a declaration", []).extend(server.ack_times([made], at_once=False))


def _lines(name: str, theirs: list[float], ours: list[float]) -> list[Figure]:
    bare, median = statistics.median(theirs), statistics.median(ours)
    bare_slowest, slowest = p99(theirs), p99(ours)
    return [
        Figure(
            f"{name}, median", ms(bare), ms(median), None, f"≤ {ms(ABOVE)} above", met(median <= bare + ABOVE)
        ),
        Figure(
            f"{name}, p99", ms(bare_slowest), ms(slowest), None, f"≤ {ms(SLOWEST)}", met(slowest <= SLOWEST)
        ),
    ]
