"""Slack refuses, breaks, cuts connections: a declaration still completes, and nothing exists twice."""

from __future__ import annotations

import pytest

from bot.bootstrap import Bot
from tests.support.people import Workspace, eventually, shown
from tests.support.promises import declared_once

METHODS = (
    "conversations.create",
    "conversations.invite",
    "conversations.setTopic",
    "conversations.setPurpose",
    "conversations.open",
    "chat.postMessage",
    "pins.add",
)


@pytest.mark.parametrize("effect", ["429", "500", "error:fatal_error", "non_json", "reset_before"])
def test_each_call_of_a_declaration_may_fail_once(workspace: Workspace, sqlite_bot: Bot, effect: str) -> None:
    _declare_while_each_call_fails(workspace, effect)


def test_each_call_of_a_declaration_may_be_applied_without_an_answer(workspace: Workspace, bot: Bot) -> None:
    _declare_while_each_call_fails(workspace, "reset_after")


def test_a_server_without_pins_topics_and_invites_still_gets_its_incidents(
    workspace: Workspace, bot: Bot
) -> None:
    lacking = ("pins.add", "conversations.setTopic", "conversations.setPurpose", "conversations.invite")
    workspace.faults(*({"method": method, "effect": "error:unknown_method"} for method in lacking))
    channel = workspace.declare(joins=False)
    report = eventually(lambda: _report(workspace, "pin the live card"))
    eventually(lambda: len(_given_up(workspace)) == 4)
    assert "continues, but I couldn't" in report
    workspace.command("resolve INC-1 done")
    eventually(lambda: "Resolved" in shown(workspace.card(channel) or {}))


def test_if_nothing_can_be_looked_up_an_unknown_outcome_is_retried(
    workspace: Workspace, sqlite_bot: Bot
) -> None:
    lacking = ("conversations.history", "users.list", "users.conversations", "conversations.replies")
    workspace.faults(
        *({"method": method, "effect": "error:unknown_method"} for method in lacking),
        {"method": "chat.postMessage", "effect": "reset_before", "every": 2, "times": 3},
    )
    channel = workspace.declare()
    eventually(lambda: len(workspace.announcements()) == 1)
    eventually(lambda: workspace.channel(channel)["pins"])
    assert "All is well" in workspace.command("doctor")
    assert "*Resolved*" in workspace.publicly("resolve", channel)


def test_the_retry_button_finishes_what_was_given_up(workspace: Workspace, sqlite_bot: Bot) -> None:
    workspace.faults({"method": "pins.add", "effect": "error:missing_scope"})
    channel = workspace.declare()
    eventually(lambda: _report(workspace, "pin the live card: I lack a permission"))
    assert "pin the live card (missing_scope: " in workspace.command("doctor")
    workspace.faults()
    direct = workspace.post("open-dm", user="ana")["channel"]
    [message] = [each for each in workspace.private("ana") if "couldn't" in shown(each)]
    workspace.click(direct["id"] if isinstance(direct, dict) else direct, message["ts"], "retry_failed")
    eventually(lambda: workspace.channel(channel)["pins"])
    eventually(lambda: _report(workspace, "everything is done now"))
    assert "All is well" in workspace.command("doctor")


def test_one_report_names_everything_that_failed(workspace: Workspace, sqlite_bot: Bot) -> None:
    lacking = ("pins.add", "conversations.setTopic", "conversations.setPurpose")
    workspace.faults(*({"method": method, "effect": "error:unknown_method"} for method in lacking))
    workspace.declare()
    eventually(lambda: len(_given_up(workspace)) == 3)
    eventually(lambda: _report(workspace, "set the channel's description"))
    assert len([each for each in workspace.private("ana") if "couldn't" in shown(each)]) == 1


def _declare_while_each_call_fails(workspace: Workspace, effect: str) -> None:
    eventually(lambda: any(each["name"] == "incidents" for each in workspace.state()["channels"]))
    workspace.faults(*({"method": method, "effect": effect, "times": 1} for method in METHODS))
    workspace.open_form("declare")
    workspace.post("view-submit", user="ana", values={"title": "Database is slow"})
    declared_once(workspace)
    assert all(fault["struck"] == 1 for fault in workspace.get("faults")["faults"])


def _report(workspace: Workspace, wanted: str) -> str | None:
    return next((text for text in map(shown, workspace.private("ana")) if wanted in text), None)


def _given_up(workspace: Workspace) -> list[str]:
    return [line for line in workspace.command("doctor").splitlines() if line.startswith("•")]
