"""Updates a postmortem when somebody replies in its thread, or when its incident changes."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.people import SYSTEM
from bot.domain.postmortems import planned as postmortems_planned
from bot.operations.kit.access import existing_incident
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
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
