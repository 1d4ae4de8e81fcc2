"""Creates action items from values, a form, a command's line, or a marked message."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.domain.action_items import planned as action_items_planned
from bot.domain.action_items.due import check_due, day_text, due_date
from bot.domain.action_items.line import ActionLine, read_action_line, written
from bot.domain.action_items.model import (
    DEFAULT_PRIORITY,
    DETAILS_LIMIT,
    ITEM_TITLE_LIMIT,
    ActionItem,
    NewActionItem,
    created,
)
from bot.domain.incidents.model import Incident, ref_of
from bot.domain.incidents.sources import source_of
from bot.domain.incidents.timeline import EntryKind, PostedMessage, TimelineEntry
from bot.domain.kit.errors import BotError, DueAmbiguous, ItemTitleMissing, TitleTooLong
from bot.domain.kit.text import clean_text, cut, is_blank, length, one_line, plain_from_markup
from bot.domain.surface.forms import ActionInput
from bot.operations.action_items.reads import existing_item
from bot.operations.action_items.reminders import plan
from bot.operations.consequences.changes import item_changed
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin, require_candidate
from bot.operations.kit.names import namer
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from bot.operations.kit.working_days import Calendars
from storage import (
    action_items,
    handled_requests,
    incidents,
    members,
    messages,
    people,
    timeline,
    timeline_reads,
    workspace,
)

_FROM_MESSAGE = 150


def new_from_form(tx: Tx, filled: ActionInput) -> NewActionItem:
    """The item that the form describes, with the message that it comes from."""
    channel_id, ts = filled.source_channel, filled.source_ts
    kept = messages.get_source(tx.connection, channel_id, ts) if channel_id and ts else None
    return NewActionItem(
        filled.incident_id,
        filled.title,
        filled.description,
        filled.assigned_to,
        priority=filled.priority,
        due_date=filled.due_date,
        metadata=_source_of(tx, kept) if kept else {},
    )


def new_from_line(tx: Tx, incident_id: int, markup: str, by: str) -> NewActionItem:
    """The item that ``/incident action …`` describes; its date is read in the writer's time zone."""
    line, due = _dated(tx, incident_id, read_action_line(markup), by)
    return NewActionItem(
        incident_id,
        plain_from_markup(line.title, namer(tx)),
        assigned_to=line.assigned_to,
        priority=line.priority or DEFAULT_PRIORITY,
        due_date=due,
    )


def _dated(tx: Tx, incident_id: int, line: ActionLine, by: str) -> tuple[ActionLine, date | None]:
    """The line and its due date; a date that can't be meant, and that nothing introduces, is title.

    Of two possible dates, the person chooses one with a button that holds the whole line.
    """
    if not line.due:
        return line, None
    title_of(plain_from_markup(line.title, namer(tx)))
    try:
        return line, due_date(plain_from_markup(line.due, namer(tx)), Calendars(tx).today(by))
    except DueAmbiguous as question:
        command = f"action {ref_of(incident_id)}"
        question.offers = {day_text(day): f"{command} {written(line, day)}" for day in question.days}
        raise
    except BotError:
        if line.title_with_date is None:
            raise
    return replace(line, title=line.title_with_date, due=None), None


def item_from_mark(tx: Tx, channel_id: str, ts: str, by: str) -> None:
    """Turn a marked message into an item; a message that isn't stored is looked up first."""
    incident = incidents.by_channel(tx.connection, channel_id, by)
    person = tx.once(people.get, by)
    if incident is None or person is None or not person.may_act:
        return
    entry = timeline_reads.at(tx.connection, channel_id, ts)
    if entry is None:
        if messages.key_at(tx.connection, channel_id, ts) is None:
            enqueue(tx, [action_items_planned.finding_message(incident.id, ts, by)])
    elif entry.kind is EntryKind.MESSAGE and not is_blank(entry.text):
        found = PostedMessage(channel_id, ts, entry.by, entry.source, entry.text, thread_ts=entry.thread_ts)
        item_from_message(tx, incident.id, found, by)


def item_from_message(tx: Tx, incident_id: int, message: PostedMessage, by: str) -> None:
    """Turn a marked message into an item, once; a message without text is ignored."""
    if is_blank(message.text):
        return
    text = plain_from_markup(message.text, namer(tx))
    title = cut(one_line(text), _FROM_MESSAGE)
    details = cut(text, DETAILS_LIMIT) if one_line(text) != title else ""
    new = NewActionItem(incident_id, title, details, metadata=_source_of(tx, message))
    create(tx, new, by, mark_key(message.channel_id, message.ts))


def create(tx: Tx, new: NewActionItem, by: str, key: str) -> ActionItem:
    """Store the item and plan all that follows; a redelivery returns the one that is already stored."""
    is_new = begin(tx, by, key)
    incident = existing_incident(tx, new.incident_id, by)
    if not is_new:
        found = handled_requests.result_of(tx.connection, key)
        return existing_item(tx, found or 0, by)
    calendars = Calendars(tx)
    new = _checked(tx, new, calendars.today(by))
    item = action_items.add(tx.connection, created(new, by, tx.now))
    handled_requests.led_to(tx.connection, key, item)
    about = f"{item.ref} {item.title}"
    change = TimelineEntry(0, incident.id, EntryKind.ACTION, tx.now, by, to_value="created", text=about)
    entry = timeline.add(tx.connection, change)
    item = action_items.save(tx.connection, plan(tx, item, incident, calendars))
    told = [item.assigned_to] if item.assigned_to else []
    if told and incident.is_private:
        give_owner_access(tx, item, incident, entry.id)
    item_changed(tx, incident, None, item, entry, ("due_date",), told)
    return item


def _checked(tx: Tx, new: NewActionItem, today: date) -> NewActionItem:
    title = title_of(new.title)
    description = clean_text(new.description, DETAILS_LIMIT, "description")
    if new.due_date:
        check_due(new.due_date, today)
    if new.assigned_to:
        require_candidate(tx, new.assigned_to)
    return replace(new, title=title, description=description)


def give_owner_access(tx: Tx, item: ActionItem, incident: Incident, cause: int) -> None:
    """Let the owner of a private incident's item see the incident, and bring them into its channel."""
    if item.assigned_to and incidents.get(tx.connection, incident.id, item.assigned_to) is None:
        members.add(tx.connection, incident.id, item.assigned_to)
        enqueue(tx, [action_items_planned.bringing_in(item, item.assigned_to, cause)])


def title_of(text: str) -> str:
    """The title as it is stored; raises ``ItemTitleMissing`` and ``TitleTooLong``."""
    title = one_line(text)
    if is_blank(title):
        raise ItemTitleMissing
    if length(title) > ITEM_TITLE_LIMIT:
        raise TitleTooLong(limit=ITEM_TITLE_LIMIT, length=f"{length(title):,}")
    return title


def mark_key(channel_id: str, ts: str) -> str:
    """The natural key of a marked message: it becomes one item, however many people mark it."""
    return f"marked/{channel_id}/{ts}"


def _source_of(tx: Tx, message: PostedMessage) -> dict[str, object]:
    return source_of(message, tx.once(workspace.get, workspace.TEAM_URL) or "")
