"""Updates a postmortem when somebody replies in its thread, or when something that it shows changes."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import PostedMessage, TimelineEntry
from bot.domain.kit.people import SYSTEM
from bot.domain.postmortems import planned as postmortems_planned
from bot.domain.postmortems.model import Section, default_title
from bot.operations.kit.access import existing_incident
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from bot.operations.postmortems.saves import save
from storage import messages, postmortems


def heard(tx: Tx, incident_id: int, message: PostedMessage) -> None:
    """Refresh the document, which links to replies, if the message is in the postmortem's thread."""
    place = messages.where(tx.connection, postmortems_planned.message_key(incident_id))
    if place == (message.channel_id, message.thread_ts):
        incident = existing_incident(tx, incident_id, SYSTEM)
        enqueue(tx, postmortems_planned.after_save(incident, f"reply/{message.ts}")[1:])


def follow(tx: Tx, incident: Incident, cause: str) -> None:
    """Refresh the postmortem, if there is one, after a change to its incident or its action items."""
    if postmortems.of_incident(tx.connection, incident.id, SYSTEM):
        enqueue(tx, postmortems_planned.after_save(incident, cause))


def renamed(tx: Tx, incident: Incident, entry: TimelineEntry) -> None:
    """Rename a draft that is named after its incident; a final postmortem stays as it is."""
    draft = postmortems.of_incident(tx.connection, incident.id, SYSTEM, lock=True)
    if draft and not draft.is_final and draft.title == default_title(entry.from_value or ""):
        by = entry.by or incident.declared_by
        save(tx, incident, replace(draft, title=default_title(incident.title)), by, Section.TITLE)


def recount(tx: Tx, incident: Incident, cause: str) -> None:
    """Refresh the announcement of a final postmortem, which counts the incident's action items."""
    found = postmortems.of_incident(tx.connection, incident.id, SYSTEM)
    if found and found.is_final:
        enqueue(tx, postmortems_planned.after_completion(incident, cause))
