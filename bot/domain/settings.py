"""The workspace's settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Role:
    """A part that people play in an incident; see :mod:`bot.domain.incidents.roles`."""

    name: str
    duty: str
    """What its holder does, in a line or a few."""


@dataclass(frozen=True, slots=True)
class ReminderSettings:
    """A workspace's settings, with the defaults that apply until somebody changes them."""

    ladder: tuple[int, ...] = (-3, -1, 0, 1, 3, 7)
    """Days relative to the due date, ascending; reminders repeat weekly after the last of them."""
    hour: int = 9
    working_days: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Monday is 0."""
    country: str | None = None
    """ISO code of the country whose public holidays are days off."""
    days_off: tuple[date, ...] = field(default=())
    """Days off in addition to public holidays."""
    postmortems_for: tuple[str, ...] = ("critical", "high")
    """The severities that call for a postmortem."""
    until: int = 18
    """The hour when the working day that starts at ``hour`` ends; meetings are proposed between the two."""
    texts_kept: int | None = field(default=None, repr=False)
    """For how many days after an incident was resolved its messages' texts are kept; ``None`` is for good."""
    roles: tuple[Role, ...] = field(default=(), repr=False)
    """Roles in addition to the built-in ones."""
    call_link: str | None = field(default=None, repr=False)
    """The link to each new incident's call, in which ``{ref}`` stands for its ref; ``None`` is no call."""


def fingerprint(settings: ReminderSettings) -> str:
    """A digest that shows whether settings have changed since a form displayed them: 16 hex digits."""
    # What the revision before doesn't know is left out unless it says something: its forms remain valid.
    told = f"{settings!r}{settings.texts_kept or ''}{settings.roles or ''}{settings.call_link or ''}"
    return sha256(told.encode()).hexdigest()[:16]
