"""Powers that nobody has in a real workspace: kill the app, break the network, start over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.control.routing import BadRequestError, Desk
from sandbox.interactions.context import RefusedError
from sandbox.workspace.model import Json

ARMED = 10.0
"""Seconds within which the app must call the method after which it is to be killed."""


async def bot(desk: Desk, *, action: str, after: str | None = None) -> Json:
    """Start, stop (SIGTERM) or kill (SIGKILL) the app's process.

    With ``after``, it is killed once it calls that method, if it does so within ``ARMED`` seconds.
    """
    process = desk.sandbox.bot
    if process is None:
        raise RefusedError("no_bot", "This sandbox doesn't run the app, which connects from elsewhere.")
    actions: dict[str, Callable[[], Awaitable[Any]]] = {
        "start": process.start,
        "stop": process.stop,
        "kill": process.kill,
    }
    if action not in actions:
        raise BadRequestError("bad_argument", f"`action` is one of {', '.join(actions)}.")
    if after is None:
        await actions[action]()
    elif action != "kill":
        raise BadRequestError("bad_argument", "Only `kill` can wait for a call.")
    else:
        asyncio.get_running_loop().call_later(ARMED, desk.log.once_called(after, process.strike))
    desk.store.note(bot=True)
    return {"bot": bot_state(desk)}


def bot_state(desk: Desk) -> Json:
    """The app as the page shows it; ``running`` and what follows only if the sandbox runs it."""
    person = desk.store.bot_user
    state: Json = {
        "user": person.id,
        "name": desk.store.manifest.display_name,
        "bot_id": desk.store.bot_id,
        "connected": desk.store.bot_connected,
    }
    process = desk.sandbox.bot
    if process is None:
        return {**state, "managed": False}
    return {
        **state,
        "managed": True,
        "running": process.running,
        "exit_code": process.exit_code,
        "log": list(process.last_lines),
    }


async def set_faults(desk: Desk, *, faults: list[Json]) -> Json:
    """Replace the faults."""
    try:
        desk.faults.replace(faults)
    except ValueError as error:
        raise BadRequestError("bad_fault", f"{error}.") from error
    return {"faults": desk.faults.listing()}


async def request_url(desk: Desk, *, urls: list[str]) -> Json:
    """Deliver over HTTP to these URLs in turn; each must answer the challenge first."""
    failed = await desk.sandbox.http_mode.use(urls)
    if failed is not None:
        raise RefusedError("challenge_failed", f"{failed} didn't answer with the value of the challenge.")
    desk.store.note(bot=True)
    return {"urls": urls}


async def get_faults(desk: Desk) -> Json:
    """The faults, with how often each matched and struck."""
    return {"faults": desk.faults.listing()}


async def log(desk: Desk, *, since: str = "0") -> Json:
    """Every call and delivery after number ``since``, with tokens masked."""
    if not since.isdigit():
        raise BadRequestError("bad_argument", "`since` must be a whole number.")
    return {"entries": desk.log.since(int(since))}


async def greeting(desk: Desk, *, folded: bool | None = None, dismissed: bool | None = None) -> Json:
    """Fold or unfold the panel that greets newcomers, or dismiss it for good."""
    found = desk.store.workspace.greeting
    found.is_folded = found.is_folded if folded is None else folded
    found.is_dismissed = found.is_dismissed if dismissed is None else dismissed
    desk.store.note(greeting=found.done)
    return {"done": found.done, "folded": found.is_folded, "dismissed": found.is_dismissed}


async def reset(desk: Desk) -> Json:
    """Start from the seed again."""
    desk.store.reset()
    desk.here.forget()
    return {}
