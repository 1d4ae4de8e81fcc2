"""What the Slack app needs from a workspace, as rows from which ``make manifest`` writes ``manifest.yml``.

The rows of events, shortcuts and commands are next to the code that handles them, in :mod:`bot.listeners`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Scope:
    """A permission of the bot's token (https://docs.slack.dev/reference/scopes)."""

    name: str
    enables: str
    """What the bot can't do without it, to complete "without this scope the bot can't …"."""
    is_optional: bool = False
    """Whether it may be declined at installation; the bot then works without it, and reports no failure."""


@dataclass(frozen=True, slots=True)
class Event:
    """A subscription to a kind of event (https://docs.slack.dev/reference/events)."""

    name: str
    scopes: tuple[str, ...] = ()
    """Any one of these is enough; without one, Slack doesn't send the event."""
    note: str = ""
    comes_with_incidents: bool = False
    """Whether every public incident makes Slack send it, so that its absence shows that it isn't sent."""

    @property
    def type(self) -> str:
        """The type in the event itself: ``message.channels`` arrives with the type ``message``."""
        return self.name.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry in a message's menu (``message``), or in the menu next to the message field (``global``)."""

    callback_id: str
    name: str
    type: Literal["global", "message"]
    description: str


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A slash command. Slack sends people and channels in its text as ids (``should_escape``)."""

    command: str
    description: str
    usage_hint: str


SCOPES: tuple[Scope, ...] = (
    Scope("app_mentions:read", "take commands from mentions, even in threads"),
    Scope(
        "bookmarks:read",
        "add bookmarks in an incident's channel, since it first looks for its own",
        is_optional=True,
    ),
    Scope(
        "bookmarks:write",
        "bookmark the call and a project's links in the incident's channel",
        is_optional=True,
    ),
    Scope("canvases:write", "write the postmortem in a canvas instead of a file", is_optional=True),
    Scope("channels:history", "put messages on the timeline; check for a message before posting it again"),
    Scope("channels:join", "join an announcements channel that already exists"),
    Scope("channels:manage", "create and rename channels, invite people, set topic and description"),
    Scope(
        "channels:read",
        "find the announcements channel, and its own channels after a crash; notice when one becomes private",
    ),
    Scope("chat:write", "post the card, the announcement and answers"),
    Scope("chat:write.public", "reply to the message that an incident was declared from"),
    Scope("commands", "offer /incident and the shortcuts"),
    Scope("files:write", "upload exports, and the postmortem where canvases aren't allowed"),
    Scope(
        "files:read", "name and link files in incident channels; find the bot's own exports to delete them"
    ),
    Scope("groups:history", "put messages on the timelines of private incidents"),
    Scope("groups:read", "see who is in a private incident's channel, and may therefore see the incident"),
    Scope("groups:write", "do what channels:manage allows, for private incidents"),
    Scope("im:history", "check for a direct message before sending it again"),
    Scope("im:write", "send direct messages"),
    Scope("pins:read", "notice pins, which mark key events like 📌", is_optional=True),
    Scope("pins:write", "pin the live card"),
    Scope("reactions:read", "notice 📌, which marks key events, and ☑️, which creates action items"),
    Scope("reactions:write", "put a check mark on each answer in five whys", is_optional=True),
    Scope("usergroups:read", "show the names of user groups, and know who is in them", is_optional=True),
    Scope("users:read", "know people's names and time zones, and who is a guest"),
    Scope("users:read.email", "match people with their calendars", is_optional=True),
)
