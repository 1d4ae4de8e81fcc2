"""What people see: how long a visible change takes beyond Slack's own time.

The time from the click to the last visible change, minus the time in which the server had a call of the
critical chain open, by its own log, minus the waits for Slack's pace of a post a second per channel. What is
left is our own share, given per step; a step is a call of that chain.

The critical chain ends with the last visible change. Each call in it is preceded by the call that ended last
of those that it may have waited for: see ``_FOLLOWS``. A call that merely ran at the same time belongs to no
chain, so it can't hide time that we have wasted.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from tests.support import googlish, slackish
from tests.support.clients import wait_for_calls
from tests.support.measures import Figure
from tests.support.places import BOTH, Place, bot, goal
from tests.support.slackish import Call, Slackish

DELAYS = (0.0, 0.1, 0.3)
OWN_SHARE = 0.025
"""Seconds per step."""
PACE, QUIET = 1.0, 1.1
"""Seconds between two posts in a channel; and before a click, so that no earlier post delays its own."""
ACK_WITHIN, LIMIT_SECONDS, MAX_ROUNDS = 3.0, 30, 3
_NEWEST = "SELECT id, channel_id FROM incidents ORDER BY id DESC LIMIT 1"
_POST = "chat.postMessage"
_VISIBLE = frozenset(
    {
        _POST,
        "chat.postEphemeral",
        "chat.update",
        "conversations.create",
        "conversations.invite",
        "conversations.setPurpose",
        "conversations.setTopic",
        "events.insert",
        "events.update",
        "pins.add",
        "reactions.add",
    }
)
_IN_CHANNEL = frozenset({"conversations.create"})
_IN_PLACE = frozenset({_POST, "conversations.info", "conversations.open"})
"""These count only for the same channel. A call on a message waits only for calls on the same message."""
_BOOKED = frozenset({"events.insert", "events.update", "freebusy.query"})
"""The calls whose outcome a meeting's message shows."""
_FOLLOWS: Mapping[str, frozenset[str]] = {
    _POST: _IN_CHANNEL | _IN_PLACE,
    # Rows that refresh a message are performed one after another.
    "chat.update": frozenset({_POST, "chat.update"}),
    "conversations.invite": _IN_CHANNEL,
    "conversations.open": _IN_CHANNEL,
    "conversations.setPurpose": _IN_CHANNEL,
    "conversations.setTopic": _IN_CHANNEL | {"conversations.info"},
    "events.get": _IN_CHANNEL | {"freebusy.query", "google.token"},
    "events.insert": _IN_CHANNEL | {"events.get", "freebusy.query"},
    "events.update": _IN_CHANNEL | {"events.get", "freebusy.query"},
    "freebusy.query": frozenset({"events.get", "google.token"}),
    "pins.add": frozenset({_POST}),
}
"""For each method, the calls that may have to be answered before it can be made."""


@dataclass(frozen=True)
class Run:
    """One click and what it caused."""

    seconds: float
    chain: Sequence[Call]
    paced: float

    @property
    def own_share(self) -> float:
        """Our own seconds per step."""
        taken = sum(each.ended - each.started for each in self.chain)
        return (self.seconds - taken - self.paced) / len(self.chain)

    def told(self) -> str:
        """The chain and its times, as text."""
        steps = " → ".join(each.method for each in self.chain)
        paced = f", {1000 * self.paced:.0f} of them our pace" if self.paced else ""
        return f"{steps}: {1000 * self.seconds:.0f} ms in all{paced}"


def visible(server: Slackish, rounds: int) -> list[Figure]:
    """Declare, answer in five whys, add an action item, book, resolve: each in a new incident."""
    return [line for engine, fresh in BOTH for line in _of(server, rounds, engine, fresh)]


def run_of(clicked: float, calls: Sequence[Call], shown: frozenset[str] = frozenset()) -> Run:
    """What the server's log says about a click; ``shown`` are calls whose outcome a message shows."""
    last = max((each for each in calls if each.method in _VISIBLE), key=_ended)
    chain = [last]
    while before := [each for each in calls if _may_wait_for(chain[0], each, shown)]:
        chain.insert(0, max(before, key=_ended))
    begins = [clicked, *(each.ended for each in chain)]
    paced = sum(_paced(begin, each, calls) for begin, each in zip(begins, chain, strict=False))
    return Run(last.ended - clicked, chain, paced)


def _may_wait_for(call: Call, other: Call, shown: frozenset[str]) -> bool:
    if other.ended > call.started:
        return False
    if call.method == "chat.update" and other.method in shown:
        return True
    is_elsewhere = other.method in _IN_PLACE and _channel(other) != _channel(call)
    message = call.asked.get("ts") or call.asked.get("timestamp")
    is_another = message is not None and message not in {other.answer.get("ts"), other.asked.get("ts")}
    return other.method in _FOLLOWS.get(call.method, ()) and not is_elsewhere and not is_another


def _paced(begin: float, call: Call, calls: Sequence[Call]) -> float:
    """The seconds after ``begin`` in which the post had to wait for its channel's turn."""
    if call.method != _POST:
        return 0.0
    posts = [each for each in calls if each.method == _POST and _channel(each) == _channel(call)]
    turn = max((each.started + PACE for each in posts if each.started < call.started), default=begin)
    return max(0.0, min(call.started, turn) - begin)


def _channel(call: Call) -> str:
    if call.method == "conversations.open":
        return str(call.answer["channel"]["id"])
    return str(call.asked.get("channel"))


def _ended(call: Call) -> float:
    return call.ended


def _of(server: Slackish, rounds: int, engine: str, fresh: Any) -> Iterator[Figure]:
    found: dict[tuple[str, float], list[Run]] = {}
    try:
        for name, delay, run in _runs(server, rounds, fresh):
            found.setdefault((name, delay), []).append(run)
    except TimeoutError as error:
        yield goal(f"visible changes, {engine}", str(error), "they end", is_met=False)
    for (name, delay), runs in found.items():
        share = statistics.median_low(each.own_share for each in runs)
        told = next(each for each in runs if each.own_share == share).told()
        line = f"{name} at {1000 * delay:.0f} ms a call, {engine}: own share a step"
        made = goal(line, f"{1000 * share:.1f} ms", "≤ 25 ms", is_met=share <= OWN_SHARE)
        yield Figure(made.name, "", made.muster, None, made.goal, f"{made.verdict}; {told}")


def _runs(server: Slackish, rounds: int, fresh: Any) -> Iterator[tuple[str, float, Run]]:
    """What was done, the seconds that each call took, and the run. Raises ``TimeoutError``."""
    with ExitStack() as stack:
        place = stack.enter_context(fresh())
        settings = googlish.settings(server, Path(stack.enter_context(TemporaryDirectory())))
        stack.enter_context(bot(server, place, **settings))
        wait_for_calls(server, "conversations.create", 1)
        scene = _Scene(server, place)
        # Then everything has been used once, by every thread that may use it.
        for _ in range(2):
            dict(scene.flows())
        for delay in DELAYS:
            server.delay = delay
            for _ in range(min(rounds, MAX_ROUNDS)):
                yield from ((name, delay, run) for name, run in scene.flows())


class _Scene:
    """One incident after the other, each from declaration to end."""

    def __init__(self, server: Slackish, place: Place) -> None:
        self._server, self._place = server, place

    def flows(self) -> Iterator[tuple[str, Run]]:
        """What is done in a new incident, each with its run."""
        yield "declare", self._measured(lambda: slackish.submission(0))
        newest = self._place.rows(_NEWEST)[0]
        number, channel = newest.id, newest.channel_id
        about = {"incident_id": number}
        self._measured(lambda: slackish.form("five_whys", about, problem={"value": "It was slow"}))
        root = self._ts("SELECT ts FROM messages WHERE key LIKE 'WHY-%/root' ORDER BY ts DESC LIMIT 1")
        yield "an answer of five whys", self._measured(lambda: _reply(channel, root))
        item = {"title": {"value": "More disks"}, "assigned_to": {"selected_user": "U2"}}
        yield "an action item", self._measured(lambda: slackish.form("action_item", about, **item))
        self._measured(lambda: slackish.form("meeting", about, **_meeting()))
        ts, value = self._offer()
        books = slackish.click(channel, ts, "book_slot", value)
        yield "a booking", self._measured(lambda: books, _BOOKED)
        card = self._ts("SELECT ts FROM messages WHERE key = :key", key=f"INC-{number}/card")
        yield "resolve", self._measured(lambda: slackish.click(channel, card, "status_resolved", str(number)))

    def _measured(self, make: Callable[[], slackish.Json], shown: frozenset[str] = frozenset()) -> Run:
        time.sleep(QUIET)
        self._server.calls.clear()
        envelope, clicked = make(), perf_counter()
        if self._server.ack_within(envelope, ACK_WITHIN) == float("inf"):
            raise TimeoutError("something is not acked")
        until = time.monotonic() + LIMIT_SECONDS
        while not self._is_quiet():
            if time.monotonic() > until:
                raise TimeoutError("something never ends")
            time.sleep(0.05)
        return run_of(clicked, list(self._server.calls), shown)

    def _is_quiet(self) -> bool:
        if not self._place.is_settled():
            return False
        # Something that was running at that moment may still cause calls.
        time.sleep(0.1)
        return self._place.is_settled()

    def _ts(self, query: str, **values: str) -> str:
        return str(self._place.one(query, **values))

    def _offer(self) -> tuple[str, str]:
        """The ts of the message that offers slots, and the value of the first of its buttons."""
        updates = [each for each in self._server.calls if "book_slot" in each.body.decode()]
        blocks = updates[-1].asked["blocks"]
        shown = json.loads(blocks) if isinstance(blocks, str) else blocks
        buttons = [each.get("accessory") or {} for each in shown]
        value = next(each["value"] for each in buttons if each.get("action_id") == "book_slot")
        return str(updates[-1].asked.get("ts") or updates[-1].answer["ts"]), str(value)


def _reply(channel: str, root: str) -> slackish.Json:
    made = slackish.message(0, channel)
    now = f"{datetime.now(UTC).timestamp():.6f}"
    made["payload"]["event_id"] = f"Ev{now}"
    made["payload"]["event"] |= {"text": "The disk was full", "ts": now, "thread_ts": root}
    return made


def _meeting() -> slackish.Json:
    today = datetime.now(UTC).date()
    return {
        "required": {"selected_users": ["U1", "U2"]},
        "optional": {"selected_users": []},
        "minutes": {"selected_option": {"value": "30"}},
        "window_from": {"selected_date": (today + timedelta(days=1)).isoformat()},
        "window_to": {"selected_date": (today + timedelta(days=9)).isoformat()},
    }
