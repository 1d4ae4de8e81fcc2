"""The phrases for a day that people type, and every date that each one can mean.

A phrase is normalised first (:func:`bot.domain.action_items.due_words.normal`). Then one row of ``_PHRASES``
reads it. A row returns all dates that fit, so that :mod:`bot.domain.action_items.due` can drop
those that have passed.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from bot.domain.action_items.due_words import COUNTS, DAY, MONTHS, WEEKDAYS
from bot.domain.kit.errors import NoSuchDay, WrongWeekday

Readings = tuple[date, ...]

_UNIT_DAYS = {"d": 1, "w": 7, "f": 14}
_UNIT_MONTHS = {"m": 1, "q": 3, "y": 12}
_YEARS = 9
"""How many years to search for a day without a year: there can be eight between two 29 Februaries."""

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_COUNT = rf"(?P<count>\d{{1,4}}|{'|'.join(sorted(COUNTS, key=len, reverse=True))})"
_UNIT = (
    r"(?P<unit>(?:business |working |work |week)days?|days?|d|weeks?|wks?|w|fortnights?|months?|mos?|m"
    r"|quarters?|years?|hours?|hrs?|h|minutes?|mins?)"
)
_PERIOD = r"(?:(?P<which>this|next|following|current) )?(?P<period>week|month|quarter|year)"
_D = r"(?P<d>\d{1,2})(?:st|nd|rd|th|\.)?"
_YEAR, _OF_YEAR = r"(?:,? (?P<y>\d{4}))?", r"(?:,?[ -](?P<y>\d{4}))?"


def readings(text: str, today: date) -> Readings | None:
    """Every date that a normalised phrase can mean, or ``None`` if it isn't one.

    Raises ``NoSuchDay``, ``WrongWeekday``, ``ValueError`` or ``OverflowError`` for a day that doesn't exist.
    """
    for pattern, read in _PHRASES:
        match = pattern.fullmatch(text)
        if match and (found := read(match, today)) is not None:
            return found
    return None


def _start_of(period: str, today: date, ahead: int) -> date:
    """The first day of this week, month, quarter or year, or of a later one."""
    if period == "week":
        return today + timedelta(days=7 * ahead - today.weekday())
    months = {"month": 1, "quarter": 3, "year": 12}[period]
    return _months_on(today.replace(day=1), months * ahead - (today.month - 1) % months)


def _end_of(period: str, today: date, ahead: int) -> date:
    """The last day of the period; for a week, its Friday or, once that has passed, the next one."""
    if period == "week":
        friday = _start_of("week", today, ahead) + timedelta(days=4)
        return friday if friday >= today else friday + timedelta(days=7)
    return _start_of(period, today, ahead + 1) - timedelta(days=1)


def _ahead(match: re.Match[str]) -> int:
    return int(match["which"] in {"next", "following"})


def _whole_period(match: re.Match[str], today: date) -> Readings | None:
    """``next month`` starts when the month does; ``this month`` ends with it."""
    if not match["which"]:
        return None
    at = _start_of if _ahead(match) else _end_of
    return (at(match["period"], today, _ahead(match)),)


def _middle_of(match: re.Match[str], today: date) -> Readings:
    start = _start_of(match["period"], today, _ahead(match))
    return (start + (_end_of(match["period"], start, 0) - start) / 2,)


def _months_on(today: date, count: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 + count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(today.day, last))


def _weekday(match: re.Match[str], today: date) -> Readings:
    ahead = (WEEKDAYS[match["day"]] - today.weekday()) % 7
    first = today + timedelta(days=ahead)
    return (first,) if ahead else (first, first + timedelta(days=7))


def _weekday_of_next_week(match: re.Match[str], today: date) -> Readings:
    return (_start_of("week", today, 1) + timedelta(days=WEEKDAYS[match["day"]]),)


def _weekend(match: re.Match[str], today: date) -> Readings:
    saturday = _start_of("week", today, int(bool(match["which"] == "next"))) + timedelta(days=5)
    return saturday, saturday + timedelta(days=1)


def _added(day: date, match: re.Match[str]) -> date:
    count, unit = COUNTS.get(match["count"]) or int(match["count"]), match["unit"]
    if unit.startswith(("h", "min")):
        return day + timedelta(hours=count if unit[0] == "h" else count / 60)
    if unit.startswith(("b", "work", "weekd")):
        return _working_days_on(day, count)
    if unit[0] in _UNIT_DAYS:
        return day + timedelta(days=count * _UNIT_DAYS[unit[0]])
    return _months_on(day, count * _UNIT_MONTHS[unit[0]])


def _working_days_on(day: date, count: int) -> date:
    """That many days from Monday to Friday later."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def _after(match: re.Match[str], today: date) -> Readings | None:
    """``a week from monday``."""
    found = readings(match["other"], today)
    return found and tuple(_added(each, match) for each in found)


def _week_after(match: re.Match[str], today: date) -> Readings | None:
    """``friday week``, ``a week on friday``."""
    found = readings(match["other"], today)
    return found and tuple(each + timedelta(days=7) for each in found)


def _day_of(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if 1 <= day <= calendar.monthrange(year, month)[1] else None


def _next_day_of(month: int, day: int, today: date) -> date:
    """The next date with this month and day; raises ``NoSuchDay`` if there never is one."""
    for year in range(today.year, today.year + _YEARS):
        found = _day_of(year, month, day)
        if found and found >= today:
            return found
    raise NoSuchDay(month=calendar.month_name[month], days=calendar.monthrange(2000, month)[1])


def _dated(year: int, month: int, day: int) -> date:
    """The date; raises ``NoSuchDay`` if that month has no such day."""
    found = _day_of(year, month, day)
    if found is None:
        name = f"{calendar.month_name[month]} {year}"
        raise NoSuchDay(month=name, days=calendar.monthrange(year, month)[1])
    return found


def _iso(match: re.Match[str], _today: date) -> Readings | None:
    month = int(match["m"])
    return (_dated(int(match["y"]), month, int(match["d"])),) if 1 <= month <= 12 else None


def _named(match: re.Match[str], today: date) -> Readings:
    month, day = MONTHS[match["month"]], int(match["d"])
    return (_dated(int(match["y"]), month, day) if match["y"] else _next_day_of(month, day, today),)


def _day_of_month(match: re.Match[str], today: date) -> Readings | None:
    """``the 5th``: the next one; ``the 5th of next month``."""
    day = int(match["d"])
    if match["which"]:
        month = _months_on(today, int(match["which"] != "this"))
        return (_dated(month.year, month.month, day),)
    months = (_months_on(today, ahead) for ahead in range(3))
    found = (_day_of(month.year, month.month, day) for month in months)
    return next(((each,) for each in found if each and each >= today), None)


def _numbers(match: re.Match[str], today: date) -> Readings | None:
    """``5/12`` is 5 December to some and 12 May to others; with dots, the day is always first."""
    one, other = int(match["a"]), int(match["b"])
    orders = [(day, month) for day, month in ((one, other), (other, one)) if 1 <= month <= 12 and day]
    if "." in match[0]:
        orders = orders[:1]
    if not orders:
        return None
    year = int(match["y"] or today.year)
    year += 2000 if year < 100 else 0
    exact = tuple(found for day, month in orders if (found := _day_of(year, month, day)))
    if match["y"]:
        return exact or (_dated(year, orders[0][1], orders[0][0]),)
    coming = tuple(each for each in exact if each >= today)
    return coming or tuple(_next_day_of(month, day, today) for day, month in orders)


def _end_of_month(match: re.Match[str], today: date) -> Readings:
    month = MONTHS[match["month"]]
    years = [int(match["y"])] if match["y"] else [today.year, today.year + 1]
    ends = [date(year, month, calendar.monthrange(year, month)[1]) for year in years]
    return (next((each for each in ends if each >= today), ends[-1]),)


def _start_or_middle_of_month(match: re.Match[str], today: date) -> Readings:
    month, day = MONTHS[match["month"]], 15 if match["part"].startswith("mid") else 1
    years = [int(match["y"])] if match["y"] else [today.year, today.year + 1]
    found = [date(year, month, day) for year in years]
    return (next((each for each in found if each >= today), found[-1]),)


def _with_weekday(match: re.Match[str], today: date) -> Readings | None:
    """``friday, 4/12``: the weekday decides which of two dates is meant, or contradicts the only one."""
    found = readings(match["other"], today)
    if not found:
        return None
    fitting = tuple(each for each in found if each.weekday() == WEEKDAYS[match["day"]])
    if not fitting:
        wanted = calendar.day_name[WEEKDAYS[match["day"]]]
        is_on = f"{found[0].isoformat()} is a {calendar.day_name[found[0].weekday()]}"
        raise WrongWeekday(is_on=is_on, wanted=wanted)
    return fitting


def _next_weekday(match: re.Match[str], today: date) -> Readings:
    day = WEEKDAYS[match["day"] or match["day_"]]
    return (_start_of("week", today, 1) + timedelta(days=day),)


def _last_weekday(match: re.Match[str], today: date) -> Readings:
    """A day that has passed, so that the refusal can say so."""
    return (today - timedelta(days=(today.weekday() - WEEKDAYS[match["day"]] - 1) % 7 + 1),)


def _bare_count(match: re.Match[str], today: date) -> Readings | None:
    """``10 days``; not ``2h``, which is an hour of the day, and not ``a day``."""
    is_vague = match["count"] in {"a", "an"} and " from " not in match[0]
    return None if is_vague or match["unit"].startswith(("h", "min")) else (_added(today, match),)


_AFTER = r"(?:from|after|following)"
_SHORT_END = {"eow": "week", "eom": "month", "eoq": "quarter", "eoy": "year"}
_PHRASES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], Readings | None]], ...] = tuple(
    (re.compile(pattern, re.ASCII), read)
    for pattern, read in (
        (r"today", lambda _, today: (today,)),
        (r"yesterday", lambda _, today: (today - timedelta(days=1),)),
        (rf"last (?P<day>{DAY})", _last_weekday),
        (r"tomorrow|tmrw?|tmw", lambda _, today: (today + timedelta(days=1),)),
        (r"day after tomorrow|overmorrow", lambda _, today: (today + timedelta(days=2),)),
        (r"eow|eom|eoq|eoy", lambda match, today: (_end_of(_SHORT_END[match[0]], today, 0),)),
        (
            rf"(?:end of|late|later|last day of) {_PERIOD}",
            lambda match, today: (_end_of(match["period"], today, _ahead(match)),),
        ),
        (
            rf"{_PERIOD}(?:'s)?[- ]end",
            lambda match, today: (_end_of(match["period"], today, _ahead(match)),),
        ),
        (rf"(?:end of|late|last day of) (?P<month>{_MONTH}){_YEAR}", _end_of_month),
        (
            rf"(?P<part>(?:start|beginning|first day|middle) of|early|mid)[ -]?(?P<month>{_MONTH}){_YEAR}",
            _start_or_middle_of_month,
        ),
        (
            rf"(?:start of|beginning of|early|first day of) {_PERIOD}",
            lambda match, today: (_start_of(match["period"], today, _ahead(match)),),
        ),
        (rf"(?:middle of|mid)[ -]?{_PERIOD}", _middle_of),
        (_PERIOD, _whole_period),
        (
            r"(?P<period>week|month) after next",
            lambda match, today: (_start_of(match["period"], today, 2),),
        ),
        (r"(?:(?P<which>this|next|coming) )?weekend", _weekend),
        (r"(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})", _iso),
        (rf"(?:on |this |coming |this coming |upcoming )?(?P<day>{DAY})\.?(?: this week)?", _weekday),
        (rf"next (?P<day>{DAY})|(?P<day_>{DAY}) next", _next_weekday),
        (rf"(?:on )?(?P<day>{DAY})(?: of)? next week", _weekday_of_next_week),
        (rf"next week,?(?: on)? (?P<day>{DAY})", _weekday_of_next_week),
        (rf"(?:(?:a|1|one) week (?:on )?)(?P<other>today|tomorrow|{DAY})", _week_after),
        (rf"(?:on )?(?P<other>today|tomorrow|{DAY}) week", _week_after),
        (rf"\+ ?{_COUNT} ?{_UNIT}", lambda match, today: (_added(today, match),)),
        (rf"(?:in|within) {_COUNT} ?{_UNIT}(?:'s?)?(?: time)?", lambda match, today: (_added(today, match),)),
        (rf"{_COUNT} ?{_UNIT}(?: {_AFTER} (?:now|today)| hence)?", _bare_count),
        (rf"(?:in )?{_COUNT} ?{_UNIT} {_AFTER} (?P<other>.+)", _after),
        (r"(?P<d>\d{1,2})(?:st|nd|rd|th)(?: of (?P<which>this|next|following) month)?", _day_of_month),
        (
            rf"(?:on )?{_D}[ -]?(?:of )?(?P<month>{_MONTH})\.?(?: of)?{_OF_YEAR}",
            _named,
        ),
        (rf"(?:on )?(?P<month>{_MONTH})\.? (?P<d>\d{{1,2}})(?:st|nd|rd|th)?{_YEAR}", _named),
        (r"(?:on )?(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.]?(?P<y>\d{4}|(?<=[/.])\d{2})?", _numbers),
        (r"(?P<a>\d{1,2})-(?P<b>\d{1,2})-(?P<y>\d{4})", _numbers),
        (rf"(?:on )?(?P<day>{DAY})\.?,? (?P<other>.*\d.*)", _with_weekday),
        (rf"(?P<other>.*\d.*?),? \(?(?P<day>{DAY})\)?", _with_weekday),
    )
)
