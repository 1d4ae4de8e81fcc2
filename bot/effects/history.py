"""Catching up: fetches what was written, edited and marked in a channel while the bot was offline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

import structlog

from bot.codec import dump, load
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import FoundMessage, PostedMessage, time_of
from bot.domain.kit.errors import NotSaved
from bot.domain.kit.json import Json
from bot.domain.messages.slack_messages import WRITTEN, action_marks, is_by, key_marks, posted_message
from bot.domain.outbox.effects import CatchUp
from bot.domain.outbox.rows import Claimed, Outcome
from bot.effects.channels import channel_of, existing
from bot.effects.directory import Identity
from bot.effects.performer import Performers
from bot.effects.slack import Slack, suppress_lacking
from bot.operations.action_items.manage import ActionItemTracker
from bot.operations.incidents.channels import Channels
from bot.operations.incidents.timeline import TimelineRecorder
from bot.operations.outbox import Outbox
from bot.operations.performer_reads import PerformerReads

log = structlog.get_logger(__name__)

MAX_PAGES = 10
"""How far back a channel's history is read, in pages of 999 messages."""
LOOKED_BACK = timedelta(days=30)
"""How far back before the last catch-up messages are checked again for edits, marks and replies."""
LIVELY = timedelta(days=1)
"""How long after its last reply a thread is still checked for edits and marks."""
_READ_TOGETHER = 200
"""Messages compared per database query."""
_WRITTEN_TOGETHER = 20
"""Messages stored per transaction: few, since requests that arrive meanwhile have to wait for it."""
_ODD = (AttributeError, KeyError, TypeError, ValueError)
"""Raised while reading a message that isn't as Slack describes it."""


@dataclass(frozen=True, slots=True)
class _Progress:
    """How far a channel's history has been read; saved with the row."""

    began: float
    """When the first attempt asked for the newest messages, in seconds since 1970."""
    cursor: str = ""
    thread: str = ""
    """The thread read last on the current page, which runs from the newest message to the oldest."""


class HistoryPerformers:
    """Performs the effects that read channels."""

    def __init__(
        self,
        slack: Slack,
        facts: PerformerReads,
        outbox: Outbox,
        members: Channels,
        recorder: TimelineRecorder,
        identity: Callable[[], Identity | None],
        items: ActionItemTracker,
    ) -> None:
        self._slack, self._facts, self._outbox = slack, facts, outbox
        self._members, self._recorder = members, recorder
        self._identity, self._items = identity, items

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {CatchUp: self.catch_up}

    def catch_up(self, effect: CatchUp, row: Claimed) -> Outcome:
        """Record the channel's messages and threads as they are now; writes only what differs.

        If the server has no history, there is nothing to catch up on. Each attempt resumes where the last one
        was refused.
        """
        incident = existing(self._facts, effect.incident_id)
        started = _Progress(self._facts.clock().timestamp())
        progress = load(_Progress, row.progress) if row.progress else started
        with suppress_lacking():
            if incident.is_private and not row.progress:
                self._note_members(incident, self._facts.clock())
            self._look_through(incident, row, progress)
            self._recorder.note_caught_up(incident.id, f"{progress.began:.6f}")
        return None

    def _look_through(self, incident: Incident, row: Claimed, progress: _Progress) -> None:
        known_to = self._recorder.caught_up_to(incident.id)
        back_to = time_of(known_to) - LOOKED_BACK if known_to else None
        oldest = {"oldest": f"{back_to.timestamp():.6f}"} if back_to else {}
        for _ in range(MAX_PAGES):
            since = self._facts.clock()
            parents, cursor = self._slack.page(
                "conversations.history", "messages", progress.cursor, channel=channel_of(incident), **oldest
            )
            self._record(incident, parents, since)
            for thread in self._threads(incident, parents, since, progress.thread):
                replies = self._slack.pages(
                    "conversations.replies", "messages", channel=channel_of(incident), ts=thread
                )
                self._record(incident, replies, since)
                progress = self._keep(row, replace(progress, thread=thread))
            if not cursor:
                return
            progress = self._keep(row, replace(progress, cursor=cursor, thread=""))

    def _keep(self, row: Claimed, progress: _Progress) -> _Progress:
        self._outbox.keep_progress(row, dump(progress))
        return progress

    def _note_members(self, incident: Incident, since: datetime) -> None:
        found = self._slack.pages("conversations.members", "members", channel=channel_of(incident))
        self._members.set_members(incident.id, frozenset(map(str, found)), since)

    def _record(self, incident: Incident, messages: Iterable[Json], since: datetime) -> None:
        read = self._read(messages, channel_of(incident))
        while together := tuple(islice(read, _READ_TOGETHER)):
            self._slack.go_on()
            news = self._recorder.news([found for found, _ in together], since)
            for start in range(0, len(news), _WRITTEN_TOGETHER):
                self._store(incident, news[start : start + _WRITTEN_TOGETHER], since)
            for found, marked_by in together:
                self._make_item(found.message, marked_by)

    def _read(
        self, messages: Iterable[Json], channel_id: str
    ) -> Iterator[tuple[FoundMessage, tuple[str, ...]]]:
        """The messages that people wrote, each with the people who marked it as an action item."""
        me = self._identity()
        for each in messages:
            try:
                is_ours = me is not None and is_by(each, me.bot_user_id, me.bot_id)
                if each.get("subtype") not in WRITTEN or is_ours:
                    continue
                message = posted_message(each, channel_id)
                time_of(message.ts)
                read = FoundMessage(message, key_marks(each)), action_marks(each)
            except _ODD as error:
                log.warning("message not readable", error=type(error).__name__)
            else:
                yield read

    def _store(self, incident: Incident, news: Sequence[FoundMessage], since: datetime) -> None:
        """Store messages together; if one of them can't be stored, the others still are."""
        try:
            self._recorder.catch_up(incident.id, news, since)
        except NotSaved:
            raise
        except Exception as error:  # noqa: BLE001 - one odd message must not end the batch
            if len(news) == 1:
                log.warning("message skipped", error=type(error).__name__)
                return
            for each in news:
                self._store(incident, [each], since)

    def _make_item(self, message: PostedMessage, marked_by: tuple[str, ...]) -> None:
        """Create an action item for the first person who marked the message and is allowed to."""
        if not marked_by or self._items.is_from_mark(message.channel_id, message.ts):
            return
        for user_id in marked_by:
            try:
                self._items.create_from_mark(message.channel_id, message.ts, by=user_id)
            except NotSaved:
                raise
            except Exception as error:  # noqa: BLE001 - one odd mark must not end the batch
                log.warning("mark skipped", error=type(error).__name__)

    def _threads(
        self, incident: Incident, parents: Iterable[Json], since: datetime, done: str
    ) -> Iterator[str]:
        """The threads with a reply that we don't know, or whose last reply is recent: it may have changed."""
        threads = list(filter(None, map(_latest_reply, parents)))
        known = self._recorder.latest_in_threads(incident.id) if threads else {}
        for ts, latest in threads:
            is_new = float(latest) > float(known.get(ts, "0"))
            if not (done and ts >= done) and (is_new or time_of(latest) > since - LIVELY):
                yield ts


def _latest_reply(parent: Json) -> tuple[str, str] | None:
    """(thread, its last reply), or ``None`` if the message has no thread or they can't be read."""
    try:
        ts, latest = str(parent["ts"]), str(parent["latest_reply"])
        time_of(latest)
    except _ODD:
        return None
    return ts, latest
