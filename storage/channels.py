"""What is stored under the id of a channel."""

from __future__ import annotations

import json

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    cast,
    exists,
    select,
    true,
    update,
)

from storage.outbox import DEAD, RUNNING, WAITING, unsettled
from storage.tables import metadata, outbox, workspace


def follow(tx: Connection, old: str, new: str) -> None:
    """Store everything that is known of the channel ``old`` under its new id.

    What is already known under the new id stays as it is there.
    """
    for table in metadata.sorted_tables:
        if "channel_id" in table.c:
            is_free = true() if table.name == "messages" else ~_is_known(table, new)
            here = and_(table.c.channel_id == old, is_free)
            tx.execute(update(table).where(here).values(channel_id=new))
        if "metadata" in table.c:
            _follow_within(tx, table, table.c["metadata"], true(), old, new)
    _follow_within(tx, outbox, outbox.c.payload, unsettled(WAITING, RUNNING, DEAD), old, new)
    # Where announcements go.
    tx.execute(update(workspace).where(workspace.c.value == old).values(value=new))


def _is_known(table: Table, new: str) -> ColumnElement[bool]:
    """Whether the table already has the same row for the channel ``new``."""
    other, key = table.alias(), [each.name for each in table.primary_key]
    if "channel_id" not in key:
        key = ["ts"] if "ts" in table.c else []
    same = [other.c[name] == table.c[name] for name in key if name != "channel_id"]
    return exists().where(other.c.channel_id == new, *same)


def _follow_within(
    tx: Connection, table: Table, column: Column[object], among: ColumnElement[bool], old: str, new: str
) -> None:
    """Replace the id in JSON, in links as well: nothing else looks like an id of Slack's."""
    mentions = cast(column, Text).contains(old, autoescape=True)
    for row in tx.execute(select(table.c.id, column.label("found")).where(mentions, among)).all():
        now = json.loads(json.dumps(row.found).replace(old, new))
        tx.execute(update(table).where(table.c.id == row.id).values({column.name: now}))
