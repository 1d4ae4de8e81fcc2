"""What must be true, whatever went wrong on the way."""

from __future__ import annotations

import json

from sandbox.workspace.model import Channel
from tests.support.arena import UNFINISHED, Arena
from tests.support.found import channels, facts, posted_twice

ACK_WITHIN = 3.0
METHODS = frozenset(
    {
        "apps.connections.open",
        "auth.test",
        "canvases.edit",
        "chat.delete",
        "chat.postEphemeral",
        "chat.postMessage",
        "chat.update",
        "conversations.canvases.create",
        "conversations.create",
        "conversations.history",
        "conversations.info",
        "conversations.invite",
        "conversations.join",
        "conversations.list",
        "conversations.members",
        "conversations.open",
        "conversations.rename",
        "conversations.replies",
        "conversations.setPurpose",
        "conversations.setTopic",
        "files.completeUploadExternal",
        "files.delete",
        "files.getUploadURLExternal",
        "files.list",
        "pins.add",
        "reactions.add",
        "reactions.remove",
        "response_url",
        "usergroups.list",
        "users.conversations",
        "users.info",
        "users.list",
        "views.open",
        "views.publish",
    }
)


def check(arena: Arena) -> None:
    """Every check in this module; an `AssertionError` names what isn't true."""
    one_incident_for_each_accepted_request(arena)
    every_fact_once(arena)
    nothing_twice(arena)
    every_row_delivered_or_dead(arena)
    every_ack_in_time(arena)
    no_unexpected_call(arena)
    no_unexpected_error(arena)
    no_secret_told(arena)


def one_incident_for_each_accepted_request(arena: Arena) -> None:
    """There are as many incidents as accepted requests, each with a channel of its own."""
    rows = arena.rows("SELECT channel_id FROM incidents")
    assert arena.accepted <= len(rows) <= arena.accepted + arena.unsure
    made = [each.id for each in channels(arena) if each.name.startswith("inc-") and _is_ours(arena, each)]
    stored = [row.channel_id for row in rows if row.channel_id]
    assert sorted(stored) == sorted(made)
    assert len(rows) - len(stored) == arena.expected.without_channel


def every_fact_once(arena: Arena) -> None:
    """What people wrote in an incident's channel is in its timeline once, in its latest wording.

    Characters that no database can store are the exception.
    """
    written, stored = facts(arena)
    assert stored == written


def nothing_twice(arena: Arena) -> None:
    """None of the bot's messages exists twice."""
    assert posted_twice(arena) == []


def every_row_delivered_or_dead(arena: Arena) -> None:
    """No row is left; the rows that were given up are those that the test expects."""
    left = arena.rows(UNFINISHED)
    assert left == [], left
    rows = arena.rows("SELECT kind, key, last_error FROM outbox WHERE state = 'dead'")
    assert {row.kind for row in rows} == arena.expected.dead, rows


def every_ack_in_time(arena: Arena) -> None:
    """Everything was acked within Slack's three seconds, except what the sandbox or the test held back."""
    deliveries = [each for each in arena.log() if each["kind"] == "delivery"]
    late = [each for each in deliveries if each["acked"] and each["took"] > ACK_WITHIN]
    unacked = [
        each for each in deliveries if not each["acked"] and each["name"] not in arena.expected.unacked
    ]
    # Slack reports every new channel, also while no bot is there; the next start lists all of them.
    unacked = [each for each in unacked if each.get("event_type") != "channel_created"]
    # A bot's first calls may cause events before Slack knows its address.
    unacked = [each for each in unacked if each["started"] > arena.reachable_since]
    wrong = [each for each in [*late, *unacked] if not each.get("fault")]
    assert wrong == [], (wrong, [each for each in arena.logged() if each.get("status", 200) != 200])


def no_unexpected_call(arena: Arena) -> None:
    """The bot only calls methods it has a reason for, and Slack refuses only what the test expects."""
    calls = [each for each in arena.log() if each["kind"] == "call"]
    assert {each["name"] for each in calls} <= METHODS
    refused = [each for each in calls if each.get("error") and not each.get("fault")]
    wrong = [each for each in refused if each["error"] not in arena.expected.codes]
    told = [each for each in arena.records if each.get("log_level") == "warning"]
    assert wrong == [], (wrong, told)


def no_unexpected_error(arena: Arena) -> None:
    """Only errors that the test expects were logged."""
    errors = [each for each in arena.logged() if each.get("log_level", each.get("level")) in _ERRORS]
    wrong = [each for each in errors if each["event"] not in arena.expected.errors]
    assert wrong == [], wrong


def no_secret_told(arena: Arena) -> None:
    """No token is in a log; no private text is outside the channels of those who may see it."""
    logged = "\n".join(json.dumps(each, default=str) for each in arena.logged())
    sandbox = arena.sandbox
    tokens = (sandbox.bot_token, sandbox.app_token, sandbox.signing_secret)
    assert [token for token in tokens if token in logged] == []
    public = [each for each in channels(arena) if not (each.is_private or each.is_im)]
    private = [each for each in channels(arena) if each.is_private and not each.is_im]
    insiders = arena.insiders.union(*(each.members for each in private))
    messages = (message for channel in public for message in channel.messages.values())
    told = [str(message) for message in messages if message.ephemeral_to not in insiders]
    assert [secret for secret in arena.secrets if secret in logged or secret in "\n".join(told)] == []


_ERRORS = frozenset({"error", "critical"})


def _is_ours(arena: Arena, channel: Channel) -> bool:
    return channel.creator == arena.sandbox.store.bot_user.id
