"""Reads five-whys sessions."""

from __future__ import annotations

from bot.domain.five_whys.model import FiveWhysAnalysis, whys_ref
from bot.domain.five_whys.planned import root_key
from bot.domain.kit.errors import AnalysisOver, UnknownAnalysis
from bot.domain.kit.people import SYSTEM, Viewer
from bot.operations.kit.transaction import Operations, Tx, reading
from storage import five_whys, messages


class WhysReads(Operations):
    """What performers read; each method returns the current state."""

    @reading
    def is_taken(self, tx: Tx, channel_id: str, ts: str) -> bool:
        """Whether the message is an answer in a session's tree."""
        found = five_whys.by_answer(tx.connection, channel_id, ts)
        analysis = five_whys.get(tx.connection, found[0], SYSTEM) if found else None
        return found is not None and analysis is not None and analysis.whys[found[1]].is_taken

    @reading
    def former_root(self, tx: Tx, analysis_id: int) -> tuple[str, str] | None:
        """(channel, ts) of the session's most recently deleted message, or ``None``."""
        return messages.latest_with_prefix(tx.connection, root_key(analysis_id))


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
