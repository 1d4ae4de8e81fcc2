"""The public holidays of countries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import cache

from bot.domain.kit.errors import CountryUnknown
from bot.domain.kit.text import cut


@cache
def holidays_of(country: str) -> Callable[[date], bool]:
    """A function that says if a day is a holiday; raises ``NotImplementedError`` for an unknown country."""
    # The import takes a third of a second, and is only needed if a country is set.
    import holidays  # noqa: PLC0415

    known = holidays.country_holidays(country)
    return lambda day: day in known


def require_known(country: str) -> None:
    """Raise ``CountryUnknown`` unless the country's public holidays are known."""
    try:
        holidays_of(country)
    except NotImplementedError as error:
        raise CountryUnknown(typed=cut(country, 30)) from error
