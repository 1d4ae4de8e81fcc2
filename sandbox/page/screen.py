"""One view of the page: who is looking at which channel and thread, and what every template may use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from markupsafe import Markup

from sandbox.botprocess import BotProcess
from sandbox.page import conversation, mrkdwn, sidebar
from sandbox.page.calendar import Look
from sandbox.page.viewer import Viewer
from sandbox.workspace.model import Channel
from sandbox.workspace.store import Store

Context = dict[str, Any]
_ADDRESS = re.compile(r"(https?://\S+)")


@dataclass(frozen=True)
class RichText:
    """The rich text elements that depend on the viewer."""

    viewer: Viewer

    def link(self, address: object, label: object) -> Markup:
        """A link, or only its text if the URL isn't safe to link to."""
        safe = mrkdwn.safe_url(str(address or ""))
        shown = mrkdwn.plain(str(label or address or ""))
        return mrkdwn.link(safe, shown, self.viewer) if safe else shown

    def user(self, person: object) -> Markup:
        """``@Ana Alvarez``"""
        return mrkdwn.mention(str(person), self.viewer)

    def channel(self, channel: object) -> Markup:
        """``#general``"""
        return mrkdwn.channel(str(channel), self.viewer)

    def broadcast(self, name: object) -> Markup:
        """``@here``"""
        return mrkdwn.broadcast(str(name))

    def date(self, epoch: object, template: object, fallback: object, address: object) -> Markup:
        """A time in the viewer's time zone."""
        return mrkdwn.dated(
            str(epoch), str(template or ""), str(fallback or ""), self.viewer, str(address or "")
        )


@dataclass
class Screen:
    """What one person is looking at; ``channel`` is ``None`` on the app's Home and in the calendar."""

    store: Store
    viewer: Viewer
    channel: Channel | None
    bot: BotProcess | None = None
    thread_ts: str = ""
    at: str = ""
    """The ts of a message that must be among those shown."""
    limit: int = conversation.PAGE_SIZE
    new_after: str = ""
    """The ts after which messages were unread when the person opened the page."""
    greets: bool = False
    """Whether newcomers are greeted here."""
    look: Look | None = None
    """Which part of the calendar they are looking at, if they are in it."""

    @cached_property
    def title(self) -> str:
        """The channel's name, the other person's in a direct message, or the app's on its Home."""
        if self.look:
            return "Calendar"
        return self.viewer.title(self.channel) if self.channel else self.store.bot_user.real_name

    def common(self) -> Context:
        """What every template may use."""
        viewer, channel = self.viewer, self.channel
        place = "calendar" if self.look else "home"
        return {
            "me": viewer.me,
            "my": sidebar.face(viewer.me, viewer),
            "team": self.store.workspace.team_name,
            "app": self.store.bot_user,
            "archive": f"{self.store.team_url}archives/",
            "channel": channel,
            "current_channel": channel.id if channel else "",
            "title": self.title,
            "place": place,
            "address": viewer.address(channel) if channel else f"/as/{viewer.me.id}/{place}",
            "is_member": channel is not None and viewer.me.id in channel.members,
            "thread": self.thread_ts,
            "mrkdwn": viewer.mrkdwn,
            "linked": self._linked,
            "clock": viewer.clock,
            "full_time": viewer.full_time,
            "local_time": self._local_time,
            "rich": RichText(viewer),
            "directory": self._directory,
            "directory_name": self._directory_name,
        }

    def _linked(self, text: str) -> Markup:
        """Text without markup, with its URLs as links."""
        parts = _ADDRESS.split(text)
        return Markup("").join(
            mrkdwn.link(part, part, self.viewer) if number % 2 else mrkdwn.plain(part)
            for number, part in enumerate(parts)
        )

    def _local_time(self, epoch: object) -> str:
        """Seconds in the format of a ``datetime-local`` input, in the viewer's time zone; empty for none."""
        return self.viewer.moment(str(epoch)).strftime("%Y-%m-%dT%H:%M") if epoch else ""

    def _directory(self, kind: str) -> list[tuple[str, str]]:
        """The options of a users, conversations or channels select, single or multi."""
        if "users" in kind:
            people = self.store.workspace.people.values()
            return [(person.id, person.real_name) for person in people if not person.deleted]
        found = [
            place
            for place in sidebar.to_browse(self.viewer)
            if not (place.channel.is_archived or ("channels" in kind and place.channel.is_private))
        ]
        direct = sidebar.direct_messages(self.viewer) if "conversations" in kind else []
        return [(place.channel.id, f"#{place.title}") for place in found] + [
            (place.channel.id, place.title) for place in direct
        ]

    def _directory_name(self, identifier: str) -> str:
        link = self.viewer.channel_link(identifier)
        return self.viewer.person_name(identifier) or (f"#{link[0]}" if link else identifier)
