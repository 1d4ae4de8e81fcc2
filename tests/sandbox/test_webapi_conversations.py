"""conversations.*: channels, members, names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from slack_sdk import WebClient

from sandbox.server import Sandbox
from tests.sandbox.conftest import client_of
from tests.sandbox.test_webapi_access import refusal


@pytest.fixture
def channel(client: WebClient) -> str:
    """A channel of the bot's own."""
    return str(client.conversations_create(name="inc-1-test")["channel"]["id"])


def error(call: Callable[[], object]) -> str:
    return str(refusal(call)["error"])


def test_a_created_channel_is_public_and_its_creator_is_a_member(client: WebClient, channel: str) -> None:
    info = client.conversations_info(channel=channel, include_num_members=True)["channel"]
    assert (info["name"], info["creator"], info["is_private"]) == ("inc-1-test", "U0MUSTER", False)
    assert (info["is_member"], info["num_members"]) == (True, 1)
    assert client.conversations_members(channel=channel)["members"] == ["U0MUSTER"]


def test_a_name_is_taken_even_when_its_channel_is_archived(client: WebClient, channel: str) -> None:
    client.conversations_archive(channel=channel)
    assert error(lambda: client.conversations_create(name="inc-1-test")) == "name_taken"


def test_an_odd_name_is_refused(client: WebClient, channel: str) -> None:
    assert error(lambda: client.conversations_create(name="Not OK")) == "invalid_name_specials"
    assert (
        error(lambda: client.conversations_rename(channel=channel, name="x" * 81)) == "invalid_name_maxlength"
    )


def test_a_private_channel_needs_the_scope_and_is_hidden_from_outsiders(
    start: Callable[..., Sandbox], granting: Callable[..., Path]
) -> None:
    client = client_of(start(granting("groups:write", "groups:read")))
    channel = client.conversations_create(name="secret", is_private=True)["channel"]
    assert channel["is_private"]
    client.conversations_leave(channel=channel["id"])
    assert error(lambda: client.conversations_info(channel=channel["id"])) == "channel_not_found"
    assert not client.conversations_list(types="private_channel")["channels"]


def test_the_list_has_the_public_channels_in_pages(client: WebClient, channel: str) -> None:
    names = [each["name"] for page in client.conversations_list(limit=2) for each in page["channels"]]
    assert names == ["general", "random", "ops-alerts", "inc-1-test"]
    client.conversations_archive(channel=channel)
    rest = client.conversations_list(exclude_archived=True)["channels"]
    assert channel not in [each["id"] for each in rest]


def test_an_invitation_is_all_or_nothing(client: WebClient, channel: str) -> None:
    answer = refusal(lambda: client.conversations_invite(channel=channel, users=["U0ANA", "U0NONE"]))
    assert answer["error"] == "user_not_found"
    assert answer["errors"] == [{"user": "U0NONE", "ok": False, "error": "user_not_found"}]
    assert client.conversations_members(channel=channel)["members"] == ["U0MUSTER"]


def test_a_forced_invitation_invites_everybody_who_can_be(client: WebClient, channel: str) -> None:
    answer = client.conversations_invite(channel=channel, users=["U0ANA", "U0NONE"], force=True)
    assert answer["errors"][0]["user"] == "U0NONE"
    assert client.conversations_members(channel=channel)["members"] == ["U0ANA", "U0MUSTER"]


@pytest.mark.parametrize(
    ("user", "code"),
    [("U0MUSTER", "cant_invite_self"), ("U0BEN", "already_in_channel"), ("U0HAL", "cant_invite")],
)
def test_people_who_cannot_be_invited_are_named_with_the_reason(
    client: WebClient, channel: str, user: str, code: str
) -> None:
    client.conversations_invite(channel=channel, users=["U0BEN"])
    assert error(lambda: client.conversations_invite(channel=channel, users=[user])) == code


def test_inviting_needs_membership(client: WebClient) -> None:
    invite = client.conversations_invite
    assert error(lambda: invite(channel="C0GENERAL", users=["U0ANA"])) == "not_in_channel"


def test_topic_purpose_and_name_each_leave_a_message(client: WebClient, channel: str) -> None:
    client.conversations_setTopic(channel=channel, topic="a topic")
    client.conversations_setPurpose(channel=channel, purpose="a purpose")
    client.conversations_rename(channel=channel, name="inc-1-renamed")
    history = client.conversations_history(channel=channel)["messages"]
    subtypes = ["channel_name", "channel_purpose", "channel_topic", "channel_join"]
    assert [message["subtype"] for message in history] == subtypes
    assert (history[0]["old_name"], history[0]["name"]) == ("inc-1-test", "inc-1-renamed")
    info = client.conversations_info(channel=channel)["channel"]
    assert (info["topic"]["value"], info["topic"]["creator"]) == ("a topic", "U0MUSTER")
    assert info["previous_names"] == ["inc-1-test"]
    assert error(lambda: client.conversations_setTopic(channel=channel, topic="x" * 251)) == "too_long"


def test_an_archived_channel_cannot_be_changed_until_it_is_unarchived(
    client: WebClient, channel: str
) -> None:
    client.conversations_archive(channel=channel)
    assert error(lambda: client.conversations_setTopic(channel=channel, topic="x")) == "is_archived"
    assert error(lambda: client.conversations_archive(channel=channel)) == "already_archived"
    client.conversations_unarchive(channel=channel)
    assert error(lambda: client.conversations_unarchive(channel=channel)) == "not_archived"
    client.conversations_setTopic(channel=channel, topic="x")


def test_joining_or_leaving_twice_is_a_warning(client: WebClient) -> None:
    assert client.conversations_join(channel="C0RANDOM").get("warning") is None
    assert client.conversations_join(channel="C0RANDOM")["warning"] == "already_in_channel"
    assert client.conversations_leave(channel="C0RANDOM").get("not_in_channel") is None
    assert client.conversations_leave(channel="C0RANDOM")["not_in_channel"]


def test_the_history_of_a_channel_is_for_its_members(client: WebClient) -> None:
    assert error(lambda: client.conversations_history(channel="C0GENERAL")) == "not_in_channel"


def test_kicking_ends_a_membership(client: WebClient, channel: str) -> None:
    client.conversations_invite(channel=channel, users=["U0BEN"])
    client.conversations_kick(channel=channel, user="U0BEN")
    assert client.conversations_members(channel=channel)["members"] == ["U0MUSTER"]
    assert error(lambda: client.conversations_kick(channel=channel, user="U0BEN")) == "not_in_channel"
    assert error(lambda: client.conversations_kick(channel=channel, user="U0MUSTER")) == "cant_kick_self"


def test_a_direct_message_is_opened_once(client: WebClient) -> None:
    first = client.conversations_open(users="U0ANA")
    second = client.conversations_open(users="U0ANA")
    assert first["channel"]["id"] == second["channel"]["id"]
    assert second["already_open"]
    assert first.get("already_open") is None
    assert error(lambda: client.conversations_open(users="U0NONE")) == "user_not_found"
    assert error(lambda: client.conversations_open(users="U0HAL")) == "user_disabled"
