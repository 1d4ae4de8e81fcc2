"""What a timeline entry says in plain words, for documents that leave Slack."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.text import plain_from_markup

_MENTIONED = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
Names = Callable[[str], str]


def entry_words(entry: TimelineEntry, name: Names) -> str:
    """The entry in one or more lines, with people's names."""
    who = name(entry.by) if entry.by else entry.source or "Somebody"
    note = f": {entry.text}" if entry.text and entry.kind not in {EntryKind.MESSAGE, *_HAS_OWN_TEXT} else ""
    return f"{_WORDS[entry.kind](entry, who, name)}{note}"


def plain(markup: str, name: Names) -> str:
    """A message's plain text, with people's names."""
    return plain_from_markup(_MENTIONED.sub(lambda found: f"@{name(found[1])}", markup))


def _severity(entry: TimelineEntry, who: str, _name: Names) -> str:
    return f"Severity {entry.from_value} → {entry.to_value} ({who})"


def _commander(entry: TimelineEntry, who: str, name: Names) -> str:
    if entry.to_value == entry.by or not entry.to_value:
        return f"{who} took command"
    return f"{who} gave command to {name(entry.to_value)}"


def _root_cause(entry: TimelineEntry, who: str, _name: Names) -> str:
    if entry.to_value:
        return f"Root cause found: {entry.to_value} ({who})"
    return f"Root cause retracted: {entry.from_value} ({who})"


def _message(entry: TimelineEntry, who: str, name: Names) -> str:
    told = plain(entry.text, name)
    files = ", ".join(str(each.get("name") or "file") for each in entry.files)
    return f"{who}: {told or files}"


_HAS_OWN_TEXT = frozenset({EntryKind.ACTION, EntryKind.ROOT_CAUSE})
_WORDS: Mapping[EntryKind, Callable[[TimelineEntry, str, Names], str]] = {
    EntryKind.DECLARED: lambda entry, who, _name: f"Declared by {who}, severity {entry.to_value}",
    EntryKind.STATUS: lambda entry, who, _name: f"{(entry.to_value or '').capitalize()} ({who})",
    EntryKind.SEVERITY: _severity,
    EntryKind.TITLE: lambda entry, who, _name: f"Renamed to “{entry.to_value}” ({who})",
    EntryKind.COMMANDER: _commander,
    EntryKind.ACTION: lambda entry, who, _name: f"Action item {entry.text} ({who})",
    EntryKind.ROOT_CAUSE: _root_cause,
    EntryKind.PRIVACY: lambda entry, who, _name: f"Made {entry.to_value} ({who})",
    EntryKind.MESSAGE: _message,
}
