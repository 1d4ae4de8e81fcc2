"""The roles of an incident: what each is for, and who has it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.kit.errors import DutyTooLong, RoleNameTooLong, RoleTwice, RoleUnreadable, TooManyRoles
from bot.domain.kit.text import cut, is_blank, length, one_line
from bot.domain.settings import Role

NAME_LIMIT, DUTY_LIMIT, MAX_ADDED = 40, 150, 10
"""Characters of a name and of a duty, and how many roles the settings can add: all of them fit one field."""
KEY_LIMIT = 80
"""Characters of a role's key, which can be longer than its name."""

COMMANDER = Role(
    "Commander",
    "Leads the response: decides what happens next and who does it, and keeps the status and severity "
    "up to date. Doesn't have to fix anything.",
)
COMMUNICATIONS = Role(
    "Communications",
    "Keeps everybody informed: says what we know, what we're doing and when the next update comes, and keeps "
    "questions away from the people who work on it.",
)
SCRIBE = Role(
    "Scribe",
    "Keeps the timeline complete: writes down decisions and calls, marks what matters with 📌, and adds an "
    "action item for each thing that has to wait.",
)
BUILT_IN = (COMMANDER, COMMUNICATIONS, SCRIBE)

NEEDS_COMMANDER = frozenset({IncidentSeverity.CRITICAL, IncidentSeverity.HIGH})
"""The severities at which a missing commander is asked for."""


def key_of(name: str) -> str:
    """What identifies a role: its name, ignoring case and spacing."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


IS_COMMANDER = key_of(COMMANDER.name)
"""The key of the one role that is kept as ``Incident.commander_id``."""


@dataclass(frozen=True, slots=True)
class HeldRole:
    """Somebody has a role in an incident, other than commander."""

    incident_id: int
    role: str
    """The role's key."""
    name: str
    """The role's name when it was taken; shown even after the role was removed from the settings."""
    user_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Roles:
    """An incident's roles in order, even those without a holder: the one shape for who does what in it."""

    table: tuple[Role, ...] = BUILT_IN
    """The built-in roles, those of the settings, then those that only their holders still have."""
    holders: Mapping[str, str] = field(default_factory=dict)
    """The role's key -> the id of the person who has it."""

    @property
    def held(self) -> tuple[tuple[Role, str], ...]:
        """(role, person) for each role that somebody has."""
        found = ((each, self.holder(each)) for each in self.table)
        return tuple((role, user_id) for role, user_id in found if user_id)

    @property
    def supporting(self) -> tuple[tuple[Role, str], ...]:
        """Like :attr:`held`, without the commander."""
        return tuple(each for each in self.held if each[0] != COMMANDER)

    def holder(self, role: Role) -> str | None:
        """The id of the person who has the role."""
        return self.holders.get(key_of(role.name))

    def named(self, key: str) -> Role | None:
        """The role with this key."""
        return next((each for each in self.table if key_of(each.name) == key), None)


@dataclass(frozen=True, slots=True)
class Given:
    """Somebody was given a role in an incident, perhaps by themselves."""

    incident: Incident
    role: Role
    user_id: str


def roles_of(incident: Incident, added: Sequence[Role], held: Iterable[HeldRole]) -> Roles:
    """The incident's roles; ``added`` are those of the settings."""
    others = list(held)
    holders = {each.role: each.user_id for each in others}
    if incident.commander_id:
        holders[IS_COMMANDER] = incident.commander_id
    known = (*BUILT_IN, *added)
    keys = {key_of(each.name) for each in known}
    lost = tuple(Role(each.name, "") for each in others if each.role not in keys)
    return Roles((*known, *lost), holders)


def is_lost(role: Role) -> bool:
    """Whether the settings no longer have the role: its holder keeps it, but nobody else can take it."""
    return not role.duty


def lacks_commander(incident: Incident) -> bool:
    """Whether somebody should lead the incident, and nobody does."""
    return incident.is_active and incident.severity in NEEDS_COMMANDER and incident.commander_id is None


def read_roles(text: str) -> tuple[Role, ...]:
    """The roles that the settings add, one per line: a name, a colon and a duty.

    Raises errors that name the form's field.
    """
    lines = [one_line(each) for each in text.splitlines()]
    return check_roles(_read_role(each) for each in lines if not is_blank(each))


def check_roles(roles: Iterable[Role]) -> tuple[Role, ...]:
    """The roles that the settings add, if they can be kept; raises errors that name the form's field."""
    found = tuple(map(_checked_role, roles))
    if len(found) > MAX_ADDED:
        raise TooManyRoles(most=MAX_ADDED, count=len(found))
    built_in = " and ".join(", ".join(each.name for each in BUILT_IN).rsplit(", ", 1))
    known = {key_of(each.name) for each in BUILT_IN}
    for each in found:
        if key_of(each.name) in known:
            raise RoleTwice(role=each.name, built_in=built_in)
        known.add(key_of(each.name))
    return found


def _read_role(line: str) -> Role:
    name, _, duty = (each.strip() for each in re.sub("：", ":", line, count=1).partition(":"))
    return Role(name, duty)


def _checked_role(role: Role) -> Role:
    name, duty = one_line(role.name), one_line(role.duty)
    # A colon would end the name where the form shows both in a line.
    if is_blank(duty) or not any(map(str.isalnum, name)) or re.search("[:：]", name):
        raise RoleUnreadable(typed=cut(f"{name}: {duty}" if duty else name, _SHOWN))
    if length(name) > NAME_LIMIT or len(key_of(name)) > KEY_LIMIT:
        raise RoleNameTooLong(limit=NAME_LIMIT, typed=cut(name, _SHOWN), length=length(name))
    if length(duty) > DUTY_LIMIT:
        raise DutyTooLong(limit=DUTY_LIMIT, role=name, length=length(duty))
    return Role(name, duty)


_SHOWN = 60
