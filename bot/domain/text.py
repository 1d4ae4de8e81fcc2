"""Making what people type storable and nameable, in any script."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

from bot.domain.errors import ProjectTooLong, TextTooLong, TitleMissing, TitleTooLong
from bot.domain.incidents import PROJECT_LIMIT, TITLE_LIMIT, UNTITLED

CHANNEL_NAME_LIMIT = 80
"""https://docs.slack.dev/reference/methods/conversations.create#naming"""


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


def clean_title(text: str) -> str:
    """A title as it is stored; raises ``TitleMissing`` and ``TitleTooLong``."""
    title = one_line(text)
    if is_blank(title):
        raise TitleMissing
    if len(title) > TITLE_LIMIT:
        raise TitleTooLong(limit=TITLE_LIMIT, length=f"{len(title):,}")
    return title


def title_or_made_up(typed: str, description: str) -> str:
    """The typed title, or one made from the description, or a plain one; raises ``TitleTooLong``."""
    if not is_blank(typed):
        return clean_title(typed)
    first_line = next((one_line(line) for line in description.split("\n") if not is_blank(line)), "")
    return cut(first_line, 80) or UNTITLED


def clean_project(text: str | None) -> str | None:
    """A project's name as it is stored, or ``None``; raises ``ProjectTooLong``."""
    name = one_line(text or "")
    if len(name) > PROJECT_LIMIT:
        raise ProjectTooLong(limit=PROJECT_LIMIT, length=f"{len(name):,}")
    return None if is_blank(name) else name


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


def channel_name(incident_id: int, title: str) -> str:
    """``inc-12-database-connection-timeout``: always a valid and readable channel name.

    Lower-case letters of any script, digits and single hyphens, at most 80 characters; a title without
    any letter gives ``inc-12``.
    """
    return f"inc-{incident_id}-{_slug(title)}"[:CHANNEL_NAME_LIMIT].rstrip("-")


def other_channel_name(name: str, attempt: int) -> str:
    """The ``attempt``-th (from 1) way out when a stranger's channel has the name: ``inc-12-timeout-2``."""
    suffix = f"-{attempt + 1}"
    return name[: CHANNEL_NAME_LIMIT - len(suffix)].rstrip("-") + suffix


def _slug(title: str) -> str:
    """The title's letters and digits, lower case, words joined by hyphens, cut at a word's end."""
    folded = unicodedata.normalize("NFKC", title).lower()
    folded = unicodedata.normalize("NFC", folded)
    # Apostrophes disappear instead of parting a word: "can't" reads better as "cant".
    folded = _LEFT_OUT.sub("", folded)
    slug = re.sub(r"-+", "-", _only_name_characters(folded)).strip("-")
    if len(slug) <= _SLUG_LIMIT:
        return slug
    shorter = slug[:_SLUG_LIMIT]
    at_word = shorter.rpartition("-")[0]
    return at_word if len(at_word) > _SLUG_LIMIT // 2 else shorter


def _only_name_characters(text: str) -> str:
    """Letters and their marks as they are, digits of any script as ASCII; a hyphen for anything else."""
    kept = ""
    for character in text:
        category = unicodedata.category(character)
        is_letter = category in {"Ll", "Lo", "Lm"} and character == character.lower()
        is_mark = category in {"Mn", "Mc"} and kept[-1:] not in {"", "-"}
        if category == "Nd":
            kept += str(unicodedata.decimal(character))
        else:
            kept += character if is_letter or is_mark else "-"
    return kept


_REFERENCE = re.compile(r"<(?P<sign>[@#!]?)(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_SLUG_LIMIT = 60
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Hangul fillers and the empty Braille cell: letters and signs by their category, and yet nothing to see."""
_LEFT_OUT = re.compile(f"['’`\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef{_BLANK_LETTERS}]")
"""Apostrophes; and the marks that choose a variant of a character (❤ or ❤️), which can't be seen."""
