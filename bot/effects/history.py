"""Catching up: what was written, edited and marked in an incident's channel while nobody listened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from bot.domain.effects import CatchUp
from bot.domain.incidents import Incident
from bot.domain.outbox import Claimed, Outcome
from bot.domain.slack_messages import WRITTEN, action_marks, is_by, key_marks, posted_message
from bot.domain.timeline import FoundMessage, time_of
from bot.effects.channels import channel_of, existing
from bot.effects.directory import Identity
from bot.effects.slack import Slack, suppress_lacking
from bot.operations.action_items import ActionItemTracker
from bot.operations.deliveries import Deliveries
from bot.operations.timeline import TimelineRecorder

Json = Mapping[str, Any]

MOST_MESSAGES = 10_000
"""How far back a channel is looked through: ten calls."""
LIVELY = timedelta(days=1)
"""How long after its last reply a thread is still looked into for edits and marks."""
_TOGETHER = 200


class HistoryPerformers:
    """Performs what reads channels."""

    def __init__(
        self,
        slack: Slack,
        deliveries: Deliveries,
        recorder: TimelineRecorder,
        identity: Callable[[], Identity | None],
        items: ActionItemTracker,
    ) -> None:
        self._slack, self._deliveries, self._recorder = slack, deliveries, recorder
        self._identity, self._items = identity, items

    def catch_up(self, effect: CatchUp, _row: Claimed) -> Outcome:
        """Record the channel's messages and threads as they are now; what is known already stays as it is.

        A server without history can't be asked: there is nothing to catch up with then.
        """
        incident = existing(self._deliveries, effect.incident_id)
        since = self._deliveries.clock()
        with suppress_lacking():
            if incident.is_private:
                self._note_members(incident, since)
            parents = list(islice(self._messages("conversations.history", incident), MOST_MESSAGES))
            self._record(incident, parents, since)
            for thread in self._threads(incident, parents, since):
                self._record(incident, self._messages("conversations.replies", incident, ts=thread), since)
        return None

    def _note_members(self, incident: Incident, since: datetime) -> None:
        found = self._slack.pages("conversations.members", "members", channel=channel_of(incident))
        self._deliveries.set_members(incident.id, frozenset(map(str, found)), since)

    def _messages(self, method: str, incident: Incident, **more: Any) -> Iterator[Json]:
        return self._slack.pages(method, "messages", channel=channel_of(incident), **more)

    def _record(self, incident: Incident, messages: Iterable[Json], since: datetime) -> None:
        me = self._identity()
        found = (
            (FoundMessage(posted_message(each, channel_of(incident)), key_marks(each)), action_marks(each))
            for each in messages
            if each.get("subtype") in WRITTEN and not (me and is_by(each, me.bot_user_id, me.bot_id))
        )
        while together := tuple(islice(found, _TOGETHER)):
            self._slack.go_on()
            self._recorder.catch_up(incident.id, [each for each, _ in together], since)
            for each, marked_by in together:
                for user_id in marked_by[:1]:
                    self._items.create_from_mark(each.message.channel_id, each.message.ts, by=user_id)

    def _threads(self, incident: Incident, parents: Iterable[Json], since: datetime) -> Iterator[str]:
        """The threads with a reply that isn't known, or in which something may have changed of late."""
        known = self._recorder.latest_in_threads(incident.id)
        for parent in parents:
            latest = str(parent.get("latest_reply") or "")
            if not latest:
                continue
            is_new = float(latest) > float(known.get(parent["ts"], "0"))
            if is_new or time_of(latest) > since - LIVELY:
                yield str(parent["ts"])
