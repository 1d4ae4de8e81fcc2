"""A private incident: its channel is private, and only its members find any trace of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.arena import Arena
from tests.support.people import buttons, eventually, shown

SECRET = "swordfish"


def declare_privately(arena: Arena) -> str:
    """Declare an incident that only ana may know of; the id of its channel."""
    arena.secrets.append(SECRET)
    assert arena.declare(f"The {SECRET} leaks", description=SECRET, project=SECRET, private=["private"])
    channel = eventually(lambda: private_channel(arena))
    eventually(lambda: arena.workspace.card(channel))
    arena.settle()
    return channel


def private_channel(arena: Arena) -> str | None:
    """The id of the private channel that the bot has made."""
    channels = arena.sandbox.store.workspace.channels.values()
    return next((each.id for each in channels if each.name.startswith("inc-1") and each.is_private), None)


def test_its_channel_is_private_and_nothing_announces_it(arena: Arena) -> None:
    arena.bot()
    channel = declare_privately(arena)
    assert "Private" in shown(arena.workspace.card(channel) or {})
    assert "U0ANA" in arena.workspace.channel(channel)["members"]
    arena.workspace.say("a fact", channel)
    eventually(lambda: "a fact" in arena.workspace.command("timeline all", channel=channel))
    assert "*Resolved*" in arena.workspace.publicly("resolve", channel)
    arena.settle()
    assert arena.workspace.announcements() == []


def test_people_see_it_after_they_join_the_channel_and_not_after_they_leave(arena: Arena) -> None:
    arena.bot()
    slack, channel = arena.workspace, declare_privately(arena)
    assert "I can't find INC-1." in slack.command("timeline INC-1", "ben")
    slack.post("join", channel=channel, user="ben", inviter="ana")
    eventually(lambda: SECRET in slack.command("timeline INC-1", "ben"))
    assert "Low" in slack.command("severity INC-1 low", "ben")
    slack.post("leave", channel=channel, user="ben")
    arena.insiders.add("U0BEN")
    eventually(lambda: "I can't find INC-1." in slack.command("timeline INC-1", "ben"))
    assert SECRET in slack.command("timeline INC-1", "ana")


def test_the_channels_members_are_known_when_the_bot_starts(small: Arena) -> None:
    bot = small.bot()
    channel = declare_privately(small)
    small.expected.unacked.add("events_api")
    small.stop(bot)
    small.workspace.post("join", channel=channel, user="ben", inviter="ana")
    small.bot()
    eventually(lambda: SECRET in small.workspace.command("timeline INC-1", "ben"))


def test_acting_in_its_channel_makes_a_member_before_any_event_does(arena: Arena) -> None:
    arena.expected.unacked.add("events_api")
    arena.bot()
    slack, channel = arena.workspace, declare_privately(arena)
    slack.faults({"envelope": "events_api", "effect": "drop"})
    slack.post("join", channel=channel, user="ben", inviter="ana")
    assert "I can't find INC-1." in slack.command("timeline INC-1", "ben")
    assert SECRET in slack.command("", "ben", channel)
    assert SECRET in slack.command("timeline INC-1", "ben")
    slack.faults()


def test_a_commander_who_left_gets_no_report_of_failures(small: Arena) -> None:
    small.expected.dead.add("SetTopic")
    small.expected.errors.add("effect given up")
    small.bot()
    slack, channel = small.workspace, declare_privately(small)
    slack.command("lead @ben", channel=channel)
    eventually(lambda: "U0BEN" in slack.channel(channel)["members"])
    small.settle()
    slack.post("leave", channel=channel, user="ben")
    small.insiders.add("U0BEN")
    eventually(lambda: "I can't find INC-1." in slack.command("timeline INC-1", "ben"))
    slack.faults({"method": "conversations.setTopic", "effect": "error:restricted_action"})
    small.clock.move(timedelta(minutes=1))
    slack.command("severity low", channel=channel)
    slack.told_directly("ana", "couldn't")
    assert not [each for each in slack.private("ben") if "couldn't" in shown(each)]


def test_a_commander_is_a_member(arena: Arena) -> None:
    arena.bot()
    slack, channel = arena.workspace, declare_privately(arena)
    assert "gave command to <@U0BEN>" in slack.publicly("lead @ben", channel)
    assert SECRET in slack.command("timeline INC-1", "ben")
    eventually(lambda: "U0BEN" in slack.channel(channel)["members"])


@pytest.mark.parametrize("trouble", ["error:restricted_action", "error:missing_scope"])
def test_if_no_private_channel_can_be_made_no_channel_is_made(small: Arena, trouble: str) -> None:
    small.expected.dead |= {"CreateChannel"}
    small.expected.errors.add("effect given up")
    small.expected.without_channel = 1
    small.bot()
    small.settle()
    small.secrets.append(SECRET)
    small.workspace.faults({"method": "conversations.create", "effect": trouble})
    assert small.declare(f"The {SECRET} leaks", private=["private"])
    report = eventually(
        lambda: next((each for each in small.workspace.private("ana") if "couldn't" in shown(each)), None)
    )
    assert "create the channel" in shown(report)
    assert "retry_failed" in buttons(report).values()
    assert small.workspace.incident_channels() == []
