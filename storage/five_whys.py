"""Five-whys sessions in the database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from bot.codec import metadata_of
from bot.domain.five_whys.model import AnalysisStatus, FiveWhysAnalysis, Why
from bot.domain.kit.people import Viewer
from storage.entities import add_row, columns_of, save_row
from storage.flags import unpacked
from storage.members import row_seen_by
from storage.tables import five_whys_analyses, whys

_analyses = five_whys_analyses.c


def add(tx: Connection, analysis: FiveWhysAnalysis) -> FiveWhysAnalysis:
    """Store a new session and return it with its number."""
    return replace(analysis, id=add_row(tx, five_whys_analyses, _values(analysis)))


def save(tx: Connection, analysis: FiveWhysAnalysis) -> FiveWhysAnalysis:
    """Store what the session is now, without its answers."""
    save_row(tx, five_whys_analyses, analysis.id, _values(analysis))
    return analysis


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
    """Store a new answer and return it with its id."""
    return replace(why, id=add_row(tx, whys, columns_of(why, whys)))


def save_answer(tx: Connection, why: Why) -> Why:
    """Store what the answer is now."""
    save_row(tx, whys, why.id, columns_of(why, whys))
    return why


def take_quiet(tx: Connection, now: datetime, limit: int) -> list[FiveWhysAnalysis]:
    """Sessions that are due for a nudge, longest overdue first, locked until this transaction ends."""
    query = select(five_whys_analyses).where(_analyses.nudge_at <= now).order_by(_analyses.nudge_at)
    rows = tx.execute(query.limit(limit).with_for_update(skip_locked=True, key_share=True)).mappings()
    return [_analysis(row, _answers(tx, row["id"])) for row in rows.all()]


def _answers(tx: Connection, analysis_id: int) -> dict[int, Why]:
    return {row["id"]: _why(row) for row in tx.execute(_ANSWERS, {"asked": analysis_id}).mappings()}


_ANSWERS = select(whys).where(whys.c.analysis_id == bindparam("asked")).order_by(whys.c.id)


def _why(row: RowMapping) -> Why:
    return Why(**{**row, "evidence": tuple(row["evidence"])})


def _values(analysis: FiveWhysAnalysis) -> dict[str, Any]:
    return {**columns_of(analysis, five_whys_analyses), "metadata": metadata_of(analysis)}


def _analysis(row: RowMapping, answers: dict[int, Why]) -> FiveWhysAnalysis:
    values = {**unpacked(FiveWhysAnalysis, row), "status": AnalysisStatus(row["status"]), "whys": answers}
    values["steps"] = tuple((kind, why_id, before) for kind, why_id, before in row["steps"])
    return FiveWhysAnalysis(**values)
