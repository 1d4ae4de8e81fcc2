"""A huddle is a timeline entry that says how long it was and who was there."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.kit.json import Json
from bot.domain.messages.slack_messages import posted_message

START = 1_759_867_369
ROOM: Json = {
    "id": "R09K73DJVUN",
    "name": "",
    "created_by": "U0ANA",
    "date_start": START,
    "date_end": START + 25 * 60 + 7,
    "has_ended": True,
    "participants": [],
    "participant_history": ["U0ANA", "U0BEN"],
    "recording": {"can_record_summary": "unavailable"},
}


def huddle(room: Any, **more: Any) -> Json:
    """What Slack's own client posts, with the fields that Slack doesn't document."""
    message = {"type": "message", "subtype": "huddle_thread", "user": "USLACKBOT", "text": "", "room": room}
    return {**message, "ts": f"{START}.537409", "no_notifications": True, **more}


@pytest.mark.parametrize(
    ("room", "told"),
    [
        (ROOM, "Huddle, 25 min: <@U0ANA>, <@U0BEN>"),
        ({**ROOM, "name": "War & <peace>"}, "Huddle “War &amp; &lt;peace&gt;”, 25 min: <@U0ANA>, <@U0BEN>"),
        (
            {**ROOM, "date_end": 0, "has_ended": False, "participants": ["U0CHEN"]},
            "Huddle, in progress: <@U0ANA>, <@U0BEN>, <@U0CHEN>",
        ),
        ({"date_start": START, "date_end": START + 3900}, "Huddle, 1 h 5 min"),
        ({"participants_events": {"U0ANA": {"joined": True}}}, "Huddle, in progress: <@U0ANA>"),
        ({"has_ended": True, "participants": [None, 3, {}, "<!channel>"]}, "Huddle, ended"),
        ({"date_start": "soon", "date_end": float("nan"), "participants": 7}, "Huddle, in progress"),
        ({**ROOM, "participant_history": [f"U{n}" for n in range(60)], "date_end": 10**300}, " more"),
        (None, "Huddle, in progress"),
        ("R1", "Huddle, in progress"),
    ],
)
def test_a_huddle_says_how_long_and_who(room: Any, told: str) -> None:
    assert posted_message(huddle(room), "C1").text.endswith(told)


def test_it_is_by_the_person_who_started_it_and_is_not_an_answer_of_theirs() -> None:
    found = posted_message(huddle(ROOM), "C1")
    assert (found.user_id, found.source) == ("U0ANA", "Huddle")
    assert posted_message(huddle({}), "C1").user_id == "USLACKBOT"


def test_its_end_counts_as_an_edit_even_if_slack_does_not_mark_one() -> None:
    assert posted_message(huddle({**ROOM, "date_end": 0}), "C1").edited_ts is None
    assert posted_message(huddle(ROOM), "C1").edited_ts == f"{START + 25 * 60 + 7}.000000"
    marked = huddle(ROOM, edited={"user": "USLACKBOT", "ts": f"{START + 1600}.000000"})
    assert posted_message(marked, "C1").edited_ts == f"{START + 1600}.000000"
