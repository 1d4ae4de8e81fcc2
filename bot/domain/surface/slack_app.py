"""What the Slack app asks of a workspace, as rows; ``make manifest`` writes ``manifest.yml`` from them.

Rows of events, shortcuts and commands are beside what listens for them, in :mod:`bot.listeners`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Scope:
    """A permission of the bot's token (https://docs.slack.dev/reference/scopes)."""

    name: str
    enables: str
    """What stops working without it: a phrase that completes "this needs the scope:"."""
    is_optional: bool = False
    """Whether it may be declined at installation: the bot then goes on without it, and reports no failure."""


@dataclass(frozen=True, slots=True)
class Event:
    """A subscription to a kind of event (https://docs.slack.dev/reference/events)."""

    name: str
    scopes: tuple[str, ...] = ()
    """Any one of them is enough; Slack sends no such events without."""
    note: str = ""

    @property
    def type(self) -> str:
        """What the events themselves call it: those of ``message.channels`` have the type ``message``."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry in the menu of a message (``message``), or in the one beside the composer (``global``)."""

    callback_id: str
    name: str
    type: Literal["global", "message"]
    description: str


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A slash command; Slack sends people and channels in its text as ids (``should_escape``)."""

    command: str
    description: str
    usage_hint: str


SCOPES: tuple[Scope, ...] = (
    Scope("app_mentions:read", "commands by @mention, in threads too"),
    Scope("canvases:write", "the postmortem as a canvas in the incident's channel, not as a file", True),
    Scope(
        "channels:history", "recording messages of incident channels; finding what was posted before a crash"
    ),
    Scope("channels:join", "announcing incidents in a channel that already exists"),
    Scope("channels:manage", "creating and renaming incident channels, inviting people, topic and purpose"),
    Scope(
        "channels:read",
        "finding the announcements channel, and our own after a crash; noticing channels made private",
    ),
    Scope("chat:write", "the card, the announcement and all answers"),
    Scope("chat:write.public", "the link under the message that an incident was declared from"),
    Scope("commands", "/incident and the shortcuts"),
    Scope(
        "files:write",
        "exports, files for calendars, and the postmortem's document where there are no canvases",
    ),
    Scope("files:read", "names and links of files shared in incident channels; taking back our own exports"),
    Scope("groups:history", "recording messages of private incidents' channels"),
    Scope("groups:read", "knowing who is in a private incident's channel, and so may see it"),
    Scope(
        "groups:write",
        "creating and renaming private incidents' channels, inviting people, topic and purpose",
    ),
    Scope("im:history", "finding a direct message that was sent before a crash, so as not to send it again"),
    Scope("im:write", "direct messages: invitations to the channel, reminders, failures"),
    Scope("pins:read", "marking key events with Slack's own pin, not only with a reaction", True),
    Scope("pins:write", "pinning the live card"),
    Scope("reactions:read", "marking key events with a pushpin, and action items with a check box"),
    Scope("reactions:write", "a check mark on each reply that five whys has taken as an answer", True),
    Scope("users:read", "names, time zones, and who is a guest"),
    Scope("users:read.email", "knowing whose calendar is whose; without it all of them are unknown", True),
)
