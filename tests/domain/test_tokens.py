"""What can be seen of a token before Slack is asked."""

from __future__ import annotations

import pytest

from bot.domain.surface.tokens import APP, BOT, app_id_in, problem_with


@pytest.mark.parametrize(
    ("typed", "wanted", "said"),
    [
        ("", BOT, "Nothing was entered."),
        ("xoxb-1234 567890-abc", BOT, "a space or a line break"),
        ("xoxb-1234567890\n-abc", BOT, "a space or a line break"),
        ("xapp-1-A012345-678-abc", BOT, "That is the app-level token"),
        ("xoxb-1234567890-abc", APP, "That is the bot token"),
        ("xoxp-1234567890-abc", BOT, "That is a user token"),
        ("xoxe.xoxb-1-abcdefghij", BOT, "token rotation"),
        ("secret", BOT, "It has to begin with xoxb-"),
        ("xoxb-12", BOT, "too short"),
        ("xoxb-1234567890-abc", BOT, ""),
        ("xapp-1-A012345-678-abc", APP, ""),
    ],
)
def test_a_wrong_token_says_what_it_is(typed: str, wanted: str, said: str) -> None:
    found = problem_with(typed, wanted)
    assert said in found
    assert bool(found) is bool(said)


def test_an_app_token_names_its_app() -> None:
    assert app_id_in("xapp-1-A012345-678-abc") == "A012345"
    assert app_id_in("xapp-something") == ""
