"""Messages that an earlier revision posted, and forms that it opened, mean the same to this one.

``revision_before.json`` was recorded at the last revision before the code moved into folders by noun: one
body for each kind of button, menu entry and form in everything that its scenario tests posted and opened, and
the operations that its listeners called.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.surface.forms import FormName
from tests.intake.meaning import Json, Listening

RECORDED: list[Json] = json.loads(Path(__file__).with_name("revision_before.json").read_text("utf-8"))
FORMS_THEN = frozenset(
    [
        "declare",
        "edit",
        "reopen",
        "action_item",
        "edit_item",
        "reassign_item",
        "redate_item",
        "snooze_item",
        "settings",
        "five_whys",
        "hand_over_whys",
        "postmortem_text",
        "postmortem_lesson",
        "postmortem_timeline",
        "postmortem_owner",
        "complete_postmortem",
        "waive_postmortem",
        "meeting",
        "pick_meeting_time",
    ]
)
"""The forms of that revision; later ones were never posted by it, and need no recording."""


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


def test_the_recording_has_every_form_of_that_revision() -> None:
    names = {name_of(each) for each in RECORDED}
    assert {each.value for each in FormName if each.value in FORMS_THEN} == FORMS_THEN, "a form was renamed"
    assert names >= FORMS_THEN
