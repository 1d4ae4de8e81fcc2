"""Which requests have been handled: Slack delivers each at least once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from bot.domain.action_items.model import ActionItem
from bot.domain.five_whys.model import FiveWhysAnalysis
from bot.domain.incidents.model import Incident
from bot.domain.kit.keys import fitting
from storage.tables import inbound
from storage.upsert import insert_new

_EARLIER: Mapping[type, str] = {
    Incident: "incident_id",
    ActionItem: "item_id",
    FiveWhysAnalysis: "analysis_id",
}
"""The columns that revisions before 0008 use instead. For one release they are written as well, and read
where ``result`` is null, as it is in all older rows: the table may be too large to fill it in."""
_RESULT = func.coalesce(inbound.c.result, *(inbound.c[name] for name in _EARLIER.values()))


def first_time(tx: Connection, key: str, now: datetime) -> bool:
    """Record the request's natural key; returns whether it is new.

    A redelivery waits until the first delivery's transaction ends.
    """
    return insert_new(tx, inbound, {"key": fitting(key), "received_at": now}, on=("key",))


def led_to(tx: Connection, key: str, made: Incident | ActionItem | FiveWhysAnalysis) -> None:
    """Record what the request created."""
    values = {"result": made.id, _EARLIER[type(made)]: made.id}
    tx.execute(update(inbound).where(inbound.c.key == fitting(key)).values(values))


def result_of(tx: Connection, key: str) -> int | None:
    """The id of what an earlier delivery of the request created, or ``None``."""
    return tx.execute(select(_RESULT).where(inbound.c.key == fitting(key))).scalar_one_or_none()
