"""Find what in a channel's history isn't stored yet: usually nothing, and then nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.incidents.timeline import EntryKind, FoundMessage


@dataclass(frozen=True, slots=True)
class KnownMessage:
    """A message as stored."""

    kind: EntryKind
    is_seen: bool
    """Whether the message itself was reported, not just its edit or deletion."""
    is_deleted: bool
    edited_ts: str | None


@dataclass(frozen=True, slots=True)
class KnownReaction:
    """Whether a person's reaction marks a message, and which event said so last."""

    present: bool
    event_ts: str


def is_news(
    found: FoundMessage, known: KnownMessage | None, reactions: Mapping[str, KnownReaction], before: str
) -> bool:
    """Whether storing the message would change anything.

    ``reactions`` are those stored for the message, by person; any from an event at or after ``before`` are
    newer than the history. ``found.marked_by`` names only people whose marks count.
    """
    if known is None or not known.is_seen:
        return True
    if known.kind is EntryKind.MESSAGE and not known.is_deleted and _is_edited_since(found, known):
        return True
    return found.marked_by is not None and _are_others(found.marked_by, reactions, before)


def _is_edited_since(found: FoundMessage, known: KnownMessage) -> bool:
    edited = found.message.edited_ts
    return edited is not None and (known.edited_ts is None or float(edited) > float(known.edited_ts))


def _are_others(marked_by: frozenset[str], reactions: Mapping[str, KnownReaction], before: str) -> bool:
    if not marked_by <= reactions.keys():
        return True
    return any(
        each.present is not (user_id in marked_by)
        for user_id, each in reactions.items()
        if each.event_ts < before
    )
