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
    bot_text: str | None = None
    """What it says if a bot wrote it, else ``None``."""


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
    is_there = known.kind is EntryKind.MESSAGE and not known.is_deleted
    if is_there and (_is_edited_since(found, known) or _is_updated(found, known, before)):
        return True
    return found.marked_by is not None and _are_others(found.marked_by, reactions, before)


def _is_edited_since(found: FoundMessage, known: KnownMessage) -> bool:
    edited = found.message.edited_ts
    return edited is not None and (known.edited_ts is None or float(edited) > float(known.edited_ts))


def _is_updated(found: FoundMessage, known: KnownMessage, before: str) -> bool:
    """Whether a bot has updated its message, which Slack doesn't mark as an edit if the text stays.

    https://docs.slack.dev/reference/methods/chat.update
    """
    is_older = known.edited_ts is None or float(known.edited_ts) < float(before)
    return is_older and known.bot_text is not None and found.message.text != known.bot_text


def _are_others(marked_by: frozenset[str], reactions: Mapping[str, KnownReaction], before: str) -> bool:
    if not marked_by <= reactions.keys():
        return True
    return any(
        each.present is not (user_id in marked_by)
        for user_id, each in reactions.items()
        if each.event_ts < before
    )
