"""Posts the checklists that an incident needs, and shows how far it has got with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.domain.checklists import planned as checklists_planned
from bot.domain.checklists.model import (
    PostedChecklist,
    PostedLine,
    at_declaration,
    at_role,
    at_severity,
    posted,
)
from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import COMMANDER, key_of
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.settings import Checklist
from bot.operations.consequences import postmortem
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import checklists, settings


def declared(tx: Tx, incident: Incident) -> None:
    """Post the lists of a new incident below its card."""
    for each in at_declaration(tx.once(settings.get).checklists, incident):
        stored = checklists.add(tx.connection, posted(each, incident.id, None, tx.now))
        enqueue(tx, [checklists_planned.posting(stored, is_at_declaration=True)])


def changed(tx: Tx, incident: Incident, entry: TimelineEntry) -> None:
    """Post the lists of a raised severity, or of a role that somebody has taken, while people work on it.

    A list that the incident already has isn't posted again, however often its severity goes up and down.
    """
    needed = list(_needed(tx, entry)) if incident.is_active else []
    known = checklists.keys(tx.connection, incident.id) if needed else frozenset()
    for each in needed:
        if key_of(each.name) not in known:
            stored = checklists.add(tx.connection, posted(each, incident.id, None, tx.now))
            enqueue(tx, [checklists_planned.posting(stored)])


def line_changed(
    tx: Tx, incident: Incident, checklist: PostedChecklist, line: PostedLine, cause: str
) -> None:
    """Show a line as it is now: on the list, on the nudge about it, and in the postmortem.

    The ``cause`` is unique.
    """
    rows = [checklists_planned.showing(checklist, cause)]
    if line.is_nudged and line.minutes:
        rows.append(checklists_planned.nudging(checklist, line.minutes, cause))
    enqueue(tx, rows)
    postmortem.follow(tx, incident, f"checklist/{cause}")


def project_renamed(tx: Tx, before: str, after: str) -> None:
    """Have the lists for a project follow its new name; those that a file sets keep its name there."""
    was = settings.lock(tx.connection).own
    lists = tuple(
        replace(each, project=after) if each.project and key_of(each.project) == key_of(before) else each
        for each in was.checklists
    )
    if lists != was.checklists:
        settings.save(tx.connection, replace(was, checklists=lists))


def _needed(tx: Tx, entry: TimelineEntry) -> Iterable[Checklist]:
    known = tx.once(settings.get).checklists
    if entry.kind is EntryKind.SEVERITY:
        return at_severity(known, entry.from_value, entry.to_value)
    role = _ROLE_IN.get(entry.kind, entry.text)
    is_taken = entry.kind in {EntryKind.COMMANDER, EntryKind.ROLE} and entry.to_value
    return at_role(known, role) if is_taken else ()


_ROLE_IN: Mapping[EntryKind, str] = {EntryKind.COMMANDER: COMMANDER.name}
"""The role that a change of this kind is about; for other kinds, the entry's text names it."""
