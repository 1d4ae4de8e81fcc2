"""A channel is made once, even if the answer to an earlier attempt never came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.incidents.model import Incident
from bot.domain.incidents.planned import first_topic_key
from bot.domain.outbox.effects import CreateChannel, PrepareAnnouncements, SetTopic
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.outbox.rows import PUT_OFF, AnnouncementsPlaced, ChannelMade, Claimed
from bot.effects.channels import ChannelPerformers
from bot.effects.failures import CallFailed
from bot.views.incidents.card import topic
from bot.views.kit.remedies import words_for
from bot.views.kit.text import escape
from tests.support.examples import NOW, incident

US = "UBOT"


@dataclass
class FakeSlack:
    """A server that makes a second channel with the same name, and lists the channels that the bot is in."""

    channels: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)

    def call(self, method: str, **asked: Any) -> dict[str, Any]:
        self.calls.append(method)
        assert method == "conversations.create"
        self.add(asked["name"])
        return {"channel": self.channels[-1]}

    def pages(self, method: str, items: str, **asked: Any) -> Iterator[dict[str, Any]]:
        self.calls.append(method)
        assert method == "users.conversations", "the workspace's list may be hundreds of calls"
        yield from self.channels

    def add(self, name: str, creator: str = US, age: float = 0) -> None:
        made = {"id": f"C{len(self.channels)}", "name": name, "creator": creator}
        self.channels.append({**made, "created": NOW.timestamp() - age})


@dataclass
class FakeReads:
    """Reads that know one incident."""

    found: Incident

    def clock(self) -> datetime:
        return NOW

    def incident(self, _incident_id: int) -> Incident:
        return self.found


class Taken(FakeSlack):
    """A server where the channel's name is taken."""

    def call(self, method: str, **asked: Any) -> dict[str, Any]:
        self.calls.append(method)
        if method == "conversations.create":
            raise CallFailed(Failure(FailureKind.FINAL, "name_taken"), method)
        return {}

    def pages(self, method: str, items: str, **asked: Any) -> Iterator[dict[str, Any]]:
        self.calls.append(method)
        kinds = asked["types"].split(",")
        for each in self.channels:
            kind = "private_channel" if each["is_private"] else "public_channel"
            if kind in kinds and (each["is_member"] or method == "conversations.list"):
                yield each

    def there(self, *, is_private: bool, is_member: bool) -> None:
        """Somebody has made the channel."""
        self.add("incidents", "UBEN")
        self.channels[-1] |= {"is_private": is_private, "is_member": is_member}


class FakeStartup:
    """A start-up that has found no announcements channel yet."""

    def announcements_channel(self, _name: str) -> str | None:
        return None


def row(*, look_first: bool) -> Claimed:
    return Claimed(1, "k", CreateChannel(12), 2, look_first=look_first, created_at=NOW, owner="w")


@pytest.fixture
def slack() -> FakeSlack:
    return FakeSlack()


@pytest.fixture
def performers(slack: FakeSlack) -> ChannelPerformers:
    found = incident(channel_id=None, channel_name="inc-12-down", created_at=NOW)
    return ChannelPerformers(slack, FakeReads(found), FakeStartup(), lambda: US)  # type: ignore[arg-type]


def test_the_first_attempt_only_creates_the_channel(performers: ChannelPerformers, slack: FakeSlack) -> None:
    assert performers.create(CreateChannel(12), row(look_first=False)) == ChannelMade(12, "C0", "inc-12-down")
    assert slack.calls == ["conversations.create"]


@pytest.mark.parametrize("name", ["inc-12-down", "inc-12-down-2", "inc-12"])
def test_after_an_attempt_without_an_answer_its_channel_is_adopted(
    performers: ChannelPerformers, slack: FakeSlack, name: str
) -> None:
    slack.add(name)
    assert performers.create(CreateChannel(12), row(look_first=True)) == ChannelMade(12, "C0", name)
    assert slack.calls == ["users.conversations"]


@pytest.mark.parametrize(("creator", "age"), [("UBEN", 0), (US, 3600)])
def test_somebody_elses_channel_or_an_older_one_is_not_adopted(
    performers: ChannelPerformers, slack: FakeSlack, creator: str, age: float
) -> None:
    slack.add("inc-12-down", creator, age)
    assert performers.create(CreateChannel(12), row(look_first=True)) == ChannelMade(12, "C1", "inc-12-down")


def test_the_announcements_channel_is_made_once_too(performers: ChannelPerformers, slack: FakeSlack) -> None:
    effect = PrepareAnnouncements("incidents")
    for look_first in (False, True):
        made = performers.prepare_announcements(effect, row(look_first=look_first))
        assert made == AnnouncementsPlaced("incidents", "C0")
    assert slack.calls == ["conversations.create", "users.conversations"]


def announced(slack: Taken) -> object:
    """Where announcements go."""
    performers = ChannelPerformers(slack, FakeReads(incident()), FakeStartup(), lambda: US)  # type: ignore[arg-type]
    return performers.prepare_announcements(PrepareAnnouncements("incidents"), row(look_first=False))


@pytest.mark.parametrize("is_private", [True, False])
def test_an_announcements_channel_that_the_bot_is_in_is_found_without_listing_the_workspace(
    is_private: bool,
) -> None:
    slack = Taken()
    slack.there(is_private=is_private, is_member=True)
    assert announced(slack) == AnnouncementsPlaced("incidents", "C0")
    assert slack.calls == ["conversations.create", "users.conversations"]


def test_a_public_announcements_channel_is_joined() -> None:
    slack = Taken()
    slack.there(is_private=False, is_member=False)
    assert announced(slack) == AnnouncementsPlaced("incidents", "C0")
    assert slack.calls[-1] == "conversations.join"


def test_a_private_announcements_channel_without_the_bot_is_said_to_be_out_of_reach() -> None:
    slack = Taken()
    slack.there(is_private=True, is_member=False)
    with pytest.raises(CallFailed) as error:
        announced(slack)
    assert "invite me to it" in words_for(error.value.code)


@dataclass
class TopicSlack:
    """A server with one channel whose topic was set at some time; without ``is_known``, it describes none."""

    value: str = ""
    last_set: float = 0
    is_known: bool = True
    calls: list[str] = field(default_factory=list)

    def call(self, method: str, **asked: Any) -> dict[str, Any]:
        self.calls.append(method)
        if method == "conversations.info":
            if not self.is_known:
                raise CallFailed(Failure(FailureKind.FINAL, "unknown_method"), method)
            return {"channel": {"topic": {"value": self.value, "last_set": int(self.last_set)}}}
        assert method == "conversations.setTopic"
        self.value = asked["topic"]
        return {}


def set_topic(slack: TopicSlack, *, key: str = "INC-12/topic/7", look_first: bool = False) -> None:
    about = ChannelPerformers(slack, FakeReads(incident()), FakeStartup(), lambda: US)  # type: ignore[arg-type]
    row = Claimed(1, key, SetTopic(12), 1, look_first=look_first, created_at=NOW, owner="w")
    about.set_topic(SetTopic(12), row)


def test_the_first_topic_comes_at_once_and_takes_one_call() -> None:
    slack = TopicSlack()
    set_topic(slack, key=first_topic_key(12))
    assert slack.calls == ["conversations.setTopic"]
    assert slack.value == topic(incident())


def test_a_first_topic_that_may_have_been_set_is_looked_for() -> None:
    slack = TopicSlack(topic(incident()), NOW.timestamp())
    set_topic(slack, key=first_topic_key(12), look_first=True)
    assert slack.calls == ["conversations.info"]


@pytest.mark.parametrize("ago", [-2, 0, 30, 59])
def test_a_topic_waits_until_the_one_before_has_been_there_for_a_minute(ago: float) -> None:
    slack = TopicSlack("before", NOW.timestamp() - ago)
    with pytest.raises(CallFailed) as failed:
        set_topic(slack)
    failure = failed.value.failure
    assert (failure.kind, failure.code) == (FailureKind.NOT_YET, PUT_OFF)
    assert failure.retry_at == NOW + timedelta(seconds=60 - ago)
    assert slack.value == "before"


@pytest.mark.parametrize("ago", [60, 3600, NOW.timestamp(), -3600])
def test_after_a_minute_a_new_topic_is_set(ago: float) -> None:
    slack = TopicSlack("before", NOW.timestamp() - ago)
    set_topic(slack)
    assert slack.value == topic(incident())


@pytest.mark.parametrize("restyled", [str, escape, lambda text: text.replace("🟠", ":large_orange_circle:")])
def test_the_same_topic_is_not_set_again_however_slack_writes_it(restyled: Callable[[str], str]) -> None:
    slack = TopicSlack(restyled(topic(incident())), 0)
    set_topic(slack)
    assert slack.calls == ["conversations.info"]


def test_a_server_that_does_not_say_what_the_topic_is_gets_it() -> None:
    slack = TopicSlack("before", is_known=False)
    set_topic(slack)
    assert slack.value == topic(incident())
