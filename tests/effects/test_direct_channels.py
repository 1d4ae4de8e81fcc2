"""A person's direct channel is opened once, and again when Slack no longer has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.domain.outbox.effects import SendDigest
from bot.domain.outbox.rows import Claimed
from bot.effects.failures import CallFailed
from bot.effects.slack import Slack
from bot.views.kit.message import Message
from tests.support.examples import NOW

ROW = Claimed(1, "k", SendDigest("U1", "w"), 1, look_first=False, created_at=NOW, owner="w")


class Answer(dict[str, Any]):
    """What the SDK returns."""

    status_code = 200

    @property
    def data(self) -> dict[str, Any]:
        return self


@dataclass
class FakeClient:
    """Opens direct channels, the first of which soon ceases to exist."""

    opened: int = 0
    gone: frozenset[str] = frozenset()

    def conversations_open(self, users: str) -> Answer:
        self.opened += 1
        return Answer(channel={"id": f"D{self.opened}"})

    def chat_postMessage(self, channel: str, **_: Any) -> Answer:  # noqa: N802 - the SDK's name
        if channel in self.gone:
            raise SlackApiError("x", Answer(ok=False, error="channel_not_found"))  # type: ignore[no-untyped-call]
        return Answer(ts="1.1")


@dataclass
class Memory:
    """What the database stores."""

    channels: dict[str, str] = field(default_factory=dict)

    def direct_channel(self, user_id: str) -> str | None:
        return self.channels.get(user_id)

    def note_direct_channel(self, user_id: str, channel_id: str) -> None:
        self.channels[user_id] = channel_id

    def forget_direct_channel(self, channel_id: str) -> None:
        self.channels = {user: each for user, each in self.channels.items() if each != channel_id}


def test_a_direct_channel_is_opened_once_until_it_is_gone() -> None:
    client, memory = FakeClient(), Memory()
    slack = Slack(client, lambda: NOW, memory)  # type: ignore[arg-type]
    for _ in range(3):
        assert slack.direct_channel("U1") == "D1"
    assert client.opened == 1
    client.gone = frozenset({"D1"})
    with pytest.raises(CallFailed):
        slack.post(ROW, "k", "D1", Message("hello", ()))
    assert slack.direct_channel("U1") == "D2"
    assert slack.post(ROW, "k", "D2", Message("hello", ())) == "1.1"
