"""A postmortem as plain text under headings, the common source of Markdown and HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from bot.domain.action_items.model import ActionItem, item_ref
from bot.domain.checklists.model import left_open
from bot.domain.kit.text import duration
from bot.domain.postmortems.documents import Document, since_start
from bot.domain.postmortems.model import TimelineEvent
from bot.views.action_items.text import due_text
from bot.views.kit.labels import ITEM_STATUS, PRIORITY, SEVERITY, STATUS

EMPTY = {
    "summary": "What happened, in a few sentences.",
    "impact": "Who and how many were affected, and for how long.",
    "root_causes": "What made it possible. Five whys can help you find it.",
    "lessons": "What to do differently next time, and what went well.",
    "items": "What needs to be done so that it doesn't happen again.",
    "timeline": "Nothing was recorded.",
}
"""The text shown for an empty section, which in most says what to write there."""

NOTED = "Note on completion"
LEFT_OPEN = "Left open on checklists"


@dataclass(frozen=True, slots=True)
class Line:
    """A timeline event as text."""

    day: str
    """The day if it differs from the previous line's, else empty."""
    clock: str
    distance: str
    text: str
    link: str | None
    files: tuple[tuple[str, str], ...]
    """Each is (name, link)."""
    gap: str
    """How long there was no event before it, or empty."""


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An action item as text."""

    is_done: bool
    text: str
    facts: str


def status_line(document: Document) -> str:
    """The incident's ref, severity and status, and whether the postmortem is final."""
    incident, found = document.incident, document.postmortem
    state = "Completed" if found.is_final else "Draft"
    return f"{incident.ref} · {SEVERITY[incident.severity]} · {STATUS[incident.status]} · {state}"


def measures(document: Document, shown: Callable[[datetime], str] | None = None) -> list[tuple[str, str]]:
    """When it was declared, acknowledged and resolved, with how long that took, and when the meeting is.

    ``shown`` writes a time; without it, times are in the document's zone, which they name.
    """
    shown = shown or _with_zone(ZoneInfo(document.zone))
    found, missing = [], "not recorded" if "resolved" in document.measured else "not yet"
    for name in ("declared", "acknowledged", "resolved"):
        at = document.measured.get(name)
        if at is None:
            found.append((name.capitalize(), missing))
            continue
        after = since_start(document, at)
        late = f", after {duration(after)}" if name != "declared" else ""
        found.append((name.capitalize(), f"{shown(at)}{late}"))
    if document.meeting:
        start = document.meeting.start
        # An all-day event has the same day everywhere.
        found.append(("Meeting", _day(start, UTC) if document.meeting.is_whole_day else shown(start)))
    return found


def lines(document: Document, events: Sequence[TimelineEvent]) -> Iterator[Line]:
    """The lines of the timeline."""
    zone, before = ZoneInfo(document.zone), ""
    for each in events:
        day = _day(each.time, zone)
        yield Line(
            day=day if day != before else "",
            clock=_clock(each.time, zone),
            distance=_distance(since_start(document, each.time)),
            text=each.event,
            link=each.link,
            files=tuple((str(f.get("name") or "file"), str(f.get("permalink") or "")) for f in each.files),
            gap=f"{duration(timedelta(seconds=each.gap))} without an event" if each.gap else "",
        )
        before = day


def item_lines(document: Document) -> list[ItemLine]:
    """The lines of the action items."""
    return [_item(item, owner) for item, owner in document.items]


def open_lines(document: Document) -> list[str]:
    """Every line of the checklists that nobody has ticked, with the action item that it became, if any."""
    return [
        f"{checklist.name}: {line.text}" + (f" ({item_ref(line.item_id)})" if line.item_id else "")
        for checklist, line in left_open(document.checklists)
    ]


def lesson_lines(document: Document) -> list[tuple[str, str]]:
    """Each lesson, with its priority and category in words."""
    return [
        (each.lesson, f"{PRIORITY[each.priority]}, {each.category.value}")
        for each in document.postmortem.lessons_learned
    ]


def _item(item: ActionItem, owner: str) -> ItemLine:
    due = f"due {due_text(item.due_date)}" if item.due_date else "no due date yet"
    facts = f"{owner or 'no owner yet'}, {due}, {PRIORITY[item.priority]}, {ITEM_STATUS[item.status]}"
    return ItemLine(item.completed_at is not None, f"{item.ref} {item.title}", facts)


def _distance(since: timedelta) -> str:
    if not since:
        return "start"
    return f"{'-' if since < timedelta() else '+'}{duration(since)}"


def _day(at: datetime, zone: tzinfo) -> str:
    day: date = at.astimezone(zone).date()
    return f"{day:%a} {day.day} {day:%b} {day.year}"


def _with_zone(zone: ZoneInfo) -> Callable[[datetime], str]:
    return lambda at: f"{_day(at, zone)} {_clock(at, zone)} ({zone})"


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%H:%M}"
