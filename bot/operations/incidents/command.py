"""Gives and frees command of an incident."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import AlreadyCommander, AlreadyLed
from bot.operations.incidents.changing import record_change
from bot.operations.kit.access import participant
from bot.operations.kit.gate import is_double_click
from bot.operations.kit.transaction import Tx
from storage import members, timeline_reads


def give_command(tx: Tx, incident: Incident, commander: str, by: str, *, only_if_free: bool) -> Incident:
    """Make somebody who may act the commander of a locked incident.

    Raises ``AlreadyCommander`` if they already are. With ``only_if_free``, a commander who can act stays:
    raises ``AlreadyLed``.
    """
    if incident.commander_id == commander:
        return _already(tx, incident, by)
    if only_if_free and incident.commander_id and participant(tx, incident.commander_id, incident):
        raise AlreadyLed(by=incident.commander_id, ref=incident.ref)
    changed = replace(incident, commander_id=commander, updated_at=tx.now)
    if incident.is_private:
        members.add(tx.connection, incident.id, commander)
    return record_change(tx, incident, changed, EntryKind.COMMANDER, by, "")


def free_command(tx: Tx, incident: Incident, by: str) -> Incident:
    """Leave a locked incident without a commander."""
    changed = replace(incident, commander_id=None, updated_at=tx.now)
    return record_change(tx, incident, changed, EntryKind.COMMANDER, by, "")


def _already(tx: Tx, incident: Incident, by: str) -> Incident:
    """The incident after a double click; else raises ``AlreadyCommander``."""
    entry = timeline_reads.last_of(tx.connection, incident.id, EntryKind.COMMANDER)
    if entry and entry.by == by and is_double_click(tx, entry.at):
        return incident
    raise AlreadyCommander(ref=incident.ref, person=incident.commander_id)
