"""How the incident went: its curated state changes and key events, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.postmortems.model import AddedEvent, Curated, TimelineEvent

LONG_GAP = timedelta(minutes=30)
"""The shortest time without an event that is worth mentioning."""


def reconstruct(
    entries: Iterable[TimelineEntry],
    curated: Mapping[int, Curated],
    added: Iterable[AddedEvent],
    words: Callable[[TimelineEntry], str],
    link: Callable[[TimelineEntry], str | None],
) -> tuple[TimelineEvent, ...]:
    """The events in the order in which they happened; the same input always gives the same output.

    ``words`` describes an entry that nobody has reworded. Messages are included if they are key events and
    not deleted; action items and checklists aren't, because what is left of them has a section of its own.
    """
    events = [
        _event(entry, curated.get(entry.id, Curated()), words, link)
        for entry in entries
        if belongs(entry, curated.get(entry.id, Curated()))
    ]
    events += [TimelineEvent(each.at, each.text) for each in added]
    events.sort(key=lambda each: (each.time, each.entry_id or 0, each.event))
    return tuple(_with_gaps(events))


def belongs(entry: TimelineEntry, curated: Curated) -> bool:
    """Whether an entry is in the postmortem's timeline; what was deleted in Slack never is."""
    if curated.is_shown is not None:
        return curated.is_shown and not entry.is_gone
    if entry.kind is EntryKind.MESSAGE:
        return entry.is_key and not entry.is_gone
    return entry.kind not in {EntryKind.ACTION, EntryKind.CHECKLIST}


def measured(entries: Iterable[TimelineEntry], resolved_at: datetime | None) -> dict[str, datetime]:
    """When the incident was declared, acknowledged and resolved (UTC).

    It is acknowledged once somebody takes command or begins to investigate. Resolving it straight away
    acknowledges nothing, and neither does what happens after it was resolved.
    """
    found: dict[str, datetime] = {}
    for entry in entries:
        if entry.kind is EntryKind.DECLARED:
            found.setdefault("declared", entry.at)
        is_first_step = entry.kind is EntryKind.COMMANDER or (
            entry.kind is EntryKind.STATUS and entry.to_value == "investigating"
        )
        if is_first_step and (resolved_at is None or entry.at <= resolved_at):
            found.setdefault("acknowledged", entry.at)
    if resolved_at:
        found["resolved"] = resolved_at
    return found


def _event(
    entry: TimelineEntry,
    curated: Curated,
    words: Callable[[TimelineEntry], str],
    link: Callable[[TimelineEntry], str | None],
) -> TimelineEvent:
    told = words(entry) if curated.text is None else curated.text
    return TimelineEvent(curated.at or entry.at, told, link(entry), entry.files, entry.id)


def _with_gaps(events: list[TimelineEvent]) -> Iterable[TimelineEvent]:
    before: datetime | None = None
    for each in events:
        gap = each.time - before if before else timedelta()
        yield replace(each, gap=gap.total_seconds()) if gap >= LONG_GAP else each
        before = each.time
