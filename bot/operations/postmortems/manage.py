"""Writing postmortems."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.action_items.model import digest_of
from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import (
    EventMissing,
    EventOutOfTime,
    LessonChanged,
    LessonMissing,
    NotResolved,
    PostmortemIncomplete,
    TitleMissing,
    TooMany,
)
from bot.domain.kit.text import clean_text, cut, is_blank, one_line
from bot.domain.postmortems import planned as postmortems_planned
from bot.domain.postmortems.model import (
    CAUSE_LIMIT,
    LESSON_LIMIT,
    MAX_CAUSES,
    MAX_LESSONS,
    REASON_LIMIT,
    TEXT_LIMIT,
    AddedEvent,
    Curated,
    LessonLearned,
    Missing,
    NewPostmortem,
    Postmortem,
    Section,
    added_name,
    content_of,
    section_text,
)
from bot.operations.kit.access import existing
from bot.operations.kit.gate import begin, require_candidate, require_member
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx, transaction
from bot.operations.postmortems.draft import draft
from bot.operations.postmortems.reads import PostmortemReads, existing_postmortem, unfinished_postmortem
from bot.operations.postmortems.screen import lacking
from storage import postmortems, timeline

_TITLE_LIMIT = 200


class PostmortemManager(PostmortemReads):
    """Postmortem management.

    ``by`` is the person who acts, and passes the gate first (``NotAllowed``); ``key`` is the request's
    natural key: a second delivery changes nothing. ``UnknownRef`` where the person may not know of the
    incident, ``NoPostmortem`` where it has none yet. Every save is a revision.
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
        """Start it; what isn't given is filled in from what is known. The one that is there is returned."""
        is_new = begin(tx, by, key)
        incident = existing(tx, incident_id, by, lock=True)
        found = postmortems.of_incident(tx.connection, incident_id, by)
        if found or not is_new:
            return existing_postmortem(tx, incident_id, by)[1]
        filled = draft(tx, incident, postmortem or NewPostmortem(owner_id=by), by)
        made = postmortems.add(tx.connection, incident_id, by, tx.now, content_of(filled))
        return self._save(tx, incident, made, by, Section.CREATED)

    @transaction
    def add_lesson_learned(
        self, tx: Tx, incident_id: int, lesson: LessonLearned, *, by: str, key: str
    ) -> Postmortem:
        """Add a lesson; raises ``LessonMissing`` and ``TooMany``."""
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        if not is_new:
            return found
        lessons = (*found.lessons_learned, _lesson(lesson))
        return self._with_lessons(tx, incident, found, lessons, by)

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
        """Change the so-manieth lesson (from 1); without words it is taken out.

        ``was`` is the digest of what it said. Raises ``LessonChanged`` if that isn't what it says by now.
        """
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        if not is_new:
            return found
        lessons = list(found.lessons_learned)
        now_says = lessons[number - 1].lesson if 0 < number <= len(lessons) else ""
        if digest_of(now_says) != was:
            by_whom = self._overtaken(tx, found, Section.LESSONS, now_says, "lesson").values
            raise LessonChanged(
                by=by_whom["by"], name=by_whom["name"], current=cut(now_says or "nothing", 80)
            )
        lessons[number - 1 : number] = [] if is_blank(lesson.lesson) else [_lesson(lesson)]
        return self._with_lessons(tx, incident, found, tuple(lessons), by)

    @transaction
    def edit(
        self, tx: Tx, incident_id: int, section: Section, text: str, was: str, *, by: str, key: str
    ) -> Postmortem:
        """Replace a section's text; ``was`` is the digest of what its editor began with.

        Raises ``SectionChanged`` with what it says by now, where somebody else has changed it meanwhile.
        """
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        current = section_text(found, section)
        if digest_of(current) != was and text.strip() != current:
            raise self._overtaken(tx, found, section, current, section.value)
        changed = replace(found, **_cleaned(section, text))
        if not is_new or changed == found:
            return found
        return self._save(tx, incident, changed, by, section)

    @transaction
    def set_owner(self, tx: Tx, incident_id: int, owner: str | None, *, by: str, key: str) -> Postmortem:
        """Say who writes it; raises ``NobodyKnown``. One that isn't begun is begun with that."""
        is_new = begin(tx, by, key)
        incident = existing(tx, incident_id, by, lock=True)
        if owner:
            require_candidate(tx, owner)
        found = postmortems.of_incident(tx.connection, incident_id, by, lock=True)
        if not is_new or (found and found.owner_id == owner):
            return existing_postmortem(tx, incident_id, by)[1]
        if found is None:
            made = draft(tx, incident, NewPostmortem(owner_id=owner), by)
            found = postmortems.add(tx.connection, incident_id, by, tx.now, content_of(made))
            return self._save(tx, incident, found, by, Section.CREATED)
        return self._save(tx, incident, replace(found, owner_id=owner), by, Section.OWNER)

    @transaction
    def curate(
        self, tx: Tx, incident_id: int, entry_id: int, how: Curated, *, by: str, key: str
    ) -> Postmortem:
        """Hide, show, reword or backdate an entry, what isn't given staying as it is. ``EventOutOfTime``.

        The incident's own timeline stays.
        """
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        if not is_new:
            return found
        entry = timeline.get(tx.connection, entry_id)
        if entry is None or entry.incident_id != incident_id:
            raise EventMissing
        if how.at:
            _check_time(tx, incident, how.at)
        told = clean_text(how.text, TEXT_LIMIT, "text") if how.text is not None else None
        before = found.curated.get(entry_id, Curated())
        is_shown = before.is_shown if how.is_shown is None else how.is_shown
        wanted = Curated(is_shown, told or before.text, how.at or before.at)
        curated = {**found.curated, entry_id: wanted}
        return self._save(tx, incident, replace(found, curated=curated), by, Section.TIMELINE)

    @transaction
    def add_event(self, tx: Tx, incident_id: int, event: AddedEvent, *, by: str, key: str) -> Postmortem:
        """Add what the timeline doesn't know; raises ``EventMissing`` and ``EventOutOfTime``."""
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        if not is_new:
            return found
        if is_blank(event.text):
            raise EventMissing
        _check_time(tx, incident, event.at)
        made = replace(event, text=clean_text(event.text, TEXT_LIMIT, "text"))
        return self._save(tx, incident, replace(found, added=(*found.added, made)), by, Section.TIMELINE)

    @transaction
    def change_event(
        self, tx: Tx, incident_id: int, which: str, how: Curated, *, by: str, key: str
    ) -> Postmortem:
        """Reword, move or take out an added event; raises ``EventMissing`` where it isn't there as it was."""
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        if not is_new:
            return found
        event = next((each for each in found.added if added_name(each) == which), None)
        if event is None:
            raise EventMissing
        if how.at:
            _check_time(tx, incident, how.at)
        text = clean_text(how.text or event.text, TEXT_LIMIT, "text")
        changed = replace(event, at=how.at or event.at, text=text)
        left = [each for each in found.added if each is not event]
        added = tuple(left if how.is_shown is False else [*left, changed])
        return self._save(tx, incident, replace(found, added=added), by, Section.TIMELINE)

    @transaction
    def complete(self, tx: Tx, incident_id: int, *, by: str, key: str, despite: str = "") -> Postmortem:
        """Mark it as final. Raises ``NotResolved``; without a reason ``PostmortemIncomplete``."""
        is_new = begin(tx, by, key)
        incident, found = unfinished_postmortem(tx, incident_id, by)
        if not is_new:
            return found
        missing = lacking(tx, incident, found)
        if Missing.RESOLUTION in missing:
            raise NotResolved(ref=incident.ref)
        if missing and is_blank(despite):
            raise PostmortemIncomplete(missing=", ".join(each.value.replace("_", " ") for each in missing))
        why = clean_text(despite, REASON_LIMIT, "despite") if missing else ""
        final = replace(found, completed_at=tx.now, completed_despite=why)
        saved = self._save(tx, incident, final, by, Section.COMPLETED)
        rows = postmortems_planned.after_completion(incident, str(saved.revision))
        enqueue(tx, rows)
        return saved

    @transaction
    def reopen(self, tx: Tx, incident_id: int, *, by: str, key: str) -> Postmortem:
        """Write on; the revision says who did."""
        is_new = begin(tx, by, key)
        incident, found = existing_postmortem(tx, incident_id, by, lock=True)
        if not is_new or not found.is_final:
            return found
        changed = replace(found, completed_at=None, completed_despite="")
        saved = self._save(tx, incident, changed, by, Section.REOPENED)
        # Those who were told that it is complete see that it is no more.
        enqueue(tx, postmortems_planned.after_completion(incident, str(saved.revision)))
        return saved

    @transaction
    def export(self, tx: Tx, incident_id: int, kind: str, *, by: str, key: str) -> None:
        """Send the document to whoever asks, as a file; ``kind`` is ``md``, ``html`` or ``json``."""
        require_member(tx, by)
        existing_postmortem(tx, incident_id, by)
        enqueue(tx, [postmortems_planned.exporting(incident_id, by, kind, key)])

    def _with_lessons(
        self,
        tx: Tx,
        incident: Incident,
        found: Postmortem,
        lessons: tuple[LessonLearned, ...],
        by: str,
    ) -> Postmortem:
        if len(lessons) > MAX_LESSONS:
            raise TooMany(most=MAX_LESSONS, what="lessons")
        return self._save(tx, incident, replace(found, lessons_learned=lessons), by, Section.LESSONS)


def _check_time(tx: Tx, incident: Incident, at: datetime) -> None:
    if not incident.declared_at <= at <= tx.now:
        raise EventOutOfTime(ref=incident.ref)


def _lesson(lesson: LessonLearned) -> LessonLearned:
    if is_blank(lesson.lesson):
        raise LessonMissing
    return replace(lesson, lesson=clean_text(lesson.lesson, LESSON_LIMIT, "lesson"))


def _cleaned(section: Section, text: str) -> dict[str, Any]:
    if section is Section.TITLE:
        title = clean_text(one_line(text), _TITLE_LIMIT, "title")
        if is_blank(title):
            raise TitleMissing
        return {"title": title}
    if section is Section.ROOT_CAUSES:
        lines = [one_line(line) for line in clean_text(text, TEXT_LIMIT, "root_causes").split("\n")]
        causes = tuple(dict.fromkeys(clean_text(each, CAUSE_LIMIT, "root_causes") for each in lines if each))
        if len(causes) > MAX_CAUSES:
            raise TooMany(most=MAX_CAUSES, what="root causes")
        return {"root_causes": causes}
    return {section.value: clean_text(text, TEXT_LIMIT, section.value)}
