"""Posts checklists by name, ticks their lines, and nudges about lines that are still open."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby

from bot.domain.action_items.model import ActionItem, NewActionItem, item_ref
from bot.domain.checklists import planned as checklists_planned
from bot.domain.checklists.model import PostedChecklist, PostedLine, posted
from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import key_of
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.errors import LineIsItem, LineOpen, LineTicked, OutdatedButton
from bot.domain.kit.people import SYSTEM
from bot.domain.settings import Checklist
from bot.domain.surface.checklist_line import checklist_meant
from bot.operations.action_items.create import create
from bot.operations.checklists.reads import link_to
from bot.operations.consequences import postmortem
from bot.operations.consequences.checklists import line_changed
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin, is_double_click
from bot.operations.kit.names import namer
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, transaction
from storage import checklists, incidents, settings, timeline
from storage.alarms import AT_ONCE


@dataclass(frozen=True, slots=True)
class Asked:
    """A list that somebody asked for; ``is_new`` if it wasn't in the incident before."""

    incident: Incident
    checklist: PostedChecklist
    is_new: bool
    link: str | None
    """The URL of its message, once that has been posted."""


class IncidentChecklists(Operations):
    """What people do with checklists; ``by`` and ``key`` are as for :class:`IncidentManager`."""

    @transaction
    def post_named(self, tx: Tx, incident_id: int, typed: str, *, by: str, key: str) -> Asked:
        """Post the list that was typed, or find it if the incident already has it.

        Raises ``NoChecklists``, ``ChecklistMeant``, which offers the one with the nearest name, and
        ``UnknownChecklist``.
        """
        begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        there = checklists.of_incident(tx.connection, incident.id)
        known = tx.once(settings.get).checklists
        names = [*(each.name for each in known), *(each.name for each in there)]
        wanted = key_of(checklist_meant(typed, names, incident))
        found = next((each for each in there if each.key == wanted), None)
        if found:
            return Asked(incident, found, is_new=False, link=link_to(tx, found))
        [chosen] = (each for each in known if key_of(each.name) == wanted)
        return Asked(incident, _post(tx, incident, chosen, by), is_new=True, link=None)

    @transaction
    def post(self, tx: Tx, incident_id: int, wanted: str, *, by: str, key: str) -> None:
        """Post the list with this key, unless it's posted; raises ``OutdatedButton`` if there is none."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if not is_new or wanted in checklists.keys(tx.connection, incident.id):
            return
        known = tx.once(settings.get).checklists
        chosen = next((each for each in known if key_of(each.name) == wanted), None)
        if chosen is None:
            raise OutdatedButton
        _post(tx, incident, chosen, by)

    @transaction
    def tick(self, tx: Tx, incident_id: int, line_id: int, *, by: str, key: str) -> None:
        """Record that a line is done; raises ``LineTicked`` if somebody else got there first."""
        is_new = begin(tx, by, key)
        found = _Found.of(tx, incident_id, line_id, by)
        line = found.line
        if not is_new or (line.done_at and line.done_by == by and is_double_click(tx, line.done_at)):
            return
        _require_unticked(tx, line)
        found.is_now(tx, replace(line, done_at=tx.now, done_by=by), "ticked", by)

    @transaction
    def untick(self, tx: Tx, incident_id: int, line_id: int, *, by: str, key: str) -> None:
        """Open a ticked line again; raises ``LineOpen`` if it isn't ticked."""
        is_new = begin(tx, by, key)
        found = _Found.of(tx, incident_id, line_id, by)
        if not is_new:
            return
        if not found.line.is_done:
            raise LineOpen(line=found.line.text)
        found.is_now(tx, replace(found.line, done_at=None, done_by=None), "unticked", by)

    @transaction
    def make_item(self, tx: Tx, incident_id: int, line_id: int, *, by: str, key: str) -> ActionItem | None:
        """Turn an open line into an action item, which the line then names; ``None`` for a redelivery.

        Raises ``LineIsItem`` if it already is one, and ``LineTicked``.
        """
        is_new = begin(tx, by, key)
        found = _Found.of(tx, incident_id, line_id, by)
        line = found.line
        if not is_new:
            return None
        if line.item_id:
            raise LineIsItem(line=line.text, ref=item_ref(line.item_id))
        _require_unticked(tx, line)
        details = f"From the checklist “{found.checklist.name}”."
        item = create(tx, NewActionItem(incident_id, line.text, details), by, f"{key}/item")
        made = checklists.save_line(tx.connection, replace(line, item_id=item.id))
        line_changed(tx, found.incident, found.checklist, made, item.ref)
        return item

    @transaction
    def plan_nudges(self, tx: Tx) -> int:
        """Plan some of the nudges that are due; returns how many lines were looked at."""
        due = checklists.take_due(tx.connection, tx.now, AT_ONCE)
        for (checklist_id, minutes), lines in groupby(sorted(due, key=_nudge_of), _nudge_of):
            _nudge(tx, checklist_id, minutes, list(lines))
        return len(due)


@dataclass(frozen=True, slots=True)
class _Found:
    """A line that is about to change, with what it belongs to."""

    incident: Incident
    checklist: PostedChecklist
    line: PostedLine

    @staticmethod
    def of(tx: Tx, incident_id: int, line_id: int, by: str) -> _Found:
        """The line, locked; raises ``UnknownRef``, and ``OutdatedButton`` if it isn't the incident's."""
        incident = existing_incident(tx, incident_id, by)
        line = checklists.line(tx.connection, line_id)
        checklist = checklists.get(tx.connection, incident.id, line.checklist_id) if line else None
        if line is None or checklist is None:
            raise OutdatedButton
        return _Found(incident, checklist, line)

    def is_now(self, tx: Tx, line: PostedLine, what: str, by: str) -> None:
        """Store a line that was ticked or unticked, and all that follows."""
        checklists.save_line(tx.connection, line)
        entry = _record(tx, self.checklist, by, what, line.text)
        line_changed(tx, self.incident, self.checklist, line, f"entry/{entry.id}")


def _require_unticked(tx: Tx, line: PostedLine) -> None:
    if line.done_by:
        raise LineTicked(by=line.done_by, name=namer(tx).person(line.done_by), line=line.text)


def _post(tx: Tx, incident: Incident, chosen: Checklist, by: str) -> PostedChecklist:
    made = posted(chosen, incident.id, by, tx.now)
    entry = _record(tx, made, by, "posted", None)
    stored = checklists.add(tx.connection, replace(made, entry_id=entry.id))
    enqueue(tx, [checklists_planned.posting(stored)])
    postmortem.follow(tx, incident, f"checklist/{stored.id}/posted")
    return stored


def _record(tx: Tx, checklist: PostedChecklist, by: str, what: str, line: str | None) -> TimelineEntry:
    number, name = checklist.incident_id, checklist.name
    entry = TimelineEntry(
        0, number, EntryKind.CHECKLIST, tx.now, by, from_value=line, to_value=what, text=name
    )
    return timeline.add(tx.connection, entry)


def _nudge_of(line: PostedLine) -> tuple[int, int]:
    """What the lines that one nudge is about have in common: (list, minutes)."""
    return line.checklist_id, line.minutes or 0


def _nudge(tx: Tx, checklist_id: int, minutes: int, lines: list[PostedLine]) -> None:
    """Nudge once about those of the lines that are open, unless the incident is over."""
    incident_id = checklists.incident_of(tx.connection, checklist_id)
    incident = incidents.get(tx.connection, incident_id, SYSTEM)
    checklist = checklists.get(tx.connection, incident_id, checklist_id)
    is_needed = incident is not None and incident.is_active and any(each.is_open for each in lines)
    for each in lines:
        checklists.save_line(tx.connection, replace(each, nudge_at=None, is_nudged=is_needed))
    if is_needed and checklist:
        enqueue(tx, [checklists_planned.nudging(checklist, minutes)])
