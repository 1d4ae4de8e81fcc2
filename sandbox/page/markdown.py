"""The ``markdown`` block: the part of standard Markdown that Slack shows, as HTML.

As in :mod:`sandbox.page.mrkdwn`, whatever isn't markup is text and gets escaped. Source: docs.slack.dev,
"Markdown block". Images become links, as there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby

from markupsafe import Markup, escape

from sandbox.page.mrkdwn import plain, safe_url

_INLINE = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|`(?P<code>[^`]+)`"
    r"|\*\*(?P<b>[^\s*](?:[^*]*[^\s*])?)\*\*"
    r"|\*(?P<i>[^\s*](?:[^*]*[^\s*])?)\*"
    r"|(?<!\w)_(?P<u>[^\s_](?:[^_]*[^\s_])?)_(?!\w)"
    r"|~~(?P<s>[^\s~](?:[^~]*[^\s~])?)~~"
    r"|!?\[(?P<link>[^\[\]]*)\]\((?P<to>[^()\s]+)\)"
)
_TAGS = {
    "b": Markup("<b>{}</b>"),
    "i": Markup("<i>{}</i>"),
    "u": Markup("<i>{}</i>"),
    "s": Markup("<s>{}</s>"),
}
_LINES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("blank", re.compile(r"\s*$")),
    ("heading", re.compile(r"(#{1,6})\s+(.*?)\s*#*$")),
    ("rule", re.compile(r"\s*([-*_])(?:\s*\1){2,}\s*$")),
    ("bullet", re.compile(r"(\s*)[-*+]\s+(?:\[([ xX])\]\s+)?(.*)$")),
    ("number", re.compile(r"(\s*)(\d+)[.)]\s+(.*)$")),
    ("quote", re.compile(r"\s*>\s?(.*)$")),
    ("table", re.compile(r"\s*\|(.*)\|\s*$")),
    ("text", re.compile(r"(.*)$")),
)
_FENCE = re.compile(r"^```[^\n`]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)
_DEEPEST = 6


def render(text: str) -> Markup:
    """The Markdown as HTML: only tags that this file writes, only links with harmless schemes."""
    parts = _FENCE.split(text.replace("\r\n", "\n"))
    return Markup("").join(
        Markup("<pre>{}</pre>").format(plain(part.removesuffix("\n"))) if index % 2 else _blocks(part)
        for index, part in enumerate(parts)
    )


def _blocks(text: str) -> Markup:
    lines = [_kind(line) for line in text.split("\n")]
    groups = groupby(lines, key=lambda line: line[0])
    return Markup("").join(_GROUPS[kind]([match for _, match in group]) for kind, group in groups)


def _kind(line: str) -> tuple[str, re.Match[str]]:
    found = ((kind, pattern.match(line)) for kind, pattern in _LINES)
    return next((kind, match) for kind, match in found if match)


def _headings(matches: list[re.Match[str]]) -> Markup:
    return Markup("").join(
        Markup('<p class="md-heading md-h{}" role="heading" aria-level="{}">{}</p>').format(
            len(match[1]), min(len(match[1]) + 2, 6), _inline(match[2])
        )
        for match in matches
    )


def _bullets(matches: list[re.Match[str]]) -> Markup:
    boxes = {None: "", " ": "☐ ", "x": "☑ ", "X": "☑ "}
    items = (Markup("{}{}").format(boxes[match[2]], _inline(match[3])) for match in matches)
    return Markup("<ul>{}</ul>").format(_items(matches, items))


def _numbers(matches: list[re.Match[str]]) -> Markup:
    items = _items(matches, (_inline(match[3]) for match in matches))
    return Markup('<ol start="{}">{}</ol>').format(int(matches[0][2]), items)


def _items(matches: list[re.Match[str]], items: Iterator[Markup]) -> Markup:
    depths = (min(len(match[1].expandtabs(4)) // 2, _DEEPEST) for match in matches)
    return Markup("").join(
        Markup('<li class="depth-{}">{}</li>').format(depth, item)
        for depth, item in zip(depths, items, strict=True)
    )


def _quote(matches: list[re.Match[str]]) -> Markup:
    lines = (_inline(match[1]) for match in matches)
    return Markup("<blockquote>{}</blockquote>").format(Markup("\n").join(lines))


def _table(matches: list[re.Match[str]]) -> Markup:
    cells = [[cell.strip() for cell in match[1].split("|")] for match in matches]
    headed = len(cells) > 1 and all(re.fullmatch(r":?-+:?", cell) for cell in cells[1])
    body = cells[2:] if headed else cells
    rows = [_table_row(cells[0], Markup('<th scope="col">{}</th>'))] if headed else []
    rows += [_table_row(row, Markup("<td>{}</td>")) for row in body]
    return Markup('<table class="table">{}</table>').format(Markup("").join(rows))


def _table_row(cells: list[str], tag: Markup) -> Markup:
    return Markup("<tr>{}</tr>").format(Markup("").join(tag.format(_inline(cell)) for cell in cells))


def _paragraph(matches: list[re.Match[str]]) -> Markup:
    return Markup("<p>{}</p>").format(_inline("\n".join(match[1].strip() for match in matches)))


_GROUPS: dict[str, Callable[[list[re.Match[str]]], Markup]] = {
    "blank": lambda _matches: Markup(""),
    "heading": _headings,
    "rule": lambda _matches: Markup("<hr>"),
    "bullet": _bullets,
    "number": _numbers,
    "quote": _quote,
    "table": _table,
    "text": _paragraph,
}


def _inline(text: str) -> Markup:
    html: list[Markup] = []
    done = 0
    for match in _INLINE.finditer(text):
        html += [plain(text[done : match.start()]), _marked(match)]
        done = match.end()
    return Markup("").join([*html, plain(text[done:])])


def _marked(match: re.Match[str]) -> Markup:
    if match["escaped"]:
        return escape(match["escaped"])
    if match["code"]:
        return Markup("<code>{}</code>").format(plain(match["code"]))
    if match["to"]:
        return _link(match)
    kind = match.lastgroup or ""
    return _TAGS[kind].format(_inline(match[kind]))


def _link(match: re.Match[str]) -> Markup:
    address = safe_url(match["to"])
    if address is None:
        return plain(match[0])
    away = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
    return away.format(address, _inline(match["link"]) or address)
