"""A workspace without a network: an app that answers as the test wants, and people who act."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from sandbox.interactions import Interactions, clicks, commands, forms, modals
from sandbox.interactions.targets import on_message, on_view
from sandbox.workspace.core import Delivery
from sandbox.workspace.manifest import Command, Manifest, Shortcut
from sandbox.workspace.model import Json, Message
from sandbox.workspace.store import Store

T = TypeVar("T")

MANIFEST = Manifest(
    name="Muster",
    display_name="Muster",
    scopes=frozenset({"commands", "chat:write"}),
    bot_events=frozenset(),
    commands={
        "/incident": Command("/incident", "", "", should_escape=True),
        "/raw": Command("/raw", "", "", False),
    },
    shortcuts={
        "declare": Shortcut("Declare", "global", "declare", ""),
        "from_message": Shortcut("Declare", "message", "from_message", ""),
    },
    socket_mode=True,
    home_tab=True,
)


class App:
    """The app's side: it keeps what it gets, and answers what the test wants."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Json]] = []
        self.answer: Any = None
        self.suggestions: Any = None
        self.error: str | None = None
        self.connected = True

    def deliver(self, kind: str, payload: Json, timeout: float) -> Awaitable[Delivery]:
        self.got.append((kind, payload))
        return self._acked(payload.get("type"))

    async def _acked(self, kind: str | None) -> Delivery:
        answer = self.suggestions if kind == "block_suggestion" else self.answer
        return Delivery(False, None, self.error) if self.error else Delivery(True, answer)

    @property
    def last(self) -> Json:
        return self.got[-1][1]


class World:
    """A store with an app at the other end and a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_764_000_000.0
        self.app = App()
        self.store = Store(MANIFEST, lambda: self.now)
        self.store.transport = self.app
        self.here = Interactions(self.store)

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(act)

    def command(self, text: str = "", **more: Any) -> Json:
        asked = {"user": "ana", "channel": "general", "command": "/incident", "text": text, **more}
        return self.do(commands.run_command(self.here, **asked))

    def card(self, *elements: Json, ephemeral_to: str | None = None) -> Message:
        """A message of the app with these elements."""
        blocks = [{"type": "actions", "block_id": "buttons", "elements": list(elements)}]
        bot = self.store.bot_user.id
        return self.store.post(
            "general", bot, "card", blocks=blocks, bot_id=self.store.bot_id, ephemeral_to=ephemeral_to
        )

    def click(self, message: Message, action: str, value: Any = None, user: str = "ana") -> Json:
        async def act() -> Json:
            target = on_message(self.here, user=user, channel="general", ts=message.ts)
            return await clicks.act(self.here, target, action=action, value=value)

        return self.do(act())

    def in_view(self, action: str, value: Any = None, view: str = "modal") -> Json:
        async def act() -> Json:
            target = on_view(self.here, user="ana", view=view)
            return await clicks.act(self.here, target, action=action, value=value)

        return self.do(act())

    def open(self, *blocks: Json, **more: Any) -> Any:
        return modals.open_modal(self.store, "U0ANA", form(*blocks, **more))

    def submit(self, values: Json | None = None) -> Json:
        return self.do(forms.submit(self.here, user="ana", values=values or {}))

    def seen_by(self, user: str, channel: str = "general") -> list[str]:
        messages = self.store.channel(channel).messages.values()
        return [each.text for each in messages if each.ephemeral_to == user]

    @property
    def stack(self) -> list[str]:
        return [view.payload["callback_id"] for view in self.store.workspace.modals.get("U0ANA", [])]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    return {"text": plain(value.title()), "value": value}


def form(*blocks: Json, **more: Any) -> Json:
    view = {"type": "modal", "callback_id": "first", "title": plain("Form"), "submit": plain("Go")}
    return {**view, "blocks": list(blocks), **more}


def field(action_id: str, kind: str = "plain_text_input", *, optional: bool = False, **more: Any) -> Json:
    element = {"type": kind, "action_id": action_id, **more}
    block = {"type": "input", "block_id": f"{action_id}-block", "label": plain(action_id), "element": element}
    return {**block, "optional": True} if optional else block


def button(action_id: str = "go", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain("Go"), **more}


SEVERITY: dict[str, Any] = {"options": [option("high"), option("low")]}
