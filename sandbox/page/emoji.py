"""Slack's emoji by their names."""

from __future__ import annotations

from emoji import emojize

_UNICODES_NAMES = {"octagonal_sign": "stop_sign"}
"""Where the package doesn't know Slack's name; it lacks the large circles and squares, too."""

PICKER: tuple[str, ...] = (
    *("pushpin", "ballot_box_with_check", "+1", "eyes", "white_check_mark", "tada"),
    *("heart", "fire", "rotating_light", "thinking_face", "pray", "x"),
)
"""What the page's reaction picker offers, the ones that incident work needs first."""


def named(name: str) -> str | None:
    """The emoji, or ``None`` where nobody knows the name."""
    for known in (name, name.removeprefix("large_"), _UNICODES_NAMES.get(name, name)):
        code = f":{known}:"
        found = emojize(code, language="alias")
        if found != code:
            return found
    return None


def shown(name: str) -> str:
    """The emoji of a reaction's name, or ``:name:`` where we don't have it."""
    return named(name.split("::", maxsplit=1)[0]) or f":{name}:"
