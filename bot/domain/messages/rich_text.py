"""Rich text as markup, the form in which Slack puts what people type into a message's ``text``.

https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.kit.json import Json, dicts_in, text_in
from bot.domain.kit.text import CODE_FENCE, escape_markup

_ID = re.compile(r"[A-Z0-9]+")
_EMOJI_NAME = re.compile(r"[\w+'-]+(?:::skin-tone-\d)?")
_RANGES = frozenset({"here", "channel", "everyone"})
_STYLES = (("code", "`"), ("strike", "~"), ("italic", "_"), ("bold", "*"))


def rich_text(block: Json) -> str:
    """The block's markup, with its lists and code blocks; elements that we don't know are left out."""
    parts = []
    for each in dicts_in(block, "elements"):
        read = _PARTS.get(text_in(each, "type"))
        parts.append(read(each) if read else "")
    return "\n".join(filter(str.strip, parts))


def _section(part: Json) -> str:
    return _inline(part).strip("\n")


def _list(part: Json) -> str:
    indent, offset = _whole(part.get("indent"), 8), _whole(part.get("offset"), 9999)
    items = []
    for number, each in enumerate(dicts_in(part, "elements"), 1 + offset):
        sign = f"{number}." if part.get("style") == "ordered" else "•"
        items.append(f"{'    ' * indent}{sign} {_section(each)}")
    return "\n".join(items)


def _preformatted(part: Json) -> str:
    code = "".join(
        escape_markup(text_in(each, "text") or text_in(each, "url")) for each in dicts_in(part, "elements")
    )
    return f"{CODE_FENCE}\n{code.strip(chr(10))}\n{CODE_FENCE}" if code.strip() else ""


def _quote(part: Json) -> str:
    quoted = _section(part)
    return "\n".join(f"&gt; {line}" for line in quoted.split("\n")) if quoted else ""


_PARTS: Mapping[str, Callable[[Json], str]] = {
    "rich_text_section": _section,
    "rich_text_list": _list,
    "rich_text_preformatted": _preformatted,
    "rich_text_quote": _quote,
}


def _inline(part: Json) -> str:
    found = []
    for each in dicts_in(part, "elements"):
        read = _ELEMENTS.get(text_in(each, "type"))
        found.append(_styled(read(each), each.get("style")) if read else "")
    return "".join(found)


def _styled(markup: str, style: Any) -> str:
    """The markup with its style's signs, which Slack only understands around words on one line."""
    words = markup.strip()
    if not isinstance(style, dict) or not words or "\n" in words:
        return markup
    signed = words
    for name, sign in _STYLES:
        if style.get(name) is True:
            signed = f"{sign}{signed}{sign}"
    return markup.replace(words, signed, 1)


def _reference(sign: str, field: str) -> Callable[[Json], str]:
    def reference(element: Json) -> str:
        found = text_in(element, field)
        return f"<{sign}{found}>" if _ID.fullmatch(found) else ""

    return reference


def _link(element: Json) -> str:
    url, label = text_in(element, "url"), text_in(element, "text")
    if not url:
        return escape_markup(label)
    target = escape_markup(url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E"))
    return f"<{target}|{escape_markup(label).replace('|', ' ')}>" if label else f"<{target}>"


def _emoji(element: Json) -> str:
    name = text_in(element, "name")
    return f":{name}:" if _EMOJI_NAME.fullmatch(name) else ""


def _broadcast(element: Json) -> str:
    among = text_in(element, "range")
    return f"<!{among}>" if among in _RANGES else ""


def _date(element: Json) -> str:
    """A date token; https://docs.slack.dev/messaging/formatting-message-text#date-formatting."""
    when, fallback = element.get("timestamp"), escape_markup(text_in(element, "fallback"))
    style = re.sub(r"[<>|^]", "", text_in(element, "format"))
    if not isinstance(when, int) or not style:
        return fallback
    return f"<!date^{when}^{style}|{fallback.replace('|', ' ') or when}>"


_ELEMENTS: Mapping[str, Callable[[Json], str]] = {
    "text": lambda element: escape_markup(text_in(element, "text")),
    "link": _link,
    "emoji": _emoji,
    "user": _reference("@", "user_id"),
    "canvas_user_mention": _reference("@", "user_id"),
    "usergroup": _reference("!subteam^", "usergroup_id"),
    "channel": _reference("#", "channel_id"),
    "broadcast": _broadcast,
    "date": _date,
    "color": lambda element: escape_markup(text_in(element, "value")),
    "attachment_mention": _link,
    "canvas": _link,
    "citation": _link,
    "file": _link,
    "message_mention": _link,
}
"""Type of an element -> its markup; https://docs.slack.dev/reference/block-kit/block-elements."""


def _whole(value: Any, most: int) -> int:
    return min(max(value, 0), most) if isinstance(value, int) else 0
