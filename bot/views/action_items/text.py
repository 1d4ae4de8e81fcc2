"""Lines about action items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from bot.domain.action_items.model import ActionItem, ActionItemPriority, ActionItemStatus, is_overdue
from bot.domain.incidents.timeline import TimelineEntry
from bot.views.kit.labels import ITEM_STATUS, PRIORITY
from bot.views.kit.text import escape_within, mention

_TITLE_SHOWN = 300
_MAX_NAMED = 10


def due_text(due: date | None) -> str:
    """``Fri 4 Dec 2026``: a date, wherever its reader is."""
    return f"{due:%a} {due.day} {due:%b} {due.year}" if due else "no date yet"


def owner_text(item: ActionItem) -> str:
    """Whose it is."""
    return mention(item.assigned_to) if item.assigned_to else "nobody yet"


def facts(item: ActionItem, today: date | None = None) -> str:
    """Owner, date, priority and status in a line; what is missing is said."""
    due = f"due {due_text(item.due_date)}" if item.due_date else "no date yet"
    if today and is_overdue(item, today):
        due = f"⚠️ was {due}"
    return f"{owner_text(item)} · {due} · {PRIORITY[item.priority]} · {ITEM_STATUS[item.status]}"


def headline(item: ActionItem) -> str:
    """Reference and title in Slack's markup."""
    return f"{item.ref} · {escape_within(item.title, _TITLE_SHOWN)}"


def left_to_do(items: Sequence[ActionItem]) -> str:
    """What stays to be done after an incident is closed."""
    what = "1 action item stays" if len(items) == 1 else f"{len(items)} action items stay"
    parts = [f"{what} to be done; reminders go on."]
    for label, found in (
        ("Without an owner", [each.ref for each in items if not each.assigned_to]),
        ("Without a date", [each.ref for each in items if not each.due_date]),
    ):
        if found:
            more = f" and {len(found) - _MAX_NAMED} more" if len(found) > _MAX_NAMED else ""
            parts.append(f"{label}: {', '.join(found[:_MAX_NAMED])}{more}.")
    return " ".join(parts)


def item_change(entry: TimelineEntry, who: str) -> str:
    """What changed of an action item, as a sentence."""
    ref, _, title = entry.text.partition(" ")
    name = f"*{escape_within(ref, 20)}* {escape_within(title, _TITLE_SHOWN)}"
    what, _, value = (entry.to_value or "").partition(":")
    return f"{who} {_SAID[what](value)} {name}" if what in _SAID else f"{who} changed {name}"


def _given(value: str) -> str:
    return f"gave to {mention(value)}" if value else "took the owner off"


def _dated(value: str) -> str:
    return f"set to be due {due_text(date.fromisoformat(value))}" if value else "took the date off"


_SAID: Mapping[str, Callable[[str], str]] = {
    "created": lambda _value: "added",
    ActionItemStatus.OPEN.value: lambda _value: "reopened",
    ActionItemStatus.IN_PROGRESS.value: lambda _value: "started",
    ActionItemStatus.COMPLETED.value: lambda _value: "finished",
    ActionItemStatus.CANCELLED.value: lambda _value: "cancelled",
    "assigned_to": _given,
    "due_date": _dated,
    "priority": lambda value: f"set to {PRIORITY[ActionItemPriority(value)]}",
    "title": lambda _value: "renamed to",
    "description": lambda _value: "described",
}
