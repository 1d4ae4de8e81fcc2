"""One request of Slack's, whichever way it came: dispatch, ack, and only then everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic
from typing import Any

import structlog
from slack_bolt import App, BoltRequest, BoltResponse
from structlog.contextvars import bound_contextvars

from bot.listeners.services import AFTER_ACK
from bot.worker.metrics import Meter

log = structlog.get_logger(__name__)
Headers = Mapping[str, str | Sequence[str]]


class Answered:
    """A request whose answer is known; :meth:`finish` it once that has been handed over."""

    def __init__(self, response: BoltResponse, finish: Callable[[], None]) -> None:
        self.response, self.finish = response, finish
        self.is_acked = 200 <= response.status < 300
        """Events that aren't are sent again by Slack."""


class Requests:
    """Has Slack's requests answered, and what was put off until their acks done."""

    def __init__(self, app: App, wake: Callable[[], None], meter: Meter) -> None:
        self._app, self._wake, self._meter = app, wake, meter

    def answer(
        self, body: dict[str, Any], headers: Headers, name: str, kind: str, *, since: float | None = None
    ) -> Answered:
        """The answer to a request that is known as ``name`` in the log, and is of Socket Mode's ``kind``.

        It came in at ``since``, by the monotonic clock, if not just now.
        """
        started = monotonic() if since is None else since
        # What came over HTTP is read already, by ourselves: Bolt's own reading loses each command in whose
        # text the word "payload" occurs.
        request = BoltRequest(mode="socket_mode", body=body, headers=dict(headers))
        with bound_contextvars(request=name):
            response = self._app.dispatch(request)
        return self.answered(response, name, kind, started, request.context.get(AFTER_ACK, ()))

    def answered(
        self,
        response: BoltResponse,
        name: str,
        kind: str,
        started: float,
        after: Iterable[Callable[[], None]] = (),
    ) -> Answered:
        """That answer to a request that arrived at ``started``; deferred work is done ``after`` it."""

        def finish() -> None:
            seconds = monotonic() - started
            self._meter.answered(kind, response.status, seconds)
            with bound_contextvars(request=name):
                milliseconds = round(seconds * 1000, 1)
                log.info("request", kind=kind, status=response.status, milliseconds=milliseconds)
                for work in after:
                    work()
            self._wake()

        return Answered(response, finish)

    def acked_together(self, kind: str, started: Mapping[str, float]) -> None:
        """Like :meth:`Answered.finish`, for many acks: by name, when each request arrived."""
        now = monotonic()
        for each in started.values():
            self._meter.answered(kind, 200, now - each)
        slowest = round((now - min(started.values())) * 1000, 1)
        names = {"request": next(iter(started))} if len(started) == 1 else {"requests": list(started)}
        log.info("request", kind=kind, status=200, milliseconds=slowest, **names)
        self._wake()
