"""Dates as Slack shows them: the tokens of ``<!date^…>`` and of rich text's date element.

In English, with a 12-hour clock. Sources: "Formatting text for app surfaces" and "Date element" in Slack's
documentation (https://docs.slack.dev/messaging/formatting-message-text#date-formatting).
"""

from __future__ import annotations

import re
from calendar import day_name, month_name
from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo

_TOKEN = re.compile(r"\{(\w+)\}")
_HALF_YEAR = timedelta(days=183)
_NEAR = {-1: "yesterday", 0: "today", 1: "tomorrow"}
_MONTHS = tuple(month_name)[1:]
_DAYS = tuple(day_name)
_AGES = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def format_date(epoch: int, template: str, zone: tzinfo, now: float) -> str:
    """``template`` with all of Slack's tokens filled in for ``zone``; unknown tokens stay as they are.

    A "today" at the start of the text is capitalised, as in Slack. Raises ``ValueError`` if the epoch isn't a
    valid time, or if no token is known: Slack then shows the fallback.
    """
    if not any(name in _TOKENS for name in _TOKEN.findall(template)):
        raise ValueError(f"no token: {template}")
    try:
        then, today = datetime.fromtimestamp(epoch, zone), datetime.fromtimestamp(now, zone)
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(f"not a time: {epoch}") from error

    def fill(match: re.Match[str]) -> str:
        token = _TOKENS.get(match[1])
        if token is None:
            return match[0]
        text = token(then, today)
        return text[:1].upper() + text[1:] if match.start() == 0 else text

    return _TOKEN.sub(fill, template)


def clock(then: datetime) -> str:
    """``6:39 AM``"""
    return f"{then.hour % 12 or 12}:{then.minute:02} {'AM' if then.hour < 12 else 'PM'}"


def day(then: datetime, today: datetime) -> str:
    """The label of a day in a channel: Today, Yesterday, ``Tuesday, February 18th``."""
    text = _day_divider(then, today)
    return text[:1].upper() + text[1:]


def _ordinal(number: int) -> str:
    ending = "th" if 10 < number % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _year(then: date, today: date) -> str:
    """The year as a suffix; like Slack, none if the date is less than six months away."""
    return "" if abs(then - today) < _HALF_YEAR else f", {then.year}"


def _written(then: datetime, today: datetime) -> str:
    return f"{_MONTHS[then.month - 1]} {_ordinal(then.day)}{_year(then.date(), today.date())}"


def _saturated(then: datetime, today: datetime) -> str:
    return f"{_MONTHS[then.month - 1][:3]} {then.day}{_year(then.date(), today.date())}"


def _long(then: datetime, today: datetime) -> str:
    return f"{_DAYS[then.weekday()]}, {_written(then, today)}"


def _day_divider(then: datetime, today: datetime) -> str:
    near = _NEAR.get((then.date() - today.date()).days)
    without_year = f"{_DAYS[then.weekday()]}, {_MONTHS[then.month - 1]} {_ordinal(then.day)}"
    return near or (without_year if then.year == today.year else f"{without_year}, {then.year}")


def _clock_with_seconds(then: datetime, _today: datetime) -> str:
    minutes, half = clock(then).split(" ")
    return f"{minutes}:{then.second:02} {half}"


def _ago(then: datetime, today: datetime) -> str:
    seconds = int((today - then).total_seconds())
    if seconds == 0:
        return "just now"
    size, unit = next((size, unit) for size, unit in _AGES if abs(seconds) >= size)
    count = abs(seconds) // size
    text = f"{count} {unit}{'' if count == 1 else 's'}"
    return f"{text} ago" if seconds > 0 else f"in {text}"


def _pretty(plain: Callable[[datetime, datetime], str]) -> Callable[[datetime, datetime], str]:
    return lambda then, today: _NEAR.get((then.date() - today.date()).days) or plain(then, today)


_TOKENS: dict[str, Callable[[datetime, datetime], str]] = {
    "date_num": lambda then, _: f"{then:%Y-%m-%d}",
    "date_slash": lambda then, _: f"{then:%d/%m/%Y}",
    "date": _written,
    "date_short": _saturated,
    "date_long": _long,
    "date_long_full": lambda then, _: f"{_MONTHS[then.month - 1]} {then.day}, {then.year}",
    "date_pretty": _pretty(_written),
    "date_short_pretty": _pretty(_saturated),
    "date_long_pretty": _pretty(_long),
    "day_divider_pretty": _day_divider,
    "time": lambda then, _: clock(then),
    "time_secs": _clock_with_seconds,
    "ago": _ago,
}
