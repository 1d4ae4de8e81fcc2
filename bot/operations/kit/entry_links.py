"""Leads from timeline entries without a message of their own to the message that shows what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from bot.domain.action_items.planned import item_key
from bot.domain.checklists.planned import checklist_key
from bot.domain.five_whys.planned import root_key
from bot.domain.incidents.roles import key_of
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.operations.kit.transaction import Tx
from storage import checklists, messages, timeline_reads


def linked(tx: Tx, entry: TimelineEntry) -> TimelineEntry:
    """The entry with the place of its message, else of the one that shows what it's about, if any."""
    if entry.ts is not None:
        return entry
    key = _KEYS.get(entry.kind, _no_key)(tx, entry)
    place = messages.where(tx.connection, key) if key else _told_with(tx, entry)
    return replace(entry, channel_id=place[0], ts=place[1]) if place else entry


def _told_with(tx: Tx, entry: TimelineEntry) -> tuple[str, str] | None:
    """Where the message is that tells of all that was changed in one form."""
    first = timeline_reads.together(tx.connection, entry)[0]
    return (first.channel_id, first.ts) if first.channel_id and first.ts else None


def _checklist(tx: Tx, entry: TimelineEntry) -> str | None:
    number = checklists.with_key(tx.connection, entry.incident_id, key_of(entry.text))
    return checklist_key(entry.incident_id, number) if number else None


def _item(_tx: Tx, entry: TimelineEntry) -> str | None:
    found = re.match(r"AI-(\d+)\b", entry.text, re.ASCII)
    return item_key(int(found[1])) if found else None


def _session(_tx: Tx, entry: TimelineEntry) -> str | None:
    found = re.fullmatch(r"WHY-(\d+)", entry.text, re.ASCII)
    return root_key(int(found[1])) if found else None


def _no_key(_tx: Tx, _entry: TimelineEntry) -> str | None:
    return None


_KEYS: Mapping[EntryKind, Callable[[Tx, TimelineEntry], str | None]] = {
    EntryKind.CHECKLIST: _checklist,
    EntryKind.ACTION: _item,
    EntryKind.ROOT_CAUSE: _session,
}
"""Kind -> the key of the message that shows it."""
