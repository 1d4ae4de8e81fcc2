"""A fake Google Calendar for the fake Slack: nobody is ever busy, and both share a log of calls."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from tests.support.slackish import Slackish

Json = dict[str, Any]
EVENTS = "/google/calendar/v3/calendars/{calendar}/events"


def settings(server: Slackish, folder: Path) -> dict[str, str]:
    """The settings with which the bot uses it."""
    base = f"http://127.0.0.1:{server.port}/google"
    path = folder / "token.json"
    token = {"type": "authorized_user", "refresh_token": "r", "client_id": "c", "client_secret": "s"}
    path.write_text(json.dumps({**token, "token_uri": f"{base}/token"}))
    return {
        "GOOGLE_TOKEN_FILE": str(path),
        "GOOGLE_CALENDAR_ID": "team@bench.test",
        "GOOGLE_CALENDAR_API_URL": f"{base}/calendar/v3/",
    }


def add_to(app: web.Application, server: Slackish) -> None:
    """Serve what booking a meeting needs."""
    calendar = _Calendar(server)
    app.router.add_post("/google/token", calendar.token)
    app.router.add_post("/google/calendar/v3/freeBusy", calendar.free_busy)
    app.router.add_get(EVENTS, calendar.changes)
    app.router.add_post(EVENTS, calendar.insert)
    app.router.add_get(EVENTS + "/{event}", calendar.get)
    app.router.add_put(EVENTS + "/{event}", calendar.update)


class _Calendar:
    """The events that exist."""

    def __init__(self, server: Slackish) -> None:
        self._server = server
        self._events: dict[str, Json] = {}

    async def token(self, request: web.Request) -> web.Response:
        return await self._answered("google.token", request, {"access_token": "t", "expires_in": 3599})

    async def free_busy(self, request: web.Request) -> web.Response:
        asked = json.loads(await request.read())["items"]
        calendars: Json = {each["id"]: {"busy": []} for each in asked}
        return await self._answered("freebusy.query", request, {"calendars": calendars})

    async def changes(self, request: web.Request) -> web.Response:
        return await self._answered("events.list", request, {"items": [], "nextSyncToken": "1"})

    async def get(self, request: web.Request) -> web.Response:
        return await self._answered("events.get", request, self._events.get(request.match_info["event"]))

    async def insert(self, request: web.Request) -> web.Response:
        return await self._saved("events.insert", request)

    async def update(self, request: web.Request) -> web.Response:
        return await self._saved("events.update", request)

    async def _saved(self, method: str, request: web.Request) -> web.Response:
        told = json.loads(await request.read())
        told.pop("conferenceData", None)
        event = {**told, "etag": '"1"', "updated": "2026-01-07T09:30:00.000Z", "status": "confirmed"}
        self._events[event["id"]] = event
        return await self._answered(method, request, event)

    async def _answered(self, method: str, request: web.Request, answer: Json | None) -> web.Response:
        call = self._server.begin_call(method)
        call.body = await request.read()
        if self._server.delay:
            await asyncio.sleep(self._server.delay)
        call.ended = perf_counter()
        self._server.calls.append(call)
        if answer is None:
            missing = {"error": {"code": 404, "message": "Not Found", "errors": [{"reason": "notFound"}]}}
            return web.json_response(missing, status=404)
        return web.json_response(answer)
