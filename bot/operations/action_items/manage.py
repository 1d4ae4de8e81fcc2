"""Creates and changes action items."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from bot.domain.action_items.due import check_due
from bot.domain.action_items.model import (
    DETAILS_LIMIT,
    ITEM_STEPS,
    ActionItem,
    ActionItemPriority,
    ActionItemStatus,
    NewActionItem,
    digest_of,
)
from bot.domain.incidents.timeline import EntryKind, PostedMessage, TimelineEntry
from bot.domain.kit.errors import ItemChanged, ItemIs, OutdatedButton
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.kit.text import clean_text, cut
from bot.domain.surface.forms import ActionInput, EditItemInput
from bot.operations.action_items.create import (
    create,
    create_filled,
    give_owner_access,
    item_from_mark,
    item_from_message,
    mark_key,
    new_from_line,
    title_of,
    whom_to_tell,
)
from bot.operations.action_items.gather import show_reminder
from bot.operations.action_items.reads import existing_item
from bot.operations.action_items.reminders import plan
from bot.operations.consequences.changes import item_changed
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin, require_candidate
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.kit.working_days import Calendars
from storage import action_items, gathered, handled_requests, people, timeline, timeline_reads


class ActionItemTracker(Operations):
    """Track action items from incidents.

    ``by`` is the person who acts, and has to pass the gate first (``NotAllowed``); ``key`` is the request's
    natural key: a redelivery changes nothing. Raises ``UnknownItem`` if the person may not see the item.
    """

    @transaction
    def create_action_item(self, tx: Tx, action_item: NewActionItem, *, by: str, key: str) -> ActionItem:
        """Store the item, and plan its message and its owner's notification as outbox rows.

        Raises ``UnknownRef``, ``ItemTitleMissing``, ``TitleTooLong``, ``TextTooLong``, ``NobodyKnown``,
        ``DuePassed`` and ``DueTooFar``.
        """
        return create(tx, action_item, by, key)

    @transaction
    def create_from_form(self, tx: Tx, filled: ActionInput, *, by: str, key: str) -> ActionItem:
        """Create the item that the form describes; raises errors that name their field.

        Raises ``ItemMadeAlready`` if its message has already become an item that the form hasn't shown yet.
        """
        return create_filled(tx, filled, by, key)

    @transaction
    def create_from_line(self, tx: Tx, incident_id: int, markup: str, *, by: str, key: str) -> ActionItem:
        """Create the item that ``/incident action …`` describes, its date read in the writer's time zone."""
        return create(tx, new_from_line(tx, incident_id, markup, by), by, key)

    @transaction
    def create_from_mark(self, tx: Tx, channel_id: str, ts: str, *, by: str) -> None:
        """Turn a marked message of an incident's channel into one item, however often it's marked.

        Marks by people who may not act, or may not see the incident, are ignored. An unknown message is
        looked up first.
        """
        item_from_mark(tx, channel_id, ts, by)

    @transaction
    def create_from_message(self, tx: Tx, incident_id: int, message: PostedMessage, *, by: str) -> None:
        """Turn a marked message that was looked up into an item."""
        item_from_message(tx, incident_id, message, by)

    @reading
    def is_from_mark(self, tx: Tx, channel_id: str, ts: str) -> bool:
        """Whether a mark on the message has already created an action item."""
        return handled_requests.result_of(tx.connection, mark_key(channel_id, ts)) is not None

    @transaction
    def update_action_item_status(
        self, tx: Tx, item_id: int, status: ActionItemStatus, *, by: str, key: str
    ) -> ActionItem:
        """Change the status, unless it is the current one; raises ``ItemIs`` for an impossible step."""
        is_new = begin(tx, by, key)
        item = existing_item(tx, item_id, by, lock=True)
        if not is_new or item.status is status:
            return item
        if status not in ITEM_STEPS[item.status]:
            is_done = item.status is ActionItemStatus.COMPLETED
            raise ItemIs(ref=item.ref, status="done" if is_done else item.status.value)
        done_at = tx.now if status is ActionItemStatus.COMPLETED else None
        values: dict[str, Any] = {"status": status, "completed_at": done_at}
        if item.status not in (ActionItemStatus.OPEN, ActionItemStatus.IN_PROGRESS):
            # Reminders that fell due while it was settled aren't caught up on.
            values |= {"planned_after": tx.now, "assigned_at": tx.now}
        return _change(tx, item, by, values)

    @transaction
    def reassign(self, tx: Tx, item_id: int, to: str | None, *, by: str, key: str) -> ActionItem:
        """Assign the item to somebody, or unassign it with ``None``; raises ``NobodyKnown``."""
        is_new = begin(tx, by, key)
        item = existing_item(tx, item_id, by, lock=True)
        if not is_new:
            return item
        return _change(tx, item, by, {"assigned_to": to})

    @transaction
    def change_due_date(self, tx: Tx, item_id: int, due: date | None, *, by: str, key: str) -> ActionItem:
        """Change or remove the due date; raises ``DuePassed`` and ``DueTooFar``."""
        is_new = begin(tx, by, key)
        item = existing_item(tx, item_id, by, lock=True)
        if not is_new:
            return item
        return _change(tx, item, by, {"due_date": due})

    @transaction
    def change_priority(
        self, tx: Tx, item_id: int, priority: ActionItemPriority, *, by: str, key: str
    ) -> ActionItem:
        """Change the priority."""
        is_new = begin(tx, by, key)
        item = existing_item(tx, item_id, by, lock=True)
        if not is_new:
            return item
        return _change(tx, item, by, {"priority": priority})

    @transaction
    def snooze(
        self, tx: Tx, item_id: int, until: date | None, *, by: str, key: str, days: int = 0
    ) -> ActionItem:
        """Send no reminder before ``until``, or for ``days`` days; raises ``DuePassed`` and ``DueTooFar``."""
        is_new = begin(tx, by, key)
        item = existing_item(tx, item_id, by, lock=True)
        if not is_new:
            return item
        today = Calendars(tx).today(by)
        until = until or today + timedelta(days)
        check_due(until, today)
        return _snooze(tx, item, until, key)

    @transaction
    def snooze_all(self, tx: Tx, message: str, days: int, *, by: str, key: str) -> None:
        """Send no reminder of the open items that the message with this key shows, for ``days`` days.

        Raises ``OutdatedButton`` if it shows no open item.
        """
        if not begin(tx, by, key):
            return
        shown = [each.item_id for each in gathered.shown_by(tx.connection, message)]
        found = [action_items.get(tx.connection, item_id, by, lock=True) for item_id in sorted(shown)]
        left = [item for item in found if item and item.is_to_do]
        if not left:
            raise OutdatedButton
        until = Calendars(tx).today(by) + timedelta(days)
        for item in left:
            _snooze(tx, item, until, key)

    @transaction
    def edit_from_form(self, tx: Tx, filled: EditItemInput, *, by: str, key: str) -> ActionItem:
        """Change what was edited; a field left as the form showed it keeps its current value.

        Raises ``ItemChanged``, naming the field, if somebody else has set an edited field to something else.
        """
        is_new = begin(tx, by, key)
        item = existing_item(tx, filled.item_id, by, lock=True)
        if not is_new:
            return item
        changed: dict[str, Any] = {}
        for name, value in filled.now.items():
            current = _plain(getattr(item, name))
            is_long = name == "description"
            was = filled.was[name]
            if (digest_of(value or "") if is_long else value) == was or value == current:
                continue
            if (digest_of(current) if is_long else current) != was:
                raise _overtaken(tx, item, name, current)
            changed[name] = _typed(name, value)
        return _change(tx, item, by, changed)

    @reading
    def get_action_items_for_incident(self, tx: Tx, incident_id: int, *, viewer: Viewer) -> list[ActionItem]:
        """All of the incident's items, oldest first; raises ``UnknownRef``."""
        return action_items.of_incident(tx.connection, existing_incident(tx, incident_id, viewer).id)

    @reading
    def get_action_item(self, tx: Tx, item_id: int, *, viewer: Viewer) -> ActionItem:
        """One item; raises ``UnknownItem``."""
        return existing_item(tx, item_id, viewer)


def _change(tx: Tx, item: ActionItem, by: str, values: Mapping[str, Any]) -> ActionItem:
    """Store what differs and a timeline entry for each field, and plan what follows from it."""
    calendars = Calendars(tx)
    wanted = {name: value for name, value in values.items() if getattr(item, name) != value}
    visible = [name for name in _SHOWN_CHANGES if name in wanted]
    if not visible:
        return item
    _check(tx, wanted, calendars.today(by))
    if "title" in wanted:
        wanted["title"] = title_of(wanted["title"])
    if "description" in wanted:
        wanted["description"] = clean_text(wanted["description"], DETAILS_LIMIT, "description")
    if "assigned_to" in wanted:
        wanted["assigned_at"] = tx.now
    if "due_date" in wanted:
        wanted |= {"planned_after": tx.now, "snoozed_until": None}
    incident = existing_incident(tx, item.incident_id, SYSTEM)
    changed = plan(tx, replace(item, **wanted, updated_at=tx.now), incident, calendars)
    action_items.save(tx.connection, changed)
    entry = _record(tx, item, changed, by, visible)
    if "assigned_to" in wanted:
        give_owner_access(tx, changed, incident, entry.id)
    item_changed(tx, incident, item, changed, entry, visible, whom_to_tell(tx, changed, item, by))
    show_reminder(tx, changed, f"/{entry.id}")
    return changed


def _snooze(tx: Tx, item: ActionItem, until: date, key: str) -> ActionItem:
    snoozed = replace(item, snoozed_until=until, updated_at=tx.now)
    incident = existing_incident(tx, item.incident_id, SYSTEM)
    planned = action_items.save(tx.connection, plan(tx, snoozed, incident, Calendars(tx)))
    show_reminder(tx, planned, f"/snoozed/{key}")
    return planned


def _check(tx: Tx, wanted: Mapping[str, Any], today: date) -> None:
    if wanted.get("assigned_to"):
        require_candidate(tx, wanted["assigned_to"])
    if wanted.get("due_date"):
        check_due(wanted["due_date"], today)


def _record(tx: Tx, before: ActionItem, after: ActionItem, by: str, names: list[str]) -> TimelineEntry:
    """Add a timeline entry for each field; returns the last one."""
    for name in names:
        old, new = _plain(getattr(before, name)), _plain(getattr(after, name))
        what = new if name == "status" else f"{name}:{cut(str(new or ''), 200)}"
        change = TimelineEntry(
            0,
            after.incident_id,
            EntryKind.ACTION,
            tx.now,
            by,
            from_value=None if old is None else cut(str(old), 200),
            to_value=what,
            text=f"{after.ref} {after.title}",
        )
        entry = timeline.add(tx.connection, change)
    return entry


def _overtaken(tx: Tx, item: ActionItem, name: str, current: Any) -> ItemChanged:
    last = timeline_reads.last_of_item(tx.connection, item.incident_id, item.ref)
    by = last.by if last and last.by else item.created_by
    person = tx.once(people.get, by)
    error = ItemChanged(by=by, name=person.name if person else by, value=cut(str(current or "nothing"), 80))
    error.field = name
    return error


_SHOWN_CHANGES = ("status", "assigned_to", "due_date", "priority", "title", "description")


def _plain(value: Any) -> Any:
    """A field's value as a form carries it."""
    return value.isoformat() if isinstance(value, date) else value


def _typed(name: str, value: str | None) -> Any:
    """The inverse of :func:`_plain`."""
    return _TYPES[name](value) if value and name in _TYPES else value


_TYPES: Mapping[str, Callable[[str], Any]] = {
    "due_date": date.fromisoformat,
    "priority": ActionItemPriority,
    "status": ActionItemStatus,
}
