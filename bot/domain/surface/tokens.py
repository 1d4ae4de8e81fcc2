"""What can be seen of a token before Slack is asked (https://docs.slack.dev/authentication/tokens)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

BOT, APP = "xoxb-", "xapp-"
_KINDS: Mapping[str, str] = {
    BOT: "the bot token, from OAuth & Permissions",
    APP: "the app-level token, from Basic Information",
    "xoxp-": "a user token",
    "xoxe": "a token of an app with token rotation, which Muster can't use",
    "xwfp-": "a workflow's token",
    "xoxa-": "an old kind of token",
    "xoxc-": "a browser's token",
}

_SECRET = re.compile(r"[0-9a-f]{32}")
_VISIBLE = re.compile(r"[!-~]*")
_HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?")


def problem_with(token: str, wanted: str) -> str:
    """Why this can't be the token that begins with ``wanted``, as a sentence; empty if it can."""
    if not token:
        return "Nothing was entered."
    if any(each.isspace() for each in token):
        return "There is a space or a line break in it. Copy the token again, in one piece."
    if not _VISIBLE.fullmatch(token):
        # Some are invisible, such as the zero-width space that web pages add.
        return "There is a character in it that no token has. Copy the token again, and nothing else."
    if token.startswith(wanted):
        short = len(token) < len(wanted) + 10
        return "It is too short. Copy the whole token." if short else ""
    return f"{_kind_of(token)}It has to begin with {wanted}"


def problem_with_secret(secret: str) -> str:
    """Why this can't be a signing secret, as a sentence; empty if it can.

    Only a request shows whether it's right:
    https://docs.slack.dev/authentication/verifying-requests-from-slack
    """
    if _SECRET.fullmatch(secret):
        return ""
    kind = _kind_of(secret)
    return f"{kind}A signing secret has 32 digits and letters from a to f. Copy it again, in one piece."


def _kind_of(value: str) -> str:
    """A sentence that says what else this is, with a space after it; empty if that is unknown."""
    return next((f"That is {what}. " for start, what in _KINDS.items() if value.startswith(start)), "")


def address_in(url: str) -> str:
    """The address without a slash at its end, or an empty string if Slack can't post to it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    is_bare = parts.path in {"", "/"} and not parts.query and not parts.fragment and parts.username is None
    if parts.scheme != "https" or not is_bare or not _HOST.fullmatch(host):
        return ""
    return f"https://{host}:{port}" if port else f"https://{host}"


def app_id_in(app_token: str) -> str:
    """The id of the app in an app-level token such as ``xapp-1-A0123-…``, or an empty string."""
    parts = app_token.split("-")
    return parts[2] if len(parts) > 3 and parts[2].startswith("A") else ""
