"""Updates what links to an incident's channel when people share or delete the channel."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.incidents.notices import Notice, telling
from bot.domain.incidents.planned import after_giving_up, after_new_channel, after_silence
from bot.domain.kit.people import SYSTEM
from bot.operations.consequences import calendar, postmortem
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import outbox


def renumbered(tx: Tx, incident: Incident, cause: str) -> None:
    """Follow to the channel's new id, which it got because it is being shared, and fetch what was missed."""
    shared(tx, incident)
    enqueue(tx, [after_silence(incident.id, cause)])
    _update_links(tx, incident, cause)


def deleted(tx: Tx, incident: Incident, cause: str) -> None:
    """Notify those in charge. What was to be done in the channel ends by itself, without a report."""
    enqueue(tx, [telling(incident.id, Notice.DELETED, cause=cause)])
    _update_links(tx, incident, cause)


def shared(tx: Tx, incident: Incident) -> None:
    """Warn the channel, once, that strangers can read it."""
    enqueue(tx, [telling(incident.id, Notice.SHARED)])


def _update_links(tx: Tx, incident: Incident, cause: str) -> None:
    if outbox.revive(tx.connection, tx.now, incident.id, SYSTEM):
        enqueue(tx, [after_giving_up(incident.id, cause)])
    enqueue(tx, after_new_channel(incident, cause))
    postmortem.follow(tx, incident, cause)
    calendar.link_changed(tx, incident, cause)
