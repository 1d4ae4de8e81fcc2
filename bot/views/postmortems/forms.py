"""The forms for postmortems, each followed by the function that reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.domain.action_items.model import ActionItemPriority, digest_of
from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import EventNotHidden
from bot.domain.kit.people import ERASED
from bot.domain.kit.text import cut, one_line
from bot.domain.postmortems.model import (
    LESSON_LIMIT,
    REASON_LIMIT,
    TEXT_LIMIT,
    EventChoice,
    LessonCategory,
    LessonLearned,
    Missing,
    Postmortem,
    Section,
    section_text,
)
from bot.domain.surface.forms import CurateInput, FormName, LessonStart
from bot.views.kit.form_parts import State, carried, chosen, field_value, modal, parser, text_input, typed
from bot.views.kit.labels import MISSING, PRIORITY, SECTION
from bot.views.kit.message import Block, plain
from bot.views.kit.text import escape_within
from bot.views.postmortems.outline import EMPTY

_TITLE_LIMIT, _OPTION = 200, 75
"""Characters of a title and of an option.

https://docs.slack.dev/reference/block-kit/composition-objects/option-object
"""
_HINTS = {Section.ROOT_CAUSES: "One per line."}


def text_form(
    found: Postmortem, incident: Incident, section: Section, mine: str | None = None, by: str = ""
) -> Block:
    """The form for a section's text; ``mine`` is what the person typed before somebody else changed it.

    After such a conflict, the form shows the saved text above the typed one.
    """
    current = section_text(found, section)
    blocks: list[Block] = []
    if mine is not None:
        says = escape_within(current, 2400) or "_nothing_"
        told = f"*{escape_within(by, 300)} changed this in the meantime. It now says:*\n{says}"
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": told, "verbatim": True}})
    limit = _TITLE_LIMIT if section is Section.TITLE else TEXT_LIMIT
    belongs = _HINTS.get(section) or EMPTY.get(section.value, "")
    hint = f"{belongs} At most {limit:,} characters.".strip()
    field = text_input(
        section.value,
        SECTION[section],
        current if mine is None else mine,
        limit,
        multiline=section is not Section.TITLE,
        hint=hint,
    )
    kept = {"incident_id": incident.id, "section": section.value, "was": digest_of(current)}
    return modal(FormName.POSTMORTEM_TEXT, f"Postmortem {incident.ref}", "Save", [*blocks, field], kept)


@parser
def parse_text(view: State) -> tuple[int, Section, str, str]:
    """The input from :func:`text_form`: incident, section, text, and the digest of the initial text."""
    kept = carried(view)
    section = Section(kept["section"])
    return int(kept["incident_id"]), section, typed(view, section.value), str(kept["was"])


def lesson_form(start: LessonStart, found: Postmortem | None) -> Block:
    """The form for a new lesson, or for an existing one."""
    lessons = found.lessons_learned if found else ()
    is_there = 0 < start.number <= len(lessons)
    lesson = lessons[start.number - 1] if is_there else LessonLearned(start.text)
    hint = "Leave empty to remove the lesson." if is_there else None
    blocks = [
        text_input(
            "lesson",
            "What was learned",
            cut(lesson.lesson, LESSON_LIMIT),
            LESSON_LIMIT,
            multiline=True,
            hint=hint,
        ),
        _select("priority", "Priority", {p.value: PRIORITY[p] for p in ActionItemPriority}, lesson.priority),
        _select(
            "category", "Category", {c.value: c.value.capitalize() for c in LessonCategory}, lesson.category
        ),
    ]
    number = start.number if is_there else 0
    kept = {"incident_id": start.incident_id, "number": number, "was": digest_of(lesson.lesson)}
    return modal(FormName.LESSON, "Lesson learned", "Save", blocks, kept)


@parser
def parse_lesson(view: State) -> tuple[int, int, str, LessonLearned]:
    """The input from :func:`lesson_form`: incident, number or 0, digest of the initial text, lesson."""
    kept = carried(view)
    lesson = LessonLearned(
        typed(view, "lesson"),
        ActionItemPriority(chosen(view, "priority") or ActionItemPriority.MEDIUM),
        LessonCategory(chosen(view, "category") or LessonCategory.OTHER),
    )
    return int(kept["incident_id"]), int(kept.get("number") or 0), str(kept.get("was") or ""), lesson


def curate_form(incident: Incident) -> Block:
    """The form that rewords, hides or adds an event."""
    choices = {"as_is": "No change", "show": "Show", "hide": "Hide"}
    blocks = [
        {
            "type": "input",
            "block_id": "event",
            "optional": True,
            "label": plain("Event"),
            "hint": plain("Leave empty to add a new event. The incident's own timeline doesn't change."),
            "element": {
                "type": "external_select",
                "action_id": "event",
                "min_query_length": 0,
                "placeholder": plain("A new event"),
            },
        },
        text_input("text", "Text", "", TEXT_LIMIT, multiline=True, hint="Leave empty to keep the text."),
        {
            "type": "input",
            "block_id": "at",
            "optional": True,
            "label": plain("Time"),
            "element": {"type": "datetimepicker", "action_id": "at"},
        },
        _select("shown", "In the postmortem", choices, "as_is"),
    ]
    return modal(FormName.CURATE, f"Timeline of {incident.ref}", "Save", blocks, {"incident_id": incident.id})


@parser
def parse_curate(view: State) -> CurateInput:
    """The input from :func:`curate_form`; raises ``EventNotHidden`` for a new event that is to be hidden."""
    entry, at = chosen(view, "event"), field_value(view, "at").get("selected_date_time")
    shown = {"show": True, "hide": False}.get(chosen(view, "shown") or "")
    if not entry and shown is False:
        raise EventNotHidden
    return CurateInput(
        int(carried(view)["incident_id"]),
        entry or None,
        typed(view, "text"),
        datetime.fromtimestamp(int(at), UTC) if at else None,
        shown,
    )


def event_options(choices: Sequence[EventChoice]) -> list[Block]:
    """The options to choose an event from, each with its time and text.

    An option is plain text, in which Slack shows no ``<!date>``: the time names its zone.
    """
    return [
        {
            "text": plain(cut(f"{each.at:%d %b %H:%M %Z} {one_line(each.words) or '…'}", _OPTION)),
            "value": each.which,
        }
        for each in choices
    ]


def owner_form(incident: Incident, found: Postmortem | None) -> Block:
    """The form that assigns the postmortem to an owner."""
    element: Block = {
        "type": "users_select",
        "action_id": "assigned_to",
        "placeholder": plain("Nobody yet"),
    }
    owner = found.owner_id if found else incident.commander_id
    if owner and owner != ERASED:
        element["initial_user"] = owner
    block: Block = {
        "type": "input",
        "block_id": "assigned_to",
        "label": plain("Owner of the postmortem"),
        "optional": True,
        "element": element,
    }
    return modal(
        FormName.POSTMORTEM_OWNER, f"Postmortem {incident.ref}", "Save", [block], {"incident_id": incident.id}
    )


@parser
def parse_owner(view: State) -> tuple[int, str | None]:
    """The input from :func:`owner_form`: the incident and the owner."""
    found = field_value(view, "assigned_to").get("selected_user")
    return int(carried(view)["incident_id"]), str(found) if found else None


def complete_form(incident: Incident, missing: Sequence[Missing]) -> Block:
    """The form that completes the postmortem; if something is missing, it asks why it is complete anyway."""
    blocks: list[Block] = []
    if missing:
        told = "*Still missing:* " + ", ".join(MISSING[each] for each in missing)
        blocks.append({"type": "section", "text": {"type": "mrkdwn", "text": told}})
    blocks.append(
        text_input(
            "despite",
            "Why is it complete anyway?" if missing else "Anything to add?",
            "",
            REASON_LIMIT,
            multiline=True,
            optional=not missing,
        )
    )
    kept = {"incident_id": incident.id}
    return modal(FormName.COMPLETE, "Complete the postmortem", "Complete", blocks, kept)


def waive_form(incident: Incident) -> Block:
    """The form that asks why no postmortem is needed."""
    blocks = [
        text_input(
            "despite", "Why is no postmortem needed?", "", REASON_LIMIT, multiline=True, optional=False
        )
    ]
    return modal(
        FormName.WAIVE, f"No postmortem · {incident.ref}", "Save", blocks, {"incident_id": incident.id}
    )


@parser
def parse_reason(view: State) -> tuple[int, str]:
    """The input from :func:`complete_form` and :func:`waive_form`: the incident and the reason."""
    return int(carried(view)["incident_id"]), typed(view, "despite")


def _select(block_id: str, label: str, options: dict[str, str], initial: str) -> Block:
    made = {value: {"text": plain(text), "value": value} for value, text in options.items()}
    element = {
        "type": "static_select",
        "action_id": block_id,
        "options": list(made.values()),
        "initial_option": made[str(initial)],
    }
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element}
