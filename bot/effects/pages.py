"""Pages in Slack: in the channel, in direct messages, and to whoever asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.outbox.effects import ShowPage, TellPaged, TellUnseen
from bot.domain.outbox.refusals import Meaning
from bot.domain.outbox.rows import PUT_OFF, Claimed, MessagePosted, Outcome
from bot.domain.pages.planned import page_key, paged_key, unseen_key
from bot.effects.channels import channel_of
from bot.effects.failures import accepting, not_yet
from bot.effects.performer import Performers
from bot.effects.slack import Slack
from bot.operations.pages.reads import PageReads
from bot.operations.performer_reads import PerformerReads
from bot.views.kit.message import Message
from bot.views.pages.messages import page_message, paged_message, unseen_message

CAUGHT_UP_WITHIN, _LOOK_AGAIN = timedelta(minutes=2), timedelta(seconds=2)
"""How long this waits at most until a channel has been read, and how often that is checked."""


class PagePerformers:
    """Performs the effects that concern pages."""

    def __init__(self, slack: Slack, facts: PerformerReads, reads: PageReads) -> None:
        self._slack, self._facts, self._reads = slack, facts, reads

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {ShowPage: self.show, TellPaged: self.tell, TellUnseen: self.tell_unseen}

    def show(self, effect: ShowPage, row: Claimed) -> Outcome:
        """Post the page in the channel, or show there who has been seen; its timeline entry links to it."""
        found = self._reads.page(effect.incident_id, effect.page_id)
        if found is None:
            return None
        incident, page = found
        key, message = page_key(incident.id, page.id), page_message(incident, page)
        if row.key != key:
            return self._edit(key, message)
        channel = channel_of(incident)
        ts = self._once(row, channel, message, page.at, is_needed=incident.is_active)
        return MessagePosted(key, channel, ts, entry_id=page.entry_id) if ts else None

    def tell(self, effect: TellPaged, row: Claimed) -> Outcome:
        """Message somebody who was paged, or show in that message what has become of it.

        Nobody gets a message once they have been seen or the incident is over, or if they may not see it.
        """
        found = self._reads.page(effect.incident_id, effect.page_id)
        if found is None or not self._reads.may_be_told(found[0], effect.user_id):
            return None
        incident, page = found
        key, message = paged_key(incident.id, page.id, effect.user_id), paged_message(*found, effect.user_id)
        if row.key != key:
            return self._edit(key, message)
        is_needed = effect.user_id in page.unseen and incident.is_active
        if not (is_needed or row.look_first):
            return None
        channel = self._slack.direct_channel(effect.user_id)
        ts = self._once(row, channel, message, page.at, is_needed=is_needed)
        return MessagePosted(key, channel, ts) if ts else None

    def tell_unseen(self, effect: TellUnseen, row: Claimed) -> Outcome:
        """Tell the person who paged which people haven't been seen, unless everybody has.

        After a restart, this waits a while for what people wrote in the channel in the meantime.
        """
        now, latest = self._facts.clock(), row.created_at + CAUGHT_UP_WITHIN
        if now < latest and self._reads.is_catching_up(effect.incident_id):
            raise not_yet(PUT_OFF, min(latest, now + _LOOK_AGAIN))
        found = self._reads.unseen(effect.incident_id, effect.page_id)
        if found is None:
            return None
        key, channel = unseen_key(found[1]), self._slack.direct_channel(effect.user_id)
        if self._facts.where(key):
            return None
        return MessagePosted(key, channel, self._slack.post(row, key, channel, unseen_message(*found)))

    def _once(
        self, row: Claimed, channel: str, message: Message, since: datetime, *, is_needed: bool
    ) -> str | None:
        """Post the message if it's still needed, or update what an earlier attempt posted; returns its ts."""
        ts = self._slack.attempted(row, row.key, channel, since)
        if ts:
            self._slack.call("chat.update", channel=channel, ts=ts, **message.arguments())
        elif is_needed:
            ts = self._slack.post_unseen(row.key, channel, message)
        return ts

    def _edit(self, key: str, message: Message) -> Outcome:
        """Edit the message; one that was deleted stays deleted: posting it again would notify everybody."""
        place = self._facts.where(key)
        if place:
            with accepting(Meaning.REPLACE):
                self._slack.call("chat.update", channel=place[0], ts=place[1], **message.arguments())
        return None
