"""Hundreds of connections that send half a request, a byte now and then, nothing, or read no answer.

Promised: what Slack sends meanwhile is answered within a second, and none of it is cut off.
"""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.arena import Arena
from tests.support.asking import incidents_channel
from tests.support.halves import SENT, half_open
from tests.support.posts import event, post, signed

pytestmark = pytest.mark.measures_seconds
REQUESTS, AT_ONCE = 50, 4
LIMIT = 1.0
"""Seconds."""


@pytest.fixture(autouse=True)
def _files() -> Iterator[None]:
    """Allow as many open files as this test needs: both ends of each connection are in this process."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before, min(most, 10_000)), most))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


@pytest.fixture
def port(large: Arena) -> int:
    """The port on which the bot listens."""
    [bot] = large.bots(1)
    incidents_channel(large)
    large.declare()
    large.channel()
    large.settle()
    assert bot.settings.port
    return bot.settings.port


def message(number: int) -> bytes:
    """The event of a message in a channel without an incident."""
    told = {"type": "message", "channel": "C0GENERAL", "user": "U0ANA", "text": "x", "ts": f"{number}.000100"}
    return event(told, number)


def seconds_to_answer(large: Arena, port: int, number: int) -> float:
    """Post an event as Slack does; the seconds until its 200."""
    body, began = message(number), time.monotonic()
    assert post(port, body, signed(body, large.sandbox.signing_secret))[0] == 200
    return time.monotonic() - began


@pytest.mark.parametrize("count", [110, 500])
@pytest.mark.parametrize("kind", SENT)
def test_slack_is_answered_in_time(large: Arena, port: int, kind: str, count: int) -> None:
    with half_open(port, count, kind), ThreadPoolExecutor(AT_ONCE) as slack:
        took = list(slack.map(lambda number: seconds_to_answer(large, port, number), range(REQUESTS)))
    assert max(took) < LIMIT
    assert "INC-1" in large.workspace.command("list")


def test_with_no_connections_left_slack_still_gets_in(large: Arena, port: int) -> None:
    with half_open(port, 2000, "half a head"), ThreadPoolExecutor(AT_ONCE) as slack:
        took = list(slack.map(lambda number: seconds_to_answer(large, port, number), range(REQUESTS)))
    assert max(took) < 2 * LIMIT
    assert sorted(took)[-AT_ONCE - 1] < LIMIT
    assert "INC-1" in large.workspace.command("list")
