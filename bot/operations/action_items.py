"""Making action items and working them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import Connection

from bot.domain import plans
from bot.domain.action_items import (
    DEFAULT_PRIORITY,
    DETAILS_LIMIT,
    ITEM_STEPS,
    ITEM_TITLE_LIMIT,
    ActionItem,
    ActionItemStatus,
    NewActionItem,
    digest_of,
    item_ref,
    read_action_line,
)
from bot.domain.due import check_due, due_date
from bot.domain.errors import ItemChanged, ItemIs, ItemTitleMissing, TitleTooLong, UnknownItem
from bot.domain.forms import ActionInput, EditItemInput
from bot.domain.incidents import Incident
from bot.domain.people import SYSTEM, Viewer
from bot.domain.text import clean_text, cut, is_blank, one_line, plain_from_markup
from bot.domain.timeline import EntryKind, PostedMessage, TimelineEntry, permalink
from bot.operations import following
from bot.operations.calendars import Calendars
from bot.operations.gate import require_candidate, require_member
from bot.operations.looking import existing
from bot.operations.reminding import plan
from bot.operations.transaction import Operations, reading, transaction
from storage import (
    action_items,
    inbound,
    incidents,
    members,
    messages,
    outbox,
    people,
    reminders,
    timeline,
    workspace,
)

_FROM_MESSAGE = 150
_MENTIONED = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")


class ActionItemTracker(Operations):
    """Track action items from incidents.

    ``by`` is the person who acts, and passes the gate first (``NotAllowed``); ``key`` is the request's
    natural key: a second delivery changes nothing. ``UnknownItem`` where the person may not know of it.
    """

    @transaction
    def create_action_item(
        self, tx: Connection, action_item: NewActionItem, *, by: str, key: str
    ) -> ActionItem:
        """Store the item; its message and its owner's are outbox rows.

        Raises ``UnknownRef``, ``ItemTitleMissing``, ``TitleTooLong``, ``NobodyKnown``, ``DuePassed`` …
        """
        return self._create(tx, action_item, by, key)

    @transaction
    def create_from_form(self, tx: Connection, filled: ActionInput, *, by: str, key: str) -> ActionItem:
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
    def create_from_line(
        self, tx: Connection, incident_id: int, markup: str, *, by: str, key: str
    ) -> ActionItem:
        """Create what ``/incident action …`` says, its date read where the writer is."""
        line = read_action_line(markup)
        today = Calendars(tx).today(by, self.clock())
        new = NewActionItem(
            incident_id,
            plain_from_markup(_named(tx, line.title)),
            assigned_to=line.assigned_to,
            priority=line.priority or DEFAULT_PRIORITY,
            due_date=due_date(plain_from_markup(line.due), today) if line.due else None,
        )
        return self._create(tx, new, by, key)

    @transaction
    def create_from_mark(self, tx: Connection, channel_id: str, ts: str, *, by: str) -> None:
        """Somebody marked a message of an incident's channel: it becomes one item, however often.

        Marks of people who may not act are not taken. A message that isn't known is looked up first.
        """
        number = incidents.number_of_channel(tx, channel_id)
        person = people.get(tx, by)
        if number is None or person is None or not person.may_act:
            return
        entry = timeline.at(tx, channel_id, ts)
        if entry is None:
            if messages.key_at(tx, channel_id, ts) is None:
                outbox.add(tx, [plans.finding_message(number, ts, by)], self.clock())
        elif entry.kind is EntryKind.MESSAGE and not is_blank(entry.text):
            found = PostedMessage(
                channel_id, ts, entry.by, entry.source, entry.text, thread_ts=entry.thread_ts
            )
            self._create_from(tx, number, found, by)

    @transaction
    def create_from_message(
        self, tx: Connection, incident_id: int, message: PostedMessage, *, by: str
    ) -> None:
        """A marked message that was looked up becomes an item."""
        if not is_blank(message.text):
            self._create_from(tx, incident_id, message, by)

    @reading
    def get_action_items_for_incident(
        self, tx: Connection, incident_id: int, *, viewer: Viewer
    ) -> list[ActionItem]:
        """All of the incident's items, oldest first; raises ``UnknownRef``."""
        return action_items.of_incident(tx, existing(tx, incident_id, viewer).id)

    @reading
    def get_action_item(self, tx: Connection, item_id: int, *, viewer: Viewer) -> ActionItem:
        """One item; raises ``UnknownItem``."""
        return _item(tx, item_id, viewer)

    @transaction
    def update_action_item_status(
        self, tx: Connection, item_id: int, status: ActionItemStatus, *, by: str, key: str
    ) -> ActionItem:
        """Take the step; one that is taken already changes nothing. Raises ``ItemIs``."""
        item = self._begin(tx, item_id, by)
        if not inbound.first_time(tx, key, self.clock()) or item.status is status:
            return item
        if status not in ITEM_STEPS[item.status]:
            possible = " or ".join(step.value.replace("_", " ") for step in ITEM_STEPS[item.status])
            raise ItemIs(ref=item.ref, status=item.status.value.replace("_", " "), possible=possible)
        now = self.clock()
        done_at = now if status is ActionItemStatus.COMPLETED else None
        values: dict[str, Any] = {"status": status.value, "completed_at": done_at}
        if item.status not in (ActionItemStatus.OPEN, ActionItemStatus.IN_PROGRESS):
            # What fell due while it was done is not caught up on.
            values |= {"planned_after": now, "assigned_at": now}
        return self._change(tx, item, by, values)

    @transaction
    def reassign(self, tx: Connection, item_id: int, to: str | None, *, by: str, key: str) -> ActionItem:
        """Give the item to somebody, or to nobody; raises ``NobodyKnown``."""
        item = self._begin(tx, item_id, by)
        if not inbound.first_time(tx, key, self.clock()):
            return item
        return self._change(tx, item, by, {"assigned_to": to})

    @transaction
    def change_due_date(
        self, tx: Connection, item_id: int, due: date | None, *, by: str, key: str
    ) -> ActionItem:
        """Move the date, or take it off; raises ``DuePassed`` and ``DueTooFar``."""
        item = self._begin(tx, item_id, by)
        if not inbound.first_time(tx, key, self.clock()):
            return item
        return self._change(tx, item, by, {"due_date": due})

    @transaction
    def snooze(
        self, tx: Connection, item_id: int, until: date | None, *, by: str, key: str, days: int = 0
    ) -> ActionItem:
        """Remind no more before that day, or for so many ``days``; raises ``DuePassed`` and ``DueTooFar``."""
        item = self._begin(tx, item_id, by)
        if not inbound.first_time(tx, key, self.clock()):
            return item
        now, calendars = self.clock(), Calendars(tx)
        today = calendars.today(by, now)
        until = until or date.fromordinal(today.toordinal() + days)
        check_due(until, today)
        changed = action_items.change(tx, item.id, snoozed_until=until, updated_at=now)
        planned = plan(tx, changed, calendars, now)
        self._show(tx, planned, None, (), f"/snoozed/{key}")
        return planned

    @transaction
    def edit_from_form(self, tx: Connection, filled: EditItemInput, *, by: str, key: str) -> ActionItem:
        """Change what the form changed; what was left as it showed it stays as it is by now.

        Raises ``ItemChanged`` at a field that somebody else has changed meanwhile to something else.
        """
        item = self._begin(tx, filled.item_id, by)
        if not inbound.first_time(tx, key, self.clock()):
            return item
        changed: dict[str, Any] = {}
        for name, value in filled.now.items():
            current = _plain(getattr(item, name))
            is_long = name == "description"
            was = filled.was[name]
            if (digest_of(value or "") if is_long else value) == was or value == current:
                continue
            if (digest_of(current) if is_long else current) != was:
                raise self._overtaken(tx, item, name, current)
            changed[name] = date.fromisoformat(value) if name == "due_date" and value else value
        return self._change(tx, item, by, changed)

    def _create(self, tx: Connection, new: NewActionItem, by: str, key: str) -> ActionItem:
        require_member(tx, by)
        incident = existing(tx, new.incident_id, by)
        now = self.clock()
        if not inbound.first_time(tx, key, now):
            found = inbound.item_of(tx, key)
            return _item(tx, found or 0, by)
        calendars = Calendars(tx)
        cleaned = replace(
            new,
            title=_title(new.title),
            description=clean_text(new.description, DETAILS_LIMIT, "description"),
        )
        if new.due_date:
            check_due(new.due_date, calendars.today(by, now))
        if new.assigned_to:
            require_candidate(tx, new.assigned_to)
        item = action_items.add(tx, cleaned, by, now)
        inbound.led_to_item(tx, key, item.id)
        entry = timeline.add_change(
            tx, incident.id, EntryKind.ACTION, by, now, to_value="created", note=f"{item.ref} {item.title}"
        )
        item = plan(tx, item, calendars, now)
        told = [item.assigned_to] if item.assigned_to else []
        if told and incident.is_private:
            self._bring_in(tx, item, incident, entry.id)
        outbox.add(tx, plans.after_item_change(item, None, told), now)
        following.follow(tx, incident, f"entry/{entry.id}", now)
        return item

    def _create_from(self, tx: Connection, incident_id: int, message: PostedMessage, by: str) -> None:
        key = f"marked/{message.channel_id}/{message.ts}"
        text = plain_from_markup(_named(tx, message.text))
        title = cut(one_line(text), _FROM_MESSAGE)
        source = _source_of(tx, message)
        new = NewActionItem(
            incident_id, title, cut(text, DETAILS_LIMIT) if one_line(text) != title else "", metadata=source
        )
        self._create(tx, new, by, key)

    def _begin(self, tx: Connection, item_id: int, by: str) -> ActionItem:
        require_member(tx, by)
        return _item(tx, item_id, by, lock=True)

    def _change(self, tx: Connection, item: ActionItem, by: str, values: Mapping[str, Any]) -> ActionItem:
        """Store what is different, an entry for each field, and what follows from it."""
        now, calendars = self.clock(), Calendars(tx)
        wanted = {name: value for name, value in values.items() if getattr(item, name) != value}
        visible = [name for name in _SHOWN_CHANGES if name in wanted]
        if not visible:
            return item
        self._check(tx, wanted, calendars.today(by, now))
        if "title" in wanted:
            wanted["title"] = _title(wanted["title"])
        if "assigned_to" in wanted:
            wanted["assigned_at"] = now
        if "due_date" in wanted:
            wanted |= {"planned_after": now, "snoozed_until": None}
        changed = action_items.change(tx, item.id, **wanted, updated_at=now)
        changed = plan(tx, changed, calendars, now)
        entry = self._record(tx, item, changed, by, visible)
        told = dict.fromkeys(each for each in (changed.assigned_to, item.assigned_to) if each)
        incident = incidents.get(tx, item.incident_id, SYSTEM)
        if incident and incident.is_private and changed.assigned_to and "assigned_to" in wanted:
            self._bring_in(tx, changed, incident, entry.id)
        if incident:
            following.follow(tx, incident, f"entry/{entry.id}", now)
        self._show(tx, changed, entry, tuple(told), f"/{entry.id}")
        return changed

    def _check(self, tx: Connection, wanted: Mapping[str, Any], today: date) -> None:
        if wanted.get("assigned_to"):
            require_candidate(tx, wanted["assigned_to"])
        if wanted.get("due_date"):
            check_due(wanted["due_date"], today)
        if "description" in wanted:
            clean_text(wanted["description"], DETAILS_LIMIT, "description")

    def _record(
        self, tx: Connection, before: ActionItem, after: ActionItem, by: str, names: list[str]
    ) -> TimelineEntry:
        """An entry for each field; the last of them."""
        for name in names:
            old, new = _plain(getattr(before, name)), _plain(getattr(after, name))
            what = new if name == "status" else f"{name}:{cut(str(new or ''), 200)}"
            entry = timeline.add_change(
                tx,
                after.incident_id,
                EntryKind.ACTION,
                by,
                self.clock(),
                from_value=None if old is None else cut(str(old), 200),
                to_value=what,
                note=f"{after.ref} {after.title}",
            )
        return entry

    def _show(
        self, tx: Connection, item: ActionItem, entry: TimelineEntry | None, told: tuple[str, ...], cause: str
    ) -> None:
        rows = plans.after_item_change(item, entry, told) if entry else []
        last = reminders.last_of(tx, item.id)
        if last:
            for user_id in filter(None, (last.user_id, last.also_told)):
                rows.append(plans.reminding(item, user_id, last.rung, last.on, cause))
        outbox.add(tx, rows, self.clock())

    def _bring_in(self, tx: Connection, item: ActionItem, incident: Incident, cause: int) -> None:
        if item.assigned_to and incidents.get(tx, incident.id, item.assigned_to) is None:
            members.add(tx, incident.id, item.assigned_to)
            outbox.add(tx, [plans.bringing_in(item, item.assigned_to, cause)], self.clock())

    def _overtaken(self, tx: Connection, item: ActionItem, name: str, current: Any) -> ItemChanged:
        last = timeline.last_of_item(tx, item.incident_id, item.ref)
        by = last.by if last and last.by else item.created_by
        person = people.get(tx, by)
        error = ItemChanged(
            by=by, name=person.name if person else by, value=cut(str(current or "nothing"), 80)
        )
        error.field = name
        return error

    def _source(self, tx: Connection, channel_id: str | None, ts: str | None) -> dict[str, object]:
        kept = messages.get_source(tx, channel_id, ts) if channel_id and ts else None
        return _source_of(tx, kept) if kept else {}


_SHOWN_CHANGES = ("status", "assigned_to", "due_date", "priority", "title", "description")


def _item(tx: Connection, item_id: int, viewer: Viewer, *, lock: bool = False) -> ActionItem:
    item = action_items.get(tx, item_id, viewer, lock=lock)
    if item is None:
        raise UnknownItem(ref=item_ref(item_id))
    return item


def _title(text: str) -> str:
    title = one_line(text)
    if is_blank(title):
        raise ItemTitleMissing
    if len(title) > ITEM_TITLE_LIMIT:
        raise TitleTooLong(limit=ITEM_TITLE_LIMIT, length=f"{len(title):,}")
    return title


def _plain(value: Any) -> Any:
    """A field as a form carries it."""
    return value.isoformat() if isinstance(value, date) else value


def _named(tx: Connection, markup: str) -> str:
    """The markup with the names of the people in it, as far as they are known."""

    def name(found: re.Match[str]) -> str:
        person = people.get(tx, found[1])
        return f"@{person.name}" if person else found[0]

    return _MENTIONED.sub(name, markup)


def _source_of(tx: Connection, message: PostedMessage) -> dict[str, object]:
    team_url = workspace.get(tx, workspace.TEAM_URL) or ""
    link = permalink(team_url, message.channel_id, message.ts, message.thread_ts)
    return {
        "source": {
            "channel_id": message.channel_id,
            "ts": message.ts,
            "text": message.text,
            "permalink": link,
        }
    }
