"""The WSGI application: a table of paths, and replies that more work may follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = structlog.get_logger(__name__)


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered, and what is done once the answer is on its way."""

    status: int
    body: str = ""
    headers: Mapping[str, str] | None = None
    after: Callable[[], None] = _nothing


Handler = Callable[["WSGIEnvironment"], Response]
Routes = Mapping[str, tuple[str, Handler]]
"""Path -> its method and its handler."""
_ALSO = {"GET": ("GET", "HEAD")}
"""A HEAD is answered like a GET, headers only: https://www.rfc-editor.org/rfc/rfc9110#name-head"""
RETRY_SECONDS = 1
"""The ``Retry-After`` of a 503: by then the bot is free again, or another replica has taken over."""


class Site:
    """Answers requests by its table; an exception in a handler becomes a 500 and a line in the log."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request, as https://peps.python.org/pep-3333/ says."""
        reply = self._reply(environ)
        body = reply.body.encode()
        status = HTTPStatus(reply.status)
        headers = {"Content-Type": "text/plain; charset=utf-8", **(reply.headers or {})}
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers["Retry-After"] = str(RETRY_SECONDS)
        start_response(
            f"{status.value} {status.phrase}", [*headers.items(), ("Content-Length", str(len(body)))]
        )
        is_next_in_lane = environ["REQUEST_METHOD"] == "HEAD"
        return _Body(b"" if is_next_in_lane else body, reply.after)

    def _reply(self, environ: WSGIEnvironment) -> Response:
        route = self._routes.get(environ.get("PATH_INFO", ""))
        if route is None:
            return Response(404, "Not found")
        method, handler = route
        methods = _ALSO.get(method, (method,))
        if environ["REQUEST_METHOD"] not in methods:
            return Response(405, "Method not allowed", {"Allow": ", ".join(methods)})
        try:
            return handler(environ)
        except Exception as error:  # noqa: BLE001 - the end of a request
            # Only the error's type, since its text may quote the request.
            log.error("request failed", error=type(error).__name__)
            return Response(500, "Something broke")


class _Body:
    """The answer in one piece; the server closes it once it has been handed over."""

    def __init__(self, body: bytes, after: Callable[[], None]) -> None:
        self._body, self._after = body, after

    def __iter__(self) -> Iterator[bytes]:
        return iter((self._body,))

    def close(self) -> None:
        """Do what follows, now that the answer is on its way."""
        self._after()
