"""What a message says: its text, forwarded messages, attachments and blocks, in reading order, as markup.

``text`` is often only what notifications show. Bots put their facts in attachments and blocks, and a message
that somebody forwards is an attachment. A link's preview isn't part of what was said.

https://docs.slack.dev/messaging#composing_message
https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from html import unescape
from itertools import chain

from bot.domain.kit.json import Json, dict_in, dicts_in, text_in
from bot.domain.kit.text import escape_typed, unformatted
from bot.domain.messages.blocks import HEADER, texts_of

MAX_TEXT = 40_000
"""Slack's own limit for ``text``; https://docs.slack.dev/reference/methods/chat.postMessage#truncating."""
_MAX_FORWARDED = 3
"""How deep forwarded messages are read that contain others."""
_MAX_HEADLINE = 500
_PLACEHOLDERS = frozenset(
    {
        "[no preview available]",
        "this content can't be displayed",
        "this message contains interactive elements",
        "no fallback defined",
    }
)
"""What Slack and its clients show instead of words that they don't have."""
_AS_SENT = frozenset(
    variant
    for each in _PLACEHOLDERS
    for text in (each, each.capitalize(), each.upper())
    for variant in (text, f"{text}.", f"{text}.".replace("'", "\u2019"))
)
_LONGEST_PLACEHOLDER = 60


@dataclass(frozen=True, slots=True)
class Headed:
    """A message's headline, and the rest of it in reading order, both as markup."""

    headline: str
    rest: str


@dataclass(frozen=True, slots=True)
class _Part:
    """A text in a message."""

    text: str
    is_own: bool = False
    """Whether it is the message's ``text``."""
    is_headline: bool = False
    is_forwarded: bool = False
    is_label: bool = False
    """Whether it only says who wrote what follows."""


def text_of(message: Json) -> str:
    """Everything that the message says, without repetitions."""
    text = message.get("text")
    if text and isinstance(text, str) and text not in _AS_SENT and not _has_more(message):
        return text
    return "\n".join(each.text for each in _parts(message))[:MAX_TEXT]


def headed(message: Json) -> Headed:
    """The message's headline: a header, an attachment's title, or else its first line.

    People write titles less often than bots do: theirs is the first paragraph, and only a message that they
    forward without a word of their own has the headline of what is forwarded.
    """
    parts = _parts(message)
    by_person = not _is_by_bot(message)
    titles = [each for each in _all_parts(message) if each.is_headline]
    own = next((each for each in parts if each.is_own), None)
    title = next((each for each in titles if not each.is_forwarded), None)
    if title is None and not (own and by_person):
        title = next(iter(titles), None)
    if title:
        headline = title.text
        rest = [each for each in parts if _words(each.text) != _words(headline)]
    else:
        first = own or next((each for each in parts if not each.is_label), _Part(""))
        headline, left = _split(first.text, "\n\n" if first.is_own and by_person else "\n")
        rest = [replace(first, text=left) if each is first else each for each in parts]
    return Headed(unformatted(headline[:_MAX_HEADLINE]), _joined(rest))


def attached_files(message: Json) -> list[Json]:
    """The message's files, followed by those of the messages that it forwards."""
    if not message.get("attachments"):
        return dicts_in(message, "files") if message.get("files") else []
    forwarded = (dicts_in(each, "files") for each in _attachments(message) if _is_forwarded(each))
    return list(chain(dicts_in(message, "files"), *forwarded))


def _has_more(message: Json) -> bool:
    """Whether the message may say more than its text.

    What people type comes twice, as text and as rich text: only the former is read. Every message of a
    channel comes through here, and nearly all are like that.
    """
    if message.get("attachments"):
        return True
    return "blocks" in message and bool(_blocks(message))


def _is_by_bot(message: Json) -> bool:
    return bool(message.get("bot_id") or message.get("subtype") == "bot_message")


def _blocks(message: Json) -> list[Json]:
    """The message's blocks without a rich text that only repeats its text."""
    found = message.get("blocks")
    if not isinstance(found, list):
        return []
    repeats = "rich_text" if text_in(message, "text").strip() and not _is_by_bot(message) else None
    return [each for each in found if isinstance(each, dict) and each.get("type") != repeats]


def _parts(message: Json) -> list[_Part]:
    """The message's texts in reading order, each once: bots repeat theirs in blocks, for notifications."""
    own, blocks = _own(message), _of_blocks(_blocks(message))
    parts = [*own]
    for each in _in_order(message):
        parts += _unsaid(_of_attachment(each), own)
    parts += _unsaid([blocks], parts)
    if own and any(_is_said(own[0], _padded(each)) for each in parts[1:]):
        return parts[1:]
    return parts


def _all_parts(message: Json) -> Iterator[_Part]:
    """The same with its repetitions."""
    attached = chain.from_iterable(map(_of_attachment, _in_order(message)))
    return chain(_own(message), chain.from_iterable(attached), _of_blocks(_blocks(message)))


def _unsaid(sources: Iterable[list[_Part]], before: Iterable[_Part]) -> Iterator[_Part]:
    """The texts that neither ``before`` nor an earlier source says; within a source, repetitions are kept."""
    said = "".join(map(_padded, before))
    for source in sources:
        new = [each for each in source if not _is_said(each, said)]
        said += "".join(map(_padded, new))
        yield from new


def _own(message: Json) -> list[_Part]:
    return _kept([_Part(text_in(message, "text"), is_own=True)])


def _in_order(message: Json) -> list[Json]:
    return sorted(_attachments(message), key=lambda each: not _is_forwarded(each))


def _attachments(message: Json) -> list[Json]:
    return [each for each in dicts_in(message, "attachments") if not _is_preview(each, message)]


def _is_forwarded(attachment: Json) -> bool:
    return attachment.get("is_share") is True or attachment.get("is_msg_unfurl") is True


def _is_preview(attachment: Json, message: Json) -> bool:
    """Whether Slack or an app has added it because the text has a link."""
    if _is_forwarded(attachment):
        return False
    if attachment.get("is_app_unfurl") is True or attachment.get("app_unfurl_url"):
        return True
    if not attachment.get("from_url"):
        return False
    is_own = _is_by_bot(message) and not attachment.get("original_url") and not attachment.get("service_name")
    return not is_own


def _of_attachment(attachment: Json, depth: int = 0) -> Iterator[list[_Part]]:
    """The texts of an attachment, then those of its blocks, then its own attachments'; else its fallback."""
    is_forwarded = _is_forwarded(attachment)
    texts = _kept(
        [
            _Part(text_in(attachment, "pretext")),
            _Part(text_in(attachment, "title"), is_headline=True),
            _Part(text_in(attachment, "text")),
            *(_Part(_field(each)) for each in dicts_in(attachment, "fields")),
        ]
    )
    sources = [texts, _of_blocks([*dicts_in(attachment, "blocks"), *_forwarded_blocks(attachment)])]
    if depth < _MAX_FORWARDED:
        sources += chain.from_iterable(_of_attachment(each, depth + 1) for each in _attachments(attachment))
    if not any(sources):
        sources = [_kept([_Part(text_in(attachment, "fallback"))])]
    if is_forwarded:
        sources = [[_Part(_author(attachment), is_label=True)], *sources] if any(sources) else []
    yield from ([replace(each, is_forwarded=is_forwarded) for each in source] for source in sources)


def _forwarded_blocks(attachment: Json) -> Iterator[Json]:
    for each in dicts_in(attachment, "message_blocks"):
        yield from dicts_in(dict_in(each, "message"), "blocks")


def _author(attachment: Json) -> str:
    name = text_in(attachment, "author_name") or text_in(attachment, "author_subname")
    user_id = text_in(attachment, "author_id")
    if not name and re.fullmatch(r"[UW][A-Z0-9]+", user_id):
        return f"Forwarded from <@{user_id}>:"
    return f"Forwarded from {escape_typed(name)}:" if name else "Forwarded:"


def _field(field: Json) -> str:
    return ": ".join(filter(str.strip, (text_in(field, "title"), text_in(field, "value"))))


def _of_blocks(blocks: list[Json]) -> list[_Part]:
    found = []
    for block in blocks:
        is_headline = block.get("type") == HEADER
        found += [_Part(text, is_headline=is_headline) for text in texts_of(block)]
    return _kept(found)


def _kept(parts: Iterable[_Part]) -> list[_Part]:
    return [each for each in parts if not _is_placeholder(each.text)]


def _is_placeholder(text: str) -> bool:
    """Whether there are no words, or only a placeholder for them."""
    if len(text) > _LONGEST_PLACEHOLDER:
        return not text.strip()
    bare = text.strip(" \t\n*_~`.").replace("\u2019", "'").lower()
    return not text.strip() or bare in _PLACEHOLDERS


def _is_said(part: _Part, said: str) -> bool:
    words = _padded(part)
    return not part.is_label and bool(words.strip()) and words in said


def _padded(part: _Part) -> str:
    return f" {_words(part.text)} "


def _words(markup: str) -> str:
    """The words that markup shows, without signs and formatting, to find repetitions by."""
    shown = _TOKEN.sub(lambda found: f" {found[2] or found[1]} ", markup)
    return " ".join(re.findall(r"[^\W_]+", _CODE.sub(" ", unescape(shown)).lower()))


_TOKEN = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_CODE = re.compile(r":[a-z0-9_+'-]+:")


def _split(text: str, at: str) -> tuple[str, str]:
    first, _, left = text.strip().partition(at)
    return first, left.strip("\n")


def _joined(parts: list[_Part]) -> str:
    """The parts on lines of their own; a last one that names an author needs no colon."""
    kept = [each for each in parts if each.text.strip()]
    text = "\n".join(each.text for each in kept)
    return text.removesuffix(":") if kept and kept[-1].is_label else text
