"""Reminders of action items: one alone, and several that one message shows."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.action_items.due import day_text
from bot.domain.action_items.notifications import Due, Notification
from bot.domain.action_items.reminders import FIND_OWNER, SNOOZE
from bot.domain.kit.people import Person
from bot.views.action_items.messages import MAX_SHOWN, next_steps, rest_shown, shows_all_of
from bot.views.action_items.text import facts, item_headline
from bot.views.kit.message import Block, Message, actions, button, context, menu, section
from bot.views.kit.text import counted, escape

SNOOZES = {"1": "Tomorrow", "3": "In 3 days", "7": "In a week", "pick": "Pick a date"}
"""Days to snooze a reminder, and their labels in the menu."""
SNOOZES_OF_ALL = {days: label for days, label in SNOOZES.items() if days != "pick"}
"""The same for all reminders in a message."""


_WITHOUT_DATE = {
    SNOOZE: "You asked to be reminded again.",
    FIND_OWNER: "This action item is assigned to you.",
}
"""Reminders that have a name rather than a distance from the due date -> why they come."""


_NEAR = {-1: "Due tomorrow.", 0: "Due today."}


def reminders(due: Sequence[Due], lead: Notification) -> Message:
    """What somebody is reminded of at one moment; ``due`` isn't empty."""
    return _together(due, lead) if len(due) > 1 else _alone(due[0], lead.user_id)


def _alone(due: Due, user_id: str) -> Message:
    item, incident, lead = due.item, due.incident, _lead(due, user_id)
    text = f"{lead}{_late([due])}\n*{item_headline(item)}*\n{facts(item)}"
    link = context(f"{incident.ref} {escape(incident.title)}")
    if not item.is_to_do:
        return Message(
            f"{item.ref}: {facts(item)}", (section(f"*{item_headline(item)}*\n{facts(item)}"), link)
        )
    number = str(item.id)
    buttons = [
        *next_steps(item),
        menu("Snooze", "snooze_item", {f"{number}/{each}": label for each, label in SNOOZES.items()}),
        button("Change date", "redate_item", number),
        button("Reassign", "reassign_item", number),
    ]
    return Message(f"{lead} {item_headline(item)}", (section(text), link, actions(*buttons)))


def _together(due: Sequence[Due], lead: Notification) -> Message:
    left = [each for each in due if each.item.is_to_do]
    settled = [each for each in due if not each.item.is_to_do]
    title = counted(len(left), "action item needs you", "action items need you")
    if not left:
        title = "These action items no longer need you"
    in_order = [*left, *settled]
    shown = [_line(each, lead.user_id) for each in in_order[:MAX_SHOWN]]
    blocks = [section(f"*{title}.*{_late(left)}"), *shown, *rest_shown(len(due) - MAX_SHOWN)]
    if left:
        options = {f"{lead.key}/{days}": label for days, label in SNOOZES_OF_ALL.items()}
        blocks.append(actions(menu("Snooze all", "snooze_items", options), shows_all_of(lead.user_id)))
    return Message(title, tuple(blocks))


def _line(due: Due, user_id: str) -> Block:
    item, number = due.item, str(due.item.id)
    what = f"*{item_headline(item)}* ({due.incident.ref})"
    if not item.is_to_do:
        return section(f"{what}\n{facts(item)}")
    step = button("Reassign", "reassign_item", number)
    if item.assigned_to == user_id:
        step = button("Done", "item_completed", number)
    return section(f"{what}\n{_lead(due, user_id)} {facts(item)}", accessory=step)


def _late(due: Sequence[Due]) -> str:
    return " _(This is late because I was offline.)_" if any(each.is_late for each in due) else ""


def _lead(due: Due, user_id: str) -> str:
    """The reason why somebody gets this reminder."""
    item, rung, owner = due.item, due.rung, due.owner
    if due.is_snoozed and item.snoozed_until:
        return f"Snoozed until {day_text(item.snoozed_until)}."
    if item.assigned_to is None:
        return "This action item has no owner yet. Could you find one?"
    if owner is None or not owner.may_act:
        return f"{_unable(owner)} Could you find a new owner?"
    if rung in _WITHOUT_DATE:
        return _WITHOUT_DATE[rung]
    lead = _NEAR.get(due.days_overdue) or _distance(due.days_overdue)
    if item.assigned_to == user_id:
        return lead
    part = "are the incident's commander" if user_id == due.incident.commander_id else "declared the incident"
    return f"{lead} You're getting this because you {part}."


def _unable(owner: Person | None) -> str:
    if owner is None or owner.is_deleted:
        return "The owner of this action item has left the workspace."
    why = "a guest here" if owner.is_guest else "not a full member of this workspace"
    return f"{escape(owner.name)}, who owns this action item, is {why}."


def _distance(days: int) -> str:
    number = abs(days)
    count = counted(number, "day")
    return f"Due in {count}." if days < 0 else f"{count} overdue."
