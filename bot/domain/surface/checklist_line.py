"""Reads what follows ``checklist``: the name of a list."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import key_of
from bot.domain.kit.errors import ChecklistMeant, NoChecklists, UnknownChecklist
from bot.domain.kit.text import cut, escape_markup
from bot.domain.surface.words import closest

_SHOWN, _MIN_BEGINNING = 60, 3


def checklist_meant(typed: str, names: Sequence[str], incident: Incident) -> str:
    """The name that was typed, or the only one that begins with what was typed.

    Raises ``NoChecklists``, ``ChecklistMeant``, which offers the nearest name, or ``UnknownChecklist``.
    """
    key, known = key_of(typed), {key_of(each): each for each in names}
    if not known:
        raise NoChecklists
    begun = [name for each, name in known.items() if len(key) >= _MIN_BEGINNING and each.startswith(key)]
    found = known.get(key) or (begun[0] if len(begun) == 1 else None)
    if found:
        return found
    similar = closest(key, known)
    if similar is None:
        raise UnknownChecklist(typed=cut(typed, _SHOWN), names=", ".join(known.values()))
    error = ChecklistMeant(typed=cut(typed, _SHOWN), name=known[similar])
    error.offers = {known[similar]: f"checklist {incident.ref} {escape_markup(known[similar])}"}
    raise error
