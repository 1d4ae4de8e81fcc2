"""Clean up what people type so that it can be stored and shown, in any script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import timedelta
from html import unescape

from bot.domain.kit.errors import TextTooLong
from bot.domain.kit.references import Kind, Names


def storable(text: str) -> str:
    """The text without characters that no database stores: NUL, other control characters, lone surrogates.

    Newlines and tabs are kept, and so are bidirectional overrides: right-to-left writing needs them.
    """
    return _NOT_KEPT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


_NOT_KEPT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Unicode's categories Cc (except newline and tab) and Cs; neither can ever get a new member.

https://www.unicode.org/policies/stability_policy.html
"""


def one_line(text: str) -> str:
    """The text as ``storable`` leaves it, on one line, with single spaces."""
    return " ".join(storable(text).split())


def is_blank(text: str) -> bool:
    """Whether the text is invisible: only spaces, joiners and other format characters."""
    invisible = {"Cf", "Zs", "Zl", "Zp", "Cc", "Cs", "Mn"}
    return all(unicodedata.category(c) in invisible or c in _BLANK_LETTERS for c in text)


def length(text: str) -> int:
    """The length in UTF-16 code units, which Slack's clients count: most emoji are two.

    Limits are checked with it, so that everything that is stored fits into its form's field again.
    """
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean_text(text: str | None, limit: int, field: str = "why") -> str:
    """Multi-line text, ready to be stored; raises ``TextTooLong``, which names the form's ``field``."""
    cleaned = storable(text or "").strip()
    if length(cleaned) > limit:
        error = TextTooLong(limit=f"{limit:,}", length=f"{length(cleaned):,}")
        error.field = field
        raise error
    return cleaned


def plain_from_markup(markup: str, names: Names) -> str:
    """The text as its author typed and sees it, without the markup and entities that Slack puts in.

    https://docs.slack.dev/messaging/formatting-message-text#retrieving-messages
    """
    return unescape(_REFERENCE.sub(lambda found: _as_seen(found, names), markup))


def _as_seen(found: re.Match[str], names: Names) -> str:
    sign, target, label = found.group("sign"), found.group("target"), found.group("label") or ""
    kind, target_id = _referred(sign, target)
    if kind:
        return names.shown(kind, target_id, unescape(label))
    if target.startswith("date^"):
        return label
    if sign:
        return "@" + (target if target in _EVERYBODY else label or target).lstrip("@")
    # Slack labels a typed URL with the URL itself; a label that somebody chose says more, so keep both.
    return label if label and label in target else f"{label} {target}".strip()


def escape_markup(text: str) -> str:
    """Plain text as Slack's markup.

    https://docs.slack.dev/messaging/formatting-message-text#escaping
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_typed(text: str) -> str:
    """The same for a ``plain_text`` object, in which Slack may already have escaped what an app sent."""
    return escape_markup(_ESCAPED.sub(lambda found: unescape(found[0]), text))


_ESCAPED = re.compile(r"&(?:amp|lt|gt);")


def unformatted(markup: str) -> str:
    """The markup without the signs for bold, italic, strikethrough and code, for a title."""
    before, markup = "", markup.replace(CODE_FENCE, "")
    while before != markup:
        before, markup = markup, _FORMATTED.sub(r"\2", markup)
    return markup


_FORMATTED = re.compile(r"(?<![\w<])([*_~`])(?!\s|\1)([^\n]*?)(?<!\s)\1(?![\w>])")


def code_parts(text: str) -> Iterator[tuple[bool, str]]:
    """The text in parts, each with whether it is the inside of a code block.

    https://docs.slack.dev/messaging/formatting-message-text#multiline-code-blocks
    """
    for number, part in enumerate(_CODE_BLOCK.split(text)):
        if part:
            yield number % 2 == 1, part


def one_line_but_code(text: str) -> str:
    """Like :func:`one_line`, but code blocks keep their lines."""
    parts = (f"```{storable(part)}```" if is_code else one_line(part) for is_code, part in code_parts(text))
    return " ".join(filter(None, parts))


CODE_FENCE = "```"
_CODE_BLOCK = re.compile(f"{CODE_FENCE}(.+?){CODE_FENCE}", re.DOTALL)


def references_in(markup: str) -> set[tuple[Kind, str]]:
    """What the text refers to: people, channels and user groups, by their ids."""
    found = (_referred(each["sign"], each["target"]) for each in _REFERENCE.finditer(markup))
    return {(kind, target) for kind, target in found if kind}


def _referred(sign: str, target: str) -> tuple[Kind | None, str]:
    """What a reference is to, and its id; ``None`` for links, dates and ``@here``."""
    if sign == "!":
        start, _, group_id = target.partition("^")
        return (Kind.GROUP, group_id) if start == "subteam" else (None, "")
    return {"@": Kind.PERSON, "#": Kind.CHANNEL}.get(sign), target


def cut(text: str, limit: int) -> str:
    """The text cut to at most ``limit`` characters, ending in an ellipsis if something was left out."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def some_of(names: Sequence[str], most: int = 5) -> str:
    """The names as a list; a long one ends with how many more there are."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def duration(length: timedelta) -> str:
    """The length in words: ``2 h 5 min``, with seconds only below a minute."""
    seconds = int(abs(length).total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    parts = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(parts[:2]) or f"{seconds} s"


_REFERENCE = re.compile(r"<(?P<sign>[@#!]?)(?P<target>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_EVERYBODY = frozenset({"here", "channel", "everyone"})
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
"""Hangul fillers and the empty Braille cell: letters or symbols to Unicode, yet invisible."""
