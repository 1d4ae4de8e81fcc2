"""The connection is cut before or after Slack applied a call: each call of a declaration, none made twice."""

from __future__ import annotations

import pytest

from tests.support.arena import Arena
from tests.support.asking import incidents_channel, struck
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
