"""Making action items: from values, a form, a line, a mark on a message."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.action_items import planned as action_items_planned
from bot.domain.action_items.due import check_due, due_date
from bot.domain.action_items.model import (
    DEFAULT_PRIORITY,
    DETAILS_LIMIT,
    ITEM_TITLE_LIMIT,
    ActionItem,
    NewActionItem,
    item_ref,
    read_action_line,
)
from bot.domain.incidents.model import Incident
from bot.domain.incidents.sources import source_of
from bot.domain.incidents.timeline import EntryKind, PostedMessage
from bot.domain.incidents.timeline_text import plain
from bot.domain.kit.errors import ItemTitleMissing, TitleTooLong, UnknownItem
from bot.domain.kit.people import Viewer
from bot.domain.kit.text import clean_text, cut, is_blank, one_line, plain_from_markup
from bot.domain.surface.forms import ActionInput
from bot.operations.action_items.reminders import plan
from bot.operations.consequences import calendar as consequences_calendar
from bot.operations.consequences import postmortem
from bot.operations.kit.access import existing
from bot.operations.kit.gate import begin, require_candidate
from bot.operations.kit.names import namer
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.kit.working_days import Calendars
from storage import (
    action_items,
    handled_requests,
    incidents,
    members,
    messages,
    people,
    timeline,
    workspace,
)

_FROM_MESSAGE = 150


class ItemMaking(Operations):
    """The ways in which an action item is made."""

    @transaction
    def create_action_item(self, tx: Tx, action_item: NewActionItem, *, by: str, key: str) -> ActionItem:
        """Store the item; its message and its owner's are outbox rows.

        Raises ``UnknownRef``, ``ItemTitleMissing``, ``TitleTooLong``, ``NobodyKnown``, ``DuePassed`` …
        """
        return self._create(tx, action_item, by, key)

    @transaction
    def create_from_form(self, tx: Tx, filled: ActionInput, *, by: str, key: str) -> ActionItem:
        """Create what was filled in; raises errors that name their field."""
        metadata = self._source(tx, filled.source_channel, filled.source_ts)
        new = NewActionItem(
            filled.incident_id,
            filled.title,
            filled.description,
            filled.assigned_to,
            priority=filled.priority,
            due_date=filled.due_date,
            metadata=metadata,
        )
        return self._create(tx, new, by, key)

    @transaction
    def create_from_line(self, tx: Tx, incident_id: int, markup: str, *, by: str, key: str) -> ActionItem:
        """Create what ``/incident action …`` says, its date read where the writer is."""
        line = read_action_line(markup)
        today = Calendars(tx).today(by)
        new = NewActionItem(
            incident_id,
            plain(line.title, namer(tx)),
            assigned_to=line.assigned_to,
            priority=line.priority or DEFAULT_PRIORITY,
            due_date=due_date(plain_from_markup(line.due), today) if line.due else None,
        )
        return self._create(tx, new, by, key)

    @transaction
    def create_from_mark(self, tx: Tx, channel_id: str, ts: str, *, by: str) -> None:
        """Somebody marked a message of an incident's channel: it becomes one item, however often.

        Marks by people who may not act, or may not see the incident, are ignored. An unknown message is
        looked up first.
        """
        incident = incidents.by_channel(tx.connection, channel_id, by)
        person = people.get(tx.connection, by)
        if incident is None or person is None or not person.may_act:
            return
        number = incident.id
        entry = timeline.at(tx.connection, channel_id, ts)
        if entry is None:
            if messages.key_at(tx.connection, channel_id, ts) is None:
                enqueue(tx, [action_items_planned.finding_message(number, ts, by)])
        elif entry.kind is EntryKind.MESSAGE and not is_blank(entry.text):
            found = PostedMessage(
                channel_id, ts, entry.by, entry.source, entry.text, thread_ts=entry.thread_ts
            )
            self._create_from(tx, number, found, by)

    @transaction
    def create_from_message(self, tx: Tx, incident_id: int, message: PostedMessage, *, by: str) -> None:
        """A marked message that was looked up becomes an item."""
        if not is_blank(message.text):
            self._create_from(tx, incident_id, message, by)

    @reading
    def is_from_mark(self, tx: Tx, channel_id: str, ts: str) -> bool:
        """Whether a mark on the message has already created an action item."""
        return handled_requests.item_of(tx.connection, _mark_key(channel_id, ts)) is not None

    def _create(self, tx: Tx, new: NewActionItem, by: str, key: str) -> ActionItem:
        is_new = begin(tx, by, key)
        incident = existing(tx, new.incident_id, by)
        if not is_new:
            found = handled_requests.item_of(tx.connection, key)
            return existing_item(tx, found or 0, by)
        calendars = Calendars(tx)
        cleaned = replace(
            new,
            title=title_of(new.title),
            description=clean_text(new.description, DETAILS_LIMIT, "description"),
        )
        if new.due_date:
            check_due(new.due_date, calendars.today(by))
        if new.assigned_to:
            require_candidate(tx, new.assigned_to)
        item = action_items.add(tx.connection, cleaned, by, tx.now)
        handled_requests.led_to_item(tx.connection, key, item.id)
        entry = timeline.add_change(
            tx.connection,
            incident.id,
            EntryKind.ACTION,
            by,
            tx.now,
            to_value="created",
            note=f"{item.ref} {item.title}",
        )
        item = plan(tx, item, calendars)
        told = [item.assigned_to] if item.assigned_to else []
        if told and incident.is_private:
            self._bring_in(tx, item, incident, entry.id)
        enqueue(tx, action_items_planned.after_item_change(item, None, told))
        postmortem.follow(tx, incident, f"entry/{entry.id}")
        consequences_calendar.item_changed(tx, None, item, ("due_date",), f"{entry.id}")
        return item

    def _create_from(self, tx: Tx, incident_id: int, message: PostedMessage, by: str) -> None:
        key = _mark_key(message.channel_id, message.ts)
        text = plain(message.text, namer(tx))
        title = cut(one_line(text), _FROM_MESSAGE)
        source = _source_of(tx, message)
        new = NewActionItem(
            incident_id, title, cut(text, DETAILS_LIMIT) if one_line(text) != title else "", metadata=source
        )
        self._create(tx, new, by, key)

    def _bring_in(self, tx: Tx, item: ActionItem, incident: Incident, cause: int) -> None:
        if item.assigned_to and incidents.get(tx.connection, incident.id, item.assigned_to) is None:
            members.add(tx.connection, incident.id, item.assigned_to)
            enqueue(tx, [action_items_planned.bringing_in(item, item.assigned_to, cause)])

    def _source(self, tx: Tx, channel_id: str | None, ts: str | None) -> dict[str, object]:
        kept = messages.get_source(tx.connection, channel_id, ts) if channel_id and ts else None
        return _source_of(tx, kept) if kept else {}


def existing_item(tx: Tx, item_id: int, viewer: Viewer, *, lock: bool = False) -> ActionItem:
    """The item; raises ``UnknownItem`` where there is none for the viewer."""
    item = action_items.get(tx.connection, item_id, viewer, lock=lock)
    if item is None:
        raise UnknownItem(ref=item_ref(item_id))
    return item


def title_of(text: str) -> str:
    """A title as it is stored; raises ``ItemTitleMissing`` and ``TitleTooLong``."""
    title = one_line(text)
    if is_blank(title):
        raise ItemTitleMissing
    if len(title) > ITEM_TITLE_LIMIT:
        raise TitleTooLong(limit=ITEM_TITLE_LIMIT, length=f"{len(title):,}")
    return title


def _mark_key(channel_id: str, ts: str) -> str:
    return f"marked/{channel_id}/{ts}"


def _source_of(tx: Tx, message: PostedMessage) -> dict[str, object]:
    return source_of(message, workspace.get(tx.connection, workspace.TEAM_URL) or "")
