"""What can be asked of postmortems, and what every change of one goes through."""

from __future__ import annotations

from itertools import chain, islice

from sqlalchemy import Connection

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline_text import entry_words
from bot.domain.kit.errors import NoPostmortem, PostmortemFinal, SectionChanged, UnknownRevision
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.postmortems import planned as postmortems_planned
from bot.domain.postmortems.documents import Document
from bot.domain.postmortems.model import EventChoice, Missing, Postmortem, Revision, Section, added_name
from bot.operations.kit.access import existing
from bot.operations.kit.gate import require_member
from bot.operations.kit.names import namer
from bot.operations.kit.transaction import Operations, reading, transaction
from bot.operations.postmortems.facts import document_of
from bot.operations.postmortems.screen import lacking
from storage import outbox, people, postmortems, timeline_reads


class PostmortemReads(Operations):
    """Reading postmortems; each method takes the viewer, and what they may not see isn't there."""

    @reading
    def get_postmortem(self, tx: Connection, incident_id: int, *, viewer: Viewer) -> Postmortem | None:
        """The incident's, with timeline and action items, or ``None``; raises ``UnknownRef``."""
        incident = existing(tx, incident_id, viewer)
        found = postmortems.of_incident(tx, incident_id, viewer)
        return document_of(tx, incident, found).postmortem if found else None

    @reading
    def document(self, tx: Connection, incident_id: int, *, viewer: Viewer) -> Document:
        """Everything that the postmortem shows; raises ``NoPostmortem``."""
        incident = existing(tx, incident_id, viewer)
        return document_of(tx, incident, self._existing(tx, incident_id, viewer))

    @reading
    def missing(self, tx: Connection, incident_id: int, *, viewer: Viewer) -> list[Missing]:
        """What should be there before it is completed."""
        incident = existing(tx, incident_id, viewer)
        return lacking(tx, incident, self._existing(tx, incident_id, viewer))

    @reading
    def suggest_events(
        self, tx: Connection, incident_id: int, typed: str, limit: int, *, viewer: Viewer
    ) -> list[EventChoice]:
        """Entries of the incident's timeline and added events that say what was typed; added ones first."""
        incident, name = existing(tx, incident_id, viewer), namer(tx)
        found = self._existing(tx, incident_id, viewer)
        entries = timeline_reads.find(tx, incident.id, everything=True)
        choices = chain(
            (EventChoice(added_name(each), each.at, each.text) for each in found.added),
            (
                EventChoice(str(each.id), each.at, entry_words(each, name))
                for each in entries
                if not each.is_deleted
            ),
        )
        return list(islice((each for each in choices if typed.casefold() in each.words.casefold()), limit))

    @transaction
    def note_document(self, tx: Connection, postmortem_id: int, name: str, value: str) -> None:
        """Keep where the document is: ``canvas_id`` or ``file_id``."""
        postmortems.note(tx, postmortem_id, **{name: value})

    @transaction
    def show_again(self, tx: Connection, incident_id: int) -> None:
        """The message says something new though nothing was saved."""
        incident = existing(tx, incident_id, SYSTEM)
        found = self._existing(tx, incident_id, SYSTEM)
        rows = postmortems_planned.after_save(incident, f"{found.revision}/document")[:1]
        outbox.add(tx, rows, self.clock())

    @reading
    def revisions(self, tx: Connection, incident_id: int, *, viewer: Viewer) -> list[Revision]:
        """The saves, the last one first."""
        return postmortems.revisions(tx, self._existing(tx, incident_id, viewer).id)

    @reading
    def revision(self, tx: Connection, incident_id: int, number: int, *, viewer: Viewer) -> Revision:
        """One save; raises ``UnknownRevision``."""
        found = postmortems.revision(tx, self._existing(tx, incident_id, viewer).id, number)
        if found is None:
            raise UnknownRevision(number=number)
        return found

    def _existing(self, tx: Connection, incident_id: int, viewer: Viewer) -> Postmortem:
        incident = existing(tx, incident_id, viewer)
        found = postmortems.of_incident(tx, incident_id, viewer)
        if found is None:
            raise NoPostmortem(ref=incident.ref)
        return found

    def _begin(
        self, tx: Connection, incident_id: int, by: str, *, is_final: bool = False
    ) -> tuple[Incident, Postmortem]:
        require_member(tx, by)
        incident = existing(tx, incident_id, by)
        found = postmortems.of_incident(tx, incident_id, by, lock=True)
        if found is None:
            raise NoPostmortem(ref=incident.ref)
        if found.is_final and not is_final:
            raise PostmortemFinal(ref=incident.ref)
        return incident, found

    def _save(
        self, tx: Connection, incident: Incident, changed: Postmortem, by: str, section: Section
    ) -> Postmortem:
        now = self.clock()
        saved = postmortems.save(tx, changed, by, section, now)
        outbox.add(tx, postmortems_planned.after_save(incident, str(saved.revision)), now)
        return saved

    def _overtaken(
        self, tx: Connection, found: Postmortem, section: Section, current: str, field: str
    ) -> SectionChanged:
        changes = postmortems.revisions(tx, found.id)
        last = next((each for each in changes if each.section is section), None)
        by = last.by if last else found.created_by
        person = people.get(tx, by)
        error = SectionChanged(by=by, name=person.name if person else by, current=current)
        error.field = field
        return error
