"""chat.*, and what histories show of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from slack_sdk import WebClient

from sandbox.server import Sandbox
from tests.sandbox.conftest import client_of
from tests.sandbox.peers import People
from tests.sandbox.test_webapi_access import refusal

SECTION = [{"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}]


@pytest.fixture
def channel(client: WebClient) -> str:
    """A channel of the bot's own."""
    return str(client.conversations_create(name="inc-1-test")["channel"]["id"])


def error(call: Callable[[], object]) -> str:
    return str(refusal(call)["error"])


def test_a_posted_message_is_in_the_history_as_the_bots_own(client: WebClient, channel: str) -> None:
    posted = client.chat_postMessage(channel=channel, text="hello", blocks=SECTION)
    found = client.conversations_history(channel=channel)["messages"][0]
    assert found == posted["message"]
    assert (found["user"], found["bot_id"], found["app_id"]) == ("U0MUSTER", "B0MUSTER", "A0MUSTER")
    assert found["blocks"][0]["block_id"]
    assert "subtype" not in found


def test_metadata_comes_back_only_on_request(client: WebClient, channel: str) -> None:
    metadata = {"event_type": "muster", "event_payload": {"key": "k1"}}
    client.chat_postMessage(channel=channel, text="hello", metadata=metadata)
    with_it = client.conversations_history(channel=channel, include_all_metadata=True)["messages"][0]
    without = client.conversations_history(channel=channel)["messages"][0]
    assert with_it["metadata"] == metadata
    assert "metadata" not in without


def test_a_channel_may_be_named_and_a_person_means_their_direct_message(client: WebClient) -> None:
    assert client.chat_postMessage(channel="#general", text="hi")["channel"] == "C0GENERAL"
    direct = client.conversations_open(users=["U0BEN"])["channel"]["id"]
    assert client.chat_postMessage(channel="U0BEN", text="hi")["channel"] == direct
    assert error(lambda: client.chat_postMessage(channel="C0NONE", text="hi")) == "channel_not_found"


def test_posting_in_a_channel_without_the_bot_needs_its_own_scope(
    start: Callable[..., Sandbox], granting: Callable[..., Path]
) -> None:
    client = client_of(start(granting(without=("chat:write.public",))))
    assert error(lambda: client.chat_postMessage(channel="C0GENERAL", text="hi")) == "not_in_channel"


def test_empty_messages_and_invalid_blocks_are_refused(client: WebClient, channel: str) -> None:
    assert error(lambda: client.api_call("chat.postMessage", json={"channel": channel})) == "no_text"
    odd = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]
    answer = refusal(lambda: client.chat_postMessage(channel=channel, text="x", blocks=odd))
    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"]
    broken = {"channel": channel, "text": "x", "blocks": "[{"}
    assert error(lambda: client.api_call("chat.postMessage", json=broken)) == "invalid_blocks_format"


def test_a_text_beyond_40000_characters_is_cut(client: WebClient, channel: str) -> None:
    posted = client.chat_postMessage(channel=channel, text="x" * 40_001)
    assert len(posted["message"]["text"]) == 40_000


def test_an_update_replaces_text_and_blocks_and_marks_the_edit(client: WebClient, channel: str) -> None:
    ts = client.chat_postMessage(channel=channel, text="hello", blocks=SECTION)["ts"]
    client.chat_update(channel=channel, ts=ts, text="changed", blocks=[{"type": "divider"}])
    found = client.conversations_history(channel=channel)["messages"][0]
    assert (found["text"], found["blocks"][0]["type"]) == ("changed", "divider")
    assert found["edited"]["user"] == "U0MUSTER"


def test_an_update_with_only_text_removes_the_blocks(client: WebClient, channel: str) -> None:
    ts = client.chat_postMessage(channel=channel, text="hello", blocks=SECTION)["ts"]
    assert "blocks" not in client.chat_update(channel=channel, ts=ts, text="plain")["message"]


def test_an_update_keeps_the_metadata_that_it_does_not_mention(client: WebClient, channel: str) -> None:
    metadata = {"event_type": "muster", "event_payload": {}}
    ts = client.chat_postMessage(channel=channel, text="hello", metadata=metadata)["ts"]
    assert client.chat_update(channel=channel, ts=ts, text="x")["message"]["metadata"] == metadata


def test_only_own_messages_that_exist_can_be_updated_or_deleted(
    client: WebClient, channel: str, people: People
) -> None:
    client.conversations_invite(channel=channel, users=["U0ANA"])
    theirs = people.say(channel, "ana", "mine")
    assert error(lambda: client.chat_update(channel=channel, ts=theirs, text="x")) == "cant_update_message"
    assert error(lambda: client.chat_delete(channel=channel, ts=theirs)) == "cant_delete_message"
    assert error(lambda: client.chat_update(channel=channel, ts="1.000001", text="x")) == "message_not_found"


def test_an_archived_channel_takes_no_more_messages(client: WebClient, channel: str) -> None:
    ts = client.chat_postMessage(channel=channel, text="x")["ts"]
    client.conversations_archive(channel=channel)
    assert error(lambda: client.chat_postMessage(channel=channel, text="x")) == "is_archived"
    assert error(lambda: client.chat_update(channel=channel, ts=ts, text="y")) == "is_inactive"


def test_replies_are_in_the_thread_and_not_in_the_history(client: WebClient, channel: str) -> None:
    root = client.chat_postMessage(channel=channel, text="root")["ts"]
    reply = client.chat_postMessage(channel=channel, text="reply", thread_ts=root)["ts"]
    loud = client.chat_postMessage(channel=channel, text="loud", thread_ts=reply, reply_broadcast=True)
    history = client.conversations_history(channel=channel)["messages"]
    assert [message["ts"] for message in history[:2]] == [loud["ts"], root]
    assert (history[1]["reply_count"], history[1]["latest_reply"]) == (2, loud["ts"])
    thread = client.conversations_replies(channel=channel, ts=root)["messages"]
    assert [message["text"] for message in thread] == ["root", "reply", "loud"]
    assert all(message["thread_ts"] == root for message in thread)
    assert error(lambda: client.conversations_replies(channel=channel, ts="1.1")) == "thread_not_found"


def test_the_history_is_paged_newest_first(client: WebClient, channel: str) -> None:
    for number in range(7):
        client.chat_postMessage(channel=channel, text=str(number))
    found = client.conversations_history(channel=channel, limit=3)
    pages = [([message["text"] for message in page["messages"]], page["has_more"]) for page in found]
    joined = "<@U0MUSTER> has joined the channel"
    assert pages == [(["6", "5", "4"], True), (["3", "2", "1"], True), (["0", joined], False)]
    unknown = refusal(lambda: client.conversations_history(channel=channel, cursor="what"))
    assert unknown["error"] == "invalid_cursor"


def test_oldest_and_latest_limit_the_history_inclusively_or_not(client: WebClient, channel: str) -> None:
    ts = [client.chat_postMessage(channel=channel, text=str(number))["ts"] for number in range(4)]
    between = client.conversations_history(channel=channel, oldest=ts[0], latest=ts[3])["messages"]
    within = client.conversations_history(channel=channel, oldest=ts[0], latest=ts[3], inclusive=True)
    assert [message["text"] for message in between] == ["2", "1"]
    assert [message["text"] for message in within["messages"]] == ["3", "2", "1", "0"]


def test_an_ephemeral_message_is_not_in_the_history_and_needs_a_member(
    client: WebClient, channel: str
) -> None:
    assert (
        error(lambda: client.chat_postEphemeral(channel=channel, user="U0ANA", text="x"))
        == "user_not_in_channel"
    )
    client.conversations_invite(channel=channel, users=["U0ANA"])
    ts = client.chat_postEphemeral(channel=channel, user="U0ANA", text="psst")["message_ts"]
    assert all(message["ts"] != ts for message in client.conversations_history(channel=channel)["messages"])
    assert error(lambda: client.chat_update(channel=channel, ts=ts, text="x")) == "message_not_found"


def test_permalinks_point_to_the_workspace_and_name_the_thread(
    client: WebClient, channel: str, sandbox: Sandbox
) -> None:
    root = client.chat_postMessage(channel=channel, text="root")["ts"]
    reply = client.chat_postMessage(channel=channel, text="reply", thread_ts=root)["ts"]
    link = client.chat_getPermalink(channel=channel, message_ts=reply)["permalink"]
    path = f"{sandbox.url}/archives/{channel}/p{reply.replace('.', '')}"
    assert link == f"{path}?thread_ts={root}&cid={channel}"


def test_a_deleted_parent_of_a_thread_leaves_a_tombstone(client: WebClient, channel: str) -> None:
    root = client.chat_postMessage(channel=channel, text="root")["ts"]
    reply = client.chat_postMessage(channel=channel, text="reply", thread_ts=root)["ts"]
    client.chat_delete(channel=channel, ts=root)
    parent = client.conversations_replies(channel=channel, ts=root)["messages"][0]
    assert (parent["subtype"], parent["text"]) == ("tombstone", "This message was deleted.")
    client.chat_delete(channel=channel, ts=reply)
    history = client.conversations_history(channel=channel)["messages"]
    assert [message.get("subtype") for message in history] == ["channel_join"]
