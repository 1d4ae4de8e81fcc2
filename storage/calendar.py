"""What is known of the calendar itself: whether one is connected, and how far it was read."""

from __future__ import annotations

from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, delete, select, update

from storage import workspace
from storage.tables import calendar_syncs, outbox
from storage.upsert import insert_new, upsert

_CALENDAR, _INSTALLATION = "calendar_id", "installation"
_columns = calendar_syncs.c


def connect(tx: Connection, calendar_id: str | None, now: datetime) -> bool:
    """Note which calendar the environment names, if any; and who we are, for the ids of our events.

    Whether it is one that wasn't connected before.
    """
    is_new = bool(calendar_id) and calendar_id != connected(tx)
    workspace.put(tx, _CALENDAR, calendar_id or "")
    if workspace.get(tx, _INSTALLATION) is None:
        workspace.put(tx, _INSTALLATION, token_hex(12))
    if calendar_id:
        insert_new(
            tx,
            calendar_syncs,
            {"calendar_id": calendar_id, "token": None, "next_at": now},
            on=("calendar_id",),
        )
    return is_new


def connected(tx: Connection) -> str | None:
    """The id of the calendar, or ``None`` where there is none."""
    return workspace.get(tx, _CALENDAR) or None


def installation(tx: Connection) -> str:
    """A name that no other installation has."""
    return workspace.get(tx, _INSTALLATION) or ""


def take_turn(tx: Connection, calendar_id: str, now: datetime, next_at: datetime) -> bool:
    """Whether it is time to read the calendar, which then is only one's business; next time is then."""
    mine = (_columns.calendar_id == calendar_id, _columns.next_at <= now)
    return tx.execute(update(calendar_syncs).where(*mine).values(next_at=next_at)).rowcount == 1


def token(tx: Connection, calendar_id: str) -> str | None:
    """How far the calendar was read."""
    return tx.execute(select(_columns.token).where(_columns.calendar_id == calendar_id)).scalar_one_or_none()


def read_up_to(tx: Connection, calendar_id: str, token: str | None, next_at: datetime) -> None:
    """How far the calendar was read; ``None`` is from the start."""
    values = {"calendar_id": calendar_id, "token": token, "next_at": next_at}
    upsert(tx, calendar_syncs, values, on=("calendar_id",))


def forget_reads(tx: Connection, lane: str) -> None:
    """Outbox rows of earlier looks at the calendar tell nobody anything, whatever came of them."""
    tx.execute(delete(outbox).where(outbox.c.lane == lane, outbox.c.state.in_(("done", "dead"))))
