"""A private incident has a private channel or none, whatever the server makes of the request for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest

from bot.domain.outbox.effects import CreateChannel
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.outbox.rows import ChannelMade, Claimed
from bot.effects.channels import ChannelPerformers
from bot.effects.failures import CallFailed, not_yet
from bot.effects.slack import Slack
from tests.support.examples import NOW
from tests.support.office import Office

Json = dict[str, Any]


class Server:
    """A server with channels; the test sets whether it makes private ones, and whether it can archive."""

    def __init__(self, office: Office, *, is_private: bool) -> None:
        self.channels: list[Json] = []
        self.is_busy = False
        self._office, self._is_private = office, is_private

    def call(self, method: str, **values: Any) -> Json:
        return cast(Json, getattr(self, method.replace(".", "_"))(**values))

    def pages(self, method: str, items: str, *, types: str, **_: Any) -> Iterator[Json]:
        assert (method, items) in {("users.conversations", "channels"), ("conversations.list", "channels")}
        kinds = {"private_channel": True, "public_channel": False}
        wanted = {kinds[each] for each in types.split(",")}
        return (each for each in self.channels if each["is_private"] in wanted and not each["is_archived"])

    def conversations_create(self, name: str, **_: Any) -> Json:
        if any(each["name"] == name for each in self.channels):
            raise CallFailed(Failure(FailureKind.FINAL, "name_taken"), "conversations.create")
        made = {"id": f"C{len(self.channels)}", "name": name, "is_private": self._is_private}
        made |= {"is_archived": False, "creator": "BOT", "created": self._office.clock().timestamp()}
        self.channels.append(made)
        return {"channel": made}

    def conversations_archive(self, channel: str) -> Json:
        if self.is_busy:
            raise not_yet("ratelimited", self._office.clock())
        next(each for each in self.channels if each["id"] == channel)["is_archived"] = True
        return {}


def create(office: Office, server: Server) -> ChannelMade:
    """Make the channel of the only incident."""
    performers = ChannelPerformers(cast(Slack, server), office.performer_reads, office.startup, lambda: "BOT")
    taken = office.claim().get("INC-1/channel")
    row = taken or Claimed(1, "INC-1/channel", CreateChannel(1), 2, True, NOW, "worker")
    made = performers.create(CreateChannel(1), row)
    assert isinstance(made, ChannelMade)
    return made


def test_a_public_channel_for_a_private_incident_is_archived_and_given_up(office: Office) -> None:
    office.declare(is_private=True)
    server = Server(office, is_private=False)
    with pytest.raises(CallFailed, match="not_private"):
        create(office, server)
    assert [each["is_archived"] for each in server.channels] == [True]


def test_a_channel_that_could_not_be_archived_is_archived_at_the_next_attempt(office: Office) -> None:
    office.declare(is_private=True)
    server = Server(office, is_private=False)
    server.is_busy = True
    with pytest.raises(CallFailed, match="ratelimited"):
        create(office, server)
    server.is_busy = False
    with pytest.raises(CallFailed, match="not_private"):
        create(office, server)
    assert [each["is_archived"] for each in server.channels] == [True]


def test_a_crashed_attempts_private_channel_is_adopted(office: Office) -> None:
    office.declare(is_private=True)
    server = Server(office, is_private=True)
    first = create(office, server)
    assert create(office, server) == first
    assert len(server.channels) == 1


def test_a_public_incident_does_not_adopt_a_private_channel(office: Office) -> None:
    office.declare()
    server = Server(office, is_private=True)
    create(office, server)
    assert create(office, server).name != server.channels[0]["name"]
    assert [each["is_archived"] for each in server.channels] == [False, False]
