"""What a fault does to a Web API call: a different answer, none, or a late one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from sandbox.faults import Faults
from sandbox.workspace.model import Json

_LOOK_EVERY = 0.1
"""Seconds between checks whether the client of a hanging call is still connected."""

_HTML = "<!DOCTYPE html><html><body>Something went wrong</body></html>"


def _ratelimited(fault: Json) -> web.Response:
    headers = {"Retry-After": str(fault.get("retry_after", 1))}
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


_INSTEAD: dict[str, Callable[[Json], web.Response]] = {
    "429": _ratelimited,
    "500": lambda _fault: web.Response(status=500, text="Internal Server Error"),
    "503": lambda _fault: web.Response(status=503, text="Service Unavailable"),
    "non_json": lambda _fault: web.Response(text=_HTML, content_type="text/html"),
}


async def before(fault: Json, faults: Faults, request: web.Request) -> web.Response | None:
    """Act before the call is applied; returns the answer to give instead, or ``None`` to continue."""
    effect = str(fault["effect"])
    if effect == "delay":
        await asyncio.sleep(fault.get("seconds", 1.0))
        return None
    if effect.startswith("error:"):
        return web.json_response({"ok": False, "error": effect.removeprefix("error:")})
    if effect in ("reset_before", "hang_before"):
        return await _no_answer(effect, faults, request)
    return _INSTEAD[effect](fault) if effect in _INSTEAD else None


async def after(fault: Json, faults: Faults, request: web.Request) -> web.Response | None:
    """Act after the call was applied; returns the answer to give instead of its own, or ``None``."""
    effect = str(fault["effect"])
    if effect in ("reset_after", "hang_after"):
        return await _no_answer(effect, faults, request)
    return None


async def _no_answer(effect: str, faults: Faults, request: web.Request) -> web.Response:
    if effect.startswith("hang"):
        await _hang(faults, request)
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _hang(faults: Faults, request: web.Request) -> None:
    """Wait until the faults change or the client disconnects."""
    changed = asyncio.ensure_future(faults.changed())
    try:
        while not changed.done() and request.transport is not None and not request.transport.is_closing():
            await asyncio.wait([changed], timeout=_LOOK_EVERY)
    finally:
        changed.cancel()
