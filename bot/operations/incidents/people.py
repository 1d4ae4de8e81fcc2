"""Who is in an incident: roles, who was paged, and who was invited and hasn't come."""

from __future__ import annotations

from bot.domain.kit.people import ERASED, Viewer
from bot.domain.pages.model import Page
from bot.domain.surface.answers import PeopleTray
from bot.domain.surface.shown import PeopleShown
from bot.operations.kit.access import existing_incident
from bot.operations.kit.roles import roles_in
from bot.operations.kit.transaction import Tx
from storage import attendance, outbox_reads, pages


def show_people(tx: Tx, asked: PeopleTray, viewer: Viewer) -> PeopleShown:
    """The incident's people for an answer."""
    incident = existing_incident(tx, asked.incident_id, viewer)
    latest: dict[str, Page] = {}
    for page in pages.of_incident(tx.connection, incident.id):
        latest |= dict.fromkeys(page.people, page)
    paged = sorted(latest.items(), key=lambda each: (each[0] not in each[1].unseen, -each[1].id))
    invited = outbox_reads.invited(tx.connection, incident.id)
    known = attendance.seen_among(tx.connection, incident, invited)
    absent = (each for each in invited if each not in {*known, *latest, ERASED})
    return PeopleShown(incident, roles_in(tx, incident), tuple(paged), tuple(absent))
