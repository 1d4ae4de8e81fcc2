"""Texts for Slack. User input is escaped here, once, on the way out.

https://docs.slack.dev/messaging/formatting-message-text#escaping
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from bot.domain.kit.people import ERASED, ERASED_NAME
from bot.domain.kit.references import Names
from bot.domain.kit.text import CODE_FENCE, code_parts, cut, one_line, plain_from_markup

_LOOK_ALIKES_OF = {"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"}
_LOOK_ALIKES = str.maketrans(_LOOK_ALIKES_OF)
_LONGEST = len("<!date^0^{_}|*>")
"""The most characters that one becomes when it's escaped."""
_LONGEST_NAME = 80
_POP, _POP_ISOLATE = "\u202c", "\u2069"
_ENDS = {
    **dict.fromkeys("\u202a\u202b\u202d\u202e", _POP),
    **dict.fromkeys("\u2066\u2067\u2068", _POP_ISOLATE),
}
_DIRECTIONS = frozenset(_ENDS) | {_POP, _POP_ISOLATE}
_TOKEN = re.compile(r"<[^<>]*>|&(?:amp|lt|gt);|.", re.DOTALL)
_GROUP_PING = re.compile(r"<!(?!date\^)[^<>]*>")
_PING = re.compile(r"<(?:!(?!date\^)|@)[^<>]*>")


def entities(text: str) -> str:
    """The text with Slack's control characters escaped: for URLs, and where Slack formats nothing."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape(text: str) -> str:
    """The text, escaped so that Slack shows it as typed: no mentions, links, entities or formatting.

    Overrides of the writing direction end with it, so that they don't reverse what follows.
    """
    pieces = (_inert(each, text[at - 1 : at], text[at + 1 : at + 2]) for at, each in enumerate(text))
    return "".join(pieces) + _closing(text)


def escape_within(text: str, limit: int, how: Callable[[str], str] = escape) -> str:
    """The text, escaped and cut to at most ``limit`` characters, with an ellipsis if anything is left out."""
    shown = how(text)
    # Escaping never shortens a text, so at most ``limit`` of its characters can fit.
    kept = min(len(text), limit)
    while len(shown) > limit and kept > 0:
        kept -= 1
        shown = how(text[:kept].rstrip()) + "…"
        kept -= max(0, len(shown) - limit) // _LONGEST
    return shown


def counted(number: int, one: str, many: str = "") -> str:
    """The number with its noun: ``1 action item``, ``1,204 action items``, ``2 people``."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def label_of(text: str, limit: int) -> str:
    """The text as the label of a link, in which tokens don't work: look-alikes replace marks."""
    return escape_within(text.replace("|", " ").translate(_LOOK_ALIKES), limit, entities)


def _inert(character: str, before: str, after: str) -> str:
    """The character, escaped; a mark that could format something becomes a token that Slack shows as it is.

    There is no escaping for marks, but the fallback of a date that can't be shown isn't formatted, and is
    copied as the mark alone. An underscore between letters or digits, as in ``snake_case``, formats nothing.
    """
    if character not in _LOOK_ALIKES_OF:
        return entities(character)
    is_within_word = character == "_" and all(each.isascii() and each.isalnum() for each in (before, after))
    return character if is_within_word else f"<!date^0^{{_}}|{character}>"


def _closing(text: str) -> str:
    """What ends all embeddings, overrides and isolates that the text leaves open.

    https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings
    """
    still_open: list[str] = []
    for character in filter(_DIRECTIONS.__contains__, text):
        end = _ENDS.get(character)
        if end:
            still_open.append(end)
        elif character == _POP_ISOLATE and _POP_ISOLATE in still_open:
            while still_open.pop() != _POP_ISOLATE:
                pass
        elif still_open and still_open[-1] == character:
            still_open.pop()
    return "".join(reversed(still_open))


def mention(user_id: str) -> str:
    """A mention of a person, which Slack shows as their current name."""
    if user_id == ERASED:
        return ERASED_NAME
    return f"<@{user_id}>"


def plain_name(name: str) -> str:
    """A person's name within a plain text: on one line, without reversing what follows."""
    shown = cut(one_line(name), _LONGEST_NAME)
    return shown + _closing(shown)


def channel_link(channel_id: str | None, name: str) -> str:
    """A link to the channel if it exists, else its name."""
    return f"<#{channel_id}>" if channel_id else f"#{escape(name)}"


def local_time(when: datetime, style: str = "{date_short_pretty} at {time}", link: str | None = None) -> str:
    """A time, shown to each reader in their own time zone, and linked if ``link`` is given.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    target = f"^{entities(link)}" if link else ""
    return f"<!date^{int(when.timestamp())}^{style}{target}|{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC>"


def quote_message(markup: str, names: Names, limit: int = 300, *, mentions: bool = True) -> str:
    """A message's own markup on one line, cut at ``limit`` characters and safe to show again.

    Code blocks keep their lines. Mentions of groups become plain words, so that nobody is pinged again, and
    no token is cut in two. With ``mentions``, those of people stay: Slack shows their names, and a message
    that only one person sees notifies nobody else. Without, they become plain words, too.
    """
    quiet = (_GROUP_PING if mentions else _PING).sub(
        lambda found: escape(plain_from_markup(found[0], names)), markup
    )
    shown, ending = "", 0
    for is_code, part in code_parts(quiet):
        fence = CODE_FENCE if is_code else ""
        text = part if is_code else " ".join(part.split())
        opening = f"{' ' if shown and text else ''}{fence}"
        if len(shown) + len(opening) + len(fence) + ending >= limit:
            return shown + "…" + _closing(shown)
        shown += opening
        tokens = _TOKEN.findall(text)
        for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False):
            more = _quoted(token, before, after, is_code=is_code)
            ending += token in _ENDS
            if len(shown) + len(more) + len(fence) + ending >= limit:
                shown = shown.rstrip("_") + "…" + fence
                return shown + _closing(shown)
            shown += more
        shown += fence
    return shown + _closing(shown)


def _quoted(token: str, before: str, after: str, *, is_code: bool) -> str:
    """A token that may be shown again, or its characters as they were written; code formats nothing."""
    # Of the special tokens that remain, Slack only understands dates.
    if len(token) > 1 and (not token.startswith("<!") or token.startswith("<!date^")):
        return _with_plain_label(token)
    if len(token) > 1:
        return escape(token)
    return entities(token) if is_code else _inert(token, before, after)


def _with_plain_label(token: str) -> str:
    target, bar, label = token.partition("|")
    return token if target.startswith("<!") else target + bar + label.translate(_LOOK_ALIKES)
