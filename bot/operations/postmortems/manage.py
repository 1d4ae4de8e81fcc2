"""Writes and reads postmortems."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.action_items.model import digest_of
from bot.domain.kit.errors import (
    LessonChanged,
    NotResolved,
    PostmortemIncomplete,
    PostmortemThere,
    UnknownRevision,
)
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.kit.text import clean_text, cut, is_blank
from bot.domain.postmortems import planned as postmortems_planned
from bot.domain.postmortems.documents import Document
from bot.domain.postmortems.model import (
    REASON_LIMIT,
    AddedEvent,
    Curated,
    EventChoice,
    LessonLearned,
    Missing,
    NewPostmortem,
    Postmortem,
    Revision,
    Section,
    section_text,
)
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin, is_double_click, require_candidate, require_member
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.kit.working_days import Calendars
from bot.operations.postmortems.draft import start
from bot.operations.postmortems.events import with_added, with_added_changed, with_curated
from bot.operations.postmortems.facts import document_of
from bot.operations.postmortems.reads import event_choices, existing_postmortem, unfinished_postmortem
from bot.operations.postmortems.saves import overtaken, save
from bot.operations.postmortems.screen import lacking
from bot.operations.postmortems.sections import with_lesson, with_section
from storage import people, postmortems


class PostmortemManager(Operations):
    """Postmortem management.

    ``by`` is the person who acts, and has to pass the gate first (``NotAllowed``); ``key`` is the request's
    natural key: a redelivery changes nothing. Raises ``UnknownRef`` if the person may not see the incident,
    ``NoPostmortem`` if it has none yet, and ``PostmortemFinal`` if it has to be reopened before it's changed.
    Every change is a revision. ``viewer`` is the person on whose behalf something is read: what they may not
    see doesn't exist for them.
    """

    @transaction
    def create_postmortem(
        self,
        tx: Tx,
        incident_id: int,
        postmortem: NewPostmortem | None = None,
        *,
        by: str,
        key: str,
    ) -> Postmortem:
        """Start the postmortem, filling gaps in from what is known; raises ``PostmortemThere``."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        found = postmortems.of_incident(tx.connection, incident_id, by)
        is_again = found and found.created_by == by and is_double_click(tx, found.created_at)
        if not is_new or is_again:
            return existing_postmortem(tx, incident_id, by)[1]
        if found:
            raise PostmortemThere(ref=incident.ref)
        return start(tx, incident, postmortem or NewPostmortem(owner_id=by), by)

    @transaction
    def add_lesson_learned(
        self, tx: Tx, incident_id: int, lesson: LessonLearned, *, by: str, key: str
    ) -> Postmortem:
        """Add a lesson; raises ``LessonMissing`` and ``TooMany``."""
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        if not is_new:
            return found
        return save(tx, incident, with_lesson(found, lesson), by, Section.LESSONS)

    @transaction
    def change_lesson(
        self,
        tx: Tx,
        incident_id: int,
        number: int,
        was: str,
        lesson: LessonLearned,
        *,
        by: str,
        key: str,
    ) -> Postmortem:
        """Change lesson ``number`` (from 1), or remove it if the new one is blank.

        ``was`` is the digest of the text that was edited. Raises ``LessonChanged`` if it has changed since.
        """
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        if not is_new:
            return found
        lessons = found.lessons_learned
        now_says = lessons[number - 1].lesson if 0 < number <= len(lessons) else ""
        if digest_of(now_says) != was:
            by_whom = overtaken(tx, found, Section.LESSONS, now_says, "lesson").values
            raise LessonChanged(
                by=by_whom["by"], name=by_whom["name"], current=cut(now_says or "nothing", 80)
            )
        return save(tx, incident, with_lesson(found, lesson, number), by, Section.LESSONS)

    @transaction
    def edit(
        self, tx: Tx, incident_id: int, section: Section, text: str, was: str, *, by: str, key: str
    ) -> Postmortem:
        """Replace a section's text; ``was`` is the digest of the text that was edited.

        Raises ``SectionChanged``, with the current text, if somebody else has changed it since, and errors
        that name their field.
        """
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        current = section_text(found, section)
        if digest_of(current) != was and text.strip() != current:
            raise overtaken(tx, found, section, current, section.value)
        changed = with_section(found, section, text)
        if not is_new or changed == found:
            return found
        return save(tx, incident, changed, by, section)

    @transaction
    def set_owner(self, tx: Tx, incident_id: int, owner: str | None, *, by: str, key: str) -> Postmortem:
        """Set or remove the owner, starting the postmortem if need be; raises ``NobodyKnown``."""
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if owner:
            require_candidate(tx, owner)
        found = postmortems.of_incident(tx.connection, incident_id, by, lock=True)
        if not is_new or (found and found.owner_id == owner):
            return existing_postmortem(tx, incident_id, by)[1]
        if found is None:
            return start(tx, incident, NewPostmortem(owner_id=owner), by)
        return save(tx, incident, replace(found, owner_id=owner), by, Section.OWNER)

    @transaction
    def curate(
        self, tx: Tx, incident_id: int, entry_id: int, how: Curated, *, by: str, key: str
    ) -> Postmortem:
        """Hide, show, reword or move an entry; what isn't given stays as it is.

        The incident's own timeline doesn't change. Raises ``EventMissing`` and ``EventOutOfTime``.
        """
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        if not is_new:
            return found
        return save(tx, incident, with_curated(tx, incident, found, entry_id, how), by, Section.TIMELINE)

    @transaction
    def add_event(self, tx: Tx, incident_id: int, event: AddedEvent, *, by: str, key: str) -> Postmortem:
        """Add an event that isn't in the timeline; raises ``EventMissing`` and ``EventOutOfTime``."""
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        if not is_new:
            return found
        return save(tx, incident, with_added(tx, incident, found, event), by, Section.TIMELINE)

    @transaction
    def change_event(
        self, tx: Tx, incident_id: int, which: str, how: Curated, *, by: str, key: str
    ) -> Postmortem:
        """Reword, move or remove an added event; raises ``EventMissing`` if it's gone or was changed."""
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        if not is_new:
            return found
        changed = with_added_changed(tx, incident, found, which, how)
        return save(tx, incident, changed, by, Section.TIMELINE)

    @transaction
    def complete(self, tx: Tx, incident_id: int, *, by: str, key: str, despite: str = "") -> Postmortem:
        """Mark the postmortem as final; ``despite`` is a note, and the reason if something is missing.

        Raises ``NotResolved``, and ``PostmortemIncomplete`` if something is missing without a reason.
        """
        if not begin(tx, by, key):
            return existing_postmortem(tx, incident_id, by)[1]
        incident, found = unfinished_postmortem(tx, incident_id, by)
        missing = lacking(tx, incident, found)
        if Missing.RESOLUTION in missing:
            raise NotResolved(ref=incident.ref)
        if missing and is_blank(despite):
            raise PostmortemIncomplete(missing=", ".join(each.value.replace("_", " ") for each in missing))
        note = clean_text(despite, REASON_LIMIT, "despite")
        final = replace(found, completed_at=tx.now, completed_despite=note)
        saved = save(tx, incident, final, by, Section.COMPLETED)
        rows = postmortems_planned.after_completion(incident, str(saved.revision))
        enqueue(tx, rows)
        return saved

    @transaction
    def reopen(self, tx: Tx, incident_id: int, *, by: str, key: str) -> Postmortem:
        """Make a final postmortem editable again; the revision records who did."""
        is_new = begin(tx, by, key)
        incident, found = existing_postmortem(tx, incident_id, by, lock=True)
        if not is_new or not found.is_final:
            return found
        changed = replace(found, completed_at=None, completed_despite="")
        saved = save(tx, incident, changed, by, Section.REOPENED)
        # People who were notified that it's complete see that it no longer is.
        enqueue(tx, postmortems_planned.after_completion(incident, str(saved.revision)))
        return saved

    @transaction
    def export(self, tx: Tx, incident_id: int, kind: str, *, by: str, key: str) -> None:
        """Send the document to ``by`` as a file; ``kind`` is ``md``, ``html`` or ``json``."""
        require_member(tx, by)
        existing_postmortem(tx, incident_id, by)
        enqueue(tx, [postmortems_planned.exporting(incident_id, by, kind, key)])

    @reading
    def get_postmortem(self, tx: Tx, incident_id: int, *, viewer: Viewer) -> Postmortem | None:
        """The incident's postmortem with timeline and action items, or ``None``; raises ``UnknownRef``."""
        incident = existing_incident(tx, incident_id, viewer)
        found = postmortems.of_incident(tx.connection, incident_id, viewer)
        return document_of(tx, incident, found).postmortem if found else None

    @reading
    def document(self, tx: Tx, incident_id: int, *, viewer: Viewer) -> Document:
        """Everything that the postmortem shows; raises ``NoPostmortem``."""
        return document_of(tx, *existing_postmortem(tx, incident_id, viewer))

    @reading
    def missing(self, tx: Tx, incident_id: int, *, viewer: Viewer) -> list[Missing]:
        """What should be added before the postmortem is completed."""
        return lacking(tx, *existing_postmortem(tx, incident_id, viewer))

    @reading
    def suggest_events(
        self, tx: Tx, incident_id: int, typed: str, limit: int, *, viewer: str
    ) -> list[EventChoice]:
        """Added events and entries of the incident's timeline that contain what was typed, in this order."""
        zone = Calendars(tx).of(tx.once(people.get, viewer)).zone
        return event_choices(tx, *existing_postmortem(tx, incident_id, viewer), typed, limit, zone)

    @reading
    def revisions(self, tx: Tx, incident_id: int, *, viewer: Viewer) -> list[Revision]:
        """All revisions, the newest first."""
        _, found = existing_postmortem(tx, incident_id, viewer)
        return postmortems.revisions(tx.connection, found.id)

    @reading
    def revision(self, tx: Tx, incident_id: int, number: int, *, viewer: Viewer) -> Revision:
        """One revision; raises ``UnknownRevision``."""
        _, found = existing_postmortem(tx, incident_id, viewer)
        saved = postmortems.revision(tx.connection, found.id, number)
        if saved is None:
            raise UnknownRevision(number=number)
        return saved

    @transaction
    def note_canvas(self, tx: Tx, postmortem_id: int, canvas_id: str) -> None:
        """Record which canvas the document is in."""
        found = postmortems.get(tx.connection, postmortem_id, SYSTEM, lock=True)
        if found:
            postmortems.save(tx.connection, replace(found, canvas_id=canvas_id))

    @transaction
    def note_file(self, tx: Tx, postmortem_id: int, file_id: str) -> None:
        """Record which file the document is in."""
        found = postmortems.get(tx.connection, postmortem_id, SYSTEM, lock=True)
        if found:
            postmortems.save(tx.connection, replace(found, file_id=file_id))

    @transaction
    def show_again(self, tx: Tx, incident_id: int) -> None:
        """Refresh the postmortem's message although nothing was saved."""
        incident, found = existing_postmortem(tx, incident_id, SYSTEM)
        rows = postmortems_planned.after_save(incident, f"{found.revision}/document")[:1]
        enqueue(tx, rows)
