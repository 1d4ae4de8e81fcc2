"""Channels that are shared by Slack Connect, or deleted, with the events that Slack documents."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from slack_sdk import WebClient

from sandbox.server import Sandbox
from tests.sandbox.bolt import Control
from tests.sandbox.conftest import MANIFEST, client_of
from tests.sandbox.peers import AppSocket, People
from tests.sandbox.test_webapi_access import refusal


@pytest.fixture
def sandbox(start: Callable[..., Sandbox]) -> Sandbox:
    """A sandbox whose app may use private channels."""
    return start(MANIFEST)


@pytest.fixture(params=[True, False], ids=["private", "public"])
def is_private(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def channel(sandbox: Sandbox, is_private: bool) -> str:
    """A channel of the app's, with Ana in it."""
    client = client_of(sandbox)
    made = str(client.conversations_create(name="inc-1", is_private=is_private)["channel"]["id"])
    client.conversations_invite(channel=made, users=["U0ANA"])
    return made


def is_unknown(client: WebClient, channel: str) -> bool:
    return bool(refusal(lambda: client.conversations_info(channel=channel))["error"] == "channel_not_found")


def test_only_a_private_channel_gets_another_id(sandbox: Sandbox, channel: str, is_private: bool) -> None:
    socket, client = AppSocket(sandbox), client_of(sandbox)
    new = People(sandbox)("share-channel", channel=channel, user="ana")["channel"]
    assert (new != channel) is is_private
    if is_private:
        told = socket.event()
        ids = {"old_channel_id": channel, "new_channel_id": new}
        assert told == {"type": "channel_id_changed", **ids, "event_ts": told["event_ts"]}
        assert is_unknown(client, channel)
    told = socket.event()
    at = {"channel": new, "connected_team_id": "T0PARTNER"}
    assert told == {"type": "channel_shared", **at, "event_ts": told["event_ts"]}
    assert client.conversations_info(channel=new)["channel"]["is_ext_shared"]
    socket.close()


def test_a_deleted_channel_is_gone(sandbox: Sandbox, channel: str, is_private: bool) -> None:
    socket, client = AppSocket(sandbox), client_of(sandbox)
    refused = Control(sandbox.url).refused("delete-channel", channel=channel, user="ben")
    assert refused == "restricted_action"
    People(sandbox)("delete-channel", channel=channel, user="ana")
    told = socket.event()
    assert (told["type"], told["channel"]) == (
        "group_deleted" if is_private else "channel_deleted",
        channel,
    )
    assert is_unknown(client, channel)
    socket.close()
