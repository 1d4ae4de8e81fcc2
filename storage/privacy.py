"""Who was sent what about an incident, and where: queried when the incident becomes private."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, literal_column, select

from storage.tables import messages, outbox

_KEPT: list[ColumnElement[str]] = [
    literal_column(f"'{kind}'") for kind in ("PublishHome", "SendAnswer", "SendExport")
]
ON_RECORD = outbox.c.kind.in_(_KEPT)
"""What people were shown, worded exactly like the condition of its index; see :mod:`storage.retention`."""


def below(tx: Connection, prefix: str) -> list[tuple[str, str, str]]:
    """(key, channel, ts) of the bot's messages whose keys begin with this prefix, oldest first."""
    query = select(messages.c.key, messages.c.channel_id, messages.c.ts)
    found = tx.execute(
        query.where(messages.c.key.startswith(prefix, autoescape=True)).order_by(messages.c.ts)
    )
    return [(row.key, row.channel_id, row.ts) for row in found]


def answers(tx: Connection, since: datetime) -> Iterator[tuple[tuple[str, str, str], Mapping[str, Any]]]:
    """The (key, channel, ts) of each answer that was sent as a direct message, and its effect's payload."""
    query = (
        select(messages.c.key, messages.c.channel_id, messages.c.ts, outbox.c.payload)
        .join(outbox, outbox.c.key == messages.c.key)
        .where(outbox.c.kind == "SendAnswer", ON_RECORD, outbox.c.created_at >= since)
    )
    for row in tx.execute(query):
        yield (row.key, row.channel_id, row.ts), row.payload


def attempted(tx: Connection, incident_id: int) -> list[tuple[str, bool]]:
    """(person, whether at this moment) for each try to send somebody something about the incident.

    What is known to have been sent is left out; the others may have been sent without our learning of it.
    """
    is_known = exists().where(messages.c.key == outbox.c.key)
    query = select(outbox.c.payload, outbox.c.state).where(
        outbox.c.incident_id == incident_id, outbox.c.look_first, ~is_known
    )
    found = ((row.payload.get("user_id"), row.state == "running") for row in tx.execute(query))
    return [(str(user_id), is_now) for user_id, is_now in found if user_id]


def exported_to(tx: Connection, incident_id: int) -> list[str]:
    """The people who were sent the postmortem as a file, as far as the outbox remembers."""
    query = select(outbox.c.payload).where(
        outbox.c.incident_id == incident_id, outbox.c.kind == "SendExport", outbox.c.state == "done"
    )
    return sorted({str(row.payload["user_id"]) for row in tx.execute(query)})


def homes_since(tx: Connection, since: datetime) -> list[str]:
    """The people whose App Home was shown since then, as far as the outbox remembers."""
    shown = (outbox.c.kind == "PublishHome", ON_RECORD, outbox.c.created_at >= since)
    query = select(outbox.c.lane).where(*shown)
    return sorted({str(row.lane).removeprefix("home/") for row in tx.execute(query.distinct())})
