"""Which requests have been handled: Slack delivers each at least once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from bot.domain.kit.keys import fitting
from storage.tables import inbound
from storage.upsert import insert_new


def first_time(tx: Connection, key: str, now: datetime) -> bool:
    """Record the request's natural key; returns whether it is new.

    A redelivery waits until the first delivery's transaction ends.
    """
    return insert_new(tx, inbound, {"key": fitting(key), "received_at": now}, on=("key",))


def led_to(tx: Connection, key: str, incident_id: int) -> None:
    """Record which incident the request created."""
    tx.execute(update(inbound).where(inbound.c.key == fitting(key)).values(incident_id=incident_id))


def incident_of(tx: Connection, key: str) -> int | None:
    """The incident that an earlier delivery of the request created, or ``None``."""
    return tx.execute(select(inbound.c.incident_id).where(inbound.c.key == fitting(key))).scalar_one_or_none()


def record_item(tx: Connection, key: str, item_id: int) -> None:
    """Record which action item the request created."""
    tx.execute(update(inbound).where(inbound.c.key == fitting(key)).values(item_id=item_id))


def item_of(tx: Connection, key: str) -> int | None:
    """The action item that an earlier delivery of the request created, or ``None``."""
    return tx.execute(select(inbound.c.item_id).where(inbound.c.key == fitting(key))).scalar_one_or_none()


def record_analysis(tx: Connection, key: str, analysis_id: int) -> None:
    """Record which five-whys session the request created."""
    tx.execute(update(inbound).where(inbound.c.key == fitting(key)).values(analysis_id=analysis_id))


def analysis_of(tx: Connection, key: str) -> int | None:
    """The five-whys session that an earlier delivery of the request created, or ``None``."""
    return tx.execute(select(inbound.c.analysis_id).where(inbound.c.key == fitting(key))).scalar_one_or_none()
