"""What the bot sends keeps to Slack's pace, is up to date, and is posted again if it was deleted."""

from __future__ import annotations

import pytest

from bot.bootstrap import Bot
from tests.support.people import Json, Workspace, eventually, shown
from tests.support.promises import announced, declared_once, one_a_second


@pytest.fixture
def channel(workspace: Workspace, sqlite_bot: Bot) -> str:
    """The channel of the only incident, once everything that belongs to it is done."""
    workspace.declare()
    return declared_once(workspace)


def test_retry_after_is_obeyed_for_that_method_in_that_channel(workspace: Workspace, channel: str) -> None:
    workspace.faults(
        {"method": "chat.postMessage", "channel": channel, "effect": "429", "retry_after": 2, "times": 1}
    )
    workspace.command("severity critical", channel=channel)
    refused = eventually(lambda: _refused(workspace))
    workspace.command("severity low", channel=channel)
    eventually(lambda: "🔵 Low" in shown(workspace.card(channel) or {}))
    eventually(lambda: len(_lines(workspace, channel)) == 2)
    posts = [each["started"] for each in _posts(workspace, channel) if each["n"] > refused["n"]]
    assert min(posts) >= refused["ended"] + 2
    updates = [each for each in workspace.calls("chat.update") if each["n"] > refused["n"]]
    assert min(each["started"] for each in updates) < min(posts)
    assert "→ *🔴 Critical*" in _lines(workspace, channel)[0]


def test_a_channel_gets_one_message_a_second(workspace: Workspace, channel: str) -> None:
    for level in ("low", "medium", "critical"):
        workspace.command(f"severity {level}", channel=channel)
    eventually(lambda: len(_lines(workspace, channel)) == 3)
    one_a_second([each["started"] for each in _posts(workspace, channel)])
    assert all(each["ok"] for each in workspace.calls())


def test_quick_changes_take_few_updates_and_the_last_one_is_shown(workspace: Workspace, channel: str) -> None:
    workspace.faults(
        {"method": "chat.update", "effect": "delay", "seconds": 0.3},
        {"method": "conversations.setTopic", "effect": "delay", "seconds": 0.3},
    )
    before = len(workspace.calls("chat.update")), len(workspace.calls("conversations.setTopic"))
    for number in range(1, 11):
        workspace.command("severity low" if number % 2 else "severity critical", channel=channel)
    eventually(lambda: "🔴 Critical" in shown(workspace.card(channel) or {}))
    eventually(lambda: "🔴 Critical" in announced(workspace, "INC-1")[0])
    assert workspace.command("timeline", channel=channel).count("→") == 10
    assert len(workspace.calls("chat.update")) - before[0] <= 10
    assert len(workspace.calls("conversations.setTopic")) == before[1]


def test_a_deleted_card_is_posted_and_pinned_again_after_the_next_change(
    workspace: Workspace, channel: str
) -> None:
    first = (workspace.card(channel) or {})["ts"]
    workspace.post("delete-message", channel=channel, ts=first, user="ana")
    [announcement] = workspace.announcements()
    workspace.post("join", channel="incidents", user="ana")
    workspace.post("delete-message", channel="incidents", ts=announcement["ts"], user="ana")
    workspace.command("severity critical", channel=channel)
    card = eventually(lambda: workspace.card(channel))
    assert "🔴 Critical" in shown(card)
    eventually(lambda: workspace.channel(channel)["pins"] == [card["ts"]])
    eventually(lambda: "🔴 Critical" in "".join(announced(workspace, "INC-1")))
    workspace.click(channel, card["ts"], "status_resolved")
    eventually(lambda: "Resolved" in shown(workspace.card(channel) or {}))
    assert len(workspace.cards(channel)) == len(workspace.announcements()) == 1


def test_an_archived_channel_stops_nothing_else_and_the_doctor_reports_it(
    workspace: Workspace, channel: str
) -> None:
    workspace.post("archive", channel=channel, user="ana")
    assert "is now resolved" in workspace.command("resolve INC-1")
    eventually(lambda: "Resolved" in announced(workspace, "INC-1")[0])
    workspace.told_directly("ana", "continues, but I couldn't")
    eventually(lambda: "INC-1: show the live card (is_" in workspace.command("doctor"))
    workspace.post("archive", channel=channel, user="ana", present=False)
    report = workspace.told_directly("ana", "continues, but I couldn't")
    workspace.click(workspace.post("open-dm", user="ana")["channel"], report["ts"], "retry_failed")
    eventually(lambda: "Resolved" in shown(workspace.card(channel) or {}))
    eventually(lambda: "All is well" in workspace.command("doctor"))


def test_a_private_answer_that_fails_never_becomes_public(workspace: Workspace, channel: str) -> None:
    workspace.faults({"method": "chat.postEphemeral", "effect": "error:user_not_in_channel"})
    before = len(workspace.messages(channel))
    workspace.click(channel, (workspace.card(channel) or {})["ts"], "show_timeline")
    workspace.told_directly("ana", "Timeline of INC-1")
    assert len(workspace.messages(channel)) == before


def _refused(workspace: Workspace) -> Json | None:
    return next((each for each in workspace.calls("chat.postMessage") if each.get("error") == "429"), None)


def _posts(workspace: Workspace, channel: str) -> list[Json]:
    """Every call so far that tried to post something in the channel."""
    place = workspace.channel(channel)["id"]
    return [each for each in workspace.calls("chat.postMessage") if each["request"]["channel"] == place]


def _lines(workspace: Workspace, channel: str) -> list[str]:
    """The channel's messages about changes."""
    return [text for text in map(shown, workspace.messages(channel)) if text.startswith("INC-1: ")]
