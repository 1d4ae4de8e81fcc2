"""What else changes a postmortem: what is said about it in its thread, and what happens to its incident."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from bot.domain import postmortem_plans
from bot.domain.incidents import Incident
from bot.domain.people import SYSTEM
from bot.domain.timeline import PostedMessage
from storage import incidents, messages, outbox, postmortems


def heard(tx: Connection, incident_id: int, message: PostedMessage, now: datetime) -> None:
    """A reply in a thread: where it is about the postmortem, the document links it."""
    place = messages.where(tx, postmortem_plans.message_key(incident_id))
    incident = incidents.get(tx, incident_id, SYSTEM)
    if incident and place == (message.channel_id, message.thread_ts):
        document = postmortem_plans.after_save(incident, f"reply/{message.ts}")[1:]
        outbox.add(tx, document, now)


def follow(tx: Connection, incident: Incident, cause: str, now: datetime) -> None:
    """Something of the incident, or of its action items, changed: its postmortem shows that."""
    if postmortems.of_incident(tx, incident.id, SYSTEM):
        outbox.add(tx, postmortem_plans.after_save(incident, cause), now)
