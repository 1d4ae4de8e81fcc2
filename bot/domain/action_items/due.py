"""Due phrases such as ``tomorrow``, ``next friday``, ``+3d``, ``5 dec``: their date, or a clear question."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from bot.domain.kit.errors import DueAmbiguous, DuePassed, DueTooFar, DueUnknown

FURTHEST = timedelta(days=5 * 366)
_AHEAD = timedelta(days=270)
"""How far ahead a date without a year may be: "5 november" on 24 November could mean this year or next."""

_DAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
_WEEKDAYS: Mapping[str, int] = {**_DAYS, **{name[:3]: number for name, number in _DAYS.items()}}
_MONTH_NAMES = {name.lower(): number for number, name in enumerate(calendar.month_name) if number}
_MONTHS: Mapping[str, int] = {
    **_MONTH_NAMES,
    **{name[:3]: number for name, number in _MONTH_NAMES.items()},
    "sept": 9,
}
_FRIDAY = 4
_UNITS = {"d": 1, "w": 7, "m": 30}


def due_date(phrase: str, today: date) -> date:
    """The date that a phrase means to somebody for whom it is now ``today``.

    Raises ``DueUnknown`` if it isn't a date, ``DueAmbiguous`` if it can mean two, ``DuePassed`` if it has
    passed and ``DueTooFar`` beyond five years.
    """
    text = " ".join(phrase.lower().strip(" .,!").split())
    found = _WORDS[text](today) if text in _WORDS else _by_pattern(text, today)
    if found is None:
        raise DueUnknown(phrase=phrase)
    check_due(found, today)
    return found


def check_due(found: date, today: date) -> None:
    """Raise ``DuePassed`` or ``DueTooFar`` for a date that nobody can mean as a due date."""
    if found < today:
        raise DuePassed(date=found.isoformat())
    if found - today > FURTHEST:
        raise DueTooFar(date=found.isoformat())


def _by_pattern(text: str, today: date) -> date | None:
    for pattern, read in _PATTERNS:
        match = pattern.fullmatch(text)
        if match:
            try:
                return read(match, today)
            except (ValueError, OverflowError):
                # E.g. 31 february, year 0, a million weeks.
                return None
    return None


def _end_of_week(today: date) -> date:
    return today + timedelta(days=(_FRIDAY - today.weekday()) % 7)


def _end_of_month(today: date) -> date:
    return today.replace(day=calendar.monthrange(today.year, today.month)[1])


def _weekday(match: re.Match[str], today: date) -> date:
    ahead = (_WEEKDAYS[match["day"]] - today.weekday()) % 7
    if ahead == 0:
        raise DueAmbiguous(
            phrase=match[0], one=today.isoformat(), other=(today + timedelta(days=7)).isoformat()
        )
    return today + timedelta(days=ahead)


def _weekday_of_next_week(match: re.Match[str], today: date) -> date:
    monday = today + timedelta(days=7 - today.weekday())
    return monday + timedelta(days=_WEEKDAYS[match["day"]])


def _in(match: re.Match[str], today: date) -> date:
    count = 1 if match["count"] in {"a", "an", "one"} else int(match["count"])
    unit = match["unit"][0]
    if unit == "m":
        return _months_on(today, count)
    return today + timedelta(days=count * _UNITS[unit])


def _months_on(today: date, count: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 + count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(today.day, last))


def _iso(match: re.Match[str], _today: date) -> date:
    return date(int(match["y"]), int(match["m"]), int(match["d"]))


def _named(match: re.Match[str], today: date) -> date:
    month, day = _MONTHS[match["month"]], int(match["d"])
    if match["y"]:
        return date(int(match["y"]), month, day)
    # 2028 has a 29 February, 2027 doesn't: whether the day exists depends on the year.
    this_year = _day_of(today.year, month, day)
    if this_year and this_year >= today:
        return this_year
    next_year = date(today.year + 1, month, day)
    if this_year and next_year - today > _AHEAD:
        raise DueAmbiguous(phrase=match[0], one=this_year.isoformat(), other=next_year.isoformat())
    return next_year


def _day_of(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if 1 <= day <= calendar.monthrange(year, month)[1] else None


def _numbers(match: re.Match[str], today: date) -> date:
    """The date in ``5/12``, which is 5 December to some and 12 May to others; raises ``DueAmbiguous``."""
    one, other = int(match["a"]), int(match["b"])
    year = int(match["y"] or today.year)
    readings = {
        found
        for day, month in ((one, other), (other, one))
        if 1 <= month <= 12 and (found := _day_of(year, month, day))
    }
    if len(readings) == 2:
        first, second = sorted(readings)
        raise DueAmbiguous(phrase=match[0], one=first.isoformat(), other=second.isoformat())
    # Month 13 raises ValueError, so a date such as 31/31 is unknown, like 31 february.
    return readings.pop() if readings else date(year, 13, 1)


_WORDS: Mapping[str, Callable[[date], date]] = {
    "today": lambda today: today,
    "eod": lambda today: today,
    "end of day": lambda today: today,
    "tomorrow": lambda today: today + timedelta(days=1),
    "eow": _end_of_week,
    "end of week": _end_of_week,
    "eom": _end_of_month,
    "end of month": _end_of_month,
    "next week": lambda today: today + timedelta(days=7 - today.weekday()),
}
_DAY = "|".join(sorted(_WEEKDAYS, key=len, reverse=True))
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date]], ...] = tuple(
    (re.compile(pattern, re.ASCII), read)
    for pattern, read in (
        (r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", _iso),
        (rf"(?:on |this )?(?P<day>{_DAY})", _weekday),
        (rf"next (?P<day>{_DAY})", _weekday_of_next_week),
        (r"\+ ?(?P<count>\d{1,4}) ?(?P<unit>[dwm])", _in),
        (r"in (?P<count>\d{1,4}|an?|one) (?P<unit>day|week|month)s?", _in),
        (
            rf"(?:on )?(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)? ?(?P<month>{_MONTH})\.?,?(?: (?P<y>\d{{4}}))?",
            _named,
        ),
        (rf"(?:on )?(?P<month>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?(?: (?P<y>\d{{4}}))?", _named),
        (r"(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.]?(?P<y>\d{4})?", _numbers),
    )
)
