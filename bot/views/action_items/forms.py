"""The forms for action items, each followed by the function that reads it."""

from __future__ import annotations

from datetime import date
from typing import Any

from bot.domain.action_items.model import (
    DEFAULT_PRIORITY,
    DETAILS_LIMIT,
    ITEM_TITLE_LIMIT,
    ActionItem,
    ActionItemPriority,
    digest_of,
)
from bot.domain.incidents.model import ref_of
from bot.domain.kit.people import ERASED
from bot.domain.kit.text import cut, length, one_line, storable
from bot.domain.surface.forms import ActionInput, ActionStart, EditItemInput, FormName
from bot.views.kit.form_parts import (
    State,
    carried,
    chosen,
    chosen_day,
    field_value,
    input_of,
    modal,
    parser,
    text_input,
    typed,
    typed_over,
    with_notice,
)
from bot.views.kit.labels import PRIORITY
from bot.views.kit.message import Block, button, plain, section
from bot.views.kit.text import escape


def action_form(start: ActionStart) -> Block:
    """The form that creates an action item."""
    title = one_line(start.title)
    overflow = title if length(title) > ITEM_TITLE_LIMIT else ""
    details = "\n".join(part for part in (overflow, storable(start.description)) if part)
    blocks = [
        text_input(
            "title", "What needs to be done", cut(title, ITEM_TITLE_LIMIT), ITEM_TITLE_LIMIT, optional=False
        ),
        text_input("description", "Details", details, DETAILS_LIMIT, multiline=True),
        _person(None),
        _day("due_date", "Due", None),
        _priority(DEFAULT_PRIORITY),
    ]
    kept = {
        "incident_id": start.incident_id,
        "source_channel": start.source_channel,
        "source_ts": start.source_ts,
    }
    return modal(FormName.ACTION, f"Action item · {ref_of(start.incident_id)}", "Create", blocks, kept)


@parser
def parse_action(view: State) -> ActionInput:
    """The input from :func:`action_form`."""
    kept = carried(view)
    return ActionInput(
        incident_id=int(kept["incident_id"]),
        title=typed(view, "title"),
        description=typed(view, "description"),
        assigned_to=_chosen_person(view),
        due_date=chosen_day(view, "due_date"),
        priority=ActionItemPriority(chosen(view, "priority") or DEFAULT_PRIORITY),
        source_channel=kept.get("source_channel"),
        source_ts=kept.get("source_ts"),
        besides=int(kept["besides"]) if "besides" in kept else None,
    )


def made_already(view: State, ref: str, title: str, item_id: int) -> Block:
    """The submitted :func:`action_form` again, with the item that its message already is."""
    text = (
        f"This message is already *{escape(ref)}* {escape(title)}. "
        "Press *Create* again only if this is something else."
    )
    opens = button(f"Show {ref}", "show_item", str(item_id))
    return with_notice(view, [section(text, accessory=opens)], {"besides": item_id})


def edit_item_form(item: ActionItem) -> Block:
    """The form that changes an action item."""
    blocks = [
        _title(item.title),
        text_input("description", "Details", item.description, DETAILS_LIMIT, multiline=True),
        _person(item.assigned_to),
        _day("due_date", "Due", item.due_date),
        _priority(item.priority),
    ]
    due = item.due_date.isoformat() if item.due_date else None
    kept = {
        "item_id": item.id,
        "title": item.title,
        "description": digest_of(item.description),
        "assigned_to": item.assigned_to,
        "due_date": due,
        "priority": item.priority.value,
    }
    return modal(FormName.EDIT_ITEM, f"Edit {item.ref}", "Save", blocks, kept)


@parser
def parse_edit_item(view: State) -> EditItemInput:
    """The input from :func:`edit_item_form`."""
    kept = carried(view)
    due = chosen_day(view, "due_date")
    now = {
        "title": typed_over(view, "title", str(kept.get("title") or ""), ITEM_TITLE_LIMIT),
        "description": typed(view, "description"),
        "assigned_to": _chosen_person(view),
        "due_date": due.isoformat() if due else None,
        "priority": chosen(view, "priority") or kept.get("priority"),
    }
    was = {name: kept.get(name) for name in now}
    return EditItemInput(int(kept["item_id"]), was, now)


def reassign_form(item: ActionItem) -> Block:
    """The form that assigns an item to somebody."""
    blocks = [_person(item.assigned_to)]
    return modal(FormName.REASSIGN, f"Reassign {item.ref}", "Save", blocks, {"item_id": item.id})


def redate_form(item: ActionItem) -> Block:
    """The form that changes an item's due date."""
    blocks = [_day("due_date", "Due", item.due_date)]
    return modal(FormName.REDATE, f"Due date of {item.ref}", "Save", blocks, {"item_id": item.id})


def snooze_form(item: ActionItem) -> Block:
    """The form that snoozes an item's reminders."""
    blocks = [_day("due_date", "Snooze until", None, optional=False)]
    return modal(FormName.SNOOZE, f"Snooze {item.ref}", "Save", blocks, {"item_id": item.id})


@parser
def parse_person(view: State) -> tuple[int, str | None]:
    """The input from :func:`reassign_form`: the item and the person."""
    return int(carried(view)["item_id"]), _chosen_person(view)


@parser
def parse_day(view: State) -> tuple[int, date | None]:
    """The input from :func:`redate_form` and :func:`snooze_form`: the item and the day."""
    return int(carried(view)["item_id"]), chosen_day(view, "due_date")


def _title(initial: str) -> Block:
    return text_input("title", "What needs to be done", initial, ITEM_TITLE_LIMIT, optional=False)


def _person(initial: str | None) -> Block:
    element: Block = {"type": "users_select", "action_id": "assigned_to", "placeholder": plain("Nobody yet")}
    if initial and initial != ERASED:
        element["initial_user"] = initial
    return input_of("assigned_to", "Owner", element)


def _day(block_id: str, label: str, initial: date | None, *, optional: bool = True) -> Block:
    element: Block = {"type": "datepicker", "action_id": block_id, "placeholder": plain("No date yet")}
    if initial:
        element["initial_date"] = initial.isoformat()
    return input_of(block_id, label, element, optional=optional)


def _priority(initial: ActionItemPriority) -> Block:
    options = {
        each.value: {"text": plain(PRIORITY[each]), "value": each.value} for each in ActionItemPriority
    }
    element = {
        "type": "static_select",
        "action_id": "priority",
        "options": list(options.values()),
        "initial_option": options[initial.value],
    }
    return input_of("priority", "Priority", element, optional=False)


def _chosen_person(view: State) -> str | None:
    found: Any = field_value(view, "assigned_to").get("selected_user")
    return str(found) if found else None
