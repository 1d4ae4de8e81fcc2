"""The routes outside ``/_control/``: response URLs for the app, uploads, and the content of shared files."""

from __future__ import annotations

import json

from aiohttp import web

from sandbox.control.messages import file_content
from sandbox.control.routing import Desk
from sandbox.interactions import respond
from sandbox.rules import SlackError

_STATUS = {"invalid_url": 404, "used_url": 404, "expired_url": 404}


def add_outside(app: web.Application, desk: Desk) -> None:
    """Add ``POST /response/{id}``, ``GET /files/{id}`` and ``POST /upload/{id}``."""

    async def response_url(request: web.Request) -> web.Response:
        """Answer like hooks.slack.com: the text ``ok``, or JSON with the error."""
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


def _failed(desk: Desk, started: dict[str, object], error: SlackError) -> web.Response:
    status = _STATUS.get(error.code, 400)
    desk.log.end(started, ok=False, status=status, error=error.code)
    return web.json_response(error.body(), status=status)
