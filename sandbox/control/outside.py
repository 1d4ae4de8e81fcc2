"""The routes outside ``/_control/``: response URLs for the app, uploads, and the content of shared files."""

from __future__ import annotations

import json

from aiohttp import web

from sandbox.control.messages import file_content
from sandbox.control.routing import Desk
from sandbox.interactions import respond
from sandbox.rules import SlackError
from sandbox.webapi import striking
from sandbox.workspace.model import Json

_STATUS = {"invalid_url": 404, "used_url": 404, "expired_url": 404}


def add_outside(app: web.Application, desk: Desk) -> None:
    """Add ``POST /response/{id}``, ``GET /files/{id}`` and ``POST /upload/{id}``."""

    async def response_url(request: web.Request) -> web.Response:
        """Answer like hooks.slack.com: the text ``ok``, JSON with the error, or what a fault says."""
        started, text = desk.log.begin("call", "response_url"), await request.text()
        fault = desk.faults.for_call("response_url", ())
        if fault is None:
            return _responded(desk, started, request.match_info["id"], text)
        return await _struck(desk, started, request, fault)

    async def file(request: web.Request) -> web.Response:
        try:
            found = await file_content(desk, file_id=request.match_info["id"])
        except LookupError:
            return web.Response(status=404, text="There is no such file.")
        kind = "text/html" if found["name"].endswith(".html") else "text/plain"
        # Without these headers, a shared HTML file could run scripts with the page's rights.
        headers = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
        return web.Response(text=found["content"], content_type=kind, headers=headers)

    app.router.add_post("/response/{id}", response_url)

    async def upload(request: web.Request) -> web.Response:
        """The second step of an upload: the content, as the body or as the only file of a form."""
        found = desk.store.workspace.uploads.get(request.match_info["id"])
        content = await _content(request)
        if found is None or len(content) != found["length"]:
            return web.Response(status=400, text="There is no such upload, or it has another length.")
        found["content"] = content.decode(errors="replace")
        return web.Response(text=f"OK - {len(content)}")

    app.router.add_get("/files/{id}", file)
    app.router.add_post("/upload/{id}", upload)


async def _content(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    for part in (await request.post()).values():
        if isinstance(part, web.FileField):
            return part.file.read()
    return b""


def _responded(desk: Desk, started: Json, url_id: str, text: str) -> web.Response:
    try:
        respond(desk.here, url_id, json.loads(text or "null"))
    except ValueError:
        return _failed(desk, started, SlackError("invalid_payload"))
    except SlackError as error:
        return _failed(desk, started, error)
    desk.log.end(started, ok=True, status=200)
    return web.Response(text="ok")


async def _struck(desk: Desk, started: Json, request: web.Request, fault: Json) -> web.Response:
    effect = started["fault"] = str(fault["effect"])
    if effect.startswith("error:"):
        return _failed(desk, started, SlackError(effect.removeprefix("error:")))
    instead = await striking.before(fault, desk.faults, request)
    if instead is None:
        response = _responded(desk, started, request.match_info["id"], await request.text())
        instead = await striking.after(fault, desk.faults, request)
        if instead is None:
            return response
        started["applied"] = started["ok"]
    desk.log.end(started, ok=False, status=instead.status, error=effect)
    return instead


def _failed(desk: Desk, started: Json, error: SlackError) -> web.Response:
    status = _STATUS.get(error.code, 400)
    desk.log.end(started, ok=False, status=status, error=error.code)
    return web.json_response(error.body(), status=status)
