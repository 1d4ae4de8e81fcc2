"""Gathers what one person is notified of at about the same time into one message."""

from __future__ import annotations

from bot.domain.action_items import planned as action_items_planned
from bot.domain.action_items.model import ActionItem
from bot.domain.action_items.notifications import Notification, reminder_of
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import gathered, messages, reminders


def gather(tx: Tx, notification: Notification) -> Notification:
    """The notification whose message shows this one: an earlier one of this moment, or itself."""
    gathered.lock(tx.connection, notification.user_id)
    known = gathered.lead_of(tx.connection, notification)
    if known or messages.where(tx.connection, notification.key):
        return known or notification
    since = notification.gathers_since(tx.now)
    lead = gathered.latest_lead(tx.connection, notification, since) or notification
    gathered.add(tx.connection, notification, lead, tx.now)
    return lead


def lead_of(tx: Tx, notification: Notification) -> Notification | None:
    """The notification whose message already shows this one, or ``None`` if it was never sent."""
    known = gathered.lead_of(tx.connection, notification)
    if known is None and messages.where(tx.connection, notification.key):
        return notification
    return known


def show_reminder(tx: Tx, item: ActionItem, cause: str) -> None:
    """Update the last reminder of the item wherever it was sent."""
    last = reminders.last_of(tx.connection, item.id)
    if last is None:
        return
    for user_id in filter(None, (last.user_id, last.also_told)):
        reminded = reminder_of(item, user_id, last.rung, last.on)
        enqueue(tx, [action_items_planned.reminding(item, lead_of(tx, reminded) or reminded, cause)])
