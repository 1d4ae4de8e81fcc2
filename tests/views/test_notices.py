"""Messages about changes made elsewhere: Slack takes them, and each thing to take over has its button."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.notices import Vacancies
from bot.domain.kit.text import storable
from bot.views.incidents.notices import (
    deleted_message,
    no_commander_message,
    shared_message,
    vacancies_message,
)
from tests.support.examples import any_text, incident
from tests.views.screens import action_ids, check, shown

titles = any_text.map(storable)


@given(titles, st.booleans(), st.booleans(), st.integers(0, 12), st.integers(0, 40), st.integers(0, 40))
def test_slack_takes_whatever_is_left(
    title: str, commands: bool, owns: bool, roles: int, sessions: int, items: int
) -> None:
    found = Vacancies(
        incident(title=title),
        "U0BEN",
        commands,
        tuple((f"role {number}", title[:40]) for number in range(roles)),
        owns,
        tuple((number, f"WHY-{number}") for number in range(sessions)),
        tuple((number, f"AI-{number}", title) for number in range(items)),
    )
    message = vacancies_message(found)
    check(message)
    buttons = action_ids(message.blocks)
    assert ("take_command" in buttons, "own_postmortem" in buttons) == (commands, owns)
    assert buttons.count("take_role") == roles
    assert buttons.count("hand_over_whys") == min(sessions, 20)
    assert buttons.count("reassign_item") == min(items, 20)
    assert ("more action item" in shown(message)) is (items > 20)
    assert ("more five-whys session" in shown(message)) is (sessions > 20)


@given(titles)
def test_slack_takes_what_is_said_about_channels(title: str) -> None:
    for message in (shared_message, deleted_message, no_commander_message):
        check(message(incident(title=title)))
    assert action_ids(deleted_message(incident()).blocks) == ["show_tray"]
    assert action_ids(no_commander_message(incident()).blocks) == ["take_command"]
