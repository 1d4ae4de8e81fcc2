"""Titles, projects and channel names, in any script."""

from __future__ import annotations

import re
import unicodedata

from bot.domain.incidents.model import PROJECT_LIMIT, TITLE_LIMIT, UNTITLED
from bot.domain.kit.errors import ProjectTooLong, TitleMissing, TitleTooLong
from bot.domain.kit.text import _BLANK_LETTERS, cut, is_blank, length, one_line

CHANNEL_NAME_LIMIT = 80
"""https://docs.slack.dev/reference/methods/conversations.create#naming"""


def clean_title(text: str) -> str:
    """The title, ready to be stored; raises ``TitleMissing`` and ``TitleTooLong``."""
    title = one_line(text)
    if is_blank(title):
        raise TitleMissing
    if length(title) > TITLE_LIMIT:
        raise TitleTooLong(limit=TITLE_LIMIT, length=f"{length(title):,}")
    return title


def title_or_made_up(typed: str, description: str) -> str:
    """The typed title, else one made from the description, else a placeholder; raises ``TitleTooLong``."""
    if not is_blank(typed):
        return clean_title(typed)
    first_line = next((one_line(line) for line in description.split("\n") if not is_blank(line)), "")
    return cut(first_line, 80) or UNTITLED


def clean_project(text: str | None) -> str | None:
    """The project's name, ready to be stored, or ``None`` if it is blank; raises ``ProjectTooLong``."""
    name = one_line(text or "")
    if length(name) > PROJECT_LIMIT:
        raise ProjectTooLong(limit=PROJECT_LIMIT, length=f"{length(name):,}")
    return None if is_blank(name) else name


def channel_name(incident_id: int, title: str) -> str:
    """A valid and readable channel name: ``inc-12-database-connection-timeout``.

    It has lower-case letters of any script, digits and single hyphens, at most 80 characters. A title without
    letters or digits gives ``inc-12``.
    """
    return f"inc-{incident_id}-{_slug(title)}"[:CHANNEL_NAME_LIMIT].rstrip("-")


def named_channel(typed: str) -> str:
    """The channel that somebody means, as Slack writes it: an id, or ``ops-alerts`` for ``#Ops Alerts``.

    Empty if no channel can have that name.
    """
    name = typed.strip().lstrip("#").strip()
    if CHANNEL_ID.fullmatch(name):
        return name
    words = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).lower()).split("_")
    slug = re.sub(r"-+", "-", "_".join(map(_only_name_characters, words))).strip("-")
    return slug if len(slug) <= CHANNEL_NAME_LIMIT and slug.strip("-_") else ""


CHANNEL_ID = re.compile(r"(?=.*\d)[CG][A-Z0-9]{7,}")
"""An id, which has a digit, unlike a name in capital letters."""


def other_channel_name(name: str, attempt: int) -> str:
    """Alternative number ``attempt`` (from 1) for a name that another channel has: ``inc-12-timeout-2``."""
    suffix = f"-{attempt + 1}"
    return name[: CHANNEL_NAME_LIMIT - len(suffix)].rstrip("-") + suffix


def _slug(title: str) -> str:
    """The title's letters and digits in lower case, joined by hyphens, cut at the end of a word."""
    folded = unicodedata.normalize("NFKC", title).lower()
    folded = unicodedata.normalize("NFC", folded)
    # Apostrophes disappear rather than split a word: "can't" reads better as "cant".
    folded = _LEFT_OUT.sub("", folded)
    slug = re.sub(r"-+", "-", _only_name_characters(folded)).strip("-")
    if len(slug) <= _SLUG_LIMIT:
        return slug
    shorter = slug[:_SLUG_LIMIT]
    at_word = shorter.rpartition("-")[0]
    return at_word if len(at_word) > _SLUG_LIMIT // 2 else shorter


def _only_name_characters(text: str) -> str:
    """Letters and their marks as they are, digits of any script as ASCII, a hyphen for everything else."""
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


_SLUG_LIMIT = 60
_LEFT_OUT = re.compile(f"['’`\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef{_BLANK_LETTERS}]")
"""Apostrophes, letters that look blank, and invisible marks that choose a variant of a character (❤ or ❤️)."""
