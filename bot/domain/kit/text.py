"""Making what people type storable and nameable, in any script."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

from bot.domain.kit.errors import TextTooLong


def storable(text: str) -> str:
    """The text without what no database keeps: NUL, other control characters, lone surrogates.

    Newlines and tabs stay. Bidirectional overrides stay too: they are part of right-to-left writing.
    """
    return _NOT_KEPT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


_NOT_KEPT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc (except newline and tab) and Cs; neither can ever gain a member.

https://www.unicode.org/policies/stability_policy.html
"""


def one_line(text: str) -> str:
    """Storable text on one line, with single spaces."""
    return " ".join(storable(text).split())


def is_blank(text: str) -> bool:
    """Whether nothing of the text would be seen: spaces, joiners and other format characters only."""
    invisible = {"Cf", "Zs", "Zl", "Zp", "Cc", "Cs", "Mn"}
    return all(unicodedata.category(c) in invisible or c in _BLANK_LETTERS for c in text)


def clean_text(text: str | None, limit: int, field: str = "why") -> str:
    """Longer text as it is stored, newlines kept; raises ``TextTooLong``, at ``field`` of a form."""
    cleaned = storable(text or "").strip()
    if len(cleaned) > limit:
        error = TextTooLong(limit=f"{limit:,}", length=f"{len(cleaned):,}")
        error.field = field
        raise error
    return cleaned


def plain_from_markup(markup: str) -> str:
    """Text as somebody typed and sees it, where Slack has put its own markup and entities.

    https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages
    """
    return unescape(_REFERENCE.sub(_as_seen, markup))


def _as_seen(found: re.Match[str]) -> str:
    sign, target, label = found.group("sign"), found.group("target"), found.group("label") or ""
    if target.startswith("date^"):
        return label
    if sign:
        return ("#" if sign == "#" else "@") + (label or target).lstrip("@#")
    # Slack labels an address that was typed with itself; another label was chosen and says more.
    return label if label and label in target else f"{label} {target}".strip()


def cut(text: str, limit: int) -> str:
    """At most ``limit`` characters, with an ellipsis where something was left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


_REFERENCE = re.compile(r"<(?P<sign>[@#!]?)(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Hangul fillers and the empty Braille cell: letters and signs by their category, and yet nothing to see."""
