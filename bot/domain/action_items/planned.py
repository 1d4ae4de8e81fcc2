"""The effects that follow from what happens to an action item."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bot.domain.action_items.model import ActionItem, item_ref
from bot.domain.action_items.notifications import Notification
from bot.domain.incidents.model import ref_of
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.outbox.effects import FindMarkedMessage, InvitePeople, Remind, ShowActionItem, TellAssignee
from bot.domain.outbox.rows import Planned


def after_item_change(
    item: ActionItem, entry: TimelineEntry | None, told: Iterable[Notification]
) -> list[Planned]:
    """Update the item's message and the notifications that show it; ``entry`` is ``None`` for a new item.

    ``told`` are the notifications whose messages show that the item is, or was, somebody's.
    """
    cause = "" if entry is None else f"/{entry.id}"
    channel, message = f"{ref_of(item.incident_id)}/channel", item_key(item.id)
    shown = ShowActionItem(item.incident_id, item.id)
    rows = [Planned(shown, f"{message}{cause}", message, needs=channel, coalesce=True)]
    # After the channel exists, because the notification links to it.
    rows += [replace(telling(item, lead, cause), needs=channel) for lead in told]
    return rows


def telling(item: ActionItem, lead: Notification, cause: str) -> Planned:
    """Post or update the notification ``lead``, which shows that the item is, or was, somebody's."""
    tells = TellAssignee(lead.incident_id, lead.item_id, lead.user_id)
    return Planned(tells, _key(item, lead, cause), lead.key, coalesce=True)


def after_lost_item(incident_id: int, item_id: int, ts: str) -> Planned:
    """Repost the item's message after the one at ``ts`` was deleted."""
    lane = item_key(item_id)
    return Planned(ShowActionItem(incident_id, item_id), f"{lane}/lost/{ts}", lane, coalesce=True)


def bringing_in(item: ActionItem, user_id: str, cause: int) -> Planned:
    """Invite the owner of a private incident's item to its channel."""
    ref = ref_of(item.incident_id)
    invites = InvitePeople(item.incident_id, (user_id,))
    return Planned(invites, f"{ref}/members/{item.ref}/{cause}", f"{ref}/members", needs=f"{ref}/channel")


def reminding(item: ActionItem, lead: Notification, cause: str = "") -> Planned:
    """Post or update the reminder ``lead``, which shows the item; a ``cause`` makes it an update."""
    reminds = Remind(lead.incident_id, lead.item_id, lead.user_id, lead.rung, lead.on)
    return Planned(reminds, _key(item, lead, cause), lead.key, coalesce=True)


def _key(item: ActionItem, lead: Notification, cause: str) -> str:
    """A lead is posted once; everything else in its message updates it."""
    joined = "" if item.id == lead.item_id else f"/{item.ref}"
    return f"{lead.key}{joined}{cause}"


def finding_message(incident_id: int, ts: str, user_id: str) -> Planned:
    """Look up a message that somebody marked, and create an action item from it."""
    key = f"{ref_of(incident_id)}/marked/{ts}"
    return Planned(FindMarkedMessage(incident_id, ts, user_id), key, key)


def item_key(item_id: int) -> str:
    """The key of an item's message in the channel."""
    return f"{item_ref(item_id)}/message"
