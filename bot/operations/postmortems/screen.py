"""Loads what answers about postmortems show."""

from __future__ import annotations

from bot.domain.incidents.model import ACTIVE, Incident
from bot.domain.kit.errors import NoPostmortem, UnknownRevision
from bot.domain.kit.people import Viewer
from bot.domain.postmortems.model import Missing, Postmortem, missing_in
from bot.domain.surface.answers import PostmortemTray, Revisions
from bot.domain.surface.shown import PostmortemShown, RevisionsShown, Shown
from bot.operations.kit.access import existing_incident
from bot.operations.kit.transaction import Tx
from bot.operations.postmortems.facts import document_of
from storage import action_items, postmortems

PAGE = 12


def show_postmortem(tx: Tx, answer: PostmortemTray | Revisions, viewer: Viewer) -> Shown:
    """What the answer shows the viewer now; raises ``UnknownRef``, ``NoPostmortem``, ``UnknownRevision``."""
    incident = existing_incident(tx, answer.incident_id, viewer)
    found = postmortems.of_incident(tx.connection, incident.id, viewer)
    if isinstance(answer, PostmortemTray):
        if found is None:
            return PostmortemShown(incident, None)
        return PostmortemShown(
            incident, document_of(tx, incident, found), tuple(lacking(tx, incident, found))
        )
    if found is None:
        raise NoPostmortem(ref=incident.ref)
    chosen = postmortems.revision(tx.connection, found.id, answer.number) if answer.number else None
    if answer.number and chosen is None:
        raise UnknownRevision(number=answer.number)
    pages = max(1, -(-found.revision // PAGE))
    page = min(max(answer.page, 1), pages)
    saves = postmortems.revisions(tx.connection, found.id, PAGE, (page - 1) * PAGE)
    return RevisionsShown(incident, tuple(saves), chosen, page, pages)


def lacking(tx: Tx, incident: Incident, found: Postmortem) -> list[Missing]:
    """What should be added before the postmortem is completed."""
    missing = missing_in(found, action_items.of_incident(tx.connection, incident.id))
    return [Missing.RESOLUTION, *missing] if incident.status in ACTIVE else missing
