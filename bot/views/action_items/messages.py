"""Action items in Slack: their messages, notifications of owners, reminders, lists and digests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from bot.domain.action_items.model import ITEM_STEPS, ActionItem, ActionItemStatus, ItemCounts, is_overdue
from bot.domain.action_items.notifications import Assigned
from bot.domain.incidents.model import Incident
from bot.domain.surface.answers import ItemList
from bot.domain.surface.shown import ItemAddedShown, ItemListShown, ItemPickerShown, ItemTrayShown
from bot.views.action_items.text import due_text, facts, item_headline, signed_headline
from bot.views.kit.answers import pager, shows
from bot.views.kit.fitting import in_sections
from bot.views.kit.labels import PRIORITY
from bot.views.kit.message import Block, Message, actions, button, context, section
from bot.views.kit.text import channel_link, counted, escape, escape_within, mention

_STEP = {
    ActionItemStatus.IN_PROGRESS: ("Start", "item_in_progress", None),
    ActionItemStatus.COMPLETED: ("Done", "item_completed", "primary"),
}
_DETAILS_SHOWN = 600
MAX_SHOWN = 15
"""The most items in a message that somebody gets about several."""


def item_message(item: ActionItem, incident: Incident, today: date | None = None) -> Message:
    """The item, with buttons for everything that can be done to it."""
    blocks: list[Block] = [section(f"{signed_headline(item)}\n{facts(item, today)}")]
    if item.description:
        blocks.append(context(escape_within(item.description, _DETAILS_SHOWN)))
    source = item.metadata.get("source")
    if source:
        blocks.append(context(f"From <{source['permalink']}|this message>"))
    blocks.append(item_buttons(item))
    return Message(f"{incident.ref}: {item_headline(item)}", tuple(blocks))


def item_tray(item: ActionItem, today: date) -> Message:
    """The item as an answer that one person sees."""
    text = f"{signed_headline(item)}\n{facts(item, today)}"
    return Message(
        f"{item_headline(item)}", (section(text), context(f"INC-{item.incident_id}"), item_buttons(item))
    )


def item_added(item: ActionItem, hints: Mapping[str, str]) -> Message:
    """The answer to a line that added an item: what it became, and what stayed in its title."""
    text = f"Added *{item_headline(item)}*: {facts(item)}"
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
    "priority": lambda typed: f"“{typed}” stayed in the title. Which priority should it get?",
    "hour": lambda typed: f"A due date has no time of day, so I left out “{typed}”.",
}
"""Hint -> its sentence, by the names of :func:`bot.domain.action_items.line_left.left_in`."""


def item_buttons(item: ActionItem) -> Block:
    """Buttons for everything that can be done next."""
    number = str(item.id)
    if not item.is_to_do:
        return actions(button("Reopen", "item_open", number))
    return actions(
        *next_steps(item),
        button("Reassign", "reassign_item", number),
        button("Edit", "edit_item", number),
        button("Cancel item", "item_cancelled", number),
    )


def next_steps(item: ActionItem) -> list[Block]:
    """The buttons that get the item done."""
    steps = [_STEP[step] for step in ITEM_STEPS[item.status] if step in _STEP]
    return [button(label, action, str(item.id), style) for label, action, style in steps]


def told_owner(assigned: Sequence[Assigned], user_id: str) -> Message:
    """The notification to somebody that they own some items, or no longer do; ``assigned`` isn't empty."""
    if len(assigned) == 1:
        return _told_of_one(assigned[0].item, assigned[0].incident, user_id)
    theirs = [each for each in assigned if each.item.assigned_to == user_id]
    title = counted(len(theirs), "action item is assigned to you", "action items are assigned to you")
    if not theirs:
        title = "These action items are no longer assigned to you"
    others = [each for each in assigned if each.item.assigned_to != user_id]
    lines = [_told_line(each, user_id) for each in [*theirs, *others][:MAX_SHOWN]]
    lines += [*rest_shown(len(assigned) - MAX_SHOWN), actions(shows_all_of(user_id))]
    return Message(title, (section(f"*{title}.*"), *lines))


def _told_line(assigned: Assigned, user_id: str) -> Block:
    item = assigned.item
    what = f"*{item_headline(item)}* ({assigned.incident.ref})"
    if item.assigned_to != user_id:
        return section(f"{what}\nNo longer assigned to you.")
    step = {"accessory": next_steps(item)[0]} if item.is_to_do else {}
    return section(f"{what}\n{facts(item)}", **step)


def rest_shown(number: int) -> list[Block]:
    """How many more items there are, if there are any."""
    return [context(f"… and {number} more")] if number > 0 else []


def shows_all_of(user_id: str) -> Block:
    """A button that lists somebody's open items."""
    return shows("Show all", "show_items", ItemList(assigned_to=user_id))


def _told_of_one(item: ActionItem, incident: Incident, user_id: str) -> Message:
    where = f"{incident.ref} {escape(incident.title)}"
    if item.assigned_to != user_id:
        text = f"*{item_headline(item)}* is no longer assigned to you ({where})."
        return Message(f"{item.ref} is no longer assigned to you", (section(text),))
    text = f"{signed_headline(item)}\n{facts(item)}"
    link = context(f"Assigned to you · {where} · {channel_link(incident.channel_id, incident.channel_name)}")
    return Message(
        f"{item.ref} is assigned to you: {escape(item.title)}", (section(text), link, item_buttons(item))
    )


def item_list(shown: ItemListShown) -> Message:
    """A page of items, overdue ones first, each with a button that opens it."""
    title = _list_title(shown)
    blocks: list[Block] = [section(f"*{title}*")]
    for item in shown.items:
        opens = button("Show", "show_item", str(item.id))
        line = section(f"*{item_headline(item)}*\n{facts(item, shown.today)}", accessory=opens)
        blocks.append(line)
    buttons = pager(shown.pages, shown.asked.page, lambda page: replace(shown.asked, page=page))
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
    """The question of which incident's items to show."""
    if not shown.incidents:
        text = "No open action items. `/incident action …` in an incident's channel adds one."
        return Message(text, (section(text),))
    blocks: list[Block] = [section("*Which incident's action items?*")]
    for incident in shown.incidents:
        opens = shows("Show", "show_items", ItemList(incident_id=incident.id))
        blocks.append(section(f"{incident.ref} {escape_within(incident.title, 200)}", accessory=opens))
    return Message("Which incident's action items?", tuple(blocks))


def own_digest(items: Sequence[ActionItem], total: int, user_id: str, today: date) -> Message:
    """A person's weekly digest: their open items."""
    count = counted(total, "open action item")
    lines = [f"• *{item_headline(item)}* · {_due(item, today)}" for item in items]
    more = [f"… and {total - len(lines)} more"] if total > len(lines) else []
    told = in_sections([f"*You have {count}.*", *lines, *more])
    return Message(f"You have {count}", (*told, actions(shows_all_of(user_id))))


def _due(item: ActionItem, today: date) -> str:
    if item.due_date is None:
        return "no due date yet"
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
    lines = [f"• *{item_headline(item)}* (INC-{item.incident_id})" for item in ownerless]
    blocks = [section(text), *(in_sections(["Without an owner:", *lines]) if lines else [])]
    return Message(text, tuple(blocks))


VIEWS: Mapping[type[Any], Callable[[Any], Message]] = {
    ItemTrayShown: lambda shown: item_tray(shown.item, shown.today),
    ItemAddedShown: lambda shown: item_added(shown.item, shown.hints),
    ItemListShown: item_list,
    ItemPickerShown: item_picker,
}
"""Loaded answers about action items -> their functions, for :mod:`bot.views.answers`."""
