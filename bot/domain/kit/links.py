"""Links that people type, which everybody in a channel may then click."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlsplit

from bot.domain.kit.text import length

LIMIT = 2000
"""The most characters of a link."""
_MARKED = re.compile(r"<([^<>|]+)(?:\|[^<>]*)?>")
_SCHEME = "https://"


def link_in(typed: str) -> str:
    """The link in what somebody typed, perhaps in Slack's markup; see :func:`problem_with`."""
    text = typed.strip()
    marked = _MARKED.fullmatch(text)
    link = unescape(marked[1] if marked else text)
    return _SCHEME + link[len(_SCHEME) :] if link.lower().startswith(_SCHEME) else link


def problem_with(link: str, placeholder: str = "") -> str:
    """Why the link can't be used, in half a sentence; empty if it can.

    The ``placeholder`` may be anywhere in the link, even in the server's name.
    """
    if re.search(r"\s", link):
        return "it contains a space"
    if not link.startswith(_SCHEME):
        return "it doesn't begin with https://"
    # In Slack's markup, each of these becomes several characters.
    if length(link) + 4 * link.count("&") > LIMIT:
        return f"it is longer than {LIMIT:,} characters"
    if re.search(r'[<>|"\\`\x00-\x1f]', link):
        return "it contains a character that no link may contain"
    try:
        parts = urlsplit(link.replace(placeholder, "ref") if placeholder else link)
        # Reading the port checks it.
        host, _port = parts.hostname, parts.port
    except ValueError:
        return "it names no server that can exist"
    return "" if host else "it names no server"
