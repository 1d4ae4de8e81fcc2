"""The basis of every mutation of the workspace: ids, ts, lookups, events and change notices."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from sandbox.workspace.manifest import Manifest
from sandbox.workspace.model import Channel, Json, Person, View, Workspace
from sandbox.workspace.seed import add_titles, bot_suffix, bots, seed

NOTICE_DELAY = 0.02
"""Seconds during which changes are collected into one notice, so that a burst redraws a page once."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The outcome of one envelope: acked with ``body`` (or none), or not, and why."""

    acked: bool
    body: Json | None = None
    error: str | None = None
    """``not_connected``, ``timeout``, ``socket_closed``; over HTTP also ``connection_failed``, ``http_error``
    and ``no_retry``."""


class Transport(Protocol):
    """The connection to the app, over Socket Mode or HTTP."""

    @property
    def connected(self) -> bool:
        """Whether the app can be reached: it has an open connection, or gets its requests over HTTP."""

    def deliver(self, kind: str, payload: Json, timeout: float) -> Awaitable[Delivery]:
        """Send one envelope of type ``kind`` and wait for its ack, at most ``timeout`` seconds."""


class Core:
    """Ids, lookups and notices; ``emit`` is where the workspace's events go (nowhere until it is set)."""

    def __init__(
        self, manifest: Manifest, clock: Callable[[], float], workspace: Workspace | None = None
    ) -> None:
        self.manifest = manifest
        self.clock = clock
        self.workspace = workspace or seed(manifest, clock())
        self.workspace.people = bots(manifest) | self.workspace.people
        add_titles(self.workspace, manifest)
        self.team_url = "http://127.0.0.1/"
        suffix = bot_suffix(manifest)
        self.bot_id, self.app_id, self._bot_user_id = f"B0{suffix}", f"A0{suffix}", f"U0{suffix}"
        self.emit: Callable[[Json, Channel | None], object] = lambda _event, _channel: None
        self.on_change: Callable[[], object] = lambda: None
        self.transport: Transport | None = None
        self._watchers: list[asyncio.Queue[Json]] = []
        self._changed: dict[str, set[str]] = {}
        self._bot_changed = False
        self._flush_planned = False

    # ids and lookups

    def new_id(self, prefix: str) -> str:
        """The next id of that kind, e.g. ``V0000000001``; ids are never reused, not even after a reset."""
        self.workspace.last_id += 1
        return f"{prefix}{self.workspace.last_id:010d}"

    def next_ts(self) -> str:
        """A ts for now, unique and later than every other, e.g. ``1764000000.000100``."""
        self.workspace.last_ts = max(self.workspace.last_ts + 100, int(self.clock() * 1_000_000))
        return f"{self.workspace.last_ts // 1_000_000}.{self.workspace.last_ts % 1_000_000:06d}"

    @property
    def bot_user(self) -> Person:
        """The app's bot user."""
        return self.workspace.people[self._bot_user_id]

    def person(self, id_or_name: str) -> Person:
        """The person with that id, handle (with or without ``@``) or real name.

        Raises ``LookupError`` if there is none.
        """
        found = self.workspace.people.get(id_or_name)
        wanted = id_or_name.removeprefix("@").casefold()
        for each in self.workspace.people.values():
            if found is None and wanted in (each.name, each.real_name.casefold()):
                found = each
        if found is None:
            raise LookupError(f"no person {id_or_name!r}")
        return found

    def channel(self, id_or_name: str) -> Channel:
        """The channel with that id or name (with or without ``#``).

        Raises ``LookupError`` if there is none.
        """
        found = self.workspace.channels.get(id_or_name)
        wanted = id_or_name.removeprefix("#")
        for each in self.workspace.channels.values():
            if found is None and not each.is_im and each.name == wanted:
                found = each
        if found is None:
            raise LookupError(f"no channel {id_or_name!r}")
        return found

    def view(self, view_id: str) -> View | None:
        """The open modal or published home with that id, or ``None``."""
        open_views = [view for stack in self.workspace.modals.values() for view in stack]
        views = (*open_views, *self.workspace.homes.values())
        return next((view for view in views if view.id == view_id), None)

    def reset(self) -> None:
        """Start from the seed again, with ids and ts continuing; open pages reload everything."""
        before = self.workspace
        self.workspace = seed(self.manifest, self.clock())
        self.workspace.last_id = before.last_id
        self.workspace.last_ts = max(before.last_ts, self.workspace.last_ts)
        channels = {*before.channels, *self.workspace.channels}
        people = {*before.people, *self.workspace.people}
        self.note(channels=channels, people=people, modals=before.modals, homes=before.homes)

    # the app's side

    @property
    def bot_connected(self) -> bool:
        """Whether the app can be reached: it has an open connection, or gets its requests over HTTP."""
        return self.transport is not None and self.transport.connected

    async def deliver(self, kind: str, payload: Json, *, timeout: float = 3.0) -> Delivery:  # noqa: ASYNC109
        """Send one ``slash_commands`` or ``interactive`` envelope and wait for its ack; never redelivered."""
        if self.transport is None:
            return Delivery(False, None, "not_connected")
        return await self.transport.deliver(kind, payload, timeout)

    # change notices

    def subscribe(self) -> asyncio.Queue[Json]:
        """A queue that receives a notice of what may look different, shortly after each change."""
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._watchers.append(queue)
        return queue

    def unsubscribe(self, queue: asyncio.Queue[Json]) -> None:
        """End a subscription; an unknown queue is ignored."""
        if queue in self._watchers:
            self._watchers.remove(queue)

    def note(self, *, bot: bool = False, **ids: Iterable[str]) -> None:
        """Note what may look different, by kind: ids, and for ``modals`` and ``homes`` the people's ids.

        Kinds: ``channels``, ``people``, ``modals``, ``homes``, ``calendars`` and, with the steps' names,
        ``greeting``; ``bot`` is the app's own state.
        """
        for kind, changed in ids.items():
            self._changed.setdefault(kind, set()).update(changed)
        self._bot_changed = self._bot_changed or bot
        self.on_change()
        if not self._flush_planned:
            self._plan_flush()

    def _plan_flush(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._flush()
            return
        self._flush_planned = True
        loop.call_later(NOTICE_DELAY, self._flush)

    def _flush(self) -> None:
        kinds = ("channels", "people", "modals", "homes", "calendars", "greeting")
        notice: Json = {kind: sorted(self._changed.get(kind, ())) for kind in kinds}
        notice["bot"] = self._bot_changed
        self._changed, self._bot_changed, self._flush_planned = {}, False, False
        for queue in self._watchers:
            queue.put_nowait(notice)
