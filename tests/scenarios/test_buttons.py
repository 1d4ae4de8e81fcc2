"""The card's buttons: each acts once, and shows the second person who was first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from slack_sdk import WebClient

from bot.bootstrap import Bot
from sandbox.server import Sandbox
from tests.support.people import Json, Refused, Workspace, buttons, eventually, shown
from tests.support.promises import announced, ref


@pytest.fixture
def channel(acme: Workspace) -> str:
    """The channel of an incident for this test alone, with Ben in it."""
    declared = acme.declare()
    acme.post("join", channel=declared, user="ben")
    return declared


def test_the_second_person_to_take_command_learns_who_was_first(acme: Workspace, channel: str) -> None:
    tray = acme.asked("", channel, "ben")
    _press(acme, channel, "take_command")
    answer = acme.answered(lambda: acme.click(channel, tray["ts"], "take_command", "ben"), channel, "ben")
    assert (
        f"<@U0ANA> has already taken command of {ref(channel)}. To take over, type `/incident lead`."
        in shown(answer)
    )
    card = eventually(lambda: _card(acme, channel, "<@U0ANA>", without="take_command"))
    assert "Take command" not in buttons(card)


def test_from_open_to_closed_by_buttons_alone(acme: Workspace, channel: str) -> None:
    _press(acme, channel, "status_investigating")
    card = eventually(lambda: _card(acme, channel, "Investigating", without="status_investigating"))
    always = {"Action item", "Five whys", "Timeline", "Subscribe"}
    until_closed = always | {"Edit", "Write an update"}
    assert set(buttons(card)) == until_closed | {"Resolve", "Take command", "Take a role", "People"}
    _press(acme, channel, "status_resolved")
    card = eventually(lambda: _card(acme, channel, "Resolved", without="status_resolved"))
    assert set(buttons(card)) == until_closed | {"Close", "Reopen"}
    _press(acme, channel, "status_closed")
    card = eventually(lambda: _card(acme, channel, "Closed", without="status_closed"))
    assert set(buttons(card)) == always | {"Reopen"}


def test_reopening_asks_for_a_reason(acme: Workspace, channel: str) -> None:
    _press(acme, channel, "status_resolved")
    eventually(lambda: _card(acme, channel, "Resolved", without="status_resolved"))
    _press(acme, channel, "reopen_incident")
    eventually(lambda: acme.form("ana"))
    assert "why" in acme.submit(why="")
    assert acme.submit(why="\u200b") == {
        "why": f"Reopening {ref(channel)} needs a reason, e.g. /incident reopen the errors are back."
    }
    assert not acme.submit(why="the errors are back")
    eventually(lambda: _card(acme, channel, "Open", without="reopen_incident"))
    assert "Resolved → *Open*: the errors are back" in acme.command("timeline", channel=channel)


def test_the_edit_form_changes_title_and_severity_together(workspace: Workspace, sqlite_bot: Bot) -> None:
    channel = workspace.declare("Database is slow")
    _press(workspace, channel, "edit_incident")
    form = eventually(lambda: workspace.form("ana"))
    assert form["state"]["values"]["title"]["title"]["value"] == "Database is slow"
    assert not workspace.submit(title="Cache is cold", severity="critical", why="all of EU")
    renamed = "inc-1-cache-is-cold"
    eventually(lambda: workspace.incident_channels() == [renamed])
    card = eventually(lambda: _card(workspace, renamed, "🔴 Critical"))
    assert "INC-1 · Cache is cold" in shown(card)
    eventually(lambda: [text for text in announced(workspace, "INC-1") if "Cache is cold" in text])
    told = workspace.command("timeline", channel=renamed)
    assert "renamed it to *Cache is cold*" in told
    assert "🟠 High → *🔴 Critical*: all of EU" in told


def test_an_edit_form_that_changes_nothing_records_nothing(acme: Workspace, channel: str) -> None:
    _press(acme, channel, "edit_incident")
    eventually(lambda: acme.form("ana"))
    assert not acme.submit()
    assert "1 state change or key event" in acme.command("timeline", channel=channel)


def test_a_double_click_counts_once_and_causes_no_error(acme: Workspace, channel: str) -> None:
    ts = (acme.card(channel) or {})["ts"]
    with ThreadPoolExecutor(2) as hands:
        list(hands.map(lambda _: _press_if_there(acme, channel, ts, "status_resolved"), range(2)))
    eventually(lambda: _card(acme, channel, "Resolved", without="status_resolved"))
    assert acme.command("timeline", channel=channel).count("→") == 1
    assert [text for text in acme.only_for("ana", channel) if "got there first" in text] == []


def test_an_outdated_button_says_what_is_possible_now(acme: Workspace, channel: str) -> None:
    tray = acme.asked("", channel, "ben")
    acme.command("resolve", channel=channel)
    acme.command("close", channel=channel)
    answer = acme.answered(lambda: acme.click(channel, tray["ts"], "status_resolved", "ben"), channel, "ben")
    assert f"{ref(channel)} is closed. To reopen it, say why" in shown(answer)
    again = acme.answered(
        lambda: acme.click(channel, tray["ts"], "status_investigating", "ben"), channel, "ben"
    )
    assert f"Reopening {ref(channel)} needs a reason" in shown(again)


def test_the_timeline_button_shows_the_timeline_only_to_the_person_who_asked(
    acme: Workspace, channel: str
) -> None:
    answer = acme.answered(lambda: _press(acme, channel, "show_timeline"), channel)
    assert "declared it" in shown(answer)


FORGED = [
    ("status_resolved", "twelve"),
    ("status_resolved", ""),
    ("status_resolved", "99999999999999999999"),
    ("take_command", "1.5"),
    ("retry_failed", "'; DROP TABLE outbox;--"),
    ("edit_incident", "x"),
    ("reopen_incident", "None"),
    ("show_timeline", "²"),
    ("show_tray", "[]"),
    ("open_form", "{}"),
    ("open_form", '{"form": "declare", "arguments": {"title": 5}}'),
    ("open_form", '{"form": "edit", "arguments": {"incident_id": "x"}}'),
    ("page_on", "not json"),
    ("page_on", '{"show": "IncidentList", "page": "x"}'),
    ("page_on", '{"show": "IncidentList", "severity": "x"}'),
    ("page_on", '{"show": "Timeline", "incident_id": {}}'),
    ("page_on", '{"show": "Nothing"}'),
]
"""Values that none of our buttons has."""


def test_a_forged_value_is_answered_clearly_and_does_nothing(acme: Workspace, posts: WebClient) -> None:
    ts = _post_buttons(posts, FORGED)
    for number, (action, _) in enumerate(FORGED):
        assert "That button or form is out of date." in shown(_press_forged(acme, ts, number, action)), (
            FORGED[number]
        )
    assert acme.form("ana") is None


def test_a_button_of_a_missing_incident_says_so(acme: Workspace, posts: WebClient) -> None:
    actions = ("status_resolved", "take_command", "edit_incident", "reopen_incident", "show_timeline")
    ts = _post_buttons(posts, [(action, "424242") for action in actions])
    for number, action in enumerate(actions):
        assert "I can't find INC-424242." in shown(_press_forged(acme, ts, number, action)), action


@pytest.fixture
def posts(acme_sandbox: Sandbox) -> WebClient:
    """A client that posts as the app, which is how a message gets buttons that the bot didn't make."""
    return WebClient(token=acme_sandbox.bot_token, base_url=acme_sandbox.api_url)


def _post_buttons(posts: WebClient, buttons: list[tuple[str, str]]) -> str:
    """Post a message with these buttons (action, value), a block each; its ts."""
    blocks = []
    for number, (action, value) in enumerate(buttons):
        button = {"type": "button", "text": {"type": "plain_text", "text": "x"}, "action_id": action}
        element = {**button, "value": value} if value else button
        blocks.append({"type": "actions", "block_id": str(number), "elements": [element]})
    return str(posts.chat_postMessage(channel="C0RANDOM", text="forged", blocks=blocks)["ts"])


def _press_forged(workspace: Workspace, ts: str, number: int, action: str) -> Json:
    """Click the button in that block; the answer."""
    where = {"channel": "random", "message_ts": ts, "user": "ana"}
    return workspace.answered(
        lambda: workspace.post("interact", **where, action=action, block=str(number)), "random"
    )


def _press(workspace: Workspace, channel: str, action: str, user: str = "ana") -> None:
    """Press a button of the card."""
    card = eventually(lambda: workspace.card(channel))
    workspace.click(channel, card["ts"], action, user)


def _press_if_there(workspace: Workspace, channel: str, ts: str, action: str) -> None:
    with suppress(Refused):
        workspace.click(channel, ts, action)


def _card(workspace: Workspace, channel: str, wanted: str, without: str = "") -> Json | None:
    """The card, once it says this and has no such button."""
    card = workspace.card(channel)
    fits = card and wanted in shown(card) and without not in buttons(card).values()
    return card if fits else None
