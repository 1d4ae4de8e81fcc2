"""Calls Slack at the pace that Slack allows, never retries by itself, and looks before posting again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Protocol

import structlog
from slack_sdk.errors import SlackApiError

from bot.domain.outbox.refusals import Cause, Meaning, codes_of
from bot.domain.outbox.retry import Failure, FailureKind, Place
from bot.domain.outbox.rows import Claimed
from bot.effects.clients import Web, granted_scopes
from bot.effects.failures import (
    REFUSALS,
    CallFailed,
    from_exception,
    from_slack,
    not_yet,
    suppress_final,
)
from bot.effects.leases import is_lost
from bot.network import in_words
from bot.operations.kit.transaction import Clock
from bot.views.kit.message import Message

log = structlog.get_logger(__name__)

CALL_TIMEOUT = 8
"""Seconds that one call may take; the row's lease is renewed in the meantime."""
POSTING = "chat.postMessage"
POST_INTERVAL = timedelta(seconds=1)
"""https://docs.slack.dev/apis/web-api/rate-limits: one message per second per channel."""
METADATA_EVENT = "muster_message"
"""The type of the metadata that carries a message's key: https://docs.slack.dev/messaging/message-metadata"""
_PAGE, _PAGES = 999, 100
"""Items per page, the most that https://docs.slack.dev/reference/methods/conversations.history returns, and
the most pages that are read."""
LACKING = codes_of(Cause.LACKING)
"""Error codes of a server that doesn't have the method."""


@contextmanager
def suppress_lacking() -> Iterator[None]:
    """Continue if the server doesn't have the method; raises any other failure."""
    try:
        yield
    except CallFailed as error:
        if error.code not in LACKING:
            raise
        log.info("continuing without", code=error.code)


class Pace:
    """When each method may be called again for each channel: our own interval, and Slack's Retry-After.

    Counts monotonic seconds: setting the system clock back must not delay anything.
    """

    def __init__(self) -> None:
        self._not_before: dict[tuple[str, str | None], float] = {}
        self._lock = threading.Lock()

    def take(self, method: str, channel: str | None) -> timedelta | None:
        """Take the turn and return ``None``, or return how long to wait for it."""
        with self._lock:
            now = monotonic()
            at = self._not_before.get((method, channel), now)
            if at > now:
                return timedelta(seconds=at - now)
            if method == POSTING:
                self._not_before[method, channel] = now + POST_INTERVAL.total_seconds()
            return None

    def seconds(self, place: Place) -> float:
        """Seconds until the method may be called again for the channel; at most 0 if it may be called now."""
        with self._lock:
            return self._not_before.get(place, 0.0) - monotonic()

    def hold(self, method: str, channel: str | None, pause: timedelta) -> None:
        """Allow no call of the method for the channel until ``pause`` is over."""
        with self._lock:
            self._not_before[method, channel] = monotonic() + pause.total_seconds()


class DirectChannels(Protocol):
    """Remembers each person's direct message channel."""

    def direct_channel(self, user_id: str) -> str | None:
        """The id of the person's direct message channel, if known."""

    def note_direct_channel(self, user_id: str, channel_id: str) -> None:
        """Remember the person's channel."""

    def forget_direct_channel(self, channel_id: str) -> None:
        """Forget a channel that Slack says doesn't exist."""


class NoDirectChannels:
    """Remembers nothing, for clients that send no direct messages."""

    def direct_channel(self, _user_id: str) -> str | None:
        """Always ``None``."""
        return None

    def note_direct_channel(self, _user_id: str, _channel_id: str) -> None:
        """Do nothing."""

    def forget_direct_channel(self, _channel_id: str) -> None:
        """Do nothing."""


class Slack:
    """Slack's Web API as performers use it."""

    def __init__(self, client: Web, clock: Clock, directs: DirectChannels | None = None) -> None:
        """``directs`` remembers each person's direct message channel."""
        self._client = client
        self._clock = clock
        self._directs = directs or NoDirectChannels()
        self.pace = Pace()
        self._is_stopping = False
        self.refusal: str | None = None
        """The error code if Slack's last answer refused the token, else ``None``."""
        self.granted: frozenset[str] = frozenset()
        """The scopes that Slack listed with its last answer about who we are."""
        self.obstacle = ""
        """What kept the last call from reaching Slack, in words, if somebody has to remove it."""

    def stop(self) -> None:
        """Start no more calls: each fails with "not yet", so that another process can make it later."""
        self._is_stopping = True

    def go_on(self) -> None:
        """Check that the current row may be continued; to be called during long work between two calls.

        Raises :class:`CallFailed` if the bot is stopping, or if another worker may have taken the row.
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
            self.obstacle = in_words(failure.code)
            if failure.kind is FailureKind.NOT_YET and failure.retry_at:
                self.pace.hold(method, channel, failure.retry_at - now)
            raise CallFailed(failure, method) from error
        except Exception as error:
            failure = from_exception(error)
            self.obstacle = in_words(failure.code)
            raise CallFailed(failure) from error
        self.refusal, self.obstacle = None, ""
        if method == "auth.test":
            self.granted = granted_scopes(answer)
        return dict(answer.data)

    def pages(self, method: str, items: str, **arguments: Any) -> Iterator[Any]:
        """All items that a paged method returns (https://docs.slack.dev/apis/web-api/pagination)."""
        cursor = ""
        for _ in range(_PAGES):
            found, cursor = self.page(method, items, cursor, **arguments)
            yield from found
            if not cursor:
                return

    def page(self, method: str, items: str, cursor: str, **arguments: Any) -> tuple[list[Any], str]:
        """One page of items, starting at ``cursor``, and the next page's cursor, empty on the last page."""
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
        """Post the message identified by ``key`` and return its ts.

        If an earlier attempt may have posted it, look for it first, back to ``since``, by default the row's
        creation.
        """
        found = self.attempted(row, key, channel, since or row.created_at, thread_ts)
        return found or self.post_unseen(key, channel, message, thread_ts)

    def post_unseen(self, key: str, channel: str, message: Message, thread_ts: str | None = None) -> str:
        """Post the message identified by ``key``, without looking for it first, and return its ts."""
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
        """The ts of the message identified by ``key`` if an earlier attempt has posted it, else ``None``.

        If the server has no history to search, a message may be posted twice after a crash; but a row from a
        backup fails then, since it has probably been done.
        """
        found: str | None = None
        if row.look_first:
            with nullcontext() if row.is_restored else suppress_final():
                found = self._find(key, channel, thread_ts, since)
        return found

    def direct_channel(self, user_id: str) -> str:
        """The id of somebody's direct message channel, remembered because reopening it returns the same one.

        If Slack doesn't open one, the person's own id, which chat.postMessage accepts, too.
        """
        known = self._directs.direct_channel(user_id)
        if known:
            return known
        try:
            channel = str(self.call("conversations.open", users=user_id)["channel"]["id"])
        except CallFailed as error:
            if error.meaning is not Meaning.FALL_BACK:
                raise
            return user_id
        self._directs.note_direct_channel(user_id, channel)
        return channel

    def _find(self, key: str, channel: str, thread_ts: str | None, since: datetime) -> str | None:
        """The ts of the message that carries ``key``, or ``None``."""
        found = self.keyed(channel, since, thread_ts)
        return next((ts for carried, ts in found if carried == key), None)

    def keyed(self, channel: str, since: datetime, thread_ts: str | None = None) -> Iterator[tuple[str, str]]:
        """(key, ts) of the messages that carry a key, and were posted there since then."""
        # Slack's clock and ours may differ.
        oldest = f"{(since - timedelta(minutes=5)).timestamp():.6f}"
        method, more = (
            ("conversations.replies", {"ts": thread_ts}) if thread_ts else ("conversations.history", {})
        )
        for each in self.pages(
            method, "messages", channel=channel, oldest=oldest, include_all_metadata=True, **more
        ):
            payload = (each.get("metadata") or {}).get("event_payload") or {}
            if payload.get("key"):
                yield str(payload["key"]), str(each["ts"])
