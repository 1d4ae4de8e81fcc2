"""Action items in Slack: their messages, notifications of owners, reminders, lists and digests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.codec import answer_to_json
from bot.domain.action_items.model import ITEM_STEPS, ActionItem, ActionItemStatus, ItemCounts, is_overdue
from bot.domain.action_items.reminders import FIND_OWNER, SNOOZE
from bot.domain.incidents.model import Incident
from bot.domain.kit.people import Person
from bot.domain.surface.answers import ItemList
from bot.domain.surface.shown import ItemAddedShown, ItemListShown, ItemPickerShown, ItemTrayShown
from bot.views.action_items.text import due_text, facts, headline
from bot.views.kit.fitting import in_sections
from bot.views.kit.labels import PRIORITY
from bot.views.kit.message import Block, Message, actions, button, context, menu, section
from bot.views.kit.text import channel_link, counted, escape, escape_within, mention

_STEP = {
    ActionItemStatus.IN_PROGRESS: ("Start", "item_in_progress", None),
    ActionItemStatus.COMPLETED: ("Done", "item_completed", "primary"),
    ActionItemStatus.CANCELLED: ("Cancel", "item_cancelled", None),
}
_DETAILS_SHOWN = 600
SNOOZES = {"1": "Tomorrow", "3": "In 3 days", "7": "Next week", "pick": "Pick a date"}
"""Days to snooze a reminder, and their labels in the menu."""


def item_message(item: ActionItem, incident: Incident, today: date | None = None) -> Message:
    """The item, with buttons for everything that can be done to it."""
    blocks: list[Block] = [section(f"☑️ *{headline(item)}*\n{facts(item, today)}")]
    if item.description:
        blocks.append(context(escape_within(item.description, _DETAILS_SHOWN)))
    source = item.metadata.get("source")
    if source:
        blocks.append(context(f"From <{source['permalink']}|this message>"))
    blocks.append(item_buttons(item))
    return Message(f"{incident.ref}: {headline(item)}", tuple(blocks))


def item_tray(item: ActionItem, today: date) -> Message:
    """The item as an answer that one person sees."""
    text = f"☑️ *{headline(item)}*\n{facts(item, today)}"
    return Message(
        f"{headline(item)}", (section(text), context(f"INC-{item.incident_id}"), item_buttons(item))
    )


def item_added(item: ActionItem, hints: Mapping[str, str]) -> Message:
    """The answer to a line that added an item: what it became, and what stayed in its title."""
    text = f"Added *{headline(item)}*: {facts(item)}"
    lines = [HINTS[name](escape_within(typed, 100)) for name, typed in hints.items() if name in HINTS]
    number = str(item.id)
    buttons: list[Block] = []
    if "priority" in hints:
        buttons += [button(label, f"priority_{each.value}", number) for each, label in PRIORITY.items()]
    if hints.keys() & {"person", "group", "name"}:
        buttons.append(button("Reassign", "reassign_item", number))
    if "date" in hints:
        buttons.append(button("Edit", "edit_item", number))
    told = [context("\n".join(lines))] if lines else []
    return Message(text, (section(text), *told, *([actions(*buttons)] if buttons else [])))


HINTS: Mapping[str, Callable[[str], str]] = {
    "person": lambda typed: f"{mention(typed)} is only mentioned in the title, so they don't own this item.",
    "group": lambda typed: f"{typed} is a group. An action item has one person as its owner.",
    "name": lambda typed: f"“{typed}” isn't a mention, so it stayed in the title.",
    "date": lambda typed: f"“{typed}” stayed in the title, so there is no due date yet.",
    "priority": lambda typed: f"“{typed}” stayed in the title. Which priority does the item have?",
    "hour": lambda typed: f"A due date has no time of day, so I left out “{typed}”.",
}
"""Hint -> its sentence, by the names of :func:`bot.domain.action_items.line_left.left_in`."""


def item_buttons(item: ActionItem) -> Block:
    """Buttons for everything that can be done next."""
    number = str(item.id)
    if not item.is_to_do:
        return actions(button("Reopen", "item_open", number))
    steps = [_STEP[step] for step in ITEM_STEPS[item.status] if step in _STEP]
    buttons = [button(label, action, number, style) for label, action, style in steps if label != "Cancel"]
    buttons += [
        button("Reassign", "reassign_item", number),
        button("Edit", "edit_item", number),
        button("Cancel", "item_cancelled", number),
    ]
    return actions(*buttons)


def told_owner(item: ActionItem, incident: Incident, user_id: str) -> Message:
    """The notification to somebody that they own an item, or no longer do."""
    where = f"{incident.ref} {escape(incident.title)}"
    if item.assigned_to != user_id:
        text = f"*{headline(item)}* is no longer assigned to you ({where})."
        return Message(f"{item.ref} is no longer assigned to you", (section(text),))
    text = f"☑️ *{headline(item)}*\n{facts(item)}"
    link = context(f"Assigned to you · {where} · {channel_link(incident.channel_id, incident.channel_name)}")
    return Message(
        f"{item.ref} is assigned to you: {escape(item.title)}", (section(text), link, item_buttons(item))
    )


def reminder(
    item: ActionItem, incident: Incident, rung: str, user_id: str, owner: Person | None, *, is_late: bool
) -> Message:
    """A reminder, with buttons to deal with the item."""
    lead = _lead(item, incident, rung, user_id, owner)
    late = " _(This is late because I was offline.)_" if is_late else ""
    text = f"{lead}{late}\n*{headline(item)}*\n{facts(item)}"
    link = context(f"{incident.ref} {escape(incident.title)}")
    if not item.is_to_do:
        return Message(f"{item.ref}: {facts(item)}", (section(f"*{headline(item)}*\n{facts(item)}"), link))
    number = str(item.id)
    steps = [_STEP[step] for step in ITEM_STEPS[item.status] if step in _STEP]
    buttons = [button(label, action, number, style) for label, action, style in steps if label != "Cancel"]
    buttons += [
        menu("Snooze", "snooze_item", {f"{number}/{each}": label for each, label in SNOOZES.items()}),
        button("Change date", "redate_item", number),
        button("Reassign", "reassign_item", number),
    ]
    return Message(f"{lead} {headline(item)}", (section(text), link, actions(*buttons)))


def _lead(item: ActionItem, incident: Incident, rung: str, user_id: str, owner: Person | None) -> str:
    """The reason why somebody gets this reminder."""
    if item.assigned_to is None:
        return "This action item has no owner yet. Could you find one?"
    if owner is None or not owner.may_act:
        return f"{_unable(owner)} Could you find a new owner?"
    if rung in {SNOOZE, FIND_OWNER}:
        return "You asked to be reminded again." if rung == SNOOZE else "This action item is assigned to you."
    lead = "Due today." if rung == "0" else _distance(int(rung))
    if item.assigned_to == user_id:
        return lead
    part = "are the incident's commander" if user_id == incident.commander_id else "declared the incident"
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


def item_list(shown: ItemListShown) -> Message:
    """A page of items, overdue ones first, each with a button that opens it."""
    title = _list_title(shown)
    blocks: list[Block] = [section(f"*{title}*")]
    for item in shown.items:
        opens = button("Open", "show_item", str(item.id))
        line = section(f"*{headline(item)}*\n{facts(item, shown.today)}", accessory=opens)
        blocks.append(line)
    wanted = (("← Previous page", "page_back", -1), ("Next page →", "page_on", 1))
    page = shown.asked.page
    buttons = [
        button(label, action, json.dumps(answer_to_json(replace(shown.asked, page=page + step))))
        for label, action, step in wanted
        if 1 <= page + step <= shown.pages
    ]
    if buttons:
        blocks.append(actions(*buttons))
    return Message(title, tuple(blocks))


def _list_title(shown: ItemListShown) -> str:
    count = counted(shown.total, "open action item") if shown.total else "No open action items"
    of = ""
    if shown.asked.incident_id is not None:
        of = f" in INC-{shown.asked.incident_id}"
    if shown.asked.assigned_to is not None:
        of += f" assigned to <@{shown.asked.assigned_to}>"
    overdue = sum(is_overdue(each, shown.today) for each in shown.items)
    late = f", {overdue} overdue on this page" if overdue else ""
    return f"{count}{of}{late}"


def item_picker(shown: ItemPickerShown) -> Message:
    """The question which incident's items to show."""
    if not shown.incidents:
        text = "No open action items. `/incident action …` in an incident's channel adds one."
        return Message(text, (section(text),))
    blocks: list[Block] = [section("*Which incident's action items?*")]
    for incident in shown.incidents:
        value = json.dumps(answer_to_json(ItemList(incident_id=incident.id)))
        shows = button("Show", "show_items", value)
        blocks.append(section(f"{incident.ref} {escape_within(incident.title, 200)}", accessory=shows))
    return Message("Which incident's action items?", tuple(blocks))


def own_digest(items: Sequence[ActionItem], total: int, user_id: str, today: date) -> Message:
    """A person's weekly digest: their open items."""
    count = counted(total, "open action item")
    lines = [f"• *{headline(item)}* · {_due(item, today)}" for item in items]
    more = [f"… and {total - len(lines)} more"] if total > len(lines) else []
    told = in_sections([f"*You have {count}.*", *lines, *more])
    value = json.dumps(answer_to_json(ItemList(assigned_to=user_id)))
    return Message(f"You have {count}", (*told, actions(button("Show", "show_items", value))))


def _due(item: ActionItem, today: date) -> str:
    if item.due_date is None:
        return "no date yet"
    return (
        f"⚠️ was due {due_text(item.due_date)}"
        if is_overdue(item, today)
        else f"due {due_text(item.due_date)}"
    )


def channel_digest(counted: ItemCounts, ownerless: Iterable[ActionItem]) -> Message:
    """The workspace's weekly digest: the number of open items, and those without an owner."""
    text = (
        f"*Action items this week:* {counted.to_do} open, {counted.overdue} overdue, "
        f"{counted.ownerless} without an owner."
    )
    lines = [f"• *{headline(item)}* (INC-{item.incident_id})" for item in ownerless]
    blocks = [section(text), *(in_sections(["Without an owner:", *lines]) if lines else [])]
    return Message(text, tuple(blocks))


VIEWS: Mapping[type[Any], Callable[[Any], Message]] = {
    ItemTrayShown: lambda shown: item_tray(shown.item, shown.today),
    ItemAddedShown: lambda shown: item_added(shown.item, shown.hints),
    ItemListShown: item_list,
    ItemPickerShown: item_picker,
}
"""Loaded answers about action items -> their functions, for :mod:`bot.views.answers`."""
