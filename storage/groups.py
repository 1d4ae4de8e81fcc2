"""The user groups of the workspace and who is in them, in the database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.sql.dml import ReturningInsert

from bot.domain.kit.groups import UserGroup
from storage.tables import group_members, user_groups
from storage.upsert import INSERTS

_groups, _members = user_groups.c, group_members.c


def get(tx: Connection, group_id: str) -> UserGroup | None:
    """The user group with its members, or ``None`` if none with this id is known."""
    row = tx.execute(_ONE, {"asked": group_id}).one_or_none()
    if row is None:
        return None
    return UserGroup(row.id, row.handle, row.name, members_of(tx, group_id), row.is_disabled)


def members_of(tx: Connection, group_id: str) -> tuple[str, ...]:
    """The ids of the people in the group, sorted; none if the group isn't known."""
    return tuple(tx.execute(_MEMBERS, {"asked": group_id}).scalars())


def all_enabled(tx: Connection) -> list[UserGroup]:
    """The groups that people can mention, with their members, in the order of their handles.

    Empty if Slack lists none: the scope is optional, and only paid plans have user groups.
    """
    members: dict[str, list[str]] = {}
    query = select(group_members).order_by(_members.group_id, _members.user_id)
    for row in tx.execute(query):
        members.setdefault(row.group_id, []).append(row.user_id)
    enabled = select(user_groups).where(_groups.is_disabled.is_(False)).order_by(_groups.handle, _groups.id)
    return [
        UserGroup(row.id, row.handle, row.name, tuple(members.get(row.id, ()))) for row in tx.execute(enabled)
    ]


def save(tx: Connection, known: Sequence[UserGroup], at: datetime) -> None:
    """Store groups and their members as they were at a time, unless something newer is known."""
    for group in known:
        # The row is locked until the end of the transaction, and with it the list of members.
        if tx.execute(_replace_what_is_older(tx.dialect.name), _values(group, at)).first() is None:
            continue
        before, after = set(members_of(tx, group.id)), set(group.member_ids)
        for user_id in sorted(before - after):
            tx.execute(_LEAVES, {"group": group.id, "user": user_id})
        joined = [{"group_id": group.id, "user_id": each} for each in sorted(after - before)]
        if joined:
            tx.execute(insert(group_members), joined)


def forget_before(tx: Connection, at: datetime) -> None:
    """Forget the groups that a complete list since then doesn't contain."""
    gone = select(_groups.id).where(_groups.known_at < at)
    tx.execute(delete(group_members).where(_members.group_id.in_(gone)))
    tx.execute(delete(user_groups).where(_groups.known_at < at))


_ONE = select(user_groups).where(_groups.id == bindparam("asked"))
_MEMBERS = select(_members.user_id).where(_members.group_id == bindparam("asked")).order_by(_members.user_id)
_LEAVES = delete(group_members).where(
    _members.group_id == bindparam("group"), _members.user_id == bindparam("user")
)


def _values(group: UserGroup, at: datetime) -> dict[str, object]:
    told = {"id": group.id, "handle": group.handle, "name": group.name, "is_disabled": group.is_disabled}
    return {**told, "known_at": at}


@cache
def _replace_what_is_older(dialect: str) -> ReturningInsert[tuple[str]]:
    statement = INSERTS[dialect](user_groups)
    names = ("handle", "name", "is_disabled", "known_at")
    changed = {name: statement.excluded[name] for name in names}
    is_news = _groups.known_at <= statement.excluded.known_at
    kept = statement.on_conflict_do_update(index_elements=["id"], set_=changed, where=is_news)
    return kept.returning(_groups.id)
