"""Working days: the workspace's settings, in each person's own time zone."""

from __future__ import annotations

from datetime import date

from bot.domain.kit.people import Person
from bot.domain.kit.working_days import WorkingCalendar, zone_of
from bot.operations.kit.transaction import Tx
from bot.public_holidays import holidays_of
from storage import people, settings


class Calendars:
    """Everybody's working days, for one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._settings = tx.once(settings.get)
        self._default_zone = tx.once(settings.default_zone)
        country = self._settings.country
        self._is_holiday = holidays_of(country) if country else _never

    def of(self, person: Person | None) -> WorkingCalendar:
        """The person's calendar of working days; for ``None``, the workspace's own."""
        zone = zone_of(person.tz if person else None, self._default_zone)
        return WorkingCalendar(self._settings, zone, self._is_holiday)

    def today(self, user_id: str) -> date:
        """Today's date in somebody's time zone."""
        return self.of(self._tx.once(people.get, user_id)).today(self._tx.now)


def _never(_day: date) -> bool:
    return False
