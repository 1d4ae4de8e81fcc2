"""What everybody in the channel reads isn't said to the person who did it once more, unless it fails."""

from __future__ import annotations

import pytest

from bot.bootstrap import Bot
from tests.support.people import Json, Workspace, eventually, shown

COMMANDS = {
    "status investigating": "*Investigating*",
    "severity low": "*🔵 Low*",
    "lead": "took command",
    "rename Cache is cold": "*Cache is cold*",
    "action Raise the limit @ana high": "Raise the limit",
    "resolve": "*Resolved*",
}


def test_a_command_in_its_own_channel_says_its_result_once(workspace: Workspace, sqlite_bot: Bot) -> None:
    channel = workspace.channel(workspace.declare())["id"]
    for command, wanted in COMMANDS.items():
        assert wanted in workspace.publicly(command, channel)
    lines = [shown(each) for each in workspace.messages(channel, "ana") if _is_ours(each)]
    assert len(lines) == len(COMMANDS) + 1, "the card, and a line for each command"
    assert workspace.only_for("ana", channel) == []
    assert [shown(each) for each in workspace.private("ana") if "Raise" in shown(each)] == []


@pytest.mark.parametrize(
    "fault",
    [{"effect": "error:restricted_action"}, {"effect": "429", "retry_after": 60}],
    ids=["it fails", "it is late"],
)
def test_if_the_channel_is_not_told_in_time_the_person_is(
    workspace: Workspace, sqlite_bot: Bot, fault: Json
) -> None:
    channel = workspace.declare()
    workspace.faults({"method": "chat.postMessage", "channel": channel, "times": 1, **fault})
    answer = workspace.answered(lambda: workspace.command("severity low", channel=channel), channel)
    assert "is now 🔵 Low" in shown(answer)


def test_elsewhere_and_in_a_thread_the_person_is_answered(workspace: Workspace, sqlite_bot: Bot) -> None:
    channel = workspace.declare()
    assert "is now 🔵 Low" in workspace.command("severity INC-1 low")
    ts = workspace.say("How bad is it?", channel)
    answer = workspace.mention("severity high", channel, thread_ts=ts)
    assert "is now 🟠 High" in shown(answer)


def test_somebody_elses_item_is_told_to_them(workspace: Workspace, sqlite_bot: Bot) -> None:
    channel = workspace.declare()
    workspace.command("action Raise the limit @ben", channel=channel)
    workspace.told_directly("ben", "Raise the limit")
    eventually(lambda: [each for each in workspace.messages(channel) if "Raise the limit" in shown(each)])


def _is_ours(message: Json) -> bool:
    return bool(message.get("bot_id")) and not message.get("subtype")
