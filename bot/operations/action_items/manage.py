"""Making action items and working them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Connection

from bot.domain.action_items import planned as action_items_planned
from bot.domain.action_items.due import check_due
from bot.domain.action_items.model import DETAILS_LIMIT, ITEM_STEPS, ActionItem, ActionItemStatus, digest_of
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.errors import ItemChanged, ItemIs
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.kit.text import clean_text, cut
from bot.domain.surface.forms import EditItemInput
from bot.operations.action_items.create import ItemMaking, existing_item, title_of
from bot.operations.action_items.reminders import plan
from bot.operations.consequences import calendar as consequences_calendar
from bot.operations.consequences import postmortem
from bot.operations.kit.access import existing
from bot.operations.kit.gate import require_candidate, require_member
from bot.operations.kit.transaction import reading, transaction
from bot.operations.kit.working_days import Calendars
from storage import (
    action_items,
    handled_requests,
    incidents,
    outbox,
    people,
    reminders,
    timeline,
    timeline_reads,
)


class ActionItemTracker(ItemMaking):
    """Track action items from incidents.

    ``by`` is the person who acts, and passes the gate first (``NotAllowed``); ``key`` is the request's
    natural key: a second delivery changes nothing. ``UnknownItem`` where the person may not know of it.
    """

    @reading
    def get_action_items_for_incident(
        self, tx: Connection, incident_id: int, *, viewer: Viewer
    ) -> list[ActionItem]:
        """All of the incident's items, oldest first; raises ``UnknownRef``."""
        return action_items.of_incident(tx, existing(tx, incident_id, viewer).id)

    @reading
    def get_action_item(self, tx: Connection, item_id: int, *, viewer: Viewer) -> ActionItem:
        """One item; raises ``UnknownItem``."""
        return existing_item(tx, item_id, viewer)

    @transaction
    def update_action_item_status(
        self, tx: Connection, item_id: int, status: ActionItemStatus, *, by: str, key: str
    ) -> ActionItem:
        """Take the step; one that is taken already changes nothing. Raises ``ItemIs``."""
        item = self._begin(tx, item_id, by)
        if not handled_requests.first_time(tx, key, self.clock()) or item.status is status:
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
        if not handled_requests.first_time(tx, key, self.clock()):
            return item
        return self._change(tx, item, by, {"assigned_to": to})

    @transaction
    def change_due_date(
        self, tx: Connection, item_id: int, due: date | None, *, by: str, key: str
    ) -> ActionItem:
        """Move the date, or take it off; raises ``DuePassed`` and ``DueTooFar``."""
        item = self._begin(tx, item_id, by)
        if not handled_requests.first_time(tx, key, self.clock()):
            return item
        return self._change(tx, item, by, {"due_date": due})

    @transaction
    def snooze(
        self, tx: Connection, item_id: int, until: date | None, *, by: str, key: str, days: int = 0
    ) -> ActionItem:
        """Remind no more before that day, or for so many ``days``; raises ``DuePassed`` and ``DueTooFar``."""
        item = self._begin(tx, item_id, by)
        if not handled_requests.first_time(tx, key, self.clock()):
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
        if not handled_requests.first_time(tx, key, self.clock()):
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

    def _begin(self, tx: Connection, item_id: int, by: str) -> ActionItem:
        require_member(tx, by)
        return existing_item(tx, item_id, by, lock=True)

    def _change(self, tx: Connection, item: ActionItem, by: str, values: Mapping[str, Any]) -> ActionItem:
        """Store what is different, an entry for each field, and what follows from it."""
        now, calendars = self.clock(), Calendars(tx)
        wanted = {name: value for name, value in values.items() if getattr(item, name) != value}
        visible = [name for name in _SHOWN_CHANGES if name in wanted]
        if not visible:
            return item
        self._check(tx, wanted, calendars.today(by, now))
        if "title" in wanted:
            wanted["title"] = title_of(wanted["title"])
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
            postmortem.follow(tx, incident, f"entry/{entry.id}", now)
        consequences_calendar.item_changed(tx, item, changed, visible, f"{entry.id}", now)
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
        rows = action_items_planned.after_item_change(item, entry, told) if entry else []
        last = reminders.last_of(tx, item.id)
        if last:
            for user_id in filter(None, (last.user_id, last.also_told)):
                rows.append(action_items_planned.reminding(item, user_id, last.rung, last.on, cause))
        outbox.add(tx, rows, self.clock())

    def _overtaken(self, tx: Connection, item: ActionItem, name: str, current: Any) -> ItemChanged:
        last = timeline_reads.last_of_item(tx, item.incident_id, item.ref)
        by = last.by if last and last.by else item.created_by
        person = people.get(tx, by)
        error = ItemChanged(
            by=by, name=person.name if person else by, value=cut(str(current or "nothing"), 80)
        )
        error.field = name
        return error


_SHOWN_CHANGES = ("status", "assigned_to", "due_date", "priority", "title", "description")


def _plain(value: Any) -> Any:
    """A field as a form carries it."""
    return value.isoformat() if isinstance(value, date) else value
