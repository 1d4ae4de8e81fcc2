"""Five-whys sessions in the database."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from bot.domain.five_whys.model import AnalysisStatus, FiveWhysAnalysis, NewAnalysis, Why
from bot.domain.kit.people import Viewer
from storage.members import row_seen_by
from storage.tables import five_whys_analyses, whys

_analyses = five_whys_analyses.c
_KEPT = [each.name for each in fields(FiveWhysAnalysis) if each.name not in {"id", "whys"}]


def add(tx: Connection, start: NewAnalysis, by: str, now: datetime, **more: Any) -> FiveWhysAnalysis:
    """Store a new session and return it; it has no answers yet."""
    values = {
        "incident_id": start.incident_id,
        "problem": start.problem,
        "facilitator_id": start.facilitator_id,
        "status": AnalysisStatus.ACTIVE.value,
        "created_by": by,
        "created_at": now,
        "updated_at": now,
        "steps": [],
        "metadata": {},
        **more,
    }
    made = insert(five_whys_analyses).values(values).returning(*_analyses)
    return _analysis(tx.execute(made).mappings().one(), {})


def get(tx: Connection, analysis_id: int, viewer: Viewer, *, lock: bool = False) -> FiveWhysAnalysis | None:
    """The session with its answers, or ``None`` if the viewer can't see one with this id.

    With ``lock``, nobody else changes it before this transaction ends.
    """
    row = row_seen_by(tx, viewer, _analyses.id, analysis_id, lock=lock)
    return _analysis(row, _answers(tx, analysis_id)) if row else None


def of_incident(tx: Connection, incident_id: int) -> list[FiveWhysAnalysis]:
    """All of an incident's sessions, oldest first."""
    query = select(five_whys_analyses).where(_analyses.incident_id == incident_id).order_by(_analyses.id)
    return [_analysis(row, _answers(tx, row["id"])) for row in tx.execute(query).mappings()]


def by_answer(tx: Connection, channel_id: str, ts: str) -> tuple[int, int] | None:
    """(session, answer) of the message, or ``None`` if it was never an answer."""
    query = select(whys.c.analysis_id, whys.c.id).where(whys.c.channel_id == channel_id, whys.c.ts == ts)
    row = tx.execute(query).one_or_none()
    return (row.analysis_id, row.id) if row else None


def add_answer(tx: Connection, why: Why) -> Why:
    """Store a new answer and return it with its new id."""
    values = {**asdict(why), "evidence": [dict(each) for each in why.evidence]}
    del values["id"]
    row = tx.execute(insert(whys).values(values).returning(*whys.c)).mappings().one()
    return _why(row)


def save(tx: Connection, before: FiveWhysAnalysis, after: FiveWhysAnalysis) -> None:
    """Store what differs between ``before`` and ``after``."""
    for why_id, why in after.whys.items():
        if before.whys.get(why_id) != why:
            values = {**asdict(why), "evidence": [dict(each) for each in why.evidence]}
            tx.execute(update(whys).where(whys.c.id == why_id).values(values))
    changed = {name: getattr(after, name) for name in _KEPT}
    changed |= {"status": after.status.value, "steps": [list(each) for each in after.steps]}
    changed["metadata"] = dict(after.metadata)
    tx.execute(update(five_whys_analyses).where(_analyses.id == after.id).values(changed))


def take_quiet(tx: Connection, now: datetime, limit: int) -> list[FiveWhysAnalysis]:
    """Sessions that are due for a nudge, longest due first, locked until this transaction ends."""
    query = select(five_whys_analyses).where(_analyses.nudge_at <= now).order_by(_analyses.nudge_at)
    rows = tx.execute(query.limit(limit).with_for_update(skip_locked=True, key_share=True)).mappings()
    return [_analysis(row, _answers(tx, row["id"])) for row in rows.all()]


def _answers(tx: Connection, analysis_id: int) -> dict[int, Why]:
    return {row["id"]: _why(row) for row in tx.execute(_ANSWERS, {"asked": analysis_id}).mappings()}


_ANSWERS = select(whys).where(whys.c.analysis_id == bindparam("asked")).order_by(whys.c.id)


def _why(row: RowMapping) -> Why:
    return Why(**{**row, "evidence": tuple(row["evidence"])})


def _analysis(row: RowMapping, answers: dict[int, Why]) -> FiveWhysAnalysis:
    values: dict[str, Any] = {**row, "status": AnalysisStatus(row["status"]), "whys": answers}
    values["steps"] = tuple((kind, why_id, before) for kind, why_id, before in row["steps"])
    return FiveWhysAnalysis(**values)
