"""Emoji codes as emoji, for places where Slack doesn't draw them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

_CODE = re.compile(r":([a-z0-9_+'-]+):(?::skin-tone-([2-6]):)?")
_CODES = re.compile(rf"(?<![A-Za-z0-9:])(?:{_CODE.pattern})+(?![A-Za-z0-9:])")
"""One or more in a row, but none within a word, a time or ``std::map::iterator``."""
_VERBATIM = re.compile(r"(```.+?```|`[^`\n]+`|https?://\S+)", re.DOTALL)
"""Code and URLs, in which Slack doesn't look for emoji either."""
_OTHER_NAMES = {"octagonal_sign": "stop_sign", "simple_smile": "slightly_smiling_face"}
"""Slack's names that the package doesn't know; it also lacks its prefixes for flags and large shapes."""


def with_emoji(text: str) -> str:
    """The text with emoji instead of their codes; a workspace's own emoji stay codes."""
    if ":" not in text or not _CODES.search(text):
        return text
    parts = _VERBATIM.split(text)
    parts[::2] = [_CODES.sub(lambda found: _CODE.sub(_drawn, found[0]), part) for part in parts[::2]]
    return "".join(parts)


def _drawn(found: re.Match[str]) -> str:
    drawn = _named(found[1])
    if drawn is None:
        return found[0]
    # Tones are 2 to 6, from U+1F3FB on: https://docs.slack.dev/reference/block-kit/block-elements/emoji-element
    return drawn + chr(0x1F3FB + int(found[2]) - 2) if found[2] else drawn


@cache
def _named(name: str) -> str | None:
    """The emoji with this name, or ``None``."""
    emojize = _package()
    for known in (name, _OTHER_NAMES.get(name, name), name.removeprefix("large_"), name.replace("-", "_")):
        code = f":{known}:"
        if (drawn := emojize(code)) != code:
            return drawn
    country = re.fullmatch(r"flag-([a-z]{2})", name)
    return "".join(chr(0x1F1E6 + ord(letter) - ord("a")) for letter in country[1]) if country else None


@cache
def _package() -> Callable[[str], str]:
    # Imported late: its tables take ten megabytes, and many processes never draw an emoji.
    from emoji import emojize  # noqa: PLC0415

    return lambda code: emojize(code, language="alias")
