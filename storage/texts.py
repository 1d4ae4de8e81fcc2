"""The texts of messages that are old enough to be removed. What a postmortem shows stays.

A text is removed as if the message had been deleted, so that no redelivery, edit or catching up stores it
again, and an older replica doesn't either; ``removed_after`` says that it is still in Slack.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, not_, or_, select, update

from bot.domain.incidents.model import OVER
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.people import SYSTEM
from bot.domain.postmortems.planned import message_key
from storage import messages, postmortems
from storage.literals import one_of
from storage.tables import incidents, timeline_entries
from storage.timeline import ENTRIES, is_key

REMOVED: dict[str, Any] = {"text": "", "files": [], "edited_ts": None, "is_deleted": True, "is_seen": True}
"""What is left of a message whose text is removed. It counts as seen: whatever arrives later is ignored."""


def resolved_before(tx: Connection, before: datetime, after: int, limit: int) -> list[int]:
    """The numbers of the next incidents after the one ``after`` that were resolved before ``before``."""
    old = and_(one_of(incidents.c.status, OVER), incidents.c.resolved_at < before, incidents.c.id > after)
    return list(tx.execute(select(incidents.c.id).where(old).order_by(incidents.c.id).limit(limit)).scalars())


def removable(tx: Connection, incident_id: int, before: datetime, limit: int) -> list[int]:
    """Entries of the incident whose texts may be removed: messages from before then that no postmortem shows.

    It shows key events, entries that somebody chose to show, and the replies to its message.
    """
    has_text = and_(ENTRIES.kind == EntryKind.MESSAGE.value, ENTRIES.is_deleted.is_(False))
    mine = and_(ENTRIES.incident_id == incident_id, ENTRIES.at < before, has_text)
    query = select(ENTRIES.id).where(mine)
    if found := postmortems.of_incident(tx, incident_id, SYSTEM):
        shown = [number for number, each in found.curated.items() if each.is_shown]
        hidden = [number for number, each in found.curated.items() if each.is_shown is False]
        is_shown = or_(ENTRIES.id.in_(shown), and_(is_key(), ENTRIES.id.not_in(hidden)))
        query = query.where(not_(is_shown))
        if place := messages.where(tx, message_key(incident_id)):
            thread = func.coalesce(ENTRIES.thread_ts, "")
            query = query.where(or_(ENTRIES.channel_id != place[0], thread != place[1]))
    return list(tx.execute(query.order_by(ENTRIES.at, ENTRIES.id).limit(limit)).scalars())


def remove(tx: Connection, entries: Collection[int], after_days: int) -> None:
    """Remove the texts of these messages, and the names of their files."""
    gone = {**REMOVED, "removed_after": after_days}
    tx.execute(update(timeline_entries).where(ENTRIES.id.in_(entries)).values(gone))
