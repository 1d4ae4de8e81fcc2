"""Who may be named as somebody who comes to incidents."""

from __future__ import annotations

from bot.domain.kit.errors import GroupGone, OwnerUnusable
from bot.domain.kit.references import Kind
from bot.operations.kit.transaction import Tx
from storage import groups, names, people


def check_person(tx: Tx, user_id: str) -> None:
    """Raise ``OwnerUnusable`` unless the person is a full member."""
    person = people.get(tx.connection, user_id)
    if person is None or not person.may_act:
        raise OwnerUnusable(person=user_id, name=person.name if person else "This person")


def check_group(tx: Tx, group_id: str) -> None:
    """Raise ``GroupGone`` unless there is such a user group, and it's enabled."""
    found = groups.get(tx.connection, group_id)
    if found is None or found.is_disabled:
        handle = names.get(tx.connection, Kind.GROUP, group_id)
        raise GroupGone(group=f"@{handle}" if handle else "This group")
