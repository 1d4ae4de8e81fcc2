"""What a timeline entry says in plain words, for documents that leave Slack."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.references import Names
from bot.domain.kit.text import plain_from_markup, some_of


def entry_words(entry: TimelineEntry, names: Names) -> str:
    """The entry in one or more lines, with people's names."""
    who = names.person(entry.by) if entry.by else entry.source or "Somebody"
    note = f": {entry.text}" if entry.text and entry.kind not in {EntryKind.MESSAGE, *_HAS_OWN_TEXT} else ""
    return f"{_WORDS[entry.kind](entry, who, names)}{note}"


def _severity(entry: TimelineEntry, who: str, _names: Names) -> str:
    return f"Severity {entry.from_value} → {entry.to_value} ({who})"


def _commander(entry: TimelineEntry, who: str, names: Names) -> str:
    if not entry.to_value:
        return f"{who} gave up command"
    if entry.to_value == entry.by:
        return f"{who} took command"
    return f"{who} gave command to {names.person(entry.to_value)}"


def _role(entry: TimelineEntry, who: str, names: Names) -> str:
    if entry.to_value == entry.by:
        return f"{who} took the role {entry.text}"
    if entry.to_value:
        return f"{who} gave the role {entry.text} to {names.person(entry.to_value)}"
    return f"{who} gave up the role {entry.text}"


def _people(entry: TimelineEntry, who: str, names: Names) -> str:
    if not entry.to_value:
        return "Not everybody could be invited"
    people = entry.to_value.split()
    more = f" and {len(people) - _NAMED} more" if len(people) > _NAMED else ""
    return f"{who} brought in {', '.join(map(names.person, people[:_NAMED]))}{more}"


def _page(entry: TimelineEntry, who: str, names: Names) -> str:
    people = [names.person(each) for each in (entry.to_value or "").split()]
    return f"{who} paged {some_of(people)}"


def _root_cause(entry: TimelineEntry, who: str, _names: Names) -> str:
    if entry.to_value:
        return f"Root cause found: {entry.to_value} ({who})"
    return f"Root cause retracted: {entry.from_value} ({who})"


def _message(entry: TimelineEntry, who: str, names: Names) -> str:
    if entry.removed:
        return f"{who}: ({entry.removed})"
    told = plain_from_markup(entry.text, names)
    files = ", ".join(str(each.get("name") or "file") for each in entry.files)
    return f"{who}: {told or files}"


def _checklist(entry: TimelineEntry, who: str, _names: Names) -> str:
    if entry.from_value is None:
        return f"{who} posted the checklist “{entry.text}”"
    return f"{who} {entry.to_value} “{entry.from_value}” on the checklist “{entry.text}”"


_NAMED = 20
"""How many of the people who were brought in together are named."""
_HAS_OWN_TEXT = frozenset({EntryKind.ACTION, EntryKind.ROLE, EntryKind.ROOT_CAUSE, EntryKind.CHECKLIST})
_WORDS: Mapping[EntryKind, Callable[[TimelineEntry, str, Names], str]] = {
    EntryKind.DECLARED: lambda entry, who, _names: f"Declared by {who}, severity {entry.to_value}",
    EntryKind.STATUS: lambda entry, who, _names: f"{(entry.to_value or '').capitalize()} ({who})",
    EntryKind.SEVERITY: _severity,
    EntryKind.TITLE: lambda entry, who, _names: f"Renamed to “{entry.to_value}” ({who})",
    EntryKind.COMMANDER: _commander,
    EntryKind.ROLE: _role,
    EntryKind.PEOPLE: _people,
    EntryKind.CALL: lambda entry, who, _names: f"Call: {entry.to_value or 'removed'} ({who})",
    EntryKind.ACTION: lambda entry, who, _names: f"Action item {entry.text} ({who})",
    EntryKind.ROOT_CAUSE: _root_cause,
    EntryKind.PRIVACY: lambda entry, who, _names: f"Made {entry.to_value} ({who})",
    EntryKind.UPDATE: lambda entry, who, _names: f"Update {entry.to_value} by {who}",
    EntryKind.PAGE: _page,
    EntryKind.CHECKLIST: _checklist,
    EntryKind.MESSAGE: _message,
    EntryKind.OTHER: lambda _entry, who, _names: f"{who} changed something",
}
