"""Who comes to an incident: the owners of its project, and those whom the settings name for its severity."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

MAX_UNASKED = 50
"""How many people are invited without asking anybody first."""


@dataclass(frozen=True, slots=True)
class Party:
    """People who come for one reason."""

    reason: str
    """Why, in plain text: ``owners of Checkout``."""
    user_ids: tuple[str, ...]
    is_group: bool = False
    """Whether they come as the members of a user group."""


def each_once(parties: Iterable[Party], present: Collection[str]) -> tuple[Party, ...]:
    """The parties, each person only in the first one that has them, without those who are ``present``.

    An empty group stays, since somebody should know; one whose people all come anyway doesn't.
    """
    seen, found = set(present), list[Party]()
    for party in parties:
        new = tuple(each for each in dict.fromkeys(party.user_ids) if each not in seen)
        seen.update(new)
        if new or not party.user_ids:
            found.append(replace(party, user_ids=new))
    return tuple(found)


def everybody(parties: Iterable[Party]) -> tuple[str, ...]:
    """The ids of the people in all of the parties."""
    return tuple(user_id for party in parties for user_id in party.user_ids)


def named(parties: Sequence[Party]) -> tuple[Party, ...]:
    """The parties whose people are named one by one, not as members of a group."""
    return tuple(party for party in parties if not party.is_group)


def is_asked_first(parties: Sequence[Party], *, is_private: bool) -> bool:
    """Whether somebody must first agree that they are invited.

    Nobody comes to a private incident unless its members say so.
    """
    count = len(everybody(parties))
    return count > MAX_UNASKED or (is_private and count > 0)
