"""Slack's emoji by name."""

from __future__ import annotations

from emoji import emojize

_UNICODES_NAMES = {"octagonal_sign": "stop_sign"}
"""Names that the package spells differently; it also lacks Slack's names for large circles and squares."""

PICKER: tuple[str, ...] = (
    *("pushpin", "ballot_box_with_check", "+1", "eyes", "white_check_mark", "tada"),
    *("heart", "fire", "rotating_light", "thinking_face", "pray", "x"),
)
"""The emoji in the page's reaction picker; those that incident work needs come first."""


def named(name: str) -> str | None:
    """The emoji, or ``None`` if the name is unknown."""
    for known in (name, name.removeprefix("large_"), _UNICODES_NAMES.get(name, name)):
        code = f":{known}:"
        found = emojize(code, language="alias")
        if found != code:
            return found
    return None


def shown(name: str) -> str:
    """The emoji for a reaction's name, or ``:name:`` if it is unknown."""
    return named(name.split("::", maxsplit=1)[0]) or f":{name}:"
