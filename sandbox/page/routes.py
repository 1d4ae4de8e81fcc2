"""The page's routes.

GET /                          the page, as the first person, in the first channel
GET /as/{user}/{channel}       the page; both by id or name, ``home`` for the app's Home.  ?thread=ts opens a
                               thread, ?at=ts shows that message
GET /as/{user}/calendar        a week of a calendar: their own, or that of ?of=e-mail; the week contains
                               ?day=2026-11-24, and ?event=id is shown
GET /archives/{channel}        a channel's URL: the page, as the first person
GET /archives/{channel}/p{ts}  a permalink: the same, at that message
GET /calendar/{address}        ?event=id: an event's URL: the same, in the calendar
GET /canvas/{id}               a channel's canvas, as a page of its own
GET /page/parts                ?as=&channel=&thread=&of=&day=&parts=a,b: {"parts": {name: html}}
GET /page/changes              ?as=: server-sent events, one per change notice of the store
GET /page/static/{name}        style sheets and scripts
"""

from __future__ import annotations

import asyncio
import json
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web

from sandbox.botprocess import BotProcess
from sandbox.google import TEAM_CALENDAR
from sandbox.google.store import Calendars
from sandbox.page import html
from sandbox.page.calendar import Look
from sandbox.page.conversation import PAGE_SIZE, unread
from sandbox.page.parts import PARTS, part, whole
from sandbox.page.screen import Screen
from sandbox.page.viewer import Viewer, may_see
from sandbox.workspace.model import Channel, Json, Person
from sandbox.workspace.store import Store

_STATIC = html.HERE / "static"
_KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_KEEP_ALIVE = 15.0
_MAX_MESSAGES = 5_000
_SECURITY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class _Page:
    """The page's handlers; they read the store and change nothing."""

    def __init__(self, store: Store, calendars: Calendars, bot: BotProcess | None, *, greets: bool) -> None:
        self._store, self._calendars, self._bot, self._greets = store, calendars, bot, greets
        self._open: set[asyncio.Queue[Json]] = set()

    async def start(self, _request: web.Request) -> web.Response:
        """Redirect to the page of the first person, in their first channel."""
        person = self._first_person()
        raise web.HTTPFound(f"/as/{person.id}/{self._first_channel(person)}")

    async def canvas(self, request: web.Request) -> web.Response:
        """A channel's canvas as a page."""
        for channel in self._store.workspace.channels.values():
            if channel.canvas.get("id") == request.match_info["id"]:
                text = html.render("canvas", {"channel": channel})
                return web.Response(text=text, content_type="text/html", headers=_SECURITY)
        raise web.HTTPNotFound(text="There is no such canvas.")

    async def permalink(self, request: web.Request) -> web.Response:
        """Redirect from a message's permalink, which names no person, to the first person's page."""
        digits = request.match_info.get("digits", "")
        at = f"?at={digits[:-6]}.{digits[-6:]}" if digits else ""
        raise web.HTTPFound(f"/as/{self._first_person().id}/{request.match_info['channel']}{at}")

    async def event(self, request: web.Request) -> web.Response:
        """Redirect from an event's URL, which names no person either, to the first person's page."""
        asked = {"of": request.match_info["address"], **request.query}
        raise web.HTTPFound(f"/as/{self._first_person().id}/calendar?{urlencode(asked)}")

    async def page(self, request: web.Request) -> web.Response:
        """The whole page; redirects to another channel if this one is gone or the person may not see it."""
        person = self._person(request.match_info["user"])
        channel = self._channel(request.match_info["channel"], person)
        if channel is None and request.match_info["channel"] not in {"home", "calendar"}:
            raise web.HTTPFound(f"/as/{person.id}/{self._first_channel(person)}")
        screen = self._screen(request, person, channel)
        if request.match_info["channel"] == "calendar":
            screen.look = self._look(request, person)
        if channel is not None and person.id in channel.members:
            screen.new_after = channel.last_read.get(person.id, "") if unread(channel, screen.viewer) else ""
        context = whole(screen) | {
            "styles": _files("css"),
            "scripts": _files("js"),
            "new_after": screen.new_after,
        }
        return web.Response(text=html.render("page", context), content_type="text/html", headers=_SECURITY)

    async def parts(self, request: web.Request) -> web.Response:
        """The requested parts, rendered as on the whole page."""
        person = self._person(request.query.get("as", ""))
        wanted = request.query.get("channel", "")
        channel = self._channel(wanted, person)
        if channel is None and wanted:
            raise web.HTTPNotFound(text="no such channel")
        screen = self._screen(request, person, channel)
        screen.new_after = request.query.get("new_after", "")
        if request.query.get("of"):
            screen.look = self._look(request, person)
        names = [name for name in request.query.get("parts", "").split(",") if name in PARTS]
        return web.json_response(
            {"parts": {name: html.render(name, part(screen, name)) for name in names}}, headers=_SECURITY
        )

    async def changes(self, request: web.Request) -> web.StreamResponse:
        """Change notices until the browser disconnects or the sandbox stops."""
        self._person(request.query.get("as", ""))
        response = web.StreamResponse(headers=_SECURITY | {"Content-Type": "text/event-stream"})
        await response.prepare(request)
        queue = self._store.subscribe()
        self._open.add(queue)
        try:
            await response.write(b"retry: 500\n\n: hello\n\n")
            await self._stream(queue, response)
        except ConnectionError:
            pass
        finally:
            self._open.discard(queue)
            self._store.unsubscribe(queue)
        return response

    async def _stream(self, queue: asyncio.Queue[Json], response: web.StreamResponse) -> None:
        while True:
            try:
                notice = await asyncio.wait_for(queue.get(), _KEEP_ALIVE)
            except TimeoutError:
                await response.write(b": still here\n\n")
                continue
            if notice.get("closing"):
                return
            await response.write(f"data: {json.dumps(notice)}\n\n".encode())

    async def close(self, _app: web.Application) -> None:
        """End the event streams, which would otherwise delay the server's shutdown."""
        for queue in self._open:
            queue.put_nowait({"closing": True})

    async def static(self, request: web.Request) -> web.Response:
        """A style sheet, script or icon of this package."""
        name = request.match_info["name"]
        if name not in {path.name for path in _STATIC.iterdir()}:
            raise web.HTTPNotFound(text="no such file")
        kind = _KINDS[Path(name).suffix]
        body = (_STATIC / name).read_bytes()
        headers = _SECURITY | {"Cache-Control": "no-cache", "ETag": f'"{html.identifier(body)}"'}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)

    def _screen(self, request: web.Request, person: Person, channel: Channel | None) -> Screen:
        store, query = self._store, request.query
        at, thread = query.get("at", ""), query.get("thread", "")
        message = channel.messages.get(at) if channel else None
        if (
            message is not None
            and message.thread_ts not in (None, at)
            and message.subtype != "thread_broadcast"
        ):
            thread = message.thread_ts or ""
        limit = int(query["limit"]) if query.get("limit", "").isdecimal() else PAGE_SIZE
        viewer = Viewer(store, person)
        screen = Screen(store, viewer, channel, self._bot, thread, at, greets=self._greets)
        screen.limit = min(max(limit, 1), _MAX_MESSAGES)
        return screen

    def _look(self, request: web.Request, person: Person) -> Look:
        calendars, query = self._calendars, request.query
        try:
            day = date.fromisoformat(query["day"]) if query.get("day") else None
        except ValueError:
            day = None
        own = person.email or TEAM_CALENDAR
        wanted = query.get("of", "")
        return Look(calendars, wanted if calendars.exists(wanted) else own, day, query.get("event", ""))

    def _first_person(self) -> Person:
        people = self._store.workspace.people.values()
        return next(each for each in people if not (each.is_bot or each.deleted))

    def _person(self, identifier: str) -> Person:
        try:
            person = self._store.person(identifier)
        except LookupError:
            raise web.HTTPNotFound(text=f"Nobody here is called {identifier!r}.") from None
        if person.is_bot or person.deleted:
            raise web.HTTPNotFound(text=f"Nobody can act as {identifier!r}.")
        return person

    def _channel(self, identifier: str, person: Person) -> Channel | None:
        try:
            channel = self._store.channel(identifier)
        except LookupError:
            return None
        return channel if may_see(person, channel) else None

    def _first_channel(self, person: Person) -> str:
        channels = self._store.workspace.channels.values()
        mine = (
            channel.id for channel in channels if person.id in channel.members and not channel.is_archived
        )
        return next(mine, "home")


def _files(kind: str) -> list[str]:
    return sorted(path.name for path in _STATIC.glob(f"*.{kind}"))


def add_page(
    app: web.Application, store: Store, calendars: Calendars, bot: BotProcess | None, *, greets: bool = False
) -> None:
    """Add the page to ``app``; it shows the workspace, the calendars, and the state of ``bot``.

    If it ``greets``, it has the panel with the first steps, until somebody dismisses that.
    """
    page = _Page(store, calendars, bot, greets=greets)
    app.router.add_get("/", page.start)
    app.router.add_get("/as/{user}/{channel}", page.page)
    app.router.add_get(r"/archives/{channel}/p{digits:\d{16,}}", page.permalink)
    app.router.add_get("/archives/{channel}", page.permalink)
    app.router.add_get("/calendar/{address}", page.event)
    app.router.add_get("/canvas/{id}", page.canvas)
    app.router.add_get("/page/parts", page.parts)
    app.router.add_get("/page/changes", page.changes)
    app.router.add_get("/page/static/{name}", page.static)
    app.on_shutdown.append(page.close)
