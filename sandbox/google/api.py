"""``/google/…``: the checks that every call goes through, faults, and its entry in the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from aiohttp import BasicAuth, web

from sandbox.faults import Faults
from sandbox.google.access import Access, RefusedError
from sandbox.google.errors import GoogleError, ScopeError, invalid, not_found
from sandbox.google.store import Calendars
from sandbox.log import Log, masked
from sandbox.webapi import striking
from sandbox.workspace.model import Json
from sandbox.workspace.store import Store

if TYPE_CHECKING:
    from sandbox.google.schema import Method

BASE = "/google/calendar/v3/"
_STATUS_EFFECTS = {
    "500": (500, "backendError"),
    "503": (503, "backendError"),
    "429": (429, "rateLimitExceeded"),
}


@dataclass(slots=True)
class Google:
    """Google's side of the connection."""

    store: Store
    access: Access
    calendars: Calendars
    faults: Faults
    log: Log

    async def token(self, request: web.Request) -> web.Response:
        """``POST /google/token``."""
        form = dict(await request.post()) | _client(request)
        entry = self.log.begin("google", "token")
        fault = self.faults.for_google("token")
        instead = await self._before(fault, request, entry)
        if instead is not None:
            return self._logged(entry, instead, str((fault or {}).get("effect")))
        try:
            answer = self.access.token(form)
        except RefusedError as error:
            response = web.json_response({"error": error.code}, status=error.status)
            return self._logged(entry, response, error.code)
        return self._logged(entry, web.json_response(answer), None)

    async def consent(self, request: web.Request) -> web.Response:
        """``GET /google/auth``: the page on which the account's owner consents."""
        try:
            address = escape(self.access.agree(request.query))
        except RefusedError as error:
            return web.Response(text=error.code, status=error.status)
        page = f'<p>Muster wants to change your calendars.</p><a href="{address}" data-test="allow">Allow</a>'
        return web.Response(text=page, content_type="text/html")

    async def call(self, request: web.Request) -> web.Response:
        """Answer any method of the Calendar API."""
        found = _method_of(request)
        if found is None:
            return web.json_response(not_found().body(), status=404)
        method, args = found
        entry = self.log.begin("google", method.name)
        text = await request.text()
        entry["request"] = masked({"args": args, "body": json.loads(text) if text else None})
        fault = self.faults.for_google(method.name)
        instead = await self._before(fault, request, entry)
        if instead is not None:
            return self._logged(entry, instead, str((fault or {}).get("effect")))
        response = self._apply(method, args, text, request, fault, entry)
        late = await striking.after(fault, self.faults, request) if fault else None
        if late is not None:
            entry["applied"] = entry["ok"]
        return late or response

    async def _before(self, fault: Json | None, request: web.Request, entry: Json) -> web.Response | None:
        """The answer to give instead of doing anything, if a fault provides one."""
        if fault is None:
            return None
        effect = entry["fault"] = str(fault["effect"])
        if effect in _STATUS_EFFECTS:
            status, reason = _STATUS_EFFECTS[effect]
            headers = {"Retry-After": str(fault.get("retry_after", 1))} if effect == "429" else {}
            return _refused(GoogleError(status, reason, "Backend Error", "usageLimits"), headers)
        if effect.startswith("error:"):
            _, status_text, reason = effect.split(":")
            return _refused(GoogleError(int(status_text), reason, reason, "usageLimits"))
        if effect.startswith(("calendar_error:", "conference_")):
            return None
        return await striking.before(fault, self.faults, request)

    def _apply(
        self,
        method: Method,
        args: dict[str, str],
        text: str,
        request: web.Request,
        fault: Json | None,
        entry: Json,
    ) -> web.Response:
        try:
            principal = self.access.principal(request.headers.get("Authorization"))
            if not principal.scopes & method.scopes:
                raise ScopeError(method.name)
            body = _checked(method, request, text)
            effect = str(fault["effect"]) if fault else None
            struck = {"_calendar": fault["calendar"]} if fault and "calendar" in fault else {}
            from sandbox.google.events import Call  # noqa: PLC0415 - see the package

            call = Call(
                self.store,
                self.calendars,
                self.access,
                principal,
                {**args, **struck},
                body,
                effect,
                request.headers.get("If-Match"),
            )
            answer = _handler(method.name)(call)
        except GoogleError as error:
            return self._logged(entry, _refused(error), error.reason)
        response = web.Response(status=204) if answer is None else web.json_response(answer)
        return self._logged(entry, response, None)

    def _logged(self, entry: Json, response: web.Response, error: str | None) -> web.Response:
        self.log.end(entry, ok=error is None, error=error, status=response.status)
        return response


def add_google(app: web.Application, google: Google) -> None:
    """Add ``/google/auth``, ``/google/token`` and ``/google/calendar/v3/…``."""
    app.router.add_post("/google/token", google.token)
    app.router.add_get("/google/auth", google.consent)
    app.router.add_route("*", BASE + "{rest:.*}", google.call)


def _client(request: web.Request) -> dict[str, str]:
    """The client, if it identifies itself in a header (RFC 6749, 2.3.1)."""
    try:
        told = BasicAuth.decode(request.headers.get("Authorization", ""))
    except ValueError:
        return {}
    return {"client_id": told.login, "client_secret": told.password}


def _method_of(request: web.Request) -> tuple[Method, dict[str, str]] | None:
    from sandbox.google.schema import methods  # noqa: PLC0415 - see the package

    rest = request.match_info["rest"]
    for method in methods():
        matched = method.path.fullmatch(rest)
        if matched and method.verb == request.method:
            return method, {**request.query, **matched.groupdict()}
    return None


def _checked(method: Method, request: web.Request, text: str) -> Json:
    from sandbox.google.schema import check_body, check_parameters  # noqa: PLC0415 - see the package

    check_parameters(method, request.query)
    if method.takes is None:
        return {}
    try:
        body: Any = json.loads(text)
    except ValueError as error:
        raise invalid("Parse Error", "parseError") from error
    if not isinstance(body, dict):
        raise invalid("Parse Error", "parseError")
    check_body(method.takes, body)
    return body


def _handler(name: str) -> Callable[[Any], Json | None]:
    from sandbox.google import events, reading  # noqa: PLC0415 - see the package

    handlers: dict[str, Callable[[Any], Json | None]] = {
        "events.get": events.get,
        "events.insert": events.insert,
        "events.patch": events.patch,
        "events.update": events.update,
        "events.delete": events.delete,
        "events.list": reading.list_events,
        "freebusy.query": reading.free_busy,
        "calendars.get": reading.get_calendar,
    }
    if name not in handlers:
        raise GoogleError(501, "notImplemented", f"The sandbox has no {name}.")
    return handlers[name]


def _refused(error: GoogleError, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response(error.body(), status=error.status, headers=headers)
