"""A postmortem as Markdown, HTML and JSON. All of them show what people wrote as plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.codec import dump
from bot.domain.kit.text import code_parts
from bot.domain.postmortems.documents import Document
from bot.views.kit.emoji import with_emoji
from bot.views.postmortems.outline import (
    EMPTY,
    LEFT_OPEN,
    NOTED,
    item_lines,
    lesson_lines,
    lines,
    measures,
    open_lines,
    status_line,
)

if TYPE_CHECKING:
    from jinja2 import Template

CANVAS_EVENTS = 300
"""How many events a canvas shows, since Slack limits it to 1 MiB; the rest is in the channel and exports.

https://docs.slack.dev/reference/methods/conversations.canvases.create
"""
_CANVAS_TEXT, _CANVAS_REPLIES = 600, 50
"""The most characters of each text, and the most replies, that a canvas shows."""
CANVAS_BYTES = 1024 * 1024
"""1 MiB, by the same page."""


def markdown(document: Document) -> str:
    """The whole postmortem, as CommonMark."""
    return _markdown(document, None, None)


def canvas_markdown(document: Document) -> str:
    """As much of the postmortem as a canvas holds, with the number of events left out and a link to them."""
    return _markdown(document, CANVAS_EVENTS, _CANVAS_TEXT)


def fits_canvas(text: str) -> bool:
    """Whether a canvas holds the Markdown; counted in bytes, since Slack's pages disagree on the unit."""
    return len(text.encode()) <= CANVAS_BYTES


def cut_for_canvas(text: str, link: str) -> str:
    """As many of its lines as a canvas holds, and a link to the whole document."""
    end = f"\n\n… The rest is in {_link('the whole document', link)}\n"
    room = CANVAS_BYTES - len(end.encode())
    kept = text.encode()[:room].decode(errors="ignore")
    return kept.rpartition("\n")[0] + end


def html(document: Document) -> str:
    """The postmortem as a self-contained HTML page that prints well."""
    return _template().render(
        document=document,
        found=document.postmortem,
        status=status_line(document),
        measures=measures(document),
        lines=list(lines(document, document.postmortem.timeline)),
        lessons=lesson_lines(document),
        items=item_lines(document),
        open_lines=open_lines(document),
        left_open=LEFT_OPEN,
        empty=EMPTY,
        noted=NOTED,
    )


def as_json(document: Document) -> str:
    """Everything about the incident: timeline, five whys, action items, postmortem and revisions."""
    return json.dumps(dump(document), ensure_ascii=False, indent=2)


EXPORTS: Mapping[str, Callable[[Document], str]] = {"md": markdown, "html": html, "json": as_json}


def escape_markdown(text: str) -> str:
    """The text escaped so that Markdown shows it as typed, with emoji, on one line or more."""
    escaped = _SPECIAL.sub(r"\\\g<0>", with_emoji(text))
    return "\\\n".join(_AT_START.sub(r"\1\\\2", line.strip()) for line in escaped.split("\n") if line.strip())


_SPECIAL = re.compile(r"[\\`*_\[\]<>|~&]|:(?=[a-z0-9_+-]+:)")
_AT_START = re.compile(r"^(\d*)([-+=.)#])")


def _markdown(document: Document, most_events: int | None, most_text: int | None) -> str:
    found, e = document.postmortem, escape_markdown
    parts = [
        f"# {e(found.title)}",
        e(status_line(document)),
        f"{NOTED}: {e(found.completed_despite)}" if found.completed_despite else "",
        *_section("Summary", _paragraphs(found.summary), "summary"),
        *_section("Impact", _paragraphs(found.impact), "impact"),
        _list(f"**{label}:** {e(value)}" for label, value in measures(document)),
        *_timeline(document, most_events, most_text),
        *_section("Root causes", [_list(map(e, found.root_causes))] * bool(found.root_causes), "root_causes"),
        *_section("Lessons", _lessons(document), "lessons"),
        *_section("Action items", _items(document), "items"),
        *_left_open(document),
        "## People",
        _list(f"{role}: {e(name)}" for role, name in document.people),
        *_discussion(document, most_text),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(title: str, parts: list[str], empty: str) -> list[str]:
    return [f"## {title}", *(parts or [f"*{EMPTY[empty]}*"])]


def _paragraphs(text: str) -> list[str]:
    return [_fenced(part) if is_code else escape_markdown(part) for is_code, part in code_parts(text)]


def _fenced(code: str) -> str:
    """The code as a block of its own; its fence is longer than any row of back-ticks in it."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
    lines = code.strip("\n")
    return f"{fence}\n{lines}\n{fence}"


def _with_code(text: str, most: int | None, before: str = "", after: str = "") -> str:
    """A line of a list; code in the text, and what comes after it, follow the list.

    A canvas has no code inside a list, so the list ends there and starts again with the next line.
    https://docs.slack.dev/surfaces/canvases
    """
    blocks, left = [before], most
    for is_code, part in code_parts(text):
        kept = part[:left]
        left = None if left is None else left - len(kept)
        if kept.strip() and (is_code or len(blocks) > 1):
            blocks.append(_fenced(kept) if is_code else _one(kept))
        elif kept.strip():
            blocks[0] += _one(kept)
    if blocks[-1].startswith("`") and after.strip():
        blocks.append("")
    blocks[-1] += after if blocks[-1] else after.strip()
    return "\n\n".join(blocks)


def _timeline(document: Document, most_events: int | None, most_text: int | None) -> list[str]:
    events = document.postmortem.timeline[:most_events]
    parts = ["## Timeline", f"*Times are in {escape_markdown(document.zone)}.*"]
    rows: list[str] = []
    for line in lines(document, events):
        if line.day:
            parts += [_list(rows), f"**{line.day}**"]
            rows = []
        if line.gap:
            rows.append(f"*{line.gap}*")
        links = [("message", line.link)] if line.link else []
        linked = "".join(f" {_link(name, link)}" for name, link in (*links, *line.files))
        rows.append(_with_code(line.text, most_text, f"**{line.clock}** ({line.distance}) ", linked))
    parts.append(_list(rows))
    left_out = len(document.postmortem.timeline) - len(events)
    if left_out:
        parts.append(f"… and {left_out} more in {_link('the channel', document.channel_link or '')}")
    return parts if document.postmortem.timeline else ["## Timeline", f"*{EMPTY['timeline']}*"]


def _lessons(document: Document) -> list[str]:
    found = [
        _with_code(lesson, None, after=f" ({escape_markdown(facts)})")
        for lesson, facts in lesson_lines(document)
    ]
    return [_list(found)] if found else []


def _left_open(document: Document) -> list[str]:
    found = open_lines(document)
    return [f"## {LEFT_OPEN}", _list(map(escape_markdown, found))] if found else []


def _items(document: Document) -> list[str]:
    found = [
        f"[{'x' if each.is_done else ' '}] {_one(each.text)} ({_one(each.facts)})"
        for each in item_lines(document)
    ]
    return [_list(found)] if found else []


def _discussion(document: Document, most_text: int | None) -> list[str]:
    replies = document.discussion if most_text is None else document.discussion[:_CANVAS_REPLIES]
    if not replies:
        return []
    rows = []
    for each in replies:
        link = f" {_link('message', each.link)}" if each.link else ""
        rows.append(_with_code(each.text, most_text, f"{_one(each.author)}: ", link))
    return ["## Discussion", _list(rows)]


def _one(text: str) -> str:
    return escape_markdown(" ".join(text.split()))


def _list(rows: Iterable[str]) -> str:
    """The rows as a list, which is interrupted after a row with code."""
    return "\n".join(f"- {row}\n" if "\n" in row else f"- {row}" for row in rows).rstrip("\n")


def _link(name: str, link: str) -> str:
    """A link if the URL is one, else just the name."""
    if not re.match(r"https?://", link):
        return f"📎 {_one(name)}" if name not in _OURS else name
    # Percent-encode characters that would end the link or its text.
    return f"[{_one(name)}]({quote(link, safe=_KEPT_IN_LINKS)})"


_OURS = frozenset({"message", "the channel", "the whole document"})
_KEPT_IN_LINKS = ":/?#@!$&+,;=%-._~"


@cache
def _template() -> Template:
    # Imported late because most runs never export anything.
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415

    environment = Environment(
        loader=PackageLoader("bot.views"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters |= {"parts": code_parts, "emoji": with_emoji}
    return environment.get_template("postmortem.html")
