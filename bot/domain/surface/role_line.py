"""Reads what follows ``role``: the name of a role, and perhaps a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import COMMANDER, COMMUNICATIONS, SCRIBE, Roles, key_of
from bot.domain.kit.errors import RoleMeant, RoleMissing, UnknownRole
from bot.domain.kit.text import cut, escape_markup
from bot.domain.settings import Role
from bot.domain.surface.words import closest

_PERSON = re.compile(r"<@([A-Z0-9]+)(?:\|[^>]*)?>")
_ALSO_CALLED: Mapping[str, Role] = {
    **dict.fromkeys(("ic", "lead", "incident commander"), COMMANDER),
    **dict.fromkeys(("comms", "communication", "communicator"), COMMUNICATIONS),
    **dict.fromkeys(("notes", "note taker"), SCRIBE),
}
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class RoleLine:
    """What somebody typed: a role in Slack's markup, and the people mentioned."""

    role: str
    people: tuple[str, ...]


def read_role_line(text: str) -> RoleLine:
    """The line with its mentions taken out, wherever they are."""
    return RoleLine(" ".join(_PERSON.sub(" ", text).split()), tuple(dict.fromkeys(_PERSON.findall(text))))


def role_meant(line: RoleLine, typed: str, roles: Roles, incident: Incident) -> Role:
    """The role in the line, by its name, another name for it, or a beginning that no other role has.

    ``typed`` is the line's role as its author sees it. Raises ``RoleMissing`` without one, ``RoleMeant``,
    which offers the one with a similar name, or ``UnknownRole``.
    """
    key = key_of(typed)
    if not key:
        raise RoleMissing
    known = {key_of(each.name): each for each in roles.table}
    begun = [role for name, role in known.items() if len(key) > 2 and name.startswith(key)]
    found = known.get(key) or _ALSO_CALLED.get(key) or (begun[0] if len(begun) == 1 else None)
    if found:
        return found
    similar = closest(key, known)
    if similar is None:
        names = ", ".join(each.name for each in roles.table)
        raise UnknownRole(typed=cut(typed, _SHOWN), ref=incident.ref, names=names)
    error = RoleMeant(typed=cut(typed, _SHOWN), ref=incident.ref, role=known[similar].name)
    error.offers = {known[similar].name: giving_line(incident, known[similar], line.people)}
    raise error


def giving_line(incident: Incident, role: Role, people: Iterable[str]) -> str:
    """The command line that gives the role to these people, in Slack's escaped form."""
    return " ".join(["role", incident.ref, escape_markup(role.name), *(f"<@{each}>" for each in people)])
