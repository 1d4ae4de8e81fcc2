"""Messages that an earlier revision posted, and forms that it opened, mean the same to this one.

``revision_before.json`` was recorded at the last revision before the code moved into folders by noun: one
body for each kind of button, menu entry and form in everything that its scenario tests posted and opened, and
the operations that its listeners called.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.surface.forms import FormName
from bot.listeners.forms import OPENERS
from tests.intake.meaning import Json, Listening

RECORDED: list[Json] = json.loads(Path(__file__).with_name("revision_before.json").read_text("utf-8"))
LISTENERS = Path(__file__).parents[2] / "bot" / "listeners"
ADDED_SINCE = frozenset(
    {
        *("write_update", "correct_update", "no_change_update", "snooze_update"),
        *("subscribe_incident", "unsubscribe_incident"),
        *("show_roles", "hand_over_role"),
        *("project_form", "add_project", "edit_project"),
        *("checklist", "add_checklist", "edit_checklist", "show_checklist_settings"),
        "change_settings",
        *("show_people", "page_people"),
    }
)
"""Forms and buttons of later revisions: that one never posted them, so there is nothing to record."""


@pytest.fixture(scope="module")
def listening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listening]:
    listening = Listening(tmp_path_factory.mktemp("listening"))
    yield listening
    listening.close()


def name_of(recorded: Json) -> str:
    body = recorded["body"]
    return str(body["actions"][0]["action_id"] if "actions" in body else body["view"]["callback_id"])


IDS = [f"{number}-{name_of(each)}" for number, each in enumerate(RECORDED)]


@pytest.mark.parametrize("recorded", RECORDED, ids=IDS)
def test_a_click_or_submission_calls_the_same_operations_as_before(
    listening: Listening, recorded: Json
) -> None:
    assert listening.meaning_of(recorded["body"]) == recorded["calls"]


def test_every_form_and_every_button_with_a_listener_was_recorded() -> None:
    source = "\n".join(path.read_text("utf-8") for path in LISTENERS.glob("*.py"))
    rows = set(re.findall(r'^    "([a-z]+_[a-z_]+)": (?:lambda|parse)', source, re.MULTILINE))
    named = rows | set(OPENERS) | {each.value for each in FormName}
    missing = named - {name_of(each) for each in RECORDED} - ADDED_SINCE
    assert not missing, "if they are new, add them to ADDED_SINCE of this file"
