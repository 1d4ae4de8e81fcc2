"""What can be asked of postmortems, and what every change of one goes through."""

from __future__ import annotations

from itertools import chain, islice

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline_text import entry_words
from bot.domain.kit.errors import NoPostmortem, PostmortemFinal, SectionChanged, UnknownRevision
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.postmortems import planned as postmortems_planned
from bot.domain.postmortems.documents import Document
from bot.domain.postmortems.model import EventChoice, Missing, Postmortem, Revision, Section, added_name
from bot.operations.kit.access import existing
from bot.operations.kit.names import namer
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.postmortems.facts import document_of
from bot.operations.postmortems.screen import lacking
from storage import people, postmortems, timeline


class PostmortemReads(Operations):
    """Reading postmortems; each method takes the viewer, and what they may not see isn't there."""

    @reading
    def get_postmortem(self, tx: Tx, incident_id: int, *, viewer: Viewer) -> Postmortem | None:
        """The incident's, with timeline and action items, or ``None``; raises ``UnknownRef``."""
        incident = existing(tx, incident_id, viewer)
        found = postmortems.of_incident(tx.connection, incident_id, viewer)
        return document_of(tx, incident, found).postmortem if found else None

    @reading
    def document(self, tx: Tx, incident_id: int, *, viewer: Viewer) -> Document:
        """Everything that the postmortem shows; raises ``NoPostmortem``."""
        return document_of(tx, *existing_postmortem(tx, incident_id, viewer))

    @reading
    def missing(self, tx: Tx, incident_id: int, *, viewer: Viewer) -> list[Missing]:
        """What should be there before it is completed."""
        return lacking(tx, *existing_postmortem(tx, incident_id, viewer))

    @reading
    def suggest_events(
        self, tx: Tx, incident_id: int, typed: str, limit: int, *, viewer: Viewer
    ) -> list[EventChoice]:
        """Entries of the incident's timeline and added events that say what was typed; added ones first."""
        incident, found = existing_postmortem(tx, incident_id, viewer)
        name = namer(tx)
        entries = timeline.find(tx.connection, incident.id, everything=True)
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
    def note_document(self, tx: Tx, postmortem_id: int, name: str, value: str) -> None:
        """Keep where the document is: ``canvas_id`` or ``file_id``."""
        postmortems.note(tx.connection, postmortem_id, **{name: value})

    @transaction
    def show_again(self, tx: Tx, incident_id: int) -> None:
        """The message says something new though nothing was saved."""
        incident, found = existing_postmortem(tx, incident_id, SYSTEM)
        rows = postmortems_planned.after_save(incident, f"{found.revision}/document")[:1]
        enqueue(tx, rows)

    @reading
    def revisions(self, tx: Tx, incident_id: int, *, viewer: Viewer) -> list[Revision]:
        """The saves, the last one first."""
        _, found = existing_postmortem(tx, incident_id, viewer)
        return postmortems.revisions(tx.connection, found.id)

    @reading
    def revision(self, tx: Tx, incident_id: int, number: int, *, viewer: Viewer) -> Revision:
        """One save; raises ``UnknownRevision``."""
        _, found = existing_postmortem(tx, incident_id, viewer)
        saved = postmortems.revision(tx.connection, found.id, number)
        if saved is None:
            raise UnknownRevision(number=number)
        return saved

    def _save(self, tx: Tx, incident: Incident, changed: Postmortem, by: str, section: Section) -> Postmortem:
        saved = postmortems.save(tx.connection, changed, by, section, tx.now)
        enqueue(tx, postmortems_planned.after_save(incident, str(saved.revision)))
        return saved

    def _overtaken(
        self, tx: Tx, found: Postmortem, section: Section, current: str, field: str
    ) -> SectionChanged:
        changes = postmortems.revisions(tx.connection, found.id)
        last = next((each for each in changes if each.section is section), None)
        by = last.by if last else found.created_by
        person = people.get(tx.connection, by)
        error = SectionChanged(by=by, name=person.name if person else by, current=current)
        error.field = field
        return error


def existing_postmortem(
    tx: Tx, incident_id: int, viewer: Viewer, *, lock: bool = False
) -> tuple[Incident, Postmortem]:
    """The incident and its postmortem; raises ``UnknownRef`` and ``NoPostmortem``."""
    incident = existing(tx, incident_id, viewer)
    found = postmortems.of_incident(tx.connection, incident_id, viewer, lock=lock)
    if found is None:
        raise NoPostmortem(ref=incident.ref)
    return incident, found


def unfinished_postmortem(tx: Tx, incident_id: int, by: str) -> tuple[Incident, Postmortem]:
    """The incident and its postmortem, for a change; raises ``NoPostmortem`` and ``PostmortemFinal``."""
    incident, found = existing_postmortem(tx, incident_id, by, lock=True)
    if found.is_final:
        raise PostmortemFinal(ref=incident.ref)
    return incident, found
