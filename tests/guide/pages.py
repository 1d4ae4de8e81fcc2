"""The pages that people read, and the links in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md")))
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:")
_COMMAND = re.compile(r"(?:[A-Z_]+=\S+ )*(?:make|\S*python) \S")
_MARKDOWN = MarkdownIt("commonmark").enable("table")


def links(page: Path) -> Iterator[str]:
    """Where the page's links and pictures lead, except to the web."""
    for block in _MARKDOWN.parse(page.read_text("utf-8")):
        for each in block.children or ():
            target = each.attrGet("href") or each.attrGet("src")
            if isinstance(target, str) and not _ELSEWHERE.match(target):
                yield unquote(target)


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives to the page's headings."""
    tokens = _MARKDOWN.parse(page.read_text("utf-8"))
    headings = (
        "".join(part.content for part in tokens[number + 1].children or ())
        for number, each in enumerate(tokens)
        if each.type == "heading_open"
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table(page: str, heading: str) -> list[list[str]]:
    """The cells of the first table below the heading, without their header."""
    below = (DOCS / page).read_text("utf-8").partition(f"\n## {heading}\n")[2]
    rows = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert rows, f"{page} has no table below {heading}"
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[0].splitlines()[2:]]


def commands(page: Path) -> Iterator[str]:
    """The commands that the page has one type, in blocks and in sentences, without their comments."""
    for block in _MARKDOWN.parse(page.read_text("utf-8")):
        code = [each.content for each in block.children or () if each.type == "code_inline"]
        for line in code or (block.content.splitlines() if block.type in {"code_block", "fence"} else ()):
            command = line.partition("  #")[0].strip()
            if _COMMAND.match(command):
                yield command
