"""Texts for Slack. User input is escaped here, once, on its way out.

https://docs.slack.dev/messaging/formatting-message-text#escaping
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_TOKEN = re.compile(r"<[^<>]*>|&(?:amp|lt|gt);|.", re.DOTALL)
_GROUP_PING = re.compile(r"<!(?:subteam\^[A-Z0-9]+|(\w+))(?:\|([^<>]*))?>")


def escape(text: str) -> str:
    """Text that Slack shows as it was typed: no mention, no link, no entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_within(text: str, limit: int) -> str:
    """Escaped text of at most ``limit`` characters, with an ellipsis where something was left out."""
    shown = escape(text)
    # Escaping never makes a character shorter, so nothing longer than the limit fits.
    kept = min(len(text), limit)
    while len(shown) > limit and kept > 0:
        kept -= 1
        shown = escape(text[:kept].rstrip()) + "…"
    return shown


def mention(user_id: str) -> str:
    """A person, shown by their current name."""
    return f"<@{user_id}>"


def channel_link(channel_id: str | None, name: str) -> str:
    """A link to the channel if it exists, or its name."""
    return f"<#{channel_id}>" if channel_id else f"#{escape(name)}"


def date(when: datetime, style: str = "{date_short_pretty} at {time}", link: str | None = None) -> str:
    """A time that each reader sees in their own time zone, as a link if ``link`` is given.

    https://docs.slack.dev/messaging/formatting-message-text#date-formatting
    """
    target = f"^{escape(link)}" if link else ""
    return f"<!date^{int(when.timestamp())}^{style}{target}|{when.astimezone(UTC):%Y-%m-%d %H:%M} UTC>"


def quote_message(markup: str, limit: int = 300) -> str:
    """At most ``limit`` characters of a message's own markup, safe to show again.

    No group is notified again, and no token is cut in two. Mentions of people stay: Slack shows their names,
    and notifies nobody from a message that only one person sees.
    """
    shown = ""
    for token in _TOKEN.findall(" ".join(_quiet(markup).split())):
        # Dates are the only special tokens that are left here and that Slack understands.
        is_known = len(token) > 1 and (not token.startswith("<!") or token.startswith("<!date^"))
        more = token if is_known else escape(token)
        if len(shown) + len(more) >= limit:
            return shown + "…"
        shown += more
    return shown


def _quiet(markup: str) -> str:
    """The markup with mentions of groups as plain words."""
    return _GROUP_PING.sub(
        lambda found: "@" + (found.group(2) or found.group(1) or "group").removeprefix("@"), markup
    )
