"""One-line texts about action items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from bot.domain.action_items.due import day_text
from bot.domain.action_items.model import ActionItem, ActionItemPriority, ActionItemStatus, is_overdue
from bot.domain.incidents.timeline import TimelineEntry
from bot.views.kit.labels import ITEM_STATUS, PRIORITY
from bot.views.kit.text import counted, escape_within, mention

_TITLE_SHOWN = 300
_MAX_NAMED = 10
_SIGN: Mapping[ActionItemStatus, str] = {
    ActionItemStatus.OPEN: "☐",
    ActionItemStatus.IN_PROGRESS: "☐",
    ActionItemStatus.COMPLETED: "✅",
    ActionItemStatus.CANCELLED: "✖️",
}


def due_text(due: date | None) -> str:
    """``Fri 4 Dec 2026``, or "no due date yet"."""
    return day_text(due) if due else "no due date yet"


def owner_text(item: ActionItem) -> str:
    """A mention of the owner, or "no owner yet"."""
    return mention(item.assigned_to) if item.assigned_to else "no owner yet"


def facts(item: ActionItem, today: date | None = None) -> str:
    """Owner, due date, priority and status in one line, which also says what is missing."""
    due = f"due {due_text(item.due_date)}" if item.due_date else "no due date yet"
    if today and is_overdue(item, today):
        due = f"⚠️ was {due}"
    return f"{owner_text(item)} · {due} · {PRIORITY[item.priority]} · {ITEM_STATUS[item.status]}"


def item_headline(item: ActionItem) -> str:
    """Ref and title in Slack's markup."""
    return f"{item.ref} · {escape_within(item.title, _TITLE_SHOWN)}"


def signed_headline(item: ActionItem) -> str:
    """The headline in bold, after a sign that says whether the item still has to be done."""
    return f"{_SIGN[item.status]} *{item_headline(item)}*"


def left_to_do(items: Sequence[ActionItem]) -> str:
    """Sentences about the action items that are still open when an incident is closed."""
    what = counted(len(items), "action item is", "action items are")
    parts = [f"{what} still open; reminders continue."]
    for label, found in (
        ("Without an owner", [each.ref for each in items if not each.assigned_to]),
        ("Without a due date", [each.ref for each in items if not each.due_date]),
    ):
        if found:
            more = f" and {len(found) - _MAX_NAMED} more" if len(found) > _MAX_NAMED else ""
            parts.append(f"{label}: {', '.join(found[:_MAX_NAMED])}{more}.")
    return " ".join(parts)


def item_change(entry: TimelineEntry, who: str) -> str:
    """A sentence about what somebody changed about an action item."""
    ref, _, title = entry.text.partition(" ")
    ref, title = f"*{escape_within(ref, 20)}*", escape_within(title, _TITLE_SHOWN)
    what, _, value = (entry.to_value or "").partition(":")
    said = _SAID[what](ref, value) if what in _SAID else f"changed {ref}"
    return f"{who} {said} {title}" if what == "title" else f"{who} {said}: {title}"


def _assigned(ref: str, value: str) -> str:
    return f"assigned {ref} to {mention(value)}" if value else f"unassigned {ref}"


def _dated(ref: str, value: str) -> str:
    if not value:
        return f"removed the due date of {ref}"
    return f"set the due date of {ref} to {due_text(date.fromisoformat(value))}"


_SAID: Mapping[str, Callable[[str, str], str]] = {
    "created": lambda ref, _value: f"added {ref}",
    ActionItemStatus.OPEN.value: lambda ref, _value: f"reopened {ref}",
    ActionItemStatus.IN_PROGRESS.value: lambda ref, _value: f"started {ref}",
    ActionItemStatus.COMPLETED.value: lambda ref, _value: f"completed {ref}",
    ActionItemStatus.CANCELLED.value: lambda ref, _value: f"cancelled {ref}",
    "assigned_to": _assigned,
    "due_date": _dated,
    "priority": lambda ref, value: f"set the priority of {ref} to {PRIORITY[ActionItemPriority(value)]}",
    "title": lambda ref, _value: f"renamed {ref} to",
    "description": lambda ref, _value: f"changed the details of {ref}",
}
