"""What stands outside ``/_control/``: response URLs for the app, and the content of shared files."""

from __future__ import annotations

import json

from aiohttp import web

from sandbox.control.messages import file_content
from sandbox.control.routing import Desk
from sandbox.interactions import respond
from sandbox.rules import SlackError

_STATUS = {"invalid_url": 404, "used_url": 404, "expired_url": 404}


def add_outside(app: web.Application, desk: Desk) -> None:
    """Add ``POST /response/{id}`` and ``GET /files/{id}``."""

    async def response_url(request: web.Request) -> web.Response:
        """As hooks.slack.com: the text ``ok``, or JSON with the error."""
        started = desk.log.begin("call", "response_url")
        try:
            body = json.loads(await request.text() or "null")
            respond(desk.here, request.match_info["id"], body)
        except ValueError:
            return _failed(desk, started, SlackError("invalid_payload"))
        except SlackError as error:
            return _failed(desk, started, error)
        desk.log.end(started, ok=True, status=200)
        return web.Response(text="ok")

    async def file(request: web.Request) -> web.Response:
        try:
            found = await file_content(desk, file_id=request.match_info["id"])
        except LookupError:
            return web.Response(status=404, text="There is no such file.")
        return web.Response(text=found["content"], headers={"X-Content-Type-Options": "nosniff"})

    app.router.add_post("/response/{id}", response_url)
    app.router.add_get("/files/{id}", file)


def _failed(desk: Desk, started: dict[str, object], error: SlackError) -> web.Response:
    status = _STATUS.get(error.code, 400)
    desk.log.end(started, ok=False, status=status, error=error.code)
    return web.json_response(error.body(), status=status)
