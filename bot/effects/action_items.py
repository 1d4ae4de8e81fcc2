"""Action items in Slack: their messages, notifications of owners, reminders and digests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.domain.action_items.model import ActionItem
from bot.domain.action_items.notifications import Notification
from bot.domain.action_items.planned import item_key
from bot.domain.incidents.model import Incident
from bot.domain.messages.slack_messages import posted_message
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
from bot.views.action_items.messages import channel_digest, item_message, own_digest, told_owner
from bot.views.action_items.reminders import reminders


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
        lead = Notification(effect.incident_id, effect.item_id, effect.user_id)
        assigned, place = self._reads.assigned(lead), self._facts.where(lead.key)
        is_needed = place or any(each.item.assigned_to == effect.user_id for each in assigned)
        if not assigned or not is_needed:
            return None
        channel = place[0] if place else self._slack.direct_channel(effect.user_id)
        message, since = told_owner(assigned, effect.user_id), assigned[0].item.created_at
        return MessagePosted(lead.key, channel, self._posts.show(row, lead.key, channel, message, since))

    def remind(self, effect: Remind, row: Claimed) -> Outcome:
        """Remind somebody, or update the reminder; nobody is reminded of what is no longer open."""
        lead = Notification(effect.incident_id, effect.item_id, effect.user_id, effect.rung, effect.on)
        due, at = self._reads.reminding(lead) or ([], None)
        place = self._facts.where(lead.key)
        if not due or at is None or not (place or any(each.item.is_to_do for each in due)):
            return None
        message = reminders(due, lead)
        channel = place[0] if place else self._slack.direct_channel(effect.user_id)
        return MessagePosted(lead.key, channel, self._posts.show(row, lead.key, channel, message, at))

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
