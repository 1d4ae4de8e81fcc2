"""The effects that follow from what happens to an action item."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from bot.domain.action_items.model import ActionItem, item_ref
from bot.domain.incidents.model import ref_of
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.outbox.effects import FindMarkedMessage, InvitePeople, Remind, ShowActionItem, TellAssignee
from bot.domain.outbox.rows import Planned


def after_item_change(item: ActionItem, entry: TimelineEntry | None, told: Iterable[str]) -> list[Planned]:
    """Update the item's message and the notifications of ``told``; ``entry`` is ``None`` for a new item."""
    cause = "" if entry is None else f"/{entry.id}"
    channel, message = f"{ref_of(item.incident_id)}/channel", item_key(item.id)
    shown = ShowActionItem(item.incident_id, item.id)
    rows = [Planned(shown, f"{message}{cause}", message, needs=channel, coalesce=True)]
    for user_id in told:
        lane = told_key(item.id, user_id)
        # After the channel exists, because the notification links to it.
        tells = TellAssignee(item.incident_id, item.id, user_id)
        rows.append(Planned(tells, f"{lane}{cause}", lane, needs=channel, coalesce=True))
    return rows


def after_lost_item(incident_id: int, item_id: int, ts: str) -> Planned:
    """Repost the item's message after the one at ``ts`` was deleted."""
    lane = item_key(item_id)
    return Planned(ShowActionItem(incident_id, item_id), f"{lane}/lost/{ts}", lane, coalesce=True)


def bringing_in(item: ActionItem, user_id: str, cause: int) -> Planned:
    """Invite the owner of a private incident's item to its channel."""
    ref = ref_of(item.incident_id)
    invites = InvitePeople(item.incident_id, (user_id,))
    return Planned(invites, f"{ref}/members/{item.ref}/{cause}", f"{ref}/members", needs=f"{ref}/channel")


def reminding(item: ActionItem, user_id: str, rung: str, on: date, cause: str = "") -> Planned:
    """Remind somebody of an item; with a ``cause``, update that reminder."""
    lane = reminder_key(item.id, rung, on.isoformat(), user_id)
    reminds = Remind(item.incident_id, item.id, user_id, rung, on.isoformat())
    return Planned(reminds, f"{lane}{cause}", lane, coalesce=True)


def finding_message(incident_id: int, ts: str, user_id: str) -> Planned:
    """Look up a message that somebody marked, and create an action item from it."""
    key = f"{ref_of(incident_id)}/marked/{ts}"
    return Planned(FindMarkedMessage(incident_id, ts, user_id), key, key)


def item_key(item_id: int) -> str:
    """The key of an item's message in the channel."""
    return f"{item_ref(item_id)}/message"


def told_key(item_id: int, user_id: str) -> str:
    """The key of the notification that an item is somebody's."""
    return f"{item_ref(item_id)}/told/{user_id}"


def reminder_key(item_id: int, rung: str, on: str, user_id: str) -> str:
    """The key of a reminder."""
    return f"{item_ref(item_id)}/reminder/{rung}/{on}/{user_id}"
