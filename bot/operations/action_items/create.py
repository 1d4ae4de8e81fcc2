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
from bot.domain.action_items.notifications import Notification
from bot.domain.incidents.model import Incident, ref_of
from bot.domain.incidents.sources import source_of
from bot.domain.incidents.timeline import EntryKind, PostedMessage, TimelineEntry
from bot.domain.kit.errors import BotError, DueAmbiguous, ItemMadeAlready, ItemTitleMissing, TitleTooLong
from bot.domain.kit.references import Names
from bot.domain.kit.text import clean_text, cut, is_blank, length, one_line, plain_from_markup, unformatted
from bot.domain.surface.forms import ActionInput
from bot.operations.action_items.gather import gather, lead_of
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
    """The line and its due date; a date that can't be one, and that no word introduces, stays in the title.

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
    """Turn a marked message into an item; a message whose text isn't stored is looked up first."""
    incident = incidents.by_channel(tx.connection, channel_id, by)
    person = tx.once(people.get, by)
    if incident is None or person is None or not person.may_act:
        return
    entry = timeline_reads.at(tx.connection, channel_id, ts)
    if entry is None or entry.removed_after:
        if messages.key_at(tx.connection, channel_id, ts) is None:
            enqueue(tx, [action_items_planned.finding_message(incident.id, ts, by)])
    elif entry.kind is EntryKind.MESSAGE and not entry.is_deleted:
        found = PostedMessage(
            channel_id, ts, entry.by, entry.source, entry.text, entry.files, thread_ts=entry.thread_ts
        )
        item_from_message(tx, incident.id, found, by)


def item_from_message(tx: Tx, incident_id: int, message: PostedMessage, by: str) -> None:
    """Turn a marked message into an item, once; one without words is named after its file or its author."""
    title, details = _title_and_details(message, namer(tx))
    new = NewActionItem(incident_id, title, details, metadata=_source_of(tx, message))
    create(tx, new, by, mark_key(message.channel_id, message.ts))


def _title_and_details(message: PostedMessage, names: Names) -> tuple[str, str]:
    """A bot's message begins with its headline, a person's is one sentence."""
    text = plain_from_markup(message.text, names).strip()
    if is_blank(text):
        author = names.person(message.user_id) if message.user_id else message.source or "a bot"
        files = ", ".join(str(each.get("name") or "file") for each in message.files)
        return one_line(
            cut(f"File from {author}: {files}" if files else f"Message from {author}", _FROM_MESSAGE)
        ), ""
    first = unformatted(text.split("\n", 1)[0]) if message.source else text
    title = cut(one_line(first), _FROM_MESSAGE)
    return title, cut(text, DETAILS_LIMIT) if one_line(text) != title else ""


def create_filled(tx: Tx, filled: ActionInput, by: str, key: str) -> ActionItem:
    """Create the item that the form describes.

    Raises errors that name their field, and ``ItemMadeAlready`` if its message has already become an item
    that the form hasn't shown yet.
    """
    if not begin(tx, by, key):
        return _made_before(tx, filled.incident_id, by, key)
    item = _make(tx, new_from_form(tx, filled), by, key)
    if filled.source_channel and filled.source_ts:
        _claim(tx, mark_key(filled.source_channel, filled.source_ts), item, filled.besides, by)
    return item


def _claim(tx: Tx, mark: str, item: ActionItem, besides: int | None, by: str) -> None:
    """Note that the message became the item, so that a mark on it makes no other one."""
    if handled_requests.first_time(tx.connection, mark, tx.now):
        handled_requests.led_to(tx.connection, mark, item)
        return
    made = handled_requests.result_of(tx.connection, mark)
    earlier = action_items.get(tx.connection, made, by) if made not in {None, item.id, besides} else None
    if earlier:
        raise ItemMadeAlready(ref=earlier.ref, title=earlier.title, item_id=earlier.id)


def create(tx: Tx, new: NewActionItem, by: str, key: str) -> ActionItem:
    """Store the item and plan all that follows; a redelivery returns the one that is already stored."""
    if not begin(tx, by, key):
        return _made_before(tx, new.incident_id, by, key)
    return _make(tx, new, by, key)


def _made_before(tx: Tx, incident_id: int, by: str, key: str) -> ActionItem:
    """What an earlier delivery of the request created."""
    existing_incident(tx, incident_id, by)
    return existing_item(tx, handled_requests.result_of(tx.connection, key) or 0, by)


def _make(tx: Tx, new: NewActionItem, by: str, key: str) -> ActionItem:
    incident = existing_incident(tx, new.incident_id, by)
    calendars = Calendars(tx)
    new = _checked(tx, new, calendars.today(by))
    item = action_items.add(tx.connection, created(new, by, tx.now))
    handled_requests.led_to(tx.connection, key, item)
    about = f"{item.ref} {item.title}"
    change = TimelineEntry(0, incident.id, EntryKind.ACTION, tx.now, by, to_value="created", text=about)
    entry = timeline.add(tx.connection, change)
    item = action_items.save(tx.connection, plan(tx, item, incident, calendars))
    if item.assigned_to and incident.is_private:
        give_owner_access(tx, item, incident, entry.id)
    item_changed(tx, incident, None, item, entry, ("due_date",), whom_to_tell(tx, item, None, by))
    return item


def _checked(tx: Tx, new: NewActionItem, today: date) -> NewActionItem:
    title = title_of(new.title)
    description = clean_text(new.description, DETAILS_LIMIT, "description")
    if new.due_date:
        check_due(new.due_date, today)
    if new.assigned_to:
        require_candidate(tx, new.assigned_to)
    return replace(new, title=title, description=description)


def whom_to_tell(tx: Tx, item: ActionItem, before: ActionItem | None, by: str) -> list[Notification]:
    """The notifications whose messages show the item to its current and its former owner.

    Nobody is notified of what they did themselves, but a message that they already have is kept up to date.
    """
    told = list[Notification]()
    for owner in filter(None, dict.fromkeys([item.assigned_to, before.assigned_to if before else None])):
        notification = Notification(item.incident_id, item.id, owner)
        is_new = owner == item.assigned_to and owner != by
        lead = gather(tx, notification) if is_new else lead_of(tx, notification)
        told += [lead] if lead else []
    return told


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
