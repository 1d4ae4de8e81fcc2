"""The WSGI application: a table of paths, and replies of which something may follow."""

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
    """Nothing follows."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered, and what is done once that is on its way."""

    status: int
    body: str = ""
    headers: Mapping[str, str] | None = None
    after: Callable[[], None] = _nothing


Handler = Callable[["WSGIEnvironment"], Reply]
Routes = Mapping[str, tuple[str, Handler]]
"""By path: the method, and who answers."""
_ALSO = {"GET": ("GET", "HEAD")}
"""A HEAD is answered like a GET, headers only: https://www.rfc-editor.org/rfc/rfc9110#name-head"""
RETRY_SECONDS = 1
"""After a 503: by then the bot is free again, or the load balancer has found another replica."""


class Site:
    """Answers requests by its table; whatever a handler raises is a 500 and a line in the log."""

    def __init__(self, routes: Routes) -> None:
        self._routes = routes

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """As PEP 3333 wants it."""
        reply = self._reply(environ)
        body = reply.body.encode()
        status = HTTPStatus(reply.status)
        headers = {"Content-Type": "text/plain; charset=utf-8", **(reply.headers or {})}
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers["Retry-After"] = str(RETRY_SECONDS)
        start_response(
            f"{status.value} {status.phrase}", [*headers.items(), ("Content-Length", str(len(body)))]
        )
        is_head = environ["REQUEST_METHOD"] == "HEAD"
        return _Body(b"" if is_head else body, reply.after)

    def _reply(self, environ: WSGIEnvironment) -> Reply:
        route = self._routes.get(environ.get("PATH_INFO", ""))
        if route is None:
            return Reply(404, "Not found")
        method, handler = route
        methods = _ALSO.get(method, (method,))
        if environ["REQUEST_METHOD"] not in methods:
            return Reply(405, "Method not allowed", {"Allow": ", ".join(methods)})
        try:
            return handler(environ)
        except Exception as error:  # noqa: BLE001 - the end of a request
            # Its text may quote the request.
            log.error("request failed", error=type(error).__name__)
            return Reply(500, "Something broke")


class _Body:
    """One piece; the server closes it when it has been handed over."""

    def __init__(self, body: bytes, after: Callable[[], None]) -> None:
        self._body, self._after = body, after

    def __iter__(self) -> Iterator[bytes]:
        return iter((self._body,))

    def close(self) -> None:
        """The answer is on its way: now everything else."""
        self._after()
