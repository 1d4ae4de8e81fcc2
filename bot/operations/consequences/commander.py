"""Plans when a commander is asked for."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.incidents.model import Incident
from bot.domain.incidents.notices import Notice, telling
from bot.domain.incidents.roles import lacks_commander
from bot.operations.kit.transaction import Tx
from storage import incidents, messages, settings


def declared(tx: Tx, incident: Incident) -> None:
    """Have a commander asked for in some minutes if the new incident should have one."""
    if lacks_commander(incident):
        incidents.ask_for_commander(tx.connection, incident.id, _asked_at(tx))


def watch(tx: Tx, incident: Incident) -> None:
    """Have a commander asked for in some minutes if the incident lacks one; otherwise call that off.

    Whatever happens to the incident after that, its channel is asked only once.
    """
    is_asked = lacks_commander(incident) and not _was_asked(tx, incident)
    incidents.ask_for_commander(tx.connection, incident.id, _asked_at(tx) if is_asked else None)


def _asked_at(tx: Tx) -> datetime | None:
    """When it's asked; ``None`` if the settings say never."""
    minutes = tx.once(settings.get).commander_after
    return tx.now + timedelta(minutes=minutes) if minutes else None


def _was_asked(tx: Tx, incident: Incident) -> bool:
    return messages.where(tx.connection, telling(incident.id, Notice.NO_COMMANDER).key) is not None
