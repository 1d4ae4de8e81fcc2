"""One look at the page: who looks, at which channel and thread; and what each part of it shows.

A part is what the page's script redraws on its own; ``PARTS`` names them with their contexts, and the whole page is
all of them together. Templates carry the parts' names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from markupsafe import Markup

from sandbox.model import Channel, Message
from sandbox.page import conversation, mrkdwn, sidebar
from sandbox.page.viewer import Viewer
from sandbox.store import Store

Context = dict[str, Any]


class Bot(Protocol):
    """The app as a child process, as far as the page tells of it."""

    @property
    def running(self) -> bool:
        """Whether the process is alive."""

    @property
    def state(self) -> str:
        """One sentence: running since, or how it ended."""

    @property
    def log(self) -> list[str]:
        """The last lines that it wrote."""


@dataclass(frozen=True)
class RichText:
    """The elements of rich text that depend on who looks."""

    viewer: Viewer

    def link(self, address: object, label: object) -> Markup:
        """A link, or its text where the address is none for a link."""
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
        """A moment in the viewer's zone."""
        return mrkdwn.dated(
            str(epoch), str(template or ""), str(fallback or ""), self.viewer, str(address or "")
        )


@dataclass
class Screen:
    """What one person looks at; ``channel`` is None on the app's Home."""

    store: Store
    viewer: Viewer
    channel: Channel | None
    bot: Bot | None = None
    thread_ts: str = ""
    at: str = ""
    """The ts of a message that must be among those shown."""
    limit: int = conversation.PAGE_SIZE
    new_after: str = ""
    """The ts after which messages were unread when the person came."""

    @cached_property
    def title(self) -> str:
        """The channel's name, the other person's in a direct message, or the app's on its Home."""
        return self.viewer.title(self.channel) if self.channel else self.store.bot_user.real_name

    def common(self) -> Context:
        """What every template may use."""
        viewer, channel = self.viewer, self.channel
        return {
            "me": viewer.me,
            "my": sidebar.face(viewer.me, viewer),
            "team": self.store.workspace.team_name,
            "app": self.store.bot_user,
            "archive": f"{self.store.team_url}archives/",
            "channel": channel,
            "current_channel": channel.id if channel else "",
            "title": self.title,
            "address": viewer.address(channel) if channel else f"/as/{viewer.me.id}/home",
            "is_member": channel is not None and viewer.me.id in channel.members,
            "thread": self.thread_ts,
            "mrkdwn": viewer.mrkdwn,
            "clock": viewer.clock,
            "full_time": viewer.full_time,
            "local_time": self._local_time,
            "rich": RichText(viewer),
            "directory": self._directory,
            "directory_name": self._directory_name,
        }

    def part(self, name: str) -> Context:
        """The context of one part; ``KeyError`` for an unknown one."""
        return self.common() | PARTS[name](self)

    def whole(self) -> Context:
        """The context of the whole page."""
        context = self.common()
        for part in PARTS.values():
            context |= part(self)
        return context | self._shortcuts()

    def _messages(self) -> Context:
        if self.channel is None:
            return {"rows": [], "more": False}
        every = conversation.top_level(self.channel, self.viewer)
        wanted = next((index for index, message in enumerate(every) if message.ts == self.at), len(every))
        first = max(0, min(len(every) - self.limit, wanted - self.limit // 2))
        shown = conversation.rows(self.channel, every[first:], self.viewer, new_after=self.new_after)
        return {"rows": shown, "more": first > 0}

    def _thread(self) -> Context:
        if self.channel is None or not self.thread_ts:
            return {"thread": "", "thread_rows": []}
        found = conversation.in_thread(self.channel, self.thread_ts, self.viewer)
        if self.thread_ts not in self.channel.messages:
            return {"thread": "", "thread_rows": []}
        return {"thread_rows": conversation.rows(self.channel, found, self.viewer, in_pane=True)}

    def _sidebar(self) -> Context:
        return {
            "channels": sidebar.channels(self.viewer, self.channel),
            "messages": sidebar.direct_messages(self.viewer),
        }

    def _header(self) -> Context:
        if self.channel is None:
            return {"pins": [], "members": []}
        return {"pins": self._pins(self.channel), "members": sidebar.members(self.channel, self.viewer)}

    def _pins(self, channel: Channel) -> list[conversation.Row]:
        latest_first = sorted(channel.pins, key=lambda ts: channel.pins[ts]["created"], reverse=True)
        messages: list[Message] = [channel.messages[ts] for ts in latest_first if ts in channel.messages]
        return conversation.rows(channel, messages, self.viewer, in_pane=True)

    def _modal(self) -> Context:
        stack = self.store.workspace.modals.get(self.viewer.me.id, [])
        return {"view": stack[-1] if stack else None, "depth": len(stack)}

    def _home(self) -> Context:
        return {"home": self.store.workspace.homes.get(self.viewer.me.id)}

    def _bot(self) -> Context:
        about: Context = {"connected": self.store.bot_connected, "managed": self.bot is not None}
        if self.bot is not None:
            about |= {"running": self.bot.running, "state": self.bot.state, "log": self.bot.log}
        # A dict's own methods would hide keys of the same name from templates; these have none.
        return {"bot": about}

    def _people(self) -> Context:
        return {"people": sidebar.people(self.viewer)}

    def _browse(self) -> Context:
        return {"browse": sidebar.to_browse(self.viewer)}

    def _for_script(self) -> Context:
        active = [person for person in self.store.workspace.people.values() if not person.deleted]
        return {
            "directory_people": [
                {"id": each.id, "handle": each.name, "name": each.real_name} for each in active
            ],
            "commands": [
                {"command": each.command, "description": each.description, "hint": each.usage_hint}
                for each in self.store.manifest.commands.values()
            ],
        }

    def _shortcuts(self) -> Context:
        every = self.store.manifest.shortcuts.values()
        return {
            f"{kind}_shortcuts": [each for each in every if each.type == kind]
            for kind in ("global", "message")
        }

    def _local_time(self, epoch: object) -> str:
        """Seconds as a ``datetime-local`` input takes them, in the viewer's zone; nothing for nothing."""
        return self.viewer.moment(str(epoch)).strftime("%Y-%m-%dT%H:%M") if epoch else ""

    def _directory(self, kind: str) -> list[tuple[str, str]]:
        """What a users, conversations or channels select (of the multi kind too) offers."""
        if "users" in kind:
            people = self.store.workspace.people.values()
            return [(person.id, person.real_name) for person in people if not person.deleted]
        found = [
            place
            for place in sidebar.to_browse(self.viewer)
            if not (place.channel.is_archived or "channels" in kind and place.channel.is_private)
        ]
        direct = sidebar.direct_messages(self.viewer) if "conversations" in kind else []
        return [(place.channel.id, f"#{place.title}") for place in found] + [
            (place.channel.id, place.title) for place in direct
        ]

    def _directory_name(self, identifier: str) -> str:
        link = self.viewer.channel_link(identifier)
        return self.viewer.person_name(identifier) or (f"#{link[0]}" if link else identifier)


PARTS: dict[str, Callable[[Screen], Context]] = {
    "sidebar": Screen._sidebar,
    "header": Screen._header,
    "messages": Screen._messages,
    "foot": lambda screen: {},
    "thread": Screen._thread,
    "modal": Screen._modal,
    "home": Screen._home,
    "bot": Screen._bot,
    "people": Screen._people,
    "browse": Screen._browse,
    "directory": Screen._for_script,
}
