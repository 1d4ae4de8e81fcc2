"""The person that the page is shown to: what they may see, and how names, times and text look to them."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from markupsafe import Markup

from sandbox.page import dates, mrkdwn
from sandbox.workspace.model import Channel, Message, Person
from sandbox.workspace.store import Store

_PERMALINK = re.compile(r"(?P<channel>[A-Z0-9]+)/p(?P<ts>\d{16,})(?:\?(?P<query>.*))?")
_THREAD = re.compile(r"(?:^|&)thread_ts=(\d+\.\d{6})(?:&|$)")
_EVENT = re.compile(r"(?P<calendar>[^/?]+)\?event=(?P<event>[a-z0-9]+)")
HUES = 8
"""How many avatar colours the style sheet has."""


def may_see(person: Person, channel: Channel) -> bool:
    """Whether the person may see the channel: its members may, and if it's public, everybody but guests."""
    is_guest = person.is_restricted or person.is_ultra_restricted
    return person.id in channel.members or not (channel.is_private or is_guest)


@dataclass(frozen=True)
class Author:
    """Who a message appears to be from."""

    name: str
    initials: str
    hue: int
    is_app: bool


@dataclass
class Viewer:
    """One person's view of the workspace at one moment; a :class:`sandbox.page.mrkdwn.Reader`."""

    store: Store
    me: Person

    @cached_property
    def zone(self) -> tzinfo:
        """The time zone that they read times in."""
        return zone_of(self.me)

    @cached_property
    def now(self) -> float:
        """The current time, in seconds since the epoch."""
        return self.store.clock()

    def is_me(self, person: str) -> bool:
        """Whether that id is theirs."""
        return person == self.me.id

    def person_name(self, person: str) -> str | None:
        """The display name, or ``None`` for an unknown id."""
        found = self.store.workspace.people.get(person)
        return found.real_name if found else None

    def person_handle(self, person: str) -> str | None:
        """What people type after ``@``, or ``None`` for an unknown id."""
        found = self.store.workspace.people.get(person)
        return found.name if found else None

    def group_handle(self, group: str) -> str | None:
        """The user group's handle, or ``None`` for an unknown id."""
        found = self.store.workspace.groups.get(group)
        return found.handle if found else None

    def channel_link(self, channel: str) -> tuple[str, str] | None:
        """Name and page URL, or ``None`` for a channel that they can't see."""
        found = self.store.workspace.channels.get(channel)
        if found is None or not may_see(self.me, found):
            return None
        return self.title(found), self.address(found)

    def permalink(self, address: str) -> str | None:
        """The page URL for a message, channel or event in this workspace, or ``None`` for any other URL."""
        rest = address.removeprefix(f"{self.store.team_url}archives/")
        if rest in self.store.workspace.channels:
            return f"/as/{self.me.id}/{rest}"
        match = _PERMALINK.fullmatch(rest)
        if match is None:
            return self._event_address(address.removeprefix(f"{self.store.team_url}calendar/"))
        ts = f"{match['ts'][:-6]}.{match['ts'][-6:]}"
        thread = _THREAD.search(match["query"] or "")
        pane = f"thread={thread[1]}&" if thread else ""
        return f"/as/{self.me.id}/{match['channel']}?{pane}at={ts}"

    def _event_address(self, rest: str) -> str | None:
        match = _EVENT.fullmatch(rest)
        return f"/as/{self.me.id}/calendar?of={match['calendar']}&event={match['event']}" if match else None

    def address(self, channel: Channel) -> str:
        """The channel's URL on the page."""
        return f"/as/{self.me.id}/{channel.id}"

    def title(self, channel: Channel) -> str:
        """The channel's name, or the other person's in a direct message."""
        if not channel.is_im:
            return channel.name
        other = next((member for member in sorted(channel.members) if member != self.me.id), self.me.id)
        return self.person_name(other) or other

    def mrkdwn(self, text: object) -> Markup:
        """Marked-up text as they see it."""
        return mrkdwn.render(str(text or ""), self)

    def moment(self, ts: str | float) -> datetime:
        """A ts or a number of seconds as a time in their time zone."""
        return datetime.fromtimestamp(float(ts), self.zone)

    def clock(self, ts: str | float) -> str:
        """``6:39 AM``"""
        return dates.clock(self.moment(ts))

    def day(self, ts: str | float) -> str:
        """Today, Yesterday, or the written date."""
        return dates.day(self.moment(ts), self.moment(self.now))

    def full_time(self, ts: str | float) -> str:
        """Day and time, for a tooltip."""
        return (
            f"{self.day(ts)} at {dates.format_date(int(float(ts)), 'x{time_secs}', self.zone, self.now)[1:]}"
        )

    def author(self, message: Message) -> Author:
        """Who the message is from: a person, the app, a foreign bot, or Slackbot."""
        person = self.store.workspace.people.get(message.user or "")
        name = message.username or (person.real_name if person else "Slackbot")
        is_app = bool(message.bot_id) or bool(person and person.is_bot)
        return Author(name, initials(name), hue(message.user or name), is_app)


def zone_of(person: Person) -> tzinfo:
    """The person's time zone, or UTC if its name is invalid."""
    try:
        return ZoneInfo(person.tz)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def initials(name: str) -> str:
    """The first letters of the first and last word, e.g. ``AA``."""
    words = [word for word in name.split() if word[0].isalnum()] or [name[:1] or "?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def hue(identifier: str) -> int:
    """The colour of somebody's avatar, always the same for the same id."""
    return zlib.crc32(identifier.encode("utf-8", "replace")) // 3 % HUES
