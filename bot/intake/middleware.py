"""Handles one Slack request, however it arrived: dispatch, ack, and only then everything else."""

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
    """The answer to a request; call :meth:`finish` once it has been handed over."""

    def __init__(self, response: BoltResponse, finish: Callable[[], None]) -> None:
        self.response, self.finish = response, finish
        self.is_acked = 200 <= response.status < 300
        """Whether Slack counts the request as acked; it redelivers events that aren't."""


class Requests:
    """Answers Slack's requests, and does the work that was deferred until after their acks."""

    def __init__(self, app: App, wake: Callable[[], None], meter: Meter) -> None:
        self._app, self._wake, self._meter = app, wake, meter

    def answer(
        self, body: dict[str, Any], headers: Headers, name: str, kind: str, *, since: float | None = None
    ) -> Answered:
        """The answer to a request, which the log calls ``name``; ``kind`` is Socket Mode's type for it.

        ``since`` is when it arrived, in monotonic seconds; by default, just now.
        """
        started = monotonic() if since is None else since
        # "socket_mode" for HTTP, too: we have already parsed the body, since Bolt's own parser loses every
        # command whose text contains the word "payload".
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
        """The response, as the answer to a request that arrived at ``started``; ``after`` follows it."""

        def finish() -> None:
            seconds = monotonic() - started
            self._meter.answered(kind, response.status, seconds)
            with bound_contextvars(request=name):
                milliseconds = round(seconds * 1000, 1)
                log.info("request", kind=kind, status=response.status, milliseconds=milliseconds)
                for work in after:
                    _do(work)
            self._wake()

        return Answered(response, finish)

    def acked_together(self, kind: str, started: Mapping[str, float]) -> None:
        """Like :meth:`Answered.finish`, for many acks; ``started`` is request name -> monotonic seconds."""
        now = monotonic()
        for each in started.values():
            self._meter.answered(kind, 200, now - each)
        slowest = round((now - min(started.values())) * 1000, 1)
        names = {"request": next(iter(started))} if len(started) == 1 else {"requests": list(started)}
        log.info("request", kind=kind, status=200, milliseconds=slowest, **names)
        self._wake()


def _do(work: Callable[[], None]) -> None:
    """Do one thing that was deferred until after the ack; if it fails, the others are done all the same."""
    try:
        work()
    except Exception as error:  # noqa: BLE001 - nobody waits for it, and nothing is lost
        log.warning("work after an ack failed", error=type(error).__name__)
