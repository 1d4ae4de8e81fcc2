"""Watches the workspace and ticks the steps that somebody has done."""

from __future__ import annotations

import asyncio

from sandbox.botprocess import BotProcess
from sandbox.greeting.signs import SIGNS, card, is_made_by_app
from sandbox.workspace.model import Json
from sandbox.workspace.store import Store

JUST_MADE = 20
"""Seconds: a channel that the app made longer ago than this isn't one that it was killed over."""


class Watcher:
    """Keeps ``workspace.greeting`` up to date; a step that has been ticked stays ticked."""

    def __init__(self, store: Store, bot: BotProcess | None) -> None:
        self._store, self._bot = store, bot
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Watch from now on, in a task of the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._watch())

    def stop(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()

    def look(self, notice: Json) -> None:
        """Tick what has been done, judging by what changed."""
        greeting = self._store.workspace.greeting
        if greeting.is_dismissed:
            return
        if notice["bot"] and self._bot is not None and self._bot.was_killed:
            greeting.unfinished = self._unfinished()
        missing = [step for step in SIGNS if step not in greeting.done]
        # A booking shows in a calendar before it shows in the incident's channel.
        changed = self._store.workspace.channels if notice["calendars"] else notice["channels"]
        seen = [step for step in missing if any(self._shows(step, each) for each in changed)]
        if seen:
            greeting.done += seen
            self._store.note(greeting=seen)

    async def _watch(self) -> None:
        notices = self._store.subscribe()
        try:
            while True:
                self.look(await notices.get())
        finally:
            self._store.unsubscribe(notices)

    def _shows(self, step: str, channel_id: str) -> bool:
        channel = self._store.workspace.channels.get(channel_id)
        return channel is not None and SIGNS[step](self._store, channel)

    def _unfinished(self) -> list[str]:
        store, since = self._store, self._store.clock() - JUST_MADE
        made = [each for each in store.workspace.channels.values() if is_made_by_app(store, each)]
        return [each.id for each in made if each.created >= since and card(store, each) is None]
