"""Saves postmortems: every save is a revision."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import SectionChanged
from bot.domain.postmortems import planned as postmortems_planned
from bot.domain.postmortems.model import Postmortem, Section
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import people, postmortems

_GIVING = frozenset({Section.CREATED, Section.OWNER})
"""The sections whose change gives somebody the postmortem."""


def save(tx: Tx, incident: Incident, changed: Postmortem, by: str, section: Section) -> Postmortem:
    """Save what was changed in a section, and plan the effects that show it."""
    saved = postmortems.save(
        tx.connection, replace(changed, revision=changed.revision + 1, updated_at=tx.now)
    )
    postmortems.add_revision(tx.connection, saved, by, section)
    enqueue(tx, postmortems_planned.after_save(incident, str(saved.revision)))
    if section in _GIVING:
        enqueue(tx, postmortems_planned.after_giving(incident, saved.owner_id, by, str(saved.revision)))
    return saved


def overtaken(tx: Tx, found: Postmortem, section: Section, current: str, field: str) -> SectionChanged:
    """The error that says who has changed the section since, and to what."""
    changes = postmortems.revisions(tx.connection, found.id)
    last = next((each for each in changes if each.section is section), None)
    by = last.by if last else found.created_by
    person = tx.once(people.get, by)
    error = SectionChanged(by=by, name=person.name if person else by, current=current)
    error.field = field
    return error
