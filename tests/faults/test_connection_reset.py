"""The connection is cut before or after Slack applied a call: each call of a declaration, none made twice."""

from __future__ import annotations

import pytest

from tests.support.arena import Arena
from tests.support.asking import incidents_channel, struck
from tests.support.people import eventually, shown
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


@pytest.mark.parametrize("effect", ["reset_after", "reset_before"])
def test_a_declaration_completes_and_nothing_exists_twice(arena: Arena, effect: str) -> None:
    arena.expected.codes |= {"name_taken", "already_pinned", "already_in_channel"}
    arena.bot()
    incidents_channel(arena)
    arena.workspace.faults(*({"method": method, "effect": effect, "times": 1} for method in METHODS))
    arena.declare()
    declared_once(arena.workspace)
    assert struck(arena)


def test_what_was_posted_unnoticed_shows_what_has_changed_since(arena: Arena) -> None:
    arena.bot()
    incidents_channel(arena)
    slack = arena.workspace
    [channel] = [each["id"] for each in slack.state()["channels"] if each["name"] == "incidents"]
    slack.faults(
        {"method": "chat.postMessage", "channel": channel, "effect": "reset_after", "times": 1},
        {"method": "conversations.history", "channel": channel, "effect": "503", "times": 2},
    )
    arena.declare()
    slack.publicly("severity critical", arena.channel())
    eventually(lambda: "Critical" in shown(slack.messages(channel)[-1]), 60)
    arena.settle(60)
    assert len([each for each in slack.messages(channel) if "INC-1" in shown(each)]) == 1
