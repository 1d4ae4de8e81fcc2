"""A week of a calendar as the page shows it, in the viewer's time zone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from html.parser import HTMLParser

from sandbox.google import TEAM_CALENDAR
from sandbox.google.store import Calendars, attendee
from sandbox.page import dates
from sandbox.page.viewer import Viewer
from sandbox.workspace.model import Json, Person

DAYS = 7
_MIN_SHOWN_MINUTES = 20
"""A shorter event is drawn as if it took this many minutes, so that it can be read."""
_MINUTES = 24 * 60
_KINDS = {"declined": "declined", "tentative": "tentative", "needsAction": "unanswered"}


@dataclass(frozen=True)
class Guest:
    """Somebody who is invited, and their answer."""

    name: str
    response: str
    is_optional: bool


@dataclass(frozen=True)
class Chip:
    """An event on one day."""

    id: str
    title: str
    time: str
    kind: str
    """``busy``, ``free``, or the answer of the calendar's owner."""
    start: str
    """In the format of a ``datetime-local`` input; empty for a whole day."""
    minutes: int
    begins: int
    """Minutes after midnight."""
    ends: int
    text: str
    meet: str
    guests: tuple[Guest, ...]
    response: str | None
    """The viewer's answer, if they are invited."""
    is_mine: bool
    """Whether the viewer may move and delete it."""
    lane: int = 0
    """Its place among events that are drawn side by side, from 0."""
    lanes: int = 1


@dataclass(frozen=True)
class Day:
    """One day's column."""

    name: str
    number: int
    is_today: bool
    whole: tuple[Chip, ...]
    timed: tuple[Chip, ...]


@dataclass(frozen=True)
class Week:
    """Seven days of a calendar's events, starting on a Monday."""

    calendar: str
    monday: date
    title: str
    days: tuple[Day, ...]

    @property
    def before(self) -> date:
        """The Monday of the previous week."""
        return self.monday - timedelta(days=DAYS)

    @property
    def after(self) -> date:
        """The Monday of the next week."""
        return self.monday + timedelta(days=DAYS)


@dataclass(frozen=True)
class Look:
    """Which week of which calendar somebody is looking at, and which event to show in it, if any."""

    calendars: Calendars
    calendar: str
    day: date | None = None
    event: str = ""

    def week(self, viewer: Viewer) -> Week:
        """The week of the chosen day, or else of the event, or else the current one."""
        monday = _monday(self.day or self._day_of_event(viewer) or _today(viewer))
        days = tuple(self._day(viewer, monday + timedelta(days=number)) for number in range(DAYS))
        last = monday + timedelta(days=DAYS - 1)
        title = f"{monday:%B} {monday.day} – {f'{last:%B} ' if last.month != monday.month else ''}{last.day}"
        return Week(self.calendar, monday, f"{title}, {last.year}", days)

    def _day_of_event(self, viewer: Viewer) -> date | None:
        found = self.calendars.find(self.calendar, self.event) if self.event else None
        return self._span(found, viewer)[0].date() if found else None

    def _day(self, viewer: Viewer, day: date) -> Day:
        events = [each for each in self.calendars.on(self.calendar) if each["status"] != "cancelled"]
        whole = [self._chip(each, viewer, day) for each in events if _lies_on(each, day)]
        timed = [
            self._chip(each, viewer, day)
            for each in events
            if "dateTime" in each["start"] and _overlaps(self._span(each, viewer), day)
        ]
        timed.sort(key=lambda chip: (chip.begins, -chip.ends, chip.title))
        return Day(f"{day:%a}", day.day, day == _today(viewer), tuple(whole), side_by_side(timed))

    def _chip(self, event: Json, viewer: Viewer, day: date) -> Chip:
        start, end = self._span(event, viewer)
        is_whole = "date" in event["start"]
        begins = max(0, _minute(start, day))
        owned, mine = attendee(event, self.calendar), attendee(event, viewer.me.email)
        answer = owned.get("responseStatus", "") if owned else ""
        free = "free" if event.get("transparency") == "transparent" else "busy"
        return Chip(
            id=event["id"],
            title=event.get("summary") or "(no title)",
            time="All day" if is_whole else f"{dates.clock(start)} – {dates.clock(end)}",
            kind=_KINDS.get(answer, free),
            start="" if is_whole else f"{start:%Y-%m-%dT%H:%M}",
            minutes=int((end - start).total_seconds() // 60),
            begins=begins,
            ends=min(_MINUTES, max(_minute(end, day), begins + _MIN_SHOWN_MINUTES)),
            text=as_text(event.get("description") or ""),
            meet=event.get("hangoutLink") or "",
            guests=tuple(self._guests(event)),
            response=mine.get("responseStatus") if mine else None,
            is_mine=self.calendars.home_of(event) in {viewer.me.email, TEAM_CALENDAR},
        )

    def _guests(self, event: Json) -> Iterable[Guest]:
        for each in event.get("attendees") or ():
            person: Person | None = self.calendars.owner(each["email"])
            name = person.real_name if person else each["email"]
            yield Guest(name, each.get("responseStatus", "needsAction"), bool(each.get("optional")))

    def _span(self, event: Json, viewer: Viewer) -> tuple[datetime, datetime]:
        start, end = self.calendars.span(event, self.calendar)
        return start.astimezone(viewer.zone), end.astimezone(viewer.zone)


def side_by_side(chips: Sequence[Chip]) -> tuple[Chip, ...]:
    """Chips by when they begin, each in the first lane that is free at that time."""
    placed: list[Chip] = []
    group: list[Chip] = []
    for chip in chips:
        if group and chip.begins >= max(each.ends for each in group):
            placed += _widened(group)
            group = []
        taken = {each.lane for each in group if each.ends > chip.begins}
        lane = next(number for number in range(len(group) + 1) if number not in taken)
        group.append(replace(chip, lane=lane))
    return tuple(placed + _widened(group))


def _widened(group: list[Chip]) -> list[Chip]:
    lanes = max((each.lane for each in group), default=0) + 1
    return [replace(each, lanes=lanes) for each in group]


def as_text(description: str) -> str:
    """The text that Google shows for a description, which is HTML, without formatting."""
    reader = _Words()
    reader.feed(description)
    reader.close()
    return "".join(reader.found)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def _lies_on(event: Json, day: date) -> bool:
    """Whether an all-day event takes place on that day; its end date is exclusive."""
    start, end = event["start"].get("date"), event["end"].get("date")
    return bool(start and end) and date.fromisoformat(start) <= day < date.fromisoformat(end)


def _overlaps(span: tuple[datetime, datetime], day: date) -> bool:
    return _minute(span[0], day) < _MINUTES and _minute(span[1], day) > 0


def _minute(when: datetime, day: date) -> int:
    """Minutes since that day's midnight, by the clock on the wall."""
    return (when.date() - day).days * _MINUTES + when.hour * 60 + when.minute


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _today(viewer: Viewer) -> date:
    return viewer.moment(viewer.now).date()
