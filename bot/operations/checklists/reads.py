"""What performers and answers read about checklists."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.checklists.model import PostedChecklist
from bot.domain.checklists.planned import checklist_key
from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import key_of
from bot.domain.incidents.timeline import permalink
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.surface.answers import ChecklistsTray
from bot.domain.surface.shown import ChecklistsShown
from bot.operations.kit.access import existing_incident, participant
from bot.operations.kit.roles import roles_in
from bot.operations.kit.transaction import Operations, Tx, reading
from storage import checklists, incidents, messages, settings, workspace


@dataclass(frozen=True, slots=True)
class Nudged:
    """A list about which somebody is nudged."""

    incident: Incident
    checklist: PostedChecklist
    person: str | None
    """Who is nudged, or ``None`` if nobody is left."""


class ChecklistReads(Operations):
    """What performers read before they post checklists."""

    @reading
    def checklist(self, tx: Tx, incident_id: int, number: int) -> tuple[Incident, PostedChecklist] | None:
        """The list with this id, and its incident, as they are now."""
        return _both(tx, incident_id, number)

    @reading
    def nudged(self, tx: Tx, incident_id: int, number: int) -> Nudged | None:
        """The same, with the person who is nudged about it."""
        both = _both(tx, incident_id, number)
        return Nudged(*both, _whom_to_nudge(tx, *both)) if both else None


def _both(tx: Tx, incident_id: int, number: int) -> tuple[Incident, PostedChecklist] | None:
    incident = incidents.get(tx.connection, incident_id, SYSTEM)
    found = checklists.get(tx.connection, incident_id, number)
    return (incident, found) if incident and found else None


def _whom_to_nudge(tx: Tx, incident: Incident, found: PostedChecklist) -> str | None:
    """The holder of the list's role, else the commander, the person who posted it, or the declarer."""
    holder = roles_in(tx, incident).holders.get(found.role) if found.role else None
    asked = (holder, incident.commander_id, found.by, incident.declared_by)
    return next((each for each in asked if participant(tx, each, incident)), None)


def link_to(tx: Tx, posted: PostedChecklist) -> str | None:
    """The URL of the list's message, or ``None`` until it has been posted."""
    place = messages.where(tx.connection, checklist_key(posted.incident_id, posted.id))
    team_url = tx.once(workspace.get, workspace.TEAM_URL)
    return permalink(team_url, *place) if place and team_url else None


def show_checklists(tx: Tx, asked: ChecklistsTray, viewer: Viewer) -> ChecklistsShown:
    """The incident's lists, and those that it could have; raises ``UnknownRef``."""
    incident = existing_incident(tx, asked.incident_id, viewer)
    there = checklists.of_incident(tx.connection, incident.id)
    keys = {each.key for each in there}
    others = (each.name for each in tx.once(settings.get).checklists if key_of(each.name) not in keys)
    return ChecklistsShown(incident, tuple((each, link_to(tx, each)) for each in there), tuple(others))
