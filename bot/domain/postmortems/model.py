"""Postmortems: what they contain, what is missing from one, and who changed what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.action_items.model import ActionItem, ActionItemPriority, digest_of
from bot.domain.five_whys.model import names_a_person
from bot.domain.kit.text import cut, is_blank, one_line

TEXT_LIMIT = 3000
"""The most that a text field of a form takes: summary and impact.

https://docs.slack.dev/reference/block-kit/block-elements/plain-text-input-element
"""
CAUSE_LIMIT, LESSON_LIMIT, REASON_LIMIT = 300, 600, 500
MAX_LESSONS, MAX_CAUSES = 30, 20
TITLE_LIMIT = 200


class LessonCategory(StrEnum):
    """What a lesson is about."""

    DETECTION = "detection"
    RESPONSE = "response"
    COMMUNICATION = "communication"
    INFRASTRUCTURE = "infrastructure"
    CODE = "code"
    PROCESS = "process"
    OTHER = "other"


class Section(StrEnum):
    """A part that is edited as a whole, or another kind of change that a revision records."""

    CREATED = "created"
    TITLE = "title"
    SUMMARY = "summary"
    IMPACT = "impact"
    ROOT_CAUSES = "root_causes"
    LESSONS = "lessons"
    TIMELINE = "timeline"
    OWNER = "owner"
    COMPLETED = "completed"
    REOPENED = "reopened"


@dataclass(frozen=True, slots=True)
class LessonLearned:
    """Something to do differently, or to keep doing."""

    lesson: str
    priority: ActionItemPriority = ActionItemPriority.MEDIUM
    category: LessonCategory = LessonCategory.OTHER


@dataclass(frozen=True, slots=True)
class Curated:
    """How the postmortem shows an entry of the incident's timeline; the entry itself doesn't change."""

    is_shown: bool | None = None
    """Whether it is shown; ``None`` leaves it at the default, which shows key events and state changes."""
    text: str | None = None
    """Another text; ``None`` keeps its own."""
    at: datetime | None = None
    """Another time (UTC); ``None`` keeps its own."""


@dataclass(frozen=True, slots=True)
class AddedEvent:
    """An event that isn't on the incident's timeline."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class EventChoice:
    """An event that somebody may choose to change."""

    which: str
    """The entry's number, or the name of an added event (see :func:`added_name`)."""
    at: datetime
    """In the time zone of the person who chooses."""
    words: str


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One line of the reconstructed timeline, in plain words."""

    time: datetime
    event: str
    link: str | None = None
    files: tuple[Mapping[str, Any], ...] = ()
    entry_id: int | None = None
    gap: float = 0
    """Seconds since the event before it, if that is long; else 0."""


@dataclass(frozen=True, slots=True)
class NewPostmortem:
    """The initial content of a postmortem; ``None`` is filled in from what is known about the incident."""

    title: str | None = None
    summary: str | None = None
    impact: str | None = None
    root_causes: tuple[str, ...] | None = None
    lessons_learned: tuple[LessonLearned, ...] = ()
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class Postmortem:
    """A postmortem as stored. Times are UTC; texts are plain."""

    id: int
    incident_id: int
    title: str
    summary: str
    impact: str
    root_causes: tuple[str, ...]
    lessons_learned: tuple[LessonLearned, ...]
    owner_id: str | None
    revision: int
    created_by: str
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None
    completed_despite: str = ""
    """What was noted on completion: the reason, if something was missing."""
    curated: Mapping[int, Curated] = field(default_factory=dict)
    """Timeline entry's number -> how it is shown."""
    added: tuple[AddedEvent, ...] = ()
    timeline: tuple[TimelineEvent, ...] = ()
    """Filled in when it is read."""
    action_items: tuple[int, ...] = ()
    """The numbers of the incident's action items, filled in when it is read."""
    canvas_id: str | None = None
    """Where its document is, or ``file_id`` if there can be no canvas."""
    file_id: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """The name that people use: ``PM-12``, with the incident's number."""
        return f"PM-{self.incident_id}"

    @property
    def is_final(self) -> bool:
        """Whether it has been completed."""
        return self.completed_at is not None


@dataclass(frozen=True, slots=True)
class Revision:
    """One save: who changed what and when, and the whole content after it."""

    number: int
    by: str
    at: datetime
    section: Section | None
    """What was changed; ``None`` if only a newer release, at work in the same deploy, knows that."""
    content: Mapping[str, Any]
    """Section -> text."""


class Missing(StrEnum):
    """What a postmortem lacks."""

    SUMMARY = "summary"
    IMPACT = "impact"
    ROOT_CAUSE = "root_cause"
    LESSON = "lesson"
    ACTION_ITEM = "action_item"
    OWNER_AND_DATE = "owner_and_date"
    RESOLUTION = "resolution"


def default_title(incident_title: str) -> str:
    """The title of a postmortem that nobody has named."""
    return cut(one_line(f"Postmortem: {incident_title}"), TITLE_LIMIT)


def missing_in(found: Postmortem, items: Sequence[ActionItem]) -> list[Missing]:
    """What a postmortem should have before it is completed, but lacks."""
    return [
        missing
        for missing, is_there in (
            (Missing.SUMMARY, not is_blank(found.summary)),
            (Missing.IMPACT, not is_blank(found.impact)),
            (Missing.ROOT_CAUSE, bool(found.root_causes)),
            (Missing.LESSON, bool(found.lessons_learned)),
            (Missing.ACTION_ITEM, bool(items)),
            (Missing.OWNER_AND_DATE, not items or any(each.assigned_to and each.due_date for each in items)),
        )
        if not is_there
    ]


def blames_somebody(found: Postmortem) -> bool:
    """Whether it seems to be about a person instead of the system: worth a hint, no more."""
    lessons = (each.lesson for each in found.lessons_learned)
    return any(map(names_a_person, (found.summary, found.impact, *found.root_causes, *lessons)))


def added_name(event: AddedEvent) -> str:
    """A name for an added event, which no other event has; it changes when the event does."""
    return f"added-{digest_of(f'{event.at.isoformat()} {event.text}')}"


def section_text(found: Postmortem, section: Section) -> str:
    """A section's text as a form's field holds it."""
    if section is Section.ROOT_CAUSES:
        return "\n".join(found.root_causes)
    return {Section.TITLE: found.title, Section.SUMMARY: found.summary, Section.IMPACT: found.impact}[section]


@dataclass(frozen=True, slots=True)
class Content:
    """What people write in a postmortem, and every revision keeps, under the names that are stored."""

    title: str
    summary: str
    impact: str
    root_causes: tuple[str, ...]
    lessons: tuple[LessonLearned, ...]
    owner: str | None
    added: tuple[AddedEvent, ...]
    curated: Mapping[str, Curated]
    """Timeline entry's number -> how it is shown; the keys are text because JSON allows nothing else."""


def content_of(found: Postmortem) -> Content:
    """The content that a revision keeps."""
    return Content(
        found.title,
        found.summary,
        found.impact,
        found.root_causes,
        found.lessons_learned,
        found.owner_id,
        found.added,
        {str(number): each for number, each in found.curated.items()},
    )
