"""How Sphinx makes the guide of the pages in this folder: `make guide`.

The pages are plain Markdown, to be read on GitHub as well, where they may link to files of the repository.
Those aren't part of the guide, so there such a link becomes plain text; tests/guide checks that it leads
somewhere.
"""

from __future__ import annotations

import re
from typing import Any

project = "Muster"
project_copyright = "Muster's authors"
extensions = ["myst_parser"]
html_theme = "furo"
html_title = "Muster"
html_copy_source = False
html_show_sphinx = False
# The same slugs as on GitHub, so that one link works in both places.
myst_heading_anchors = 4
# Only links to pages, anchors and pictures are left in them, and each has to lead somewhere.
nitpicky = True

_OUTSIDE = re.compile(r"\[([^\]\[]+)\]\(\.\./[^)\s]*\)")


def setup(app: Any) -> None:
    """Have Sphinx prepare each page."""
    app.connect("source-read", _prepare)


def _prepare(_app: Any, _page: str, source: list[str]) -> None:
    text = _OUTSIDE.sub(r"\1", source[0])
    # GitHub draws this block; here it would need a script from elsewhere.
    source[0] = text.replace("```mermaid", "```text")
