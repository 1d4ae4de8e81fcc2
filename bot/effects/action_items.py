"""Action items in Slack: their messages, notifications of owners, reminders and digests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from bot.domain.action_items.model import ActionItem
from bot.domain.action_items.planned import item_key, reminder_key, told_key
from bot.domain.incidents.model import Incident
from bot.domain.incidents.slack_messages import posted_message
from bot.domain.outbox.effects import (
    FindMarkedMessage,
    PostDigest,
    Remind,
    SendDigest,
    ShowActionItem,
    TellAssignee,
)
from bot.domain.outbox.rows import Claimed, MessagePosted, Outcome
from bot.effects.channels import channel_of, existing
from bot.effects.failures import final
from bot.effects.performer import Performers
from bot.effects.posts import PostPerformers
from bot.effects.slack import Slack
from bot.operations.action_items.manage import ActionItemTracker
from bot.operations.action_items.reads import ItemReads
from bot.operations.performer_reads import PerformerReads
from bot.views.action_items.messages import channel_digest, item_message, own_digest, reminder, told_owner


class ItemPerformers:
    """Performs the effects that concern action items."""

    def __init__(
        self,
        slack: Slack,
        facts: PerformerReads,
        posts: PostPerformers,
        items: ActionItemTracker,
        reads: ItemReads,
        announcements: Callable[[], str],
    ) -> None:
        self._slack, self._facts, self._posts = slack, facts, posts
        self._items, self._reads, self._announcements = items, reads, announcements

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {
            ShowActionItem: self.show,
            TellAssignee: self.tell,
            Remind: self.remind,
            FindMarkedMessage: self.find_message,
            SendDigest: self.send_digest,
            PostDigest: self.post_digest,
        }

    def show(self, effect: ShowActionItem, row: Claimed) -> Outcome:
        """Post the item's message or update it; if it was deleted, post it again."""
        item, incident = self._both(effect.item_id)
        key, channel = item_key(item.id), channel_of(incident)
        ts = self._posts.show(row, key, channel, item_message(item, incident), item.created_at)
        entry = self._reads.creation_entry(item)
        return MessagePosted(key, channel, ts, entry_id=entry.id if entry else None)

    def tell(self, effect: TellAssignee, row: Claimed) -> Outcome:
        """Notify the owner; a former owner's notification is updated to say that the item isn't theirs."""
        item, incident = self._both(effect.item_id)
        key = told_key(item.id, effect.user_id)
        is_theirs = item.assigned_to == effect.user_id
        place = self._facts.where(key)
        if (place is None and not is_theirs) or not self._reads.may_see(incident.id, effect.user_id):
            return None
        channel = place[0] if place else self._slack.direct_channel(effect.user_id)
        message = told_owner(item, incident, effect.user_id)
        return MessagePosted(key, channel, self._posts.show(row, key, channel, message, item.created_at))

    def remind(self, effect: Remind, row: Claimed) -> Outcome:
        """Remind somebody, or update the reminder; nobody is reminded of an item that is no longer open."""
        item, incident = self._both(effect.item_id)
        key = reminder_key(item.id, effect.rung, effect.on, effect.user_id)
        sent = self._reads.reminder(item.id, effect.rung, date.fromisoformat(effect.on))
        place = self._facts.where(key)
        is_needed = item.is_to_do or place
        if sent is None or not is_needed or not self._reads.may_see(incident.id, effect.user_id):
            return None
        owner = self._reads.owner(item)
        message = reminder(item, incident, effect.rung, effect.user_id, owner, is_late=sent.is_late)
        channel = place[0] if place else self._slack.direct_channel(effect.user_id)
        return MessagePosted(key, channel, self._posts.show(row, key, channel, message, sent.at))

    def find_message(self, effect: FindMarkedMessage, _row: Claimed) -> Outcome:
        """Look up a message that was marked before we knew it, and create an item from it."""
        channel = channel_of(existing(self._facts, effect.incident_id))
        answer = self._slack.call("conversations.replies", channel=channel, ts=effect.ts, limit=1)
        found: list[dict[str, Any]] = [
            each for each in answer.get("messages") or () if each["ts"] == effect.ts
        ]
        if found:
            message = posted_message(found[0], channel)
            self._items.create_from_message(effect.incident_id, message, by=effect.user_id)
        return None

    def send_digest(self, effect: SendDigest, row: Claimed) -> Outcome:
        """Send somebody the list of their open items, unless they have none."""
        items, total, today = self._reads.to_do_of(effect.user_id)
        if not items:
            return None
        channel = self._slack.direct_channel(effect.user_id)
        message = own_digest(items, total, effect.user_id, today)
        return MessagePosted(row.key, channel, self._slack.post(row, row.key, channel, message))

    def post_digest(self, _effect: PostDigest, row: Claimed) -> Outcome:
        """Post the whole workspace's open items in the announcements channel, unless there are none."""
        counted, ownerless = self._reads.workspace_digest()
        if not counted.to_do:
            return None
        channel, message = self._announcements(), channel_digest(counted, ownerless)
        return MessagePosted(row.key, channel, self._slack.post(row, row.key, channel, message))

    def _both(self, item_id: int) -> tuple[ActionItem, Incident]:
        found = self._reads.item(item_id)
        if found is None:
            raise final("no_such_item")
        return found
