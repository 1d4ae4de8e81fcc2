"""The workspace's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

CALL_FROM_LINK, CALL_FROM_CALENDAR = CALL_SOURCES = ("link", "calendar")


class SettingsGroup(StrEnum):
    """Settings that are changed together, in a form of their own; the value is their key in a file."""

    PEOPLE = "people"
    REMINDERS = "reminders"
    UPDATES = "updates"
    CHANNELS = "channels"
    CHECKLISTS = "checklists"


@dataclass(frozen=True, slots=True)
class SettingsChange:
    """Who last changed a group of settings, or one of its fields, in Slack, and when."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Role:
    """A part that people play in an incident; see :mod:`bot.domain.incidents.roles`."""

    name: str
    duty: str
    """What its holder does, in a line or a few."""


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    """One thing to do."""

    text: str
    minutes: int | None = None
    """How long after the list was posted somebody is nudged if it's still open; ``None`` is never."""


@dataclass(frozen=True, slots=True)
class Checklist:
    """A list of things to do, and when it's posted by itself; see :mod:`bot.domain.checklists.model`."""

    name: str
    lines: tuple[ChecklistLine, ...]
    severities: tuple[str, ...] = ()
    """Posted when an incident is declared with one of these severities, or raised to one."""
    role: str = ""
    """The name of a role; posted when somebody takes it."""
    project: str = ""
    """The name of a project; posted when an incident is declared in it."""


@dataclass(frozen=True, slots=True)
class ReminderSettings:
    """A workspace's settings, with the defaults that apply until somebody changes them.

    Fields that were added later say ``repr=False``. Earlier versions don't know them, so they are only
    written where they say something (see ``bot.codec``), and forms that those opened stay valid.
    """

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
    """For how many days after an incident's resolution its messages' texts are kept; ``None`` is forever."""
    roles: tuple[Role, ...] = field(default=(), repr=False)
    """Roles in addition to the built-in ones."""
    call_link: str | None = field(default=None, repr=False)
    """The link to each new incident's call, in which ``{ref}`` stands for its ref; ``None`` is no link."""
    call_from: str = field(default=CALL_FROM_LINK, repr=False)
    """One of ``CALL_SOURCES``: that link or, where the calendar can set one up, a Google Meet call."""
    update_critical: int | None = field(default=15, repr=False)
    """At critical, the minutes until the next update if nobody chooses; ``None`` promises none."""
    update_high: int | None = field(default=30, repr=False)
    update_medium: int | None = field(default=60, repr=False)
    update_low: int | None = field(default=None, repr=False)
    nudged_at: tuple[str, ...] = field(default=("critical", "high", "medium", "low"), repr=False)
    """The severities at which somebody is nudged to write the update that is due."""
    commander_after: int | None = field(default=5, repr=False)
    """The minutes after which a missing commander is asked for; ``None`` is never."""
    people_critical: tuple[str, ...] = field(default=(), repr=False)
    """The ids of the people who come to critical incidents, whatever their project."""
    groups_critical: tuple[str, ...] = field(default=(), repr=False)
    """The ids of the user groups whose members come to critical incidents."""
    people_high: tuple[str, ...] = field(default=(), repr=False)
    groups_high: tuple[str, ...] = field(default=(), repr=False)
    people_medium: tuple[str, ...] = field(default=(), repr=False)
    groups_medium: tuple[str, ...] = field(default=(), repr=False)
    people_low: tuple[str, ...] = field(default=(), repr=False)
    groups_low: tuple[str, ...] = field(default=(), repr=False)
    checklists: tuple[Checklist, ...] = field(default=(), repr=False)
    """Lists of things to do in incidents."""


DEFAULTS = ReminderSettings()


@dataclass(frozen=True, slots=True)
class TeamSettings:
    """The settings with where they come from."""

    effective: ReminderSettings
    """What counts: what the file sets, else what was set in Slack, else the defaults."""
    own: ReminderSettings
    """What was set in Slack, which counts where the file says nothing."""
    from_file: frozenset[str] = frozenset()
    """The fields that the file sets."""
    file: str = ""
    """The file's name, if there is one."""
    digest: str = ""
    """Changes with the file."""
    changes: Mapping[SettingsGroup, SettingsChange] = field(default_factory=dict)


def comers_at(settings: ReminderSettings, severity: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ids of the people, and of the user groups, who come to incidents of this severity."""
    return getattr(settings, f"people_{severity}"), getattr(settings, f"groups_{severity}")


def fingerprint(settings: ReminderSettings, names: tuple[str, ...]) -> str:
    """A digest that shows whether any of these fields has changed since a form showed it: 16 hex digits."""
    # A field that has its default is left out, so that forms remain valid if a later version adds one.
    told = [f"{name}={getattr(settings, name)!r}" for name in names if _is_set(settings, name)]
    return sha256("\n".join(told).encode()).hexdigest()[:16]


def fingerprint_of_all(settings: ReminderSettings) -> str:
    """The digest in the one form for all settings, which earlier versions opened."""
    told = f"{settings!r}{settings.texts_kept or ''}{settings.roles or ''}{settings.call_link or ''}"
    return sha256(told.encode()).hexdigest()[:16]


def _is_set(settings: ReminderSettings, name: str) -> bool:
    return bool(getattr(settings, name) != getattr(DEFAULTS, name))
