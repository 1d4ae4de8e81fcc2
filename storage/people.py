"""The workspace's people in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from bot.domain.kit.people import NEVER_CHANGES, Person
from storage.tables import people
from storage.upsert import INSERTS, Insert

_OURS = frozenset({"id", "direct_channel", "erased_at"})
"""Columns that updates from Slack never overwrite."""
# Built once: the gate looks up the person who acts before each ack.
_ONE = select(people).where(people.c.id == bindparam("asked"))


def get(tx: Connection, user_id: str, *, lock: bool = False) -> Person | None:
    """What we know about somebody, or ``None``.

    With ``lock``, nobody else changes that before this transaction ends.
    """
    query = _ONE.with_for_update(key_share=True) if lock else _ONE
    row = tx.execute(query, {"asked": user_id}).mappings().one_or_none()
    if row is None:
        return None
    values: dict[str, Any] = {**row}
    del values["updated_at"], values["direct_channel"]
    return Person(**values)


def erased_among(tx: Connection, user_ids: Collection[str]) -> dict[str, Person]:
    """Those of the people who were erased, whether or not they have come back since."""
    if not user_ids:
        return {}
    erased = tx.execute(_ERASED, {"asked": list(user_ids)}).scalars().all()
    found = (get(tx, user_id) for user_id in erased)
    return {person.id: person for person in found if person}


_ERASED = select(people.c.id).where(
    people.c.id.in_(bindparam("asked", expanding=True)), people.c.erased_at.is_not(None)
)


def id_of(tx: Connection, email: str) -> str | None:
    """The id of the person with this e-mail address, or ``None``."""
    query = select(people.c.id).where(people.c.email == email.strip().lower()).order_by(people.c.id).limit(1)
    return tx.execute(query).scalar_one_or_none()


def come_back(tx: Connection, user_id: str) -> None:
    """Let Slack's next report about somebody who was erased be stored, because they act again."""
    erased = and_(people.c.id == user_id, people.c.changed_at == NEVER_CHANGES)
    tx.execute(update(people).where(erased).values(changed_at=0))


def save(tx: Connection, known: Iterable[Person], now: datetime) -> None:
    """Store what Slack reports about some people, unless we already have something newer."""
    rows = [{**asdict(person), "updated_at": now} for person in known]
    if rows:
        tx.execute(_replace_what_is_older(tx.dialect.name), rows)


@cache
def _replace_what_is_older(dialect: str) -> Insert:
    """Cached: at start it runs for everybody, and requests wait behind it."""
    statement = INSERTS[dialect](people)
    changed = {each.name: statement.excluded[each.name] for each in people.c if each.name not in _OURS}
    is_news = people.c.changed_at <= statement.excluded.changed_at
    return statement.on_conflict_do_update(index_elements=["id"], set_=changed, where=is_news)


def unable_among(tx: Connection, user_ids: Collection[str]) -> frozenset[str]:
    """Those of the people who are known and may not act: guests, strangers, bots and former members."""
    barred = or_(people.c.is_bot, people.c.is_deleted, people.c.is_guest, people.c.is_stranger)
    query = select(people.c.id).where(people.c.id.in_(user_ids), barred)
    return frozenset(tx.execute(query).scalars()) if user_ids else frozenset()


def admins(tx: Connection) -> list[str]:
    """The ids of the workspace's admins."""
    query = select(people.c.id).where(people.c.is_admin, people.c.is_deleted.is_(False))
    return list(tx.execute(query.order_by(people.c.id)).scalars())


def direct_channel(tx: Connection, user_id: str) -> str | None:
    """Somebody's direct message channel, if we know it."""
    return tx.execute(select(people.c.direct_channel).where(people.c.id == user_id)).scalar_one_or_none()


def note_direct_channel(tx: Connection, user_id: str, channel_id: str) -> None:
    """Store somebody's direct message channel, unless the person is unknown."""
    tx.execute(update(people).where(people.c.id == user_id).values(direct_channel=channel_id))


def forget_direct_channel(tx: Connection, channel_id: str) -> None:
    """Forget a channel that Slack no longer has."""
    tx.execute(update(people).where(people.c.direct_channel == channel_id).values(direct_channel=None))
