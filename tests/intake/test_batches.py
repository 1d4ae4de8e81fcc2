"""Messages are stored together, in their channels' order, and acked after that; each fails alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from slack_bolt import App, BoltRequest, BoltResponse

from bot.bootstrap import utc_now
from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.errors import NotSaved
from bot.effects.directory import Identity
from bot.intake.batches import Batches, Delivery
from bot.intake.bolt import Whoami
from bot.intake.middleware import Answered, Requests
from bot.intake.sightings import Sightings
from bot.worker.metrics import Meter
from tests.support.people import eventually

BOT = Identity("T1", "UBOT", "BBOT", "https://acme.example/")
Body = dict[str, Any]


def written(text: str, channel: str = "C1", **values: Any) -> Body:
    event = {"type": "message", "channel": channel, "user": "UBEN", "text": text, "ts": "1700000000.000100"}
    return {"type": "event_callback", "event": {**event, **values}}


def edited(text: str, channel: str = "C1") -> Body:
    return written("", channel, subtype="message_changed", message={"text": text, "ts": "1.0"})


def text_of(body: Body) -> str:
    event = body["event"]
    return str(event.get("message", event)["text"])


class Bot:
    """Stores messages in memory, and keeps a diary."""

    def __init__(self) -> None:
        self.diary: list[str] = []
        self.batches_stored: list[list[str]] = []
        self.before: Callable[[str], None] = lambda _text: None
        """What happens before a text is stored; it may raise or wait."""
        app, whoami = cast("App", self), Whoami()
        whoami.identity = BOT
        sightings = Sightings(utc_now, lambda _seen: None)
        self.batches = Batches(Requests(app, lambda: None, Meter()), self.record, whoami, sightings)

    def record(self, found: Sequence[PostedMessage]) -> list[int]:
        """Store all up to the first reply; the positions of the rest, which have to be stored one by one."""
        first = next((place for place, each in enumerate(found) if each.thread_ts), len(found))
        texts = [each.text for each in found]
        for text in texts:
            self.before(text)
        self.batches_stored.append(texts[:first])
        self.diary += [f"stored {text}" for text in texts[:first]]
        return list(range(first, len(found)))

    def dispatch(self, request: BoltRequest) -> BoltResponse:
        """Store one, as Bolt does."""
        text = text_of(request.body)
        try:
            self.before(text)
        except ValueError:
            return BoltResponse(status=500)
        self.diary.append(f"dispatched {text}")
        return BoltResponse(status=200)


class Slack:
    """A session that gets the acks."""

    def __init__(self, bot: Bot) -> None:
        self.bot, self.is_given_up = bot, False
        self.acks: list[str] = []
        self.unacked: list[str] = []
        self.dropped_count = 0

    def acked(self, deliveries: Sequence[Delivery]) -> None:
        """Do as a session does."""
        self.acks += [text_of(each.body) for each in deliveries]
        self.bot.diary += [f"acked {text_of(each.body)}" for each in deliveries]

    def answered(self, delivery: Delivery, answered: Answered) -> None:
        """Do as a session does."""
        text = text_of(delivery.body)
        (self.acks if answered.is_acked else self.unacked).append(text)
        self.bot.diary.append(f"answered {text}")

    def dropped(self, count: int) -> None:
        """Do as a session does."""
        self.dropped_count += count

    def sends(self, *bodies: Body) -> None:
        """Deliver them in this order."""
        for body in bodies:
            self.bot.batches.put(Delivery(body, {}, text_of(body), "events_api", self))


@pytest.fixture
def bot() -> Iterator[Bot]:
    made = Bot()
    yield made
    made.batches.close()


@pytest.fixture
def slack(bot: Bot) -> Slack:
    return Slack(bot)


class Gate:
    """Holds up one text until it is opened."""

    def __init__(self, bot: Bot, text: str) -> None:
        self._text, self.reached, self._opened = text, threading.Event(), threading.Event()
        bot.before = self._wait
        self.open = self._opened.set

    def _wait(self, text: str) -> None:
        if text == self._text:
            self.reached.set()
            assert self._opened.wait(10)


def test_waiting_messages_are_stored_together_and_then_acked(bot: Bot, slack: Slack) -> None:
    gate, facts = Gate(bot, "first"), [f"fact {number}" for number in range(100)]
    slack.sends(written("first"))
    assert gate.reached.wait(10)
    slack.sends(*map(written, facts))
    assert slack.acks == []
    gate.open()
    eventually(lambda: slack.acks == ["first", *facts])
    assert bot.batches_stored == [["first"], facts]
    assert bot.diary.index("stored fact 99") < bot.diary.index("acked fact 0")


def test_an_edit_never_overtakes_its_message_nor_what_follows_it(bot: Bot, slack: Slack) -> None:
    gate = Gate(bot, "edit")
    slack.sends(written("before"), edited("edit"), written("after"), written("elsewhere", "C2"))
    assert gate.reached.wait(10)
    eventually(lambda: "elsewhere" in slack.acks)
    assert "stored before" in bot.diary
    assert "stored after" not in bot.diary
    gate.open()
    eventually(lambda: "after" in slack.acks)
    of_channel = [each for each in bot.diary if "elsewhere" not in each and not each.startswith("a")]
    assert of_channel == ["stored before", "dispatched edit", "stored after"]


def test_a_reply_stored_alone_keeps_its_place_in_its_channel(bot: Bot, slack: Slack) -> None:
    gate = Gate(bot, "first")
    slack.sends(written("first"))
    assert gate.reached.wait(10)
    slack.sends(written("one"), written("two", thread_ts="1.0"), written("three"), written("four"))
    gate.open()
    eventually(lambda: "four" in slack.acks)
    told = [each for each in bot.diary if each.startswith(("stored", "dispatched"))]
    assert told == ["stored first", "stored one", "dispatched two", "stored three", "stored four"]


def test_one_message_that_cannot_be_stored_fails_alone(bot: Bot, slack: Slack) -> None:
    def refuse(text: str) -> None:
        if text == "poison":
            raise ValueError

    gate = Gate(bot, "first")
    slack.sends(written("first"))
    assert gate.reached.wait(10)
    slack.sends(*map(written, ("one", "poison", "two")), written("elsewhere", "C2"))
    bot.before = refuse
    gate.open()
    eventually(lambda: len(slack.acks) == 4)
    assert slack.unacked == ["poison"]
    assert sorted(slack.acks) == ["elsewhere", "first", "one", "two"]
    told = [each for each in bot.diary if each in {"dispatched one", "dispatched two"}]
    assert told == ["dispatched one", "dispatched two"]


def test_a_busy_database_acks_nothing_and_stops_nothing(bot: Bot, slack: Slack) -> None:
    def refuse(_text: str) -> None:
        raise NotSaved

    bot.before = refuse
    slack.sends(written("one"), written("two"))
    eventually(lambda: sorted(slack.unacked) == ["one", "two"])
    assert slack.acks == []
    bot.before = lambda _text: None
    slack.sends(written("three"))
    eventually(lambda: slack.acks == ["three"])


def test_a_message_that_waited_while_the_database_was_busy_is_not_retried(
    bot: Bot, slack: Slack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.intake.batches.MAX_WAITED", 0.5)
    reached, may_end = threading.Event(), threading.Event()

    def busy(_text: str) -> None:
        reached.set()
        assert may_end.wait(10)
        bot.before = lambda _text: None
        raise NotSaved

    bot.before = busy
    slack.sends(written("first"))
    assert reached.wait(10)
    slack.sends(written("waits too"), edited("an edit"), written("elsewhere", "C2"))
    time.sleep(0.6)
    slack.sends(written("late"))
    may_end.set()
    eventually(lambda: slack.acks == ["late"])
    assert sorted(slack.unacked) == ["an edit", "elsewhere", "first", "waits too"]


def test_messages_waiting_when_their_session_is_given_up_are_neither_stored_nor_acked(
    bot: Bot, slack: Slack
) -> None:
    gate, other = Gate(bot, "first"), Slack(bot)
    slack.sends(written("first"))
    assert gate.reached.wait(10)
    slack.sends(written("late"), edited("late edit"))
    other.sends(written("of another session"))
    slack.is_given_up = True
    gate.open()
    eventually(lambda: other.acks == ["of another session"])
    assert slack.acks == ["first"]
    assert slack.dropped_count == 2
    assert "stored late" not in bot.diary


@pytest.mark.parametrize("by", [{"user": "UBOT"}, {"bot_id": "BBOT"}])
def test_our_own_messages_are_not_stored_in_batches(bot: Bot, slack: Slack, by: Body) -> None:
    slack.sends(written("card", **by))
    eventually(lambda: slack.acks == ["card"])
    assert bot.batches_stored == []


def test_an_incomplete_message_goes_through_bolt(bot: Bot, slack: Slack) -> None:
    broken = written("no ts")
    del broken["event"]["ts"]
    slack.sends(broken, written("whole"))
    eventually(lambda: len(slack.acks) == 2)
    assert "dispatched no ts" in bot.diary


def test_over_http_each_request_is_answered_once_its_batch_is_stored(bot: Bot) -> None:
    gate = Gate(bot, "first")
    with ThreadPoolExecutor(21) as server:
        first = server.submit(bot.batches.answer, written("first"), {}, "r", "events_api")
        assert gate.reached.wait(10)
        rest = [
            server.submit(bot.batches.answer, written(f"fact {number}"), {}, "r", "events_api")
            for number in range(20)
        ]
        eventually(lambda: bot.batches._lanes.count == 20)
        assert not any(each.done() for each in (first, *rest))
        gate.open()
        assert {each.result(10).response.status for each in (first, *rest)} == {200}
    assert [len(each) for each in bot.batches_stored] == [1, 20]


def test_over_http_a_busy_database_means_no_ack(bot: Bot) -> None:
    def refuse(_text: str) -> None:
        raise NotSaved

    bot.before = refuse
    assert not bot.batches.answer(written("one"), {}, "r", "events_api").is_acked
