"""The ``markdown`` block and canvases: standard Markdown as Slack shows it, as HTML.

HTML in the text is escaped, and links need a harmless scheme. Images become links, as in
:mod:`sandbox.page.mrkdwn`. Source: https://docs.slack.dev/reference/block-kit/blocks/markdown-block.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from sandbox.page.mrkdwn import printable, safe_url

_BOXES = {"[ ] ": "☐ ", "[x] ": "☑ ", "[X] ": "☑ "}


class _Parser(MarkdownIt):
    """CommonMark with tables, strikethrough, and line breaks where the text has them.

    Without indented code and underlined headings, which people would create by accident.
    """

    def __init__(self) -> None:
        super().__init__("js-default", {"html": False, "breaks": True, "typographer": False})
        self.disable(["code", "lheading", "linkify", "replacements", "smartquotes"])
        self.add_render_rule("fence", _fence)
        self.add_render_rule("image", _image)

    def validateLink(self, url: str) -> bool:  # noqa: N802 - the library's name
        """Whether this may be a link; if not, it stays plain text."""
        return safe_url(url) is not None


def render(text: str) -> Markup:
    """The Markdown as HTML."""
    tokens = _PARSER.parse(printable(text))
    for index, token in enumerate(tokens):
        _dress(token)
        if token.type == "inline" and index > 1 and tokens[index - 2].type == "list_item_open":
            _tick(token.children or [])
        for child in token.children or ():
            _dress(child)
    return Markup(_PARSER.renderer.render(tokens, _PARSER.options, {}))  # noqa: S704 - the library escapes


def _dress(token: Token) -> None:
    """Give the tag what the page's styles and screen readers need."""
    token.attrs |= _ATTRIBUTES.get(token.type, {})
    if token.type == "heading_open":
        level = int(token.tag[1])
        token.attrs |= {"class": f"md-heading md-h{level}", "aria-level": min(level + 2, 6)}
    token.tag = _TAGS.get(token.type.rpartition("_")[0], token.tag)
    # Columns are aligned with style attributes, which the page's Content-Security-Policy forbids.
    token.attrs.pop("style", None)


_TAGS = {"heading": "p", "strong": "b", "em": "i"}
_ATTRIBUTES: dict[str, dict[str, str | int | float]] = {
    "heading_open": {"role": "heading"},
    "link_open": {"target": "_blank", "rel": "noopener noreferrer"},
    "table_open": {"class": "table"},
    "th_open": {"scope": "col"},
}


def _tick(children: list[Token]) -> None:
    """Show a checkbox if a list item begins with one."""
    if children and children[0].content[:4] in _BOXES:
        children[0].content = _BOXES[children[0].content[:4]] + children[0].content[4:]


def _fence(_renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    return str(Markup("<pre>{}</pre>").format(tokens[index].content.removesuffix("\n")))


def _image(_renderer: Any, tokens: Sequence[Token], index: int, *_: Any) -> str:
    address = str(tokens[index].attrs["src"])
    away = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
    return str(away.format(address, tokens[index].content or address))


_PARSER = _Parser()
