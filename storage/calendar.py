"""The state of the calendar itself: whether one is connected, and how far it has been read."""

from __future__ import annotations

from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, delete, select, update

from storage import workspace
from storage.outbox import DEAD, DONE, in_state
from storage.tables import calendar_syncs, outbox
from storage.upsert import insert_new, upsert

_CALENDAR, _INSTALLATION, _MAKES_CALLS = "calendar_id", "installation", "calendar_makes_calls"
_columns = calendar_syncs.c


def connect(tx: Connection, calendar_id: str | None, now: datetime) -> bool:
    """Record which calendar the environment names, if any; returns whether it is a new one.

    Also gives this installation its name, which becomes part of the ids of our events.
    """
    is_new = bool(calendar_id) and calendar_id != connected(tx)
    workspace.save(tx, _CALENDAR, calendar_id or "")
    if workspace.get(tx, _INSTALLATION) is None:
        workspace.save(tx, _INSTALLATION, token_hex(12))
    if calendar_id:
        insert_new(
            tx,
            calendar_syncs,
            {"calendar_id": calendar_id, "token": None, "next_at": now},
            on=("calendar_id",),
        )
    return is_new


def connected(tx: Connection) -> str | None:
    """The id of the calendar, or ``None`` if none is connected."""
    return workspace.get(tx, _CALENDAR) or None


def note_calls(tx: Connection, *, makes_calls: bool) -> None:
    """Record whether the connected account can set up video calls."""
    workspace.save(tx, _MAKES_CALLS, "yes" if makes_calls else "")


def makes_calls(tx: Connection) -> bool:
    """Whether the connected account can set up video calls."""
    return bool(workspace.get(tx, _MAKES_CALLS))


def installation(tx: Connection) -> str:
    """A name that no other installation has."""
    return workspace.get(tx, _INSTALLATION) or ""


def take_turn(tx: Connection, calendar_id: str, now: datetime, next_at: datetime) -> bool:
    """Take the turn to read the calendar until ``next_at``; returns whether it was time for a turn."""
    mine = (_columns.calendar_id == calendar_id, _columns.next_at <= now)
    return tx.execute(update(calendar_syncs).where(*mine).values(next_at=next_at)).rowcount == 1


def token(tx: Connection, calendar_id: str) -> str | None:
    """The token to continue reading the calendar with, or ``None`` to read it from the start."""
    return tx.execute(select(_columns.token).where(_columns.calendar_id == calendar_id)).scalar_one_or_none()


def read_up_to(tx: Connection, calendar_id: str, token: str | None, next_at: datetime) -> None:
    """Store how far the calendar has been read; ``None`` means that it has to be read from the start."""
    values = {"calendar_id": calendar_id, "token": token, "next_at": next_at}
    upsert(tx, calendar_syncs, values, on=("calendar_id",))


def forget_reads(tx: Connection, lane: str, limit: int = 100) -> None:
    """Delete the outbox rows of earlier calendar syncs: nobody needs them, whatever their outcome.

    Only a few at once, however many there are; done ones are also purged with all others.
    """
    settled = select(outbox.c.id).where(outbox.c.lane == lane, in_state(DONE, DEAD))
    tx.execute(delete(outbox).where(outbox.c.id.in_(settled.limit(limit))))
