"""Texts for Slack. User input is escaped here, once, on the way out.

https://docs.slack.dev/messaging/formatting-message-text#escaping
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.domain.kit.references import Names
from bot.domain.kit.text import plain_from_markup

_TOKEN = re.compile(r"<[^<>]*>|&(?:amp|lt|gt);|.", re.DOTALL)
_GROUP_PING = re.compile(r"<!(?!date\^)[^<>]*>")
_PING = re.compile(r"<(?:!(?!date\^)|@)[^<>]*>")


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


def quote_message(markup: str, names: Names, limit: int = 300, *, mentions: bool = True) -> str:
    """A message's own markup, cut at ``limit`` characters and safe to show again.

    Mentions of groups become plain words, so that nobody is pinged again, and no token is cut in two.
    With ``mentions``, those of people stay: Slack shows their names, and a message that only one person sees
    notifies nobody else. Without, they become plain words, too.
    """
    pings, shown = _GROUP_PING if mentions else _PING, ""
    quiet = pings.sub(lambda found: escape(plain_from_markup(found[0], names)), markup)
    for token in _TOKEN.findall(" ".join(quiet.split())):
        # Of the special tokens that remain, Slack only understands dates.
        is_known = len(token) > 1 and (not token.startswith("<!") or token.startswith("<!date^"))
        more = token if is_known else escape(token)
        if len(shown) + len(more) >= limit:
            return shown + "…"
        shown += more
    return shown
