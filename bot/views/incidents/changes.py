"""What has changed in an incident, as messages and lines say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.domain.action_items.model import ActionItem
from bot.domain.incidents.model import Incident, IncidentSeverity, IncidentStatus
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.text import some_of
from bot.views.action_items.text import item_change, left_to_do
from bot.views.calendar.meetings import arrange_button
from bot.views.calendar.time_blocks import block_button
from bot.views.incidents.card import call_link
from bot.views.kit.labels import SEVERITY, STATUS
from bot.views.kit.message import (
    Block,
    Message,
    actions,
    button,
    context,
)
from bot.views.kit.text import counted, escape_within, mention
from bot.views.postmortems.offers import offers, waiver

_MENTIONED = 20
"""How many of the people who were brought in together are named in one line."""
_NOTE_SHOWN, _TITLE_SHOWN = 2000, 500
"""In characters; a text full of ampersands shows fewer, since each becomes five characters."""


def update(
    incident: Incident,
    entry: TimelineEntry,
    left: Sequence[ActionItem] = (),
    *,
    asks_for_postmortem: bool = False,
    can_block: bool = False,
    also: Sequence[TimelineEntry] = (),
) -> Message:
    """A small line in the channel about a change, with buttons for the usual next steps.

    ``also`` are other changes that were made with it, each of which gets a line.

    When the incident is closed, it names the action items that are ``left`` open and, if
    ``asks_for_postmortem``, asks whether a postmortem is needed. It offers to block time only if people
    ``can_block`` it, which takes a connected calendar.
    """
    text = "\n".join(map(change_line, (entry, *also)))
    more: list[Block] = [context(left_to_do(left))] if left else []
    if entry.kind is EntryKind.STATUS and entry.to_value == IncidentStatus.RESOLVED.value:
        whys = button("Start five whys", "start_whys", str(incident.id))
        more.append(actions(*offers(incident), whys, arrange_button(incident, "Book a postmortem meeting")))
    elif can_block and entry.to_value == IncidentStatus.INVESTIGATING.value:
        more.append(actions(block_button(incident)))
    elif asks_for_postmortem:
        more += [context("There is no postmortem yet. Is one needed?"), waiver(incident)]
    return Message(f"{incident.ref}: {text}", (context(text), *more))


def change_line(entry: TimelineEntry, note_limit: int = _NOTE_SHOWN) -> str:
    """A sentence about what changed and why, without the time."""
    who = mention(entry.by) if entry.by else "Somebody"
    has_note = entry.text and entry.kind not in _HAS_OWN_TEXT
    note = f": {escape_within(entry.text, note_limit)}" if has_note else ""
    return f"{_CHANGES[entry.kind](entry, who)}{note}"


def _severity(value: str | None) -> str:
    return SEVERITY[IncidentSeverity(value)] if value else "?"


def _status(value: str | None) -> str:
    return STATUS[IncidentStatus(value)] if value else "?"


def _commander(entry: TimelineEntry, who: str) -> str:
    """The sentence for taking command, or for giving it to somebody else."""
    if not entry.to_value:
        return f"{who} gave up command"
    taken = f"{who} took command" if entry.to_value == entry.by else f"{who} gave command to {_new(entry)}"
    return taken + _replacing(entry)


def _role(entry: TimelineEntry, who: str) -> str:
    """The sentence for taking a role, giving it to somebody else, or giving it up."""
    role = f"the role *{escape_within(entry.text, _TITLE_SHOWN)}*"
    if not entry.to_value:
        return f"{who} gave up {role}"
    taken = f"{who} took {role}" if entry.to_value == entry.by else f"{who} gave {role} to {_new(entry)}"
    return taken + _replacing(entry)


def _new(entry: TimelineEntry) -> str:
    return mention(entry.to_value or "")


def _replacing(entry: TimelineEntry) -> str:
    """Who had the role before, unless they gave it away themselves and so have already been named."""
    is_named = not entry.from_value or entry.from_value == entry.by
    return "" if is_named else f", replacing {mention(entry.from_value or '')}"


def _people(entry: TimelineEntry, who: str) -> str:
    """The sentence for people who were brought in; Slack notifies those that it mentions."""
    if not entry.to_value:
        return "⚠️ Not everybody could be invited"
    people = entry.to_value.split()
    shown = ", ".join(map(mention, people[:_MENTIONED]))
    more = f" and {counted(len(people) - _MENTIONED, 'more person', 'more people')}"
    return f"👋 {who} brought in {shown}{more if len(people) > _MENTIONED else ''}"


def _call(entry: TimelineEntry, who: str) -> str:
    if not entry.to_value:
        return f"📞 {who} removed the call"
    what = "changed" if entry.from_value else "set"
    return f"📞 {who} {what} the call: {call_link(entry.to_value)}"


def _checklist(entry: TimelineEntry, who: str) -> str:
    name = escape_within(entry.text, _TITLE_SHOWN)
    if entry.from_value is None:
        return f"📋 {who} posted the checklist *{name}*"
    line, sign = escape_within(entry.from_value, _TITLE_SHOWN), _TICK.get(entry.to_value or "", "📋")
    return f"{sign} {who} {escape_within(entry.to_value or '', 20)} *{line}* ({name})"


def _root_cause(entry: TimelineEntry, who: str) -> str:
    told = escape_within(entry.to_value or entry.from_value or "", _TITLE_SHOWN)
    what = "Root cause" if entry.to_value else "Root cause retracted"
    return f"🎯 {what} ({escape_within(entry.text, 20)}, {who}): *{told}*"


_CHANGES: Mapping[EntryKind, Callable[[TimelineEntry, str], str]] = {
    EntryKind.DECLARED: lambda entry, who: f"{who} declared it as {_severity(entry.to_value)}",
    EntryKind.STATUS: lambda entry, who: f"{who}: {_status(entry.from_value)} → *{_status(entry.to_value)}*",
    EntryKind.SEVERITY: lambda entry, who: (
        f"{who}: {_severity(entry.from_value)} → *{_severity(entry.to_value)}*"
    ),
    EntryKind.TITLE: lambda entry, who: (
        f"{who} renamed it to *{escape_within(entry.to_value or '', _TITLE_SHOWN)}*"
    ),
    EntryKind.COMMANDER: _commander,
    EntryKind.ROLE: _role,
    EntryKind.PEOPLE: _people,
    EntryKind.CALL: _call,
    EntryKind.ACTION: item_change,
    EntryKind.ROOT_CAUSE: _root_cause,
    EntryKind.PRIVACY: lambda entry, who: f"{who} made it *{escape_within(entry.to_value or '', 20)}*",
    EntryKind.UPDATE: lambda entry, who: f"📣 {who} sent update {escape_within(entry.to_value or '', 20)}",
    EntryKind.PAGE: lambda entry, who: (
        f"📟 {who} paged {some_of([*map(mention, (entry.to_value or '').split())])}"
    ),
    EntryKind.CHECKLIST: _checklist,
    EntryKind.MESSAGE: lambda _entry, who: f"{who} wrote a message",
    EntryKind.OTHER: lambda _entry, who: f"{who} changed something",
}

_TICK = {"ticked": "✅", "unticked": "↩️"}
_HAS_OWN_TEXT = frozenset({EntryKind.ACTION, EntryKind.ROLE, EntryKind.ROOT_CAUSE, EntryKind.CHECKLIST})
"""Kinds whose sentence has the text in it; the text of others is a note."""
