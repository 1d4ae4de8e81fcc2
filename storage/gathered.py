"""Which notifications about action items one message shows: the first, its lead, and those that joined it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from bot.domain.action_items.notifications import Notification
from storage.tables import gathered, people
from storage.upsert import insert_new

_COLUMNS = gathered.c


def lock(tx: Connection, user_id: str) -> None:
    """Let nobody else gather this person's notifications until this transaction ends."""
    tx.execute(_PERSON, {"asked": user_id})


_PERSON = select(people.c.id).where(people.c.id == bindparam("asked")).with_for_update(key_share=True)


def add(tx: Connection, notification: Notification, lead: Notification, at: datetime) -> None:
    """Note that the message of ``lead`` shows the notification, unless a message already does."""
    values = {**asdict(notification), "key": notification.key, "lead": lead.key, "at": at}
    insert_new(tx, gathered, values, on=("key",))


MAX_GATHERED = 100
"""One message shows no more, so that reading all of them for each of its updates stays quick."""


def latest_lead(tx: Connection, like: Notification, since: datetime) -> Notification | None:
    """The latest message of the same kind that the person was sent after ``since``, or ``None``.

    One that shows ``MAX_GATHERED`` notifications is left out.
    """
    row = tx.execute(_LATEST[like.is_reminder], {"user": like.user_id, "since": since}).one_or_none()
    return _notification(row) if row else None


_FULL = select(_COLUMNS.lead).where(_COLUMNS.user_id == bindparam("user"), _COLUMNS.at > bindparam("since"))
_FULL = _FULL.group_by(_COLUMNS.lead).having(func.count() >= MAX_GATHERED)
_LATEST = {
    is_reminder: select(gathered)
    .where(
        _COLUMNS.user_id == bindparam("user"),
        _COLUMNS.at > bindparam("since"),
        _COLUMNS.lead == _COLUMNS.key,
        _COLUMNS.key.not_in(_FULL),
        _COLUMNS.rung != "" if is_reminder else _COLUMNS.rung == "",
    )
    .order_by(_COLUMNS.at.desc(), _COLUMNS.key)
    .limit(1)
    for is_reminder in (False, True)
}


def lead_of(tx: Connection, notification: Notification) -> Notification | None:
    """The first notification of the message that shows this one, or ``None`` if none was gathered."""
    row = tx.execute(_LEAD, {"asked": notification.key}).one_or_none()
    return _notification(row) if row else None


_JOINED = gathered.alias()
_LEAD = (
    select(gathered).join(_JOINED, _JOINED.c.lead == _COLUMNS.key).where(_JOINED.c.key == bindparam("asked"))
)


def shown_by(tx: Connection, lead: str) -> list[Notification]:
    """All that the message of this key shows, in the order in which it was gathered."""
    return [_notification(row) for row in tx.execute(_SHOWN, {"asked": lead})]


_SHOWN = select(gathered).where(_COLUMNS.lead == bindparam("asked")).order_by(_COLUMNS.at, _COLUMNS.item_id)


def reminded_since(tx: Connection, user_id: str, since: datetime) -> set[int]:
    """The ids of the items that somebody was reminded of from ``since`` on."""
    return set(tx.execute(_REMINDED, {"user": user_id, "since": since}).scalars())


_REMINDED = select(_COLUMNS.item_id).where(
    _COLUMNS.user_id == bindparam("user"), _COLUMNS.at >= bindparam("since"), _COLUMNS.rung != ""
)


def _notification(row: Row[Any]) -> Notification:
    return Notification(row.incident_id, row.item_id, row.user_id, row.rung, row.on)
