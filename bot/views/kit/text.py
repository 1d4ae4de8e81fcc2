"""Texts for Slack. User input is escaped here, once, on the way out.

https://docs.slack.dev/messaging/formatting-message-text#escaping
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.domain.kit.text import CODE_FENCE, code_parts

_TOKEN = re.compile(r"<[^<>]*>|&(?:amp|lt|gt);|.", re.DOTALL)
_GROUP_PING = re.compile(r"<!(?:subteam\^[A-Z0-9]+|(\w+))(?:\|([^<>]*))?>")


def escape(text: str) -> str:
    """The text, escaped so that Slack shows it as typed: no mentions, links or entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_within(text: str, limit: int) -> str:
    """The text, escaped and cut to at most ``limit`` characters, with an ellipsis if anything is left out."""
    shown = escape(text)
    # Escaping never shortens a text, so at most ``limit`` of its characters can fit.
    kept = min(len(text), limit)
    while len(shown) > limit and kept > 0:
        kept -= 1
        shown = escape(text[:kept].rstrip()) + "…"
    return shown


def counted(number: int, one: str, many: str = "") -> str:
    """The number with its noun: ``1 action item``, ``1,204 action items``, ``2 people``."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def mention(user_id: str) -> str:
    """A mention of a person, which Slack shows as their current name."""
    return f"<@{user_id}>"


def channel_link(channel_id: str | None, name: str) -> str:
    """A link to the channel if it exists, else its name."""
    return f"<#{channel_id}>" if channel_id else f"#{escape(name)}"


def date(when: datetime, style: str = "{date_short_pretty} at {time}", link: str | None = None) -> str:
    """A time, shown to each reader in their own time zone, and linked if ``link`` is given.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    target = f"^{escape(link)}" if link else ""
    return f"<!date^{int(when.timestamp())}^{style}{target}|{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC>"


def quote_message(markup: str, limit: int = 300) -> str:
    """A message's own markup on one line, cut at ``limit`` characters and safe to show again.

    Code blocks keep their lines. Mentions of groups become plain words, so that nobody is pinged again, and
    no token is cut in two. Mentions of people stay: Slack shows their names, and a message that only one
    person sees notifies nobody else.
    """
    shown = ""
    for is_code, part in code_parts(_quiet(markup)):
        fence = CODE_FENCE if is_code else ""
        text = part if is_code else " ".join(part.split())
        opening = f"{' ' if shown and text else ''}{fence}"
        if len(shown) + len(opening) + len(fence) >= limit:
            return shown + "…"
        shown += opening
        for token in map(_safe, _TOKEN.findall(text)):
            if len(shown) + len(token) + len(fence) >= limit:
                return f"{shown}…{fence}"
            shown += token
        shown += fence
    return shown


def _safe(token: str) -> str:
    """The token escaped, unless it is one that may be shown again: of the special ones, only dates are."""
    is_known = len(token) > 1 and (not token.startswith("<!") or token.startswith("<!date^"))
    return token if is_known else escape(token)


def _quiet(markup: str) -> str:
    """The markup with mentions of groups as plain words."""
    return _GROUP_PING.sub(
        lambda found: "@" + (found.group(2) or found.group(1) or "group").removeprefix("@"), markup
    )
