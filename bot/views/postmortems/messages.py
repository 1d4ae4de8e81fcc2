"""Postmortems in Slack: the message in the channel, the public summary, answers and revisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.kit.text import cut
from bot.domain.postmortems.documents import Document
from bot.domain.postmortems.model import Missing, Revision, Section, blames_somebody
from bot.domain.surface.answers import Revisions
from bot.domain.surface.shown import PostmortemShown, RevisionsShown
from bot.views.calendar.meetings import arrange_button, booking_time
from bot.views.kit.answers import pager, shows
from bot.views.kit.labels import MISSING, SECTION
from bot.views.kit.message import Block, Message, actions, button, context, overflow, section
from bot.views.kit.text import channel_link, counted, escape, escape_within, local_time, mention
from bot.views.postmortems.outline import EMPTY, NOTED, lesson_lines, measures, open_lines

_TEXT_SHOWN, _CAUSES_SHOWN, _LESSONS_SHOWN = 900, 8, 12
_EXPORTS = {
    "md": "Export as Markdown",
    "html": "Export as HTML for printing",
    "json": "Export everything as JSON",
}
EDITS = {
    "edit_summary": "Summary",
    "edit_impact": "Impact",
    "edit_causes": "Root causes",
    "add_lesson": "Add a lesson",
    "edit_events": "Timeline",
}
"""Action ids of the buttons that open a section's form, and their labels."""


def postmortem_message(document: Document, missing: Sequence[Missing], fallback: str = "") -> Message:
    """The postmortem's message in the channel: its state, with buttons for everything that can be done."""
    incident, found = document.incident, document.postmortem
    lines = [f"📝 *{escape(found.title)}*", _state(document, missing)]
    blocks: list[Block] = [section("\n".join(lines))]
    if found.is_final and found.completed_despite:
        blocks.append(context(f"{NOTED}: {escape(found.completed_despite)}"))
    if document.meeting:
        blocks.append(context(f"🗓 Meeting: {booking_time(document.meeting)}"))
    if fallback:
        blocks.append(context(fallback))
    blocks += [*_buttons(document), context("Replies in this thread become the postmortem's discussion.")]
    return Message(f"{incident.ref}: {escape(found.title)}", tuple(blocks))


def postmortem_tray(shown: PostmortemShown) -> Message:
    """The postmortem as an answer that one person sees."""
    incident, document = shown.incident, shown.document
    if document is None:
        text = f"*{incident.ref}* has no postmortem yet."
        start = button("Start the postmortem", "start_postmortem", str(incident.id), "primary")
        return Message(text, (section(text), actions(start)))
    found = document.postmortem
    blocks: list[Block] = [section(f"📝 *{escape(found.title)}*\n{_state(document, shown.missing)}")]
    blocks += [
        section(f"*Summary*\n{_text(found.summary, 'summary')}"),
        section(f"*Impact*\n{_text(found.impact, 'impact')}\n{_measures(document)}"),
        section(f"*Root causes*\n{_bullets(found.root_causes[:_CAUSES_SHOWN], 'root_causes')}"),
        *_lessons(document),
        context(_counts(document)),
        *_buttons(document),
    ]
    return Message(f"{incident.ref}: {escape(found.title)}", tuple(blocks))


def summary_message(document: Document) -> Message:
    """The announcement of a completed postmortem, or that it was reopened."""
    incident, found = document.incident, document.postmortem
    if not found.is_final:
        text = f"📝 The postmortem of *{incident.ref}* was reopened."
        return Message(text, (section(text),))
    lines = [f"📝 *{escape(found.title)}*", escape_within(cut(found.summary, 600), 1200)]
    lines += [f"🎯 {escape_within(each, 300)}" for each in found.root_causes[:3]]
    where = channel_link(incident.channel_id, incident.channel_name)
    items = _count(document.items, "action item")
    blocks = (
        section("\n".join(each for each in lines if each)),
        context(f"{items} · read more in {where}"),
    )
    return Message(f"{incident.ref}: the postmortem is complete", blocks)


def reminder_message(incident: Incident, *, has_begun: bool) -> Message:
    """A reminder of a postmortem, with buttons to deal with it."""
    what = "isn't complete yet" if has_begun else "hasn't been started yet"
    text = f"📝 The postmortem of *{incident.ref} {escape(incident.title)}* {what}."
    number = str(incident.id)
    label = "Show" if has_begun else "Start the postmortem"
    buttons = [
        button(label, "show_postmortem" if has_begun else "start_postmortem", number, "primary"),
        button("Hand over", "own_postmortem", number),
    ]
    if not has_begun:
        buttons.append(button("Not needed", "waive_postmortem", number))
    return Message(text, (section(text), actions(*buttons)))


def told_owner(incident: Incident, by: str) -> Message:
    """The notification to somebody that the postmortem was given to them."""
    what = f"*{incident.ref} {escape(incident.title)}*"
    text = f"📝 {mention(by)} made you the owner of the postmortem of {what}."
    number = str(incident.id)
    buttons = actions(
        button("Show", "show_postmortem", number, "primary"), button("Hand over", "own_postmortem", number)
    )
    where = context(f"You're its owner · {channel_link(incident.channel_id, incident.channel_name)}")
    told = f"The postmortem of {incident.ref} is yours: {escape(incident.title)}"
    return Message(told, (section(text), where, buttons))


def waived_message(incident: Incident, by: str, why: str) -> Message:
    """The message that there will be no postmortem, and why."""
    text = f"📝 No postmortem for {incident.ref} ({mention(by)}): {escape_within(why, 1000)}"
    return Message(text, (context(text),))


def revisions_message(shown: RevisionsShown) -> Message:
    """A page of revisions (who changed what), or the postmortem as it was in one of them."""
    ref = shown.incident.ref
    if shown.chosen:
        return _revision(ref, shown)
    title = f"Changes to the postmortem of {ref}"
    blocks = [section(f"*{title}*")]
    for each in shown.revisions:
        opens = shows("Show", "show_revision", Revisions(shown.incident.id, each.number))
        text = f"{each.number}. {_changed(each)} · {mention(each.by)} · {local_time(each.at)}"
        blocks.append(section(text, accessory=opens))
    labels = "← Newer", "Older →"
    pages = pager(shown.pages, shown.page, lambda page: Revisions(shown.incident.id, page=page), labels)
    return Message(title, (*blocks, actions(*pages)) if pages else tuple(blocks))


def _revision(ref: str, shown: RevisionsShown) -> Message:
    chosen = shown.chosen
    assert chosen  # noqa: S101 - the caller has checked
    content: Mapping[str, Any] = chosen.content
    title = f"{ref}, revision {chosen.number}: {_changed(chosen)}"
    lines = [f"*{title}*", f"{mention(chosen.by)} · {local_time(chosen.at)}"]
    texts = (Section.TITLE, Section.SUMMARY, Section.IMPACT)
    lines += [f"*{SECTION[name]}*\n{escape_within(str(content[name.value]), 700)}" for name in texts]
    causes = "\n".join(str(each) for each in content["root_causes"])
    lessons = "\n".join(str(each["lesson"]) for each in content["lessons"])
    blocks = [section("\n".join(lines))]
    blocks.append(section(f"*{SECTION[Section.ROOT_CAUSES]}*\n{escape_within(causes, 1000)}"))
    blocks.append(section(f"*{SECTION[Section.LESSONS]}*\n{escape_within(lessons, 1500)}"))
    return Message(title, tuple(blocks))


def _changed(revision: Revision) -> str:
    """What a revision has changed."""
    return SECTION[revision.section] if revision.section else "Changed"


def _state(document: Document, missing: Sequence[Missing]) -> str:
    found = document.postmortem
    owner = f"owner {mention(found.owner_id)}" if found.owner_id else "no owner yet"
    if found.completed_at:
        return f"✅ Completed {local_time(found.completed_at)} · {owner}"
    lacking = ", ".join(MISSING[each] for each in missing)
    hint = " · some of it seems to blame a person" if blames_somebody(found) else ""
    return f"Draft · {owner} · " + (f"still missing: {lacking}" if lacking else "nothing missing") + hint


def _buttons(document: Document) -> list[Block]:
    """Rows of buttons for everything that can be done."""
    number, found = str(document.incident.id), document.postmortem
    looks = [button("Show", "show_postmortem", number), button("Changes", "show_revisions", number)]
    exports = {f"{number}/{kind}": text for kind, text in _EXPORTS.items()}
    if found.is_final:
        more = overflow("more_postmortem", exports)
        return [actions(*looks, button("Reopen", "reopen_postmortem", number), more)]
    edits = [button(label, action, number) for action, label in EDITS.items()]
    others = {f"{number}/{each.value}": SECTION[each] for each in (Section.TITLE, Section.OWNER)}
    complete = button("Complete", "complete_postmortem", number, "primary")
    meet = arrange_button(
        document.incident, "Reschedule the meeting" if document.meeting else "Book the meeting"
    )
    more = overflow("more_postmortem", {**others, **exports})
    return [actions(*edits), actions(complete, *looks, meet, more)]


def _count(found: Sequence[object], what: str) -> str:
    return counted(len(found), what)


def _counts(document: Document) -> str:
    """How many events and action items it has, and how many lines of checklists were left open."""
    counts = [_count(document.postmortem.timeline, "event"), _count(document.items, "action item")]
    left = open_lines(document)
    return " · ".join([*counts, *([f"{_count(left, 'line')} of checklists left open"] if left else [])])


def _text(text: str, name: str) -> str:
    return escape_within(text, _TEXT_SHOWN) if text else f"_{EMPTY[name]}_"


def _bullets(texts: Sequence[str], name: str) -> str:
    lines = [f"• {escape_within(each, 300)}" for each in texts]
    return "\n".join(lines) or f"_{EMPTY[name]}_"


def _measures(document: Document) -> str:
    """The measures, each time in the reader's own zone."""
    return " · ".join(f"{label}: {value}" for label, value in measures(document, local_time))


def _lessons(document: Document) -> list[Block]:
    found = lesson_lines(document)[:_LESSONS_SHOWN]
    if not found:
        return [section(f"*Lessons*\n_{EMPTY['lessons']}_")]
    ref = ref_of(document.incident.id)
    blocks: list[Block] = [section("*Lessons*")]
    for number, (lesson, facts) in enumerate(found, start=1):
        edit = button("Edit", "edit_lesson", f"{document.incident.id}/{number}")
        text = f"{escape_within(lesson, 250)}\n_{facts}_"
        blocks.append(section(text, accessory=edit) if not document.postmortem.is_final else section(text))
    return [*blocks, context(ref)] if len(found) < len(document.postmortem.lessons_learned) else blocks


VIEWS: Mapping[type[Any], Callable[[Any], Message]] = {
    PostmortemShown: postmortem_tray,
    RevisionsShown: revisions_message,
}
"""Loaded answers about postmortems -> their functions, for :mod:`bot.views.answers`."""
