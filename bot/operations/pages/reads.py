"""What performers and answers read about pages, and about who is in an incident."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.effects import CatchUp
from bot.domain.pages.model import Page, missing
from bot.operations.kit.access import participant
from bot.operations.kit.transaction import Operations, Tx, reading
from storage import incidents, outbox_reads, pages


class PageReads(Operations):
    """Reads pages for performers."""

    @reading
    def page(self, tx: Tx, incident_id: int, page_id: int) -> tuple[Incident, Page] | None:
        """The incident and the page."""
        return _found(tx, incident_id, page_id)

    @reading
    def may_be_told(self, tx: Tx, incident: Incident, user_id: str) -> bool:
        """Whether somebody is still a full member and may see the incident."""
        return participant(tx, user_id, incident) is not None

    @reading
    def unseen(self, tx: Tx, incident_id: int, page_id: int) -> tuple[Incident, Page, tuple[str, ...]] | None:
        """The incident, the page, and whom its author is told about; ``None`` if there is nobody."""
        found = _found(tx, incident_id, page_id)
        if found is None or participant(tx, found[1].by, found[0]) is None:
            return None
        incident, page = found
        people = missing(incident, page, later_than(tx, page))
        return (incident, page, people) if people else None

    @reading
    def is_catching_up(self, tx: Tx, incident_id: int) -> bool:
        """Whether what was written in the channel while the bot was offline is still being fetched."""
        return bool(outbox_reads.lanes_in_progress(tx.connection, incident_id, {CatchUp.__name__}))


def later_than(tx: Tx, page: Page) -> list[Page]:
    """The pages in the same incident after this one."""
    return [each for each in pages.of_incident(tx.connection, page.incident_id) if each.id > page.id]


def _found(tx: Tx, incident_id: int, page_id: int) -> tuple[Incident, Page] | None:
    incident = incidents.get(tx.connection, incident_id, SYSTEM)
    page = pages.get(tx.connection, incident_id, page_id)
    return (incident, page) if incident and page else None
