"""Changes of messages: what counts as an edit, so that the last state wins."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.kit.json import Json
from bot.domain.messages.slack_messages import changed_message, posted_message

FIRING: Json = {"ts": "1.1", "bot_id": "B1", "text": "alert", "attachments": [{"title": "firing"}]}
RESOLVED: Json = {**FIRING, "attachments": [{"title": "resolved"}]}
LINK: Json = {"ts": "1.1", "user": "U0BEN", "text": "<https://x.example>"}
PREVIEW = {"from_url": "https://x.example", "title": "Ten tips"}


def edited_at(message: Json, before: Any) -> str | None:
    event = {"subtype": "message_changed", "ts": "9.1", "message": message, "previous_message": before}
    return posted_message(changed_message(event), "C1").edited_ts


@pytest.mark.parametrize(
    ("message", "before", "when"),
    [
        (RESOLVED, FIRING, "9.1"),
        ({**RESOLVED, "edited": {"ts": "8.0"}}, FIRING, "8.0"),
        ({**LINK, "files": [{"name": "a.png"}]}, LINK, "9.1"),
        ({**LINK, "attachments": [PREVIEW]}, LINK, None),
        ({**FIRING, "reply_count": 1}, FIRING, None),
        (RESOLVED, None, None),
        (RESOLVED, "gone", None),
    ],
)
def test_a_change_counts_as_an_edit_if_the_message_says_something_else(
    message: Json, before: Any, when: str | None
) -> None:
    assert edited_at(message, before) == when
