"""The templates' environment: autoescape on, and lenient, because templates show JSON from any app."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChainableUndefined, Environment, FileSystemLoader

from sandbox.page import emoji, markdown, mrkdwn

HERE = Path(__file__).parent
_SURROGATE = re.compile("[\ud800-\udfff]")


def identifier(*parts: object) -> str:
    """An HTML id that is always the same for the same parts, whatever characters they contain."""
    return (
        "x"
        + hashlib.sha256("\x00".join(str(part) for part in parts).encode("utf-8", "replace")).hexdigest()[:12]
    )


@cache
def environment() -> Environment:
    """The environment with what every template may use; what depends on the viewer is in the context."""
    templates = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=ChainableUndefined,
    )
    templates.globals.update(
        emoji=emoji.shown,
        picker=emoji.PICKER,
        ident=identifier,
        markdown=lambda text: markdown.render(str(text or "")),
        plain=lambda text: mrkdwn.plain(str(text or "")),
        with_emoji=lambda text: mrkdwn.with_emoji(str(text or "")),
        safe_url=lambda address: mrkdwn.safe_url(str(address or "")),
    )
    return templates


def render(name: str, context: dict[str, Any]) -> str:
    """The template with its context; lone surrogates, which HTTP can't carry, are replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", environment().get_template(f"{name}.html").render(context))
