"""Updates in Slack: in the channel, in public threads and for subscribers, and the nudge for the next one."""

from __future__ import annotations

from bot.domain.incidents.planned import source_key
from bot.domain.kit.json import Json
from bot.domain.outbox.effects import (
    AnnounceUpdate,
    NudgeUpdate,
    RelayUpdate,
    ShowUpdate,
    TellStatus,
    TellSubscriber,
)
from bot.domain.outbox.refusals import Meaning
from bot.domain.outbox.rows import Claimed, MessagePosted, Outcome
from bot.domain.updates.model import NudgeState, Update
from bot.domain.updates.planned import (
    announced_key,
    nudge_key,
    relayed_key,
    told_key,
    update_key,
)
from bot.effects.channels import channel_of, existing
from bot.effects.failures import accepting, final
from bot.effects.performer import Performers
from bot.effects.posts import PostPerformers
from bot.effects.slack import Slack
from bot.operations.performer_reads import PerformerReads
from bot.operations.updates.reads import UpdateReads
from bot.views.updates.messages import nudge, posted, shared, told, told_status


class UpdatePerformers:
    """Performs the effects that concern updates."""

    def __init__(
        self, slack: Slack, facts: PerformerReads, posts: PostPerformers, reads: UpdateReads
    ) -> None:
        self._slack, self._facts, self._posts, self._reads = slack, facts, posts, reads

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {
            ShowUpdate: self.show,
            AnnounceUpdate: self.announce,
            RelayUpdate: self.relay,
            TellSubscriber: self.tell,
            TellStatus: self.tell_status,
            NudgeUpdate: self.nudge,
        }

    def show(self, effect: ShowUpdate, row: Claimed) -> Outcome:
        """Post the update in the channel or edit it; its timeline entry links to the message."""
        found = self._reads.update(effect.incident_id, effect.number)
        if found is None:
            return None
        incident, update = found
        key, channel = update_key(incident.id, update.number), channel_of(incident)
        ts = self._posts.show(row, key, channel, posted(incident, update), update.at)
        return MessagePosted(key, channel, ts, entry_id=update.entry_id)

    def announce(self, effect: AnnounceUpdate, row: Claimed) -> Outcome:
        """Post the update in the announcement's thread or edit it; delete it if the incident is private."""
        announcement = f"INC-{effect.incident_id}/announcement"
        key, place = announced_key(effect.incident_id, effect.number), self._facts.where(announcement)
        if place is None and not existing(self._facts, effect.incident_id).is_private:
            # The announcement was given up, which has been reported; retrying both posts it first.
            raise final("no_channel")
        return self._in_thread(effect, row, key, place)

    def relay(self, effect: RelayUpdate, row: Claimed) -> Outcome:
        """Do the same where the incident was declared, if the bot is there and everybody can read it."""
        incident = existing(self._facts, effect.incident_id)
        key, source = relayed_key(incident.id, effect.number), incident.metadata["source"]
        channel, thread = source["channel_id"], source["thread_ts"] or source["ts"]
        if not (incident.is_private or self._facts.where(key)):
            is_linked = self._facts.where(source_key(incident.id)) is not None
            if not is_linked or not self._is_public(channel):
                return None
        return self._in_thread(effect, row, key, (channel, thread))

    def _is_public(self, channel: str) -> bool:
        """Whether everybody in the workspace can read the channel; if Slack doesn't say so, they can't."""
        found: Json = {}
        with accepting(Meaning.FALL_BACK):
            found = self._slack.call("conversations.info", channel=channel)
        return (found.get("channel") or {}).get("is_private") is False

    def _in_thread(
        self, effect: AnnounceUpdate | RelayUpdate, row: Claimed, key: str, thread: tuple[str, str] | None
    ) -> Outcome:
        found = self._reads.update(effect.incident_id, effect.number)
        if found is None:
            return None
        incident, update = found
        channel, thread_ts = thread or ("", "")
        if incident.is_private:
            self._posts.takedown.remove(row, key, channel, update.at, thread_ts)
            return None
        if row.key != key and self._facts.where(key) is None and not self._is_latest(update):
            # A correction of what isn't here: it was written while the incident was private.
            return None
        ts = self._posts.show(row, key, channel, shared(incident, update), update.at, thread_ts)
        return MessagePosted(key, channel, ts)

    def _is_latest(self, update: Update) -> bool:
        latest = self._facts.latest_update(update.incident_id)
        return latest is None or latest.number == update.number

    def tell(self, effect: TellSubscriber, row: Claimed) -> Outcome:
        """Send the update to a subscriber, or edit it for somebody who has it.

        Somebody who has left, may no longer see the incident, or has unsubscribed gets nothing new. A
        copy that they already have is still edited, even for somebody who has left: they may come back.
        """
        found = self._reads.update(effect.incident_id, effect.number)
        if found is None:
            return None
        incident, update = found
        key = told_key(incident.id, update.number, effect.user_id)
        place = self._facts.where(key)
        may = self._facts.may_see if place else self._reads.may_be_told
        if (place is None and effect.is_correction) or not may(incident.id, effect.user_id):
            return None
        channel = place[0] if place else self._slack.direct_channel(effect.user_id)
        ts = self._posts.edit_or_post(row, place, key, channel, told(incident, update), update.at)
        return MessagePosted(key, channel, ts)

    def tell_status(self, effect: TellStatus, row: Claimed) -> Outcome:
        """Tell a subscriber of a change of status."""
        incident, entry = existing(self._facts, effect.incident_id), self._facts.entry(effect.entry_id)
        if entry is None or not self._reads.may_be_told(incident.id, effect.user_id):
            return None
        return self._posts.write_to(effect.user_id, row, told_status(incident, entry))

    def nudge(self, effect: NudgeUpdate, row: Claimed) -> Outcome:
        """Nudge in the channel, or show on the nudge that it has been answered, snoozed, or isn't needed."""
        found = self._reads.nudged(effect.incident_id, effect.number, effect.times)
        if found is None:
            return None
        key = nudge_key(effect.incident_id, effect.number, effect.times)
        channel = channel_of(found.incident)
        place = self._posts.whereabouts(row, key, channel, row.created_at)
        if place is None and found.state is not NudgeState.OPEN:
            return None
        message = nudge(found.incident, found.update, found.latest, found.person, found.state)
        ts = self._posts.edit_or_post(row, place, key, channel, message, row.created_at)
        return MessagePosted(key, channel, ts)
