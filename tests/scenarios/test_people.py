"""Who may act: full members. Everybody else gets a private refusal, wherever they try."""

from __future__ import annotations

import pytest

from bot.bootstrap import Bot
from tests.support.people import Workspace, buttons, eventually, shown

REFUSED = "Only full members of this workspace can do that. Please ask one of them."


@pytest.fixture
def channel(acme: Workspace) -> str:
    """An incident's channel to which Ana has invited the guest."""
    declared = acme.declare("Salaries leaked")
    acme.post("join", channel=declared, user="gus", inviter="ana")
    return declared


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "list",
        "list all",
        "declare",
        "timeline all",
        "resolve",
        "lead",
        "severity low",
        "rename x",
        "doctor",
    ],
)
def test_a_guest_is_refused_every_command(acme: Workspace, channel: str, typed: str) -> None:
    assert acme.command(typed, user="gus", channel=channel) == REFUSED
    assert acme.command(typed, user="gus") == REFUSED
    assert acme.form("gus") is None


def test_a_guest_is_refused_by_mention_in_channel_and_thread(acme: Workspace, channel: str) -> None:
    assert REFUSED in shown(acme.mention("resolve", channel, "gus"))
    ts = acme.say("a thread", channel)
    answer = acme.mention("timeline all", channel, "gus", thread_ts=ts)
    assert REFUSED in shown(answer)
    assert answer["thread_ts"] == ts
    assert "· Open" in acme.command("", channel=channel)


def test_a_guest_is_refused_every_button(acme: Workspace, channel: str) -> None:
    card = eventually(lambda: acme.card(channel))
    for number, action in enumerate(buttons(card).values(), start=1):
        acme.click(channel, card["ts"], action, "gus")
        eventually(lambda: len(acme.answers("gus", channel)) == number)  # noqa: B023 - run at once
        assert REFUSED in acme.only_for("gus", channel)[-1], action
    assert acme.form("gus") is None
    assert acme.command("timeline", channel=channel).count("→") == 0


def test_a_guest_is_refused_every_shortcut(acme: Workspace, channel: str) -> None:
    ts = acme.say("look at this", channel)
    answer = acme.answered(
        lambda: acme.post("shortcut", callback_id="declare_from_message", user="gus", channel=channel, ts=ts),
        channel,
        "gus",
    )
    assert REFUSED in shown(answer)
    acme.post("shortcut", callback_id="declare_incident", user="gus")
    acme.told_directly("gus", REFUSED)
    assert acme.form("gus") is None


def test_a_guests_home_shows_no_incidents(acme: Workspace, channel: str) -> None:
    acme.post("open-home", user="gus")
    home = eventually(lambda: acme.get("view/gus")["home"])
    assert REFUSED in shown(home)
    assert "Salaries" not in shown(home)
    assert buttons(home) == {}


def test_a_guests_messages_are_recorded_but_a_guest_marks_nothing(acme: Workspace, channel: str) -> None:
    ts = acme.say("I saw it at ten", channel, user="gus")
    acme.post("reaction", channel=channel, ts=ts, user="gus", name="pushpin")
    acme.post("pin", channel=channel, ts=ts, user="gus")
    told = acme.timeline(channel, "I saw it at ten")
    assert "📌" not in told.replace("mark more with 📌", "")


def test_a_member_who_becomes_a_guest_is_refused_from_then_on(workspace: Workspace, sqlite_bot: Bot) -> None:
    workspace.open_form("declare", "ben")
    workspace.post("person", user="ben", is_restricted=True)
    eventually(lambda: not _may_act(sqlite_bot, "U0BEN"))
    assert workspace.submit("ben", title="Too late") == {"title": REFUSED}
    assert workspace.incident_channels() == []
    workspace.post("person", user="ben", is_restricted=False)
    eventually(lambda: _may_act(sqlite_bot, "U0BEN"))
    assert not workspace.submit("ben", title="In time")


def test_new_members_are_known_as_soon_as_they_join(workspace: Workspace, sqlite_bot: Bot) -> None:
    _everybody_is_known(sqlite_bot)
    workspace.post("person", user="zoe", add=True)
    zoe = workspace.post("person", user="zoe")["user"]
    eventually(lambda: _may_act(sqlite_bot, zoe))
    assert workspace.command("list", user="zoe") != REFUSED
    assert workspace.calls("users.info") == []


def test_somebody_whom_no_event_reported_is_looked_up_once(workspace: Workspace, sqlite_bot: Bot) -> None:
    _everybody_is_known(sqlite_bot)
    workspace.faults({"envelope": "events_api", "effect": "drop"})
    workspace.post("person", user="zoe", add=True, real_name="Zoe Zimmer")
    workspace.faults()
    assert "No open incidents" in workspace.command("list", user="zoe")
    workspace.command("list", user="zoe")
    assert len(workspace.calls("users.info")) == 1
    assert workspace.calls("users.info")[0]["request"]["user"] == workspace.post("person", user="zoe")["user"]


def test_somebody_slack_cannot_identify_is_asked_to_try_again(workspace: Workspace, sqlite_bot: Bot) -> None:
    _everybody_is_known(sqlite_bot)
    workspace.faults({"envelope": "events_api", "effect": "drop"})
    workspace.post("person", user="zoe", add=True)
    workspace.faults({"method": "users.info", "effect": "hang_before"})
    assert "I couldn't look up a Slack profile" in workspace.command("list", user="zoe")
    workspace.faults()
    assert "No open incidents" in workspace.command("list", user="zoe")


def _everybody_is_known(bot: Bot) -> None:
    """Wait until the bot has listed all people, soon after its start; later only events report new ones."""
    eventually(lambda: bot.services.people.get("U0HAL"))


def _may_act(bot: Bot, user_id: str) -> bool:
    person = bot.services.people.get(user_id)
    return bool(person and person.may_act)
