"""The bot's messages: card, announcement, changes, answers, App Home, and what it writes to one person."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.codec import answer_from_json
from bot.domain.incidents.model import IncidentStatus
from bot.domain.incidents.planned import source_key
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import BotError
from bot.domain.outbox.effects import (
    Examine,
    LinkSource,
    PinCard,
    PostUpdate,
    PublishHome,
    SendAnswer,
    SendAnswerUnlessShown,
    ShowAnnouncement,
    ShowCard,
    TellDeclarer,
)
from bot.domain.outbox.refusals import Cause, Meaning, cause_of
from bot.domain.outbox.rows import PUT_OFF, Claimed, MessagePosted, Outcome
from bot.domain.surface.answers import Sentence
from bot.effects.channels import ChannelPerformers, channel_of, existing
from bot.effects.failures import CallFailed, accepting, not_yet
from bot.effects.performer import Performers
from bot.effects.slack import Slack
from bot.effects.takedown import Takedown
from bot.operations.action_items.reads import ItemReads
from bot.operations.answers import Answers
from bot.operations.performer_reads import PerformerReads
from bot.operations.startup import Startup
from bot.views.answers import render, sentence_message
from bot.views.home import closed_home, home
from bot.views.incidents.card import announcement, card, declared_privately, source_link
from bot.views.incidents.changes import update
from bot.views.incidents.comers import brought_in
from bot.views.kit.errors import sentence
from bot.views.kit.message import Message

_UNUSABLE = frozenset({Cause.NO_CHANNEL, Cause.ARCHIVED, Cause.NOT_MEMBER})
"""Why the announcements channel is searched again at the next attempt."""
SHOWN_WITHIN = timedelta(seconds=5)
"""How long the person who asked waits for the message that answers them in the channel."""


class PostPerformers:
    """Performs the effects that post messages."""

    def __init__(
        self,
        slack: Slack,
        facts: PerformerReads,
        startup: Startup,
        answers: Answers,
        channels: ChannelPerformers,
        announcements: str,
        reads: ItemReads,
    ) -> None:
        self._slack = slack
        self._facts, self._startup = facts, startup
        self._answers = answers
        self._channels = channels
        self._announcements = announcements
        self._reads = reads
        self.takedown = Takedown(slack, facts)

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {
            ShowCard: self.show_card,
            PinCard: self.pin_card,
            ShowAnnouncement: self.show_announcement,
            PostUpdate: self.post_update,
            TellDeclarer: self.tell_declarer,
            LinkSource: self.link_source,
            PublishHome: self.publish_home,
            SendAnswer: self.send_answer,
            SendAnswerUnlessShown: self.send_answer_unless_shown,
        }

    def show_card(self, effect: ShowCard, row: Claimed) -> Outcome:
        """Post the live card or update it; if it was deleted, post it again."""
        incident = existing(self._facts, effect.incident_id)
        declared = self._facts.declaration(incident.id)
        key, channel = f"{incident.ref}/card", channel_of(incident)
        latest, roles = self._facts.latest_update(incident.id), self._facts.roles(incident)
        message = card(incident, latest, roles.supporting, self._facts.links(incident))
        ts = self.show(row, key, channel, message, incident.created_at)
        return MessagePosted(key, channel, ts, entry_id=declared.id if declared else None)

    def announcements_channel(self) -> str:
        """The id of the announcements channel."""
        return self._channels.announcements_channel(self._announcements)

    def known_announcements_channel(self) -> str | None:
        """The id of the announcements channel, or ``None`` if it isn't known yet."""
        return self._channels.known_for_announcements(self._announcements)

    def retract(self, row: Claimed, key: str, since: datetime) -> None:
        """Delete the message identified by ``key``, no older than ``since``, in the announcements channel."""
        self.takedown.remove(row, key, self.known_announcements_channel(), since)

    def pin_card(self, effect: PinCard, _row: Claimed) -> Outcome:
        """Pin the live card; fine if it is already pinned."""
        incident = existing(self._facts, effect.incident_id)
        channel_of(incident)
        place = self._facts.where(f"{incident.ref}/card")
        if place is None:
            raise not_yet("no_card_yet", self._facts.clock() + timedelta(seconds=2))
        with accepting(Meaning.DONE):
            self._slack.call("pins.add", channel=place[0], timestamp=place[1])
        return None

    def show_announcement(self, effect: ShowAnnouncement, row: Claimed) -> Outcome:
        """Post the announcement or update it; delete it if the incident became private."""
        incident = existing(self._facts, effect.incident_id)
        key = f"{incident.ref}/announcement"
        message = announcement(incident, self._facts.roles(incident).supporting)
        if incident.is_private:
            self.retract(row, key, incident.created_at)
            return None
        place = self._facts.where(key)
        channel = place[0] if place else self._channels.announcements_channel(self._announcements)
        try:
            ts = self.edit_or_post(row, place, key, channel, message, incident.created_at)
        except CallFailed as error:
            cause = cause_of(error.code)
            if cause in _UNUSABLE:
                self._startup.note_announcements_channel(self._announcements, "")
            if cause is Cause.NO_CHANNEL:
                self._facts.forget(key)
            raise
        return MessagePosted(key, channel, ts)

    def post_update(self, effect: PostUpdate, row: Claimed) -> Outcome:
        """Say in the channel what changed; the timeline entry links to this message.

        All that one form changes is in one message, that of the first change.
        """
        incident = existing(self._facts, effect.incident_id)
        entry = self._facts.entry(effect.entry_id)
        if entry is None:
            return None
        first, *others = self._facts.changed_with(entry)
        if first.id != entry.id:
            return None
        channel = channel_of(incident)
        is_closing = entry.kind is EntryKind.STATUS and entry.to_value == IncidentStatus.CLOSED.value
        left = self._reads.left_of(incident.id) if is_closing else ()
        asks = is_closing and self._reads.lacks_postmortem(incident.id)
        can_block = self._facts.is_calendar_connected()
        message = update(incident, entry, left, asks_for_postmortem=asks, can_block=can_block, also=others)
        if entry.kind is EntryKind.PEOPLE:
            message = brought_in(incident, [first, *others])
        ts = self._slack.post(row, row.key, channel, message)
        return MessagePosted(row.key, channel, ts, entry_id=entry.id)

    def tell_declarer(self, effect: TellDeclarer, row: Claimed) -> Outcome:
        """Send the declarer a direct message that says where their incident is."""
        incident = existing(self._facts, effect.incident_id)
        if incident.is_private and not self._facts.may_see(incident.id, effect.user_id):
            return None
        channel = self._slack.direct_channel(effect.user_id)
        ts = self._slack.post(row, row.key, channel, declared_privately(incident))
        return MessagePosted(row.key, channel, ts)

    def link_source(self, effect: LinkSource, row: Claimed) -> Outcome:
        """Post the incident's link and state where it was declared, or update them.

        They are deleted if the incident became private. If posting them failed, which has been reported,
        later changes don't try again.
        """
        incident = existing(self._facts, effect.incident_id)
        key, source = source_key(incident.id), incident.metadata["source"]
        channel, thread = source["channel_id"], source["thread_ts"] or source["ts"]
        if incident.is_private:
            self.takedown.remove(row, key, channel, incident.created_at, thread)
            return None
        if row.key != key and incident.conversion is None and self._facts.where(key) is None:
            return None
        ts = self.show(row, key, channel, source_link(incident), incident.created_at, thread)
        return MessagePosted(key, channel, ts)

    def send_answer_unless_shown(self, effect: SendAnswerUnlessShown, row: Claimed) -> Outcome:
        """Show the answer if the channel's own message failed or is late."""
        is_shown, due = self._facts.is_done(effect.shown_by), row.created_at + SHOWN_WITHIN
        if is_shown:
            return None
        if is_shown is None and self._facts.clock() < due:
            raise not_yet(PUT_OFF, due)
        return self.send_answer(effect, row)

    def send_answer(self, effect: SendAnswer | SendAnswerUnlessShown, row: Claimed) -> Outcome:
        """Show an answer to the person who asked, in place or, if that fails, in a direct message.

        An ephemeral message is in no history: after an attempt with an unknown outcome it may be shown twice,
        which is better than not at all.
        """
        return self.show_to(effect, row, self._render(effect))

    def show_to(
        self, effect: SendAnswer | SendAnswerUnlessShown | Examine, row: Claimed, message: Message
    ) -> Outcome:
        """Show a message to the person who asked, like :meth:`send_answer`."""
        thread = {"thread_ts": effect.thread_ts} if effect.thread_ts else {}
        if effect.channel_id:
            with accepting(Meaning.FALL_BACK):
                self._slack.call(
                    "chat.postEphemeral",
                    channel=effect.channel_id,
                    user=effect.user_id,
                    **thread,
                    **message.arguments(),
                )
                return None
        return self.write_to(effect.user_id, row, message)

    def write_to(self, user_id: str, row: Claimed, message: Message) -> Outcome:
        """Send somebody a direct message, once for each row."""
        channel = self._slack.direct_channel(user_id)
        return MessagePosted(row.key, channel, self._slack.post(row, row.key, channel, message))

    def publish_home(self, effect: PublishHome, _row: Claimed) -> Outcome:
        """Update somebody's App Home."""
        try:
            view = home(*self._answers.home(effect.user_id))
        except BotError as error:
            view = closed_home(sentence(error))
        self._slack.call("views.publish", user_id=effect.user_id, view=view)
        return None

    def whereabouts(
        self, row: Claimed, key: str, channel: str, since: datetime, thread_ts: str | None = None
    ) -> tuple[str, str] | None:
        """(channel, ts) of the message identified by ``key``, or ``None`` if it isn't posted.

        This also finds one that an earlier attempt posted unnoticed: it may have to say that it's settled.
        """
        place = self._facts.where(key)
        ts = None if place else self._slack.attempted(row, key, channel, since, thread_ts)
        return (channel, ts) if ts else place

    def show(
        self,
        row: Claimed,
        key: str,
        channel: str,
        message: Message,
        since: datetime,
        thread_ts: str | None = None,
    ) -> str:
        """Update or post the message identified by ``key``, no older than ``since``; returns its ts."""
        place = self._facts.where(key)
        return self.edit_or_post(row, place, key, channel, message, since, thread_ts)

    def edit_or_post(
        self,
        row: Claimed,
        place: tuple[str, str] | None,
        key: str,
        channel: str,
        message: Message,
        since: datetime,
        thread_ts: str | None = None,
    ) -> str:
        """Like :meth:`show`, for a caller that knows where the message is; ``None`` if it isn't posted."""
        if place is None:
            found = self._slack.attempted(row, key, channel, since, thread_ts)
            if found is None:
                return self._slack.post_unseen(key, channel, message, thread_ts)
            # What an earlier attempt posted unnoticed may be out of date.
            place = (channel, found)
        try:
            self._slack.call("chat.update", channel=place[0], ts=place[1], **message.arguments())
        except CallFailed as error:
            if error.meaning is not Meaning.REPLACE:
                raise
            return self._slack.post(row, key, channel, message, thread_ts, since)
        return place[1]

    def _render(self, effect: SendAnswer | SendAnswerUnlessShown) -> Message:
        try:
            return render(self._answers.load(answer_from_json(effect.answer), effect.user_id))
        except BotError as error:
            return sentence_message(Sentence(sentence(error)))
