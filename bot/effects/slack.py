"""Calling Slack: at Slack's pace, without retries of its own, and never posting what stands there already."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Protocol

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.domain.outbox.retry import Failure, FailureKind, Place
from bot.domain.outbox.rows import Claimed
from bot.effects.failures import (
    REFUSALS,
    CallFailed,
    from_exception,
    from_slack,
    not_yet,
    suppress_final,
)
from bot.effects.leases import is_lost
from bot.operations.kit.transaction import Clock
from bot.views.kit.message import Message

log = structlog.get_logger(__name__)

CALL_TIMEOUT = 8
"""Seconds for one call; the row's lease is renewed meanwhile."""
POSTING = "chat.postMessage"
POST_INTERVAL = timedelta(seconds=1)
"""https://docs.slack.dev/apis/web-api/rate-limits: one message per second per channel."""
METADATA_EVENT = "muster_message"
_PAGE, _PAGES = 999, 100
LACKING = frozenset({"unknown_method", "http_404"})


@contextmanager
def suppress_lacking() -> Iterator[None]:
    """Go on without a method that the server doesn't have."""
    try:
        yield
    except CallFailed as error:
        if error.code not in LACKING:
            raise
        log.info("continuing without", code=error.code)


def posting_client(token: str, base_url: str, timeout: int = CALL_TIMEOUT) -> WebClient:
    """A client that never repeats a call by itself: the SDK's own connection retry would post twice."""
    return WebClient(token=token, base_url=base_url, timeout=timeout, retry_handlers=[])


class Pace:
    """When which method may be called again for which channel: our own interval, and Slack's Retry-After.

    Counted in monotonic seconds: a clock that is set back must not hold anything back for as long.
    """

    def __init__(self) -> None:
        self._not_before: dict[tuple[str, str | None], float] = {}
        self._lock = threading.Lock()

    def take(self, method: str, channel: str | None) -> timedelta | None:
        """Take the turn, or how long it is until it may be taken."""
        with self._lock:
            now = monotonic()
            at = self._not_before.get((method, channel), now)
            if at > now:
                return timedelta(seconds=at - now)
            if method == POSTING:
                self._not_before[method, channel] = now + POST_INTERVAL.total_seconds()
            return None

    def seconds(self, place: Place) -> float:
        """How long until that method and channel may be called again."""
        with self._lock:
            return self._not_before.get(place, 0.0) - monotonic()

    def hold(self, method: str, channel: str | None, pause: timedelta) -> None:
        """Keep every call of that kind back for so long."""
        with self._lock:
            self._not_before[method, channel] = monotonic() + pause.total_seconds()


class DirectChannels(Protocol):
    """Where the bot writes to people directly."""

    def direct_channel(self, user_id: str) -> str | None:
        """The channel, if known."""

    def note_direct_channel(self, user_id: str, channel_id: str) -> None:
        """Keep the channel."""

    def forget_direct_channel(self, channel_id: str) -> None:
        """Slack has no such channel."""


class NoDirectChannels:
    """For clients that send no direct messages."""

    def direct_channel(self, _user_id: str) -> str | None:
        """Nothing is known."""
        return None

    def note_direct_channel(self, _user_id: str, _channel_id: str) -> None:
        """Nothing is kept."""

    def forget_direct_channel(self, _channel_id: str) -> None:
        """Nothing was kept."""


class Slack:
    """The Web API as performers use it."""

    def __init__(self, client: WebClient, clock: Clock, directs: DirectChannels | None = None) -> None:
        """``directs`` remembers the channel of each person's direct messages."""
        self._client = client
        self._clock = clock
        self._directs = directs or NoDirectChannels()
        self.pace = Pace()
        self._is_stopping = False
        self.refusal: str | None = None
        """The code with which Slack has refused the token at the last call, if it did."""

    def stop(self) -> None:
        """Begin no more calls: whoever wants one is told to come back later, when another process may."""
        self._is_stopping = True

    def go_on(self) -> None:
        """Call it between two calls if that may take long.

        Raises :class:`CallFailed` if the bot is stopping, or if the current row may be another worker's.
        """
        if self._is_stopping:
            raise not_yet("stopping", self._clock())
        if is_lost():
            raise not_yet("lease_over", self._clock())

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Call ``method`` once and return its answer; raises :class:`CallFailed`."""
        self.go_on()
        channel = arguments.get("channel")
        pause = self.pace.take(method, channel)
        if pause is not None:
            at = self._clock() + pause
            place = (method, channel)
            raise CallFailed(Failure(FailureKind.NOT_YET, "own_pace", retry_at=at, waits_for=place))
        try:
            answer = getattr(self._client, method.replace(".", "_"))(**arguments)
        except SlackApiError as error:
            now = self._clock()
            failure = from_slack(error, now)
            self.refusal = failure.code if failure.code in REFUSALS else None
            if failure.kind is FailureKind.NOT_YET and failure.retry_at:
                self.pace.hold(method, channel, failure.retry_at - now)
            raise CallFailed(failure) from error
        except Exception as error:
            raise CallFailed(from_exception(error)) from error
        self.refusal = None
        return dict(answer.data)

    def pages(self, method: str, items: str, **arguments: Any) -> Iterator[Any]:
        """Every item of a paged method (https://docs.slack.dev/apis/web-api/pagination)."""
        cursor = ""
        for _ in range(_PAGES):
            found, cursor = self.page(method, items, cursor, **arguments)
            yield from found
            if not cursor:
                return

    def page(self, method: str, items: str, cursor: str, **arguments: Any) -> tuple[list[Any], str]:
        """One page of a paged method, starting at ``cursor``, and the next cursor, empty at the end."""
        more = {"cursor": cursor} if cursor else {}
        answer = self.call(method, limit=_PAGE, **arguments, **more)
        next_cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
        return list(answer.get(items) or ()), str(next_cursor)

    def post(
        self,
        row: Claimed,
        key: str,
        channel: str,
        message: Message,
        thread_ts: str | None = None,
        since: datetime | None = None,
    ) -> str:
        """Post the message known by ``key`` and return its ts.

        If an earlier attempt may have, look for it first among the messages ``since`` (the row's own time).
        """
        if row.look_first and (ts := self._find(key, channel, thread_ts, since or row.created_at)):
            return ts
        thread = {"thread_ts": thread_ts} if thread_ts else {}
        try:
            answer = self.call(
                POSTING,
                channel=channel,
                metadata={"event_type": METADATA_EVENT, "event_payload": {"key": key}},
                unfurl_links=False,
                unfurl_media=False,
                **thread,
                **message.arguments(),
            )
        except CallFailed as error:
            if error.code == "channel_not_found":
                self._directs.forget_direct_channel(channel)
            raise
        return str(answer["ts"])

    def attempted(
        self, row: Claimed, key: str, channel: str, since: datetime, thread_ts: str | None = None
    ) -> str | None:
        """The ts of the message known by ``key``, if an earlier attempt may have posted it."""
        return self._find(key, channel, thread_ts, since) if row.look_first else None

    def direct_channel(self, user_id: str) -> str:
        """Somebody's direct message channel: asked for once, since opening it again returns the same.

        On a server that lacks the method that is the person's own id, which chat.postMessage takes too.
        """
        known = self._directs.direct_channel(user_id)
        if known:
            return known
        try:
            channel = str(self.call("conversations.open", users=user_id)["channel"]["id"])
        except CallFailed as error:
            if error.code not in LACKING:
                raise
            return user_id
        self._directs.note_direct_channel(user_id, channel)
        return channel

    def _find(self, key: str, channel: str, thread_ts: str | None, since: datetime) -> str | None:
        """The ts of the message that carries ``key``, or ``None``.

        A server without history can't be asked: there a message may come twice after a crash.
        """
        oldest = f"{(since - timedelta(minutes=5)).timestamp():.6f}"
        method, more = (
            ("conversations.replies", {"ts": thread_ts}) if thread_ts else ("conversations.history", {})
        )
        with suppress_final():
            for each in self.pages(
                method, "messages", channel=channel, oldest=oldest, include_all_metadata=True, **more
            ):
                payload = (each.get("metadata") or {}).get("event_payload") or {}
                if payload.get("key") == key:
                    return str(each["ts"])
        return None
