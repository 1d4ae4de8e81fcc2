"""What else changes a postmortem: what is said about it in its thread, and what happens to its incident."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.people import SYSTEM
from bot.domain.postmortems import planned as postmortems_planned
from storage import incidents, messages, outbox, postmortems


def heard(tx: Connection, incident_id: int, message: PostedMessage, now: datetime) -> None:
    """A reply in a thread: where it is about the postmortem, the document links it."""
    place = messages.where(tx, postmortems_planned.message_key(incident_id))
    incident = incidents.get(tx, incident_id, SYSTEM)
    if incident and place == (message.channel_id, message.thread_ts):
        document = postmortems_planned.after_save(incident, f"reply/{message.ts}")[1:]
        outbox.add(tx, document, now)


def follow(tx: Connection, incident: Incident, cause: str, now: datetime) -> None:
    """Something of the incident, or of its action items, changed: its postmortem shows that."""
    if postmortems.of_incident(tx, incident.id, SYSTEM):
        outbox.add(tx, postmortems_planned.after_save(incident, cause), now)
