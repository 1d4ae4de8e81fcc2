"""Reads five-whys sessions."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.five_whys.model import FiveWhysAnalysis, whys_ref
from bot.domain.five_whys.planned import question_key, root_key
from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import AnalysisOver, UnknownAnalysis
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.kit.references import Names
from bot.operations.kit.access import existing_incident
from bot.operations.kit.names import names_of
from bot.operations.kit.transaction import Operations, Tx, reading
from storage import five_whys, messages, workspace

Place = tuple[str, str]
"""(channel, ts) of a message."""


@dataclass(frozen=True, slots=True)
class SessionShown:
    """What the message of a session shows, and where it is."""

    analysis: FiveWhysAnalysis
    incident: Incident
    team_url: str
    place: Place | None
    """``None`` until it is posted."""
    former: Place | None
    """The most recently deleted message of the session, whose thread still counts."""
    names: Names


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """What a question of a session needs, and where it is."""

    analysis: FiveWhysAnalysis
    place: Place | None
    """``None`` until it is posted."""
    thread: Place | None
    """The session's own message, or ``None`` until that is posted."""
    names: Names


class WhysReads(Operations):
    """What performers read; each method returns the current state."""

    @reading
    def is_taken(self, tx: Tx, channel_id: str, ts: str) -> bool:
        """Whether the message is an answer in a session's tree."""
        found = five_whys.by_answer(tx.connection, channel_id, ts)
        analysis = five_whys.get(tx.connection, found[0], SYSTEM) if found else None
        return found is not None and analysis is not None and analysis.whys[found[1]].is_taken

    @reading
    def session(self, tx: Tx, analysis_id: int) -> SessionShown:
        """What the session's message needs; raises ``UnknownAnalysis``."""
        analysis, key = existing_analysis(tx, analysis_id, SYSTEM), root_key(analysis_id)
        return SessionShown(
            analysis,
            existing_incident(tx, analysis.incident_id, SYSTEM),
            tx.once(workspace.get, workspace.TEAM_URL) or "",
            messages.where(tx.connection, key),
            messages.latest_with_prefix(tx.connection, key),
            names_of(tx, analysis),
        )

    @reading
    def question(self, tx: Tx, analysis_id: int, why_id: int) -> QuestionShown:
        """What the question below that answer needs; raises ``UnknownAnalysis``."""
        analysis = existing_analysis(tx, analysis_id, SYSTEM)
        return QuestionShown(
            analysis,
            messages.where(tx.connection, question_key(analysis_id, why_id)),
            messages.where(tx.connection, root_key(analysis_id)),
            names_of(tx, analysis),
        )


def existing_analysis(tx: Tx, analysis_id: int, viewer: Viewer, *, lock: bool = False) -> FiveWhysAnalysis:
    """The session; raises ``UnknownAnalysis`` if there is none that the viewer may see."""
    analysis = five_whys.get(tx.connection, analysis_id, viewer, lock=lock)
    if analysis is None:
        raise UnknownAnalysis(ref=whys_ref(analysis_id))
    return analysis


def active_analysis(tx: Tx, analysis_id: int, by: str) -> FiveWhysAnalysis:
    """The session, locked for a change; raises ``UnknownAnalysis`` and ``AnalysisOver``."""
    analysis = existing_analysis(tx, analysis_id, by, lock=True)
    if not analysis.is_active:
        raise AnalysisOver(ref=analysis.ref, status=analysis.status.value)
    return analysis
