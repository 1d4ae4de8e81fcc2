"""The link to an incident's call."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

from bot.domain.kit.errors import CallUnusable
from bot.domain.kit.text import length

LIMIT = 2000
REF = "{ref}"
"""What stands for the incident's ref in the link that the settings name."""
_LINK = re.compile(r"<([^<>|]+)(?:\|[^<>]*)?>")
_SCHEME = "https://"


def read_call(typed: str) -> str:
    """The link in what somebody typed, perhaps in Slack's markup; raises ``CallUnusable``."""
    text = typed.strip()
    marked = _LINK.fullmatch(text)
    link = unescape(marked[1] if marked else text)
    problem = _problem(link)
    if problem:
        raise CallUnusable(problem=problem)
    return _SCHEME + link[len(_SCHEME) :]


def call_of(pattern: str | None, ref: str) -> str | None:
    """The incident's link by the workspace's setting, or ``None``."""
    return pattern.replace(REF, ref) if pattern else None


def _problem(link: str) -> str:
    """Why the link can't be used; empty if it can."""
    if re.search(r"\s", link):
        return "it contains a space"
    if not link.lower().startswith(_SCHEME):
        return "it doesn't begin with https://"
    # In Slack's markup, each of these becomes several characters.
    if length(link) + 4 * link.count("&") > LIMIT:
        return f"it is longer than {LIMIT:,} characters"
    if re.search(r'[<>|"\\`\x00-\x1f]', link):
        return "it contains a character that no link may contain"
    try:
        parts = urlsplit(link.replace(REF, "ref"))
        # Reading the port checks it.
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "it names no server that can exist"
    return "" if host else "it names no server"
