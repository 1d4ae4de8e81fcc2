"""Cleans and checks what people write into a postmortem."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.kit.errors import LessonMissing, TitleMissing, TooMany
from bot.domain.kit.text import clean_text, is_blank, one_line
from bot.domain.postmortems.model import (
    CAUSE_LIMIT,
    LESSON_LIMIT,
    MAX_CAUSES,
    MAX_LESSONS,
    TEXT_LIMIT,
    TITLE_LIMIT,
    LessonLearned,
    Postmortem,
    Section,
)


def with_section(found: Postmortem, section: Section, text: str) -> Postmortem:
    """The postmortem with a section's new text; raises errors that name their field."""
    return replace(found, **_cleaned(section, text))


def with_lesson(found: Postmortem, lesson: LessonLearned, number: int | None = None) -> Postmortem:
    """The postmortem with a lesson added, or with lesson ``number`` (from 1) replaced, or removed if blank.

    Raises ``LessonMissing`` for a new lesson that is blank, and ``TooMany``.
    """
    lessons = list(found.lessons_learned)
    if number is None:
        lessons.append(_lesson(lesson))
    else:
        lessons[number - 1 : number] = [] if is_blank(lesson.lesson) else [_lesson(lesson)]
    if len(lessons) > MAX_LESSONS:
        raise TooMany(most=MAX_LESSONS, what="lessons")
    return replace(found, lessons_learned=tuple(lessons))


def _lesson(lesson: LessonLearned) -> LessonLearned:
    if is_blank(lesson.lesson):
        raise LessonMissing
    return replace(lesson, lesson=clean_text(lesson.lesson, LESSON_LIMIT, "lesson"))


def _cleaned(section: Section, text: str) -> dict[str, Any]:
    if section is Section.TITLE:
        title = clean_text(one_line(text), TITLE_LIMIT, "title")
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
