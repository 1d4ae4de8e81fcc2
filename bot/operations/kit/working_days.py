"""Working days: the workspace's settings, in each person's own time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

from bot.domain.kit.people import Person
from bot.domain.kit.working_days import Calendar, zone_of
from bot.operations.kit.transaction import Tx
from storage import people, settings


class Calendars:
    """Everybody's working days, for one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._settings = tx.once(settings.get)
        self._default_zone = tx.once(settings.default_zone)
        country = self._settings.country
        self._is_holiday = holidays_of(country) if country else _never

    def of(self, person: Person | None) -> Calendar:
        """The person's calendar of working days; for ``None``, the workspace's own."""
        zone = zone_of(person.tz if person else None, self._default_zone)
        return Calendar(self._settings, zone, self._is_holiday)

    def today(self, user_id: str) -> date:
        """Today's date in somebody's time zone."""
        return self.of(self._tx.once(people.get, user_id)).today(self._tx.now)


@cache
def holidays_of(country: str) -> Callable[[date], bool]:
    """A function: is a day a public holiday there? Raises ``NotImplementedError`` for an unknown country."""
    # The import takes a third of a second, and is only needed if a country is set.
    import holidays  # noqa: PLC0415

    known = holidays.country_holidays(country)
    return lambda day: day in known


def _never(_day: date) -> bool:
    return False
