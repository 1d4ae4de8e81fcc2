"""Slack's mrkdwn as HTML.

Everything that isn't markup is text and gets escaped; every tag comes from this file. There are two passes:
first the angle brackets (mentions, links, dates: Slack's server resolves these, even in code), then the
formatting within each line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import tzinfo
from typing import Protocol
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from sandbox.page import emoji
from sandbox.page.dates import format_date


class Reader(Protocol):
    """The person that the text is shown to, and what they may see."""

    @property
    def zone(self) -> tzinfo:
        """The time zone that they read times in."""

    @property
    def now(self) -> float:
        """The current time, in seconds since the epoch."""

    def is_me(self, person: str) -> bool:
        """Whether that id is theirs."""

    def person_name(self, person: str) -> str | None:
        """The display name, or ``None`` for an unknown id."""

    def person_handle(self, person: str) -> str | None:
        """What people type after ``@``, or ``None`` for an unknown id."""

    def group_handle(self, group: str) -> str | None:
        """The user group's handle, or ``None`` for an unknown id."""

    def channel_link(self, channel: str) -> tuple[str, str] | None:
        """Name and page URL, or ``None`` for a channel that the reader can't see."""

    def permalink(self, address: str) -> str | None:
        """The page URL for a message's permalink in this workspace, or ``None`` for any other URL."""


_CONTROL = re.compile(r"<([@#!]?)([^<>|\n]+)(?:\|([^<>\n]*))?>")
_ENTITY = re.compile(r"&(amp|lt|gt);")
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">"}
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SLOT = re.compile(r"\x00(\d+)\x00")
_PRE = re.compile(r"```(?:\n)?(.+?)```", re.DOTALL)
_QUOTE = re.compile(r"(?:&gt;|>) ?")
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|(?<![\w*])\*(?P<b>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])"
    r"|(?<!\w)_(?P<i>(?=[^\s_])(?:[^_\n]|(?<=\w)_(?=\w))+)(?<=\S)_(?!\w)"
    r"|(?<![\w~])~(?P<s>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])"
    r"|:(?P<emoji>[a-z0-9_+'-]+):(?::skin-tone-\d:)?"
)
_SCHEMES = frozenset({"http", "https", "mailto", "tel", "slack"})
_PINGS = frozenset({"channel", "here", "everyone"})


def render(text: str, reader: Reader) -> Markup:
    """``text`` as Slack shows it to ``reader``."""
    slots: list[Markup] = []

    def keep(match: re.Match[str]) -> str:
        shown = _control(match, reader)
        if shown is None:
            return match[0]
        slots.append(shown)
        return f"\x00{len(slots) - 1}\x00"

    source = _CONTROL.sub(keep, _UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n")))
    parts = _PRE.split(source)
    rendered = [
        Markup("<pre>{}</pre>").format(_leaf(part.removesuffix("\n"), slots))
        if index % 2
        else _lines(part, index, slots)
        for index, part in enumerate(parts)
    ]
    return Markup("").join(rendered)


def plain(text: str) -> Markup:
    """``text`` escaped, with unprintable characters replaced by U+FFFD."""
    return escape(printable(text))


def printable(text: str) -> str:
    """``text`` with unprintable characters replaced by U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", text)


def with_emoji(text: str) -> Markup:
    """A ``plain_text`` object with emoji: ``:fire:`` becomes one, everything else stays as it is."""
    return plain(re.sub(r":([a-z0-9_+'-]+):", lambda found: emoji.named(found[1]) or found[0], text))


def as_typed(text: str, reader: Reader) -> str:
    """Stored text as its author typed it, for the editor: ``<@U1>`` is ``@ana``, ``&lt;`` is ``<``."""

    def undo(match: re.Match[str]) -> str:
        mark, body, label = match.groups()
        names: dict[str, Callable[[], str]] = {
            "@": lambda: f"@{reader.person_handle(body) or label or body}",
            "#": lambda: f"#{label or (reader.channel_link(body) or (body,))[0]}",
            "!": lambda: f"@{body}" if body in _PINGS else match[0],
            "": lambda: body,
        }
        return names[mark]()

    return _decode(_CONTROL.sub(undo, text))


def safe_url(address: str) -> str | None:
    """The URL if a link may use it, or ``None``, for example for ``javascript:`` or ``data:``."""
    try:
        scheme = urlsplit(address.strip()).scheme.lower()
    except ValueError:
        return None
    return address.strip() if scheme in _SCHEMES else None


def link(address: str, label: str | Markup, reader: Reader) -> Markup:
    """A link that opens outside the page, unless it leads to a message in this workspace."""
    inside = reader.permalink(address)
    if inside:
        return Markup('<a href="{}">{}</a>').format(inside, label)
    return Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>').format(address, label)


def mention(person: str, reader: Reader, label: str = "") -> Markup:
    """``@Ana Alvarez``, highlighted if that's the reader."""
    name = reader.person_name(person) or label or person
    kind = "mention me" if reader.is_me(person) else "mention"
    return Markup('<span class="{}" data-user-id="{}">@{}</span>').format(kind, person, plain(name))


def channel(identifier: str, reader: Reader) -> Markup:
    """``#general`` as a link; not even the name if the reader can't see the channel."""
    found = reader.channel_link(identifier)
    if found is None:
        return Markup('<span class="mention">🔒 private channel</span>')
    name, address = found
    return Markup('<a class="mention" href="{}">#{}</a>').format(address, plain(name))


def broadcast(name: str) -> Markup:
    """``@channel``, ``@here`` or ``@everyone``, which notify everybody in the channel."""
    return Markup('<span class="ping" data-test="ping">@{}</span>').format(name)


def dated(epoch: str, template: str, fallback: str, reader: Reader, address: str = "") -> Markup:
    """A time in the reader's time zone, or the fallback if it can't be shown."""
    try:
        shown = format_date(int(epoch), template, reader.zone, reader.now)
    except ValueError:
        return plain(fallback or template)
    time = Markup('<time title="{}">{}</time>').format(fallback, plain(shown))
    safe = safe_url(address)
    return link(safe, time, reader) if safe else time


def _control(match: re.Match[str], reader: Reader) -> Markup | None:
    mark, body, label = match.groups()
    return _CONTROLS[mark](body, _decode(label or ""), reader)


def _person_control(body: str, label: str, reader: Reader) -> Markup | None:
    return mention(body, reader, label.removeprefix("@")) if re.fullmatch(r"[UW][A-Z0-9]+", body) else None


def _channel_control(body: str, _label: str, reader: Reader) -> Markup | None:
    return channel(body, reader) if re.fullmatch(r"[CGD][A-Z0-9]+", body) else None


def _special_control(body: str, label: str, reader: Reader) -> Markup | None:
    if body in _PINGS:
        return broadcast(body)
    parts = [_decode(part) for part in body.split("^")]
    if parts[0] == "date" and len(parts) in (3, 4):
        return dated(parts[1], parts[2], label, reader, *parts[3:])
    handle = reader.group_handle(parts[1]) if parts[0] == "subteam" and len(parts) > 1 else None
    shown = f"@{handle}" if handle else label
    return Markup('<span class="mention">{}</span>').format(plain(shown)) if shown else None


def _link_control(body: str, label: str, reader: Reader) -> Markup | None:
    address = safe_url(_decode(body))
    return link(address, plain(label or address), reader) if address else None


_CONTROLS: dict[str, Callable[[str, str, Reader], Markup | None]] = {
    "@": _person_control,
    "#": _channel_control,
    "!": _special_control,
    "": _link_control,
}


def _lines(text: str, index: int, slots: list[Markup]) -> Markup:
    """Lines outside ``` fences; adjacent lines that start with > are one quote, and >>> quotes the rest."""
    if index:
        text = text.removeprefix("\n")
    html: list[Markup] = []
    quote: list[str] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if line.startswith(("&gt;&gt;&gt;", ">>>")):
            quote += [
                "&gt;" + re.sub(r"^(&gt;|>){3} ?", "", line),
                *(f"&gt;{rest}" for rest in lines[number + 1 :]),
            ]
            break
        if _QUOTE.match(line):
            quote.append(line)
            continue
        html += _quoted(quote, slots)
        quote = []
        html.append(_inline(line, slots) + ("\n" if number + 1 < len(lines) else ""))
    return Markup("").join(html + _quoted(quote, slots))


def _quoted(lines: list[str], slots: list[Markup]) -> list[Markup]:
    if not lines:
        return []
    inner = Markup("\n").join(_inline(_QUOTE.sub("", line, count=1), slots) for line in lines)
    return [Markup("<blockquote>{}</blockquote>").format(inner)]


def _inline(text: str, slots: list[Markup]) -> Markup:
    html: list[Markup] = []
    done = 0
    for match in _INLINE.finditer(text):
        html += [_leaf(text[done : match.start()], slots), _marked(match, slots)]
        done = match.end()
    return Markup("").join([*html, _leaf(text[done:], slots)])


def _marked(match: re.Match[str], slots: list[Markup]) -> Markup:
    kind, inner = match.lastgroup or "", match[match.lastgroup or 0]
    if kind == "emoji":
        found = emoji.named(inner)
        if found is None:
            return _leaf(match[0], slots)
        return Markup('<span class="emoji" role="img" aria-label="{}">{}</span>').format(
            inner.replace("_", " "), found
        )
    if kind == "code":
        return Markup("<code>{}</code>").format(_leaf(inner, slots))
    return _TAGS[kind].format(_inline(inner, slots))


_TAGS = {"b": Markup("<b>{}</b>"), "i": Markup("<i>{}</i>"), "s": Markup("<s>{}</s>")}


def _leaf(text: str, slots: list[Markup]) -> Markup:
    parts = _SLOT.split(text)
    return Markup("").join(
        slots[int(part)] if index % 2 else escape(_decode(part)) for index, part in enumerate(parts)
    )


def _decode(text: str) -> str:
    return _ENTITY.sub(lambda found: _ENTITIES[found[1]], text)
