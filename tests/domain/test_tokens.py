"""What can be seen of a token before Slack is asked."""

from __future__ import annotations

import pytest

from bot.domain.surface.tokens import APP, BOT, address_in, app_id_in, problem_with, problem_with_secret

ODD = "There is a character in it that no token has. Copy the token again, and nothing else."
IN_PIECES = "There is a space or a line break in it. Copy the token again, in one piece."
ROTATED = "That is a token of an app with token rotation, which Muster can't use."
NO_SECRET = "A signing secret has 32 digits and letters from a to f. Copy it again, in one piece."


@pytest.mark.parametrize(
    ("typed", "wanted", "said"),
    [
        ("", BOT, "Nothing was entered."),
        ("xoxb-1234 567890-abc", BOT, IN_PIECES),
        ("xoxb-1234567890\n-abc", BOT, IN_PIECES),
        (
            "xapp-1-A012345-678-abc",
            BOT,
            "That is the app-level token, from Basic Information. It has to begin with xoxb-",
        ),
        (
            "xoxb-1234567890-abc",
            APP,
            "That is the bot token, from OAuth & Permissions. It has to begin with xapp-",
        ),
        ("\u200bxoxb-1234567890-abc", BOT, ODD),
        ("xoxb-1234567890…", BOT, ODD),
        ("xapp-1-A012345-678-äbc", APP, ODD),
        ("xoxb-1234567890-abc\x1b[201~", BOT, ODD),
        ("xoxp-1234567890-abc", BOT, "That is a user token. It has to begin with xoxb-"),
        (
            "xoxe.xoxb-1-abcdefghij",
            BOT,
            f"{ROTATED} It has to begin with xoxb-",
        ),
        ("secret", BOT, "It has to begin with xoxb-"),
        ("xoxb-123456789", BOT, "It is too short. Copy the whole token."),
        ("xoxb-1234567890", BOT, ""),
        ("xoxb-1234567890-abc", BOT, ""),
        ("xapp-1-A012345-678-abc", APP, ""),
    ],
)
def test_a_wrong_token_says_what_it_is(typed: str, wanted: str, said: str) -> None:
    assert problem_with(typed, wanted) == said


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0123456789abcdef0123456789abcdef", ""),
        ("0123456789abcdef0123456789abcde", NO_SECRET),
        ("0123456789abcdef0123456789abcdef0", NO_SECRET),
        ("0123456789ABCDEF0123456789ABCDEF", NO_SECRET),
        ("", NO_SECRET),
        ("xoxb-1234567890-abc", f"That is the bot token, from OAuth & Permissions. {NO_SECRET}"),
    ],
)
def test_a_wrong_signing_secret_says_what_it_is(typed: str, said: str) -> None:
    assert problem_with_secret(typed) == said


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("https://muster.example", "https://muster.example"),
        ("https://muster.example:8443/", "https://muster.example:8443"),
        ("http://muster.example", ""),
        ("muster.example", ""),
        ("https://", ""),
        ("https://:8443", ""),
        ("https://muster.example/slack", ""),
        ("https://muster.example?a=b", ""),
        ("https://muster.example#a", ""),
        ("https://[muster", ""),
        ("https://[::1]", ""),
        ("https://muster.example:port", ""),
        ("https://muster.example:99999", ""),
        ("https://muster.example:", "https://muster.example"),
        ("https://ana:secret@muster.example", ""),
        ("https://muster example", ""),
        ('https://muster"example', ""),
        ("https://muster..example", ""),
        ("", ""),
    ],
)
def test_an_address_is_https_a_host_and_nothing_else(typed: str, address: str) -> None:
    assert address_in(typed) == address


@pytest.mark.parametrize(
    ("token", "app"),
    [
        ("xapp-1-A012345-678-abc", "A012345"),
        ("xapp-1-A012345-678", "A012345"),
        ("xapp-1-A012345", ""),
        ("xapp-1-B012345-678-abc", ""),
        ("xapp-something", ""),
    ],
)
def test_an_app_token_names_its_app(token: str, app: str) -> None:
    assert app_id_in(token) == app
