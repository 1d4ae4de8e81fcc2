"""Loads what answers about action items show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.domain.action_items.model import ActionItem, ActionItemQuery, item_ref
from bot.domain.incidents.model import ref_of
from bot.domain.kit.errors import UnknownItem, UnknownRef
from bot.domain.kit.people import Viewer
from bot.domain.surface.answers import ItemAdded, ItemList, ItemPicker, ItemTray
from bot.domain.surface.shown import ItemAddedShown, ItemListShown, ItemPickerShown, ItemTrayShown, Shown
from bot.operations.kit.transaction import Tx
from bot.operations.kit.working_days import Calendars
from storage import action_items, incidents

PAGE, PICKED = 8, 10


def show_items(tx: Tx, answer: ItemTray | ItemAdded | ItemList | ItemPicker, viewer: Viewer) -> Shown:
    """What the answer shows the viewer now; raises ``UnknownItem`` and ``UnknownRef``."""
    calendars = Calendars(tx)
    today = calendars.today(viewer) if isinstance(viewer, str) else calendars.of(None).today(tx.now)
    match answer:
        case ItemTray():
            return ItemTrayShown(_item(tx, answer.item_id, viewer), today)
        case ItemAdded():
            return ItemAddedShown(_item(tx, answer.item_id, viewer), answer.hints)
        case ItemPicker():
            numbers = action_items.incidents_with_items(tx.connection, viewer, PICKED)
            found = (incidents.get(tx.connection, number, viewer) for number in numbers)
            return ItemPickerShown(tuple(filter(None, found)))
        case ItemList():
            return _list(tx, answer, viewer, today)


def _item(tx: Tx, item_id: int, viewer: Viewer) -> ActionItem:
    item = action_items.get(tx.connection, item_id, viewer)
    if item is None:
        raise UnknownItem(ref=item_ref(item_id))
    return item


def _list(tx: Tx, asked: ItemList, viewer: Viewer, today: date) -> ItemListShown:
    if asked.incident_id is not None and incidents.get(tx.connection, asked.incident_id, viewer) is None:
        raise UnknownRef(ref=ref_of(asked.incident_id))
    query = ActionItemQuery(asked.incident_id, asked.assigned_to, limit=PAGE)
    total = action_items.count(tx.connection, query, viewer)
    pages = max(1, -(-total // PAGE))
    page = min(max(asked.page, 1), pages)
    found = action_items.find(tx.connection, replace(query, offset=(page - 1) * PAGE), viewer)
    return ItemListShown(replace(asked, page=page), tuple(found), pages, total, today)
