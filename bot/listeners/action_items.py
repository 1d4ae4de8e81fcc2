"""Action items: the buttons on them, and the forms about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from slack_bolt import Ack, App, BoltContext

from bot.domain.action_items.model import ActionItemPriority, ActionItemStatus
from bot.domain.kit.errors import DueUnknown, ItemMadeAlready, OutdatedButton
from bot.domain.kit.json import Json
from bot.domain.surface.answers import ItemTray
from bot.domain.surface.forms import (
    ActionStart,
    EditItemStart,
    FormName,
    ReassignStart,
    RedateStart,
    SnoozeStart,
)
from bot.listeners import parse
from bot.listeners.clicks import click_key, place_of, refresh_tray
from bot.listeners.form import Form
from bot.listeners.services import Services, after_ack
from bot.views.action_items.forms import (
    made_already,
    parse_action,
    parse_day,
    parse_edit_item,
    parse_person,
)
from bot.views.action_items.reminders import SNOOZES, SNOOZES_OF_ALL

_STEPS = {f"item_{status.value}": status for status in ActionItemStatus}
_PRIORITIES = {f"priority_{priority.value}": priority for priority in ActionItemPriority}


def register(app: App, services: Services) -> None:
    """Listen for the buttons on action items."""
    for action_id in _STEPS:
        app.action(action_id)(_takes_step(services))
    for action_id in _PRIORITIES:
        app.action(action_id)(_prioritises(services))
    app.action("snooze_item")(_snoozes(services))
    app.action("snooze_items")(_snoozes_all(services))


def _takes_step(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        item_id, status = parse.read(parse.number, action), _STEPS[action["action_id"]]
        services.items.update_action_item_status(item_id, status, by=body["user"]["id"], key=click_key(body))
        if body["container"].get("is_ephemeral"):
            refresh_tray(services, body, context, ItemTray(item_id))
        ack()

    return clicked


def _prioritises(services: Services) -> Callable[..., None]:
    def clicked(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        item_id, priority = parse.read(parse.number, action), _PRIORITIES[action["action_id"]]
        services.items.change_priority(item_id, priority, by=body["user"]["id"], key=click_key(body))
        refresh_tray(services, body, context, ItemTray(item_id))
        ack()

    return clicked


def _snoozes(services: Services) -> Callable[..., None]:
    def chosen(ack: Ack, body: Json, action: Json, context: BoltContext) -> None:
        user = body["user"]["id"]
        number, _, days = str((action.get("selected_option") or {}).get("value") or "").partition("/")
        item_id = parse.read(parse.number, {"value": number})
        if days not in SNOOZES:
            raise OutdatedButton
        if days == "pick":
            services.people.check_may_act(user)
            start, trigger, channel = SnoozeStart(item_id), body["trigger_id"], place_of(body)[0]
            after_ack(context, lambda: services.forms.open(trigger, start, user_id=user, channel_id=channel))
        else:
            services.items.snooze(item_id, None, by=user, key=click_key(body), days=int(days))
        ack()

    return chosen


def _snoozes_all(services: Services) -> Callable[..., None]:
    def chosen(ack: Ack, body: Json, action: Json) -> None:
        user = body["user"]["id"]
        message, _, days = str((action.get("selected_option") or {}).get("value") or "").rpartition("/")
        if days not in SNOOZES_OF_ALL:
            raise OutdatedButton
        services.items.snooze_all(message, int(days), by=user, key=click_key(body))
        ack()

    return chosen


def _create(services: Services, view: Json, by: str, key: str) -> None:
    filled = parse_action(view)
    _know(services, filled.assigned_to)
    services.items.create_from_form(filled, by=by, key=key)


def already_made(_services: Services, body: Json, error: ItemMadeAlready) -> Json:
    """The form again, with the item that its message already is."""
    values = error.values
    return made_already(body["view"], values["ref"], values["title"], int(values["item_id"]))


def _edit(services: Services, view: Json, by: str, key: str) -> None:
    filled = parse_edit_item(view)
    _know(services, filled.now["assigned_to"])
    services.items.edit_from_form(filled, by=by, key=key)


def _reassign(services: Services, view: Json, by: str, key: str) -> None:
    item_id, to = parse_person(view)
    _know(services, to)
    services.items.reassign(item_id, to, by=by, key=key)


def _redate(services: Services, view: Json, by: str, key: str) -> None:
    item_id, due = parse_day(view)
    services.items.change_due_date(item_id, due, by=by, key=key)


def _snooze(services: Services, view: Json, by: str, key: str) -> None:
    item_id, until = parse_day(view)
    if until is None:
        raise DueUnknown(phrase="")
    services.items.snooze(item_id, until, by=by, key=key)


def _know(services: Services, user_id: str | None) -> None:
    if user_id:
        services.people.ensure_known(user_id)


FORMS: Mapping[FormName, Form] = {
    FormName.ACTION: Form(_create, {"create_action": lambda value: ActionStart(parse.number(value))}),
    FormName.EDIT_ITEM: Form(_edit, {"edit_item": lambda value: EditItemStart(parse.number(value))}),
    FormName.REASSIGN: Form(_reassign, {"reassign_item": lambda value: ReassignStart(parse.number(value))}),
    FormName.REDATE: Form(_redate, {"redate_item": lambda value: RedateStart(parse.number(value))}),
    FormName.SNOOZE: Form(_snooze),
}
