"""What every step of a five-whys session goes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.domain.five_whys.model import AnalysisStatus, FiveWhysAnalysis, Why, question_about, whys_ref
from bot.domain.five_whys.tree import named, open_ends, shown
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import AnalysisOver, NotInTree, UnknownAnalysis
from bot.domain.kit.people import Viewer
from bot.domain.kit.text import cut, one_line, plain_from_markup
from bot.operations.consequences.root_causes import found_by
from bot.operations.five_whys.replies import store
from bot.operations.kit.gate import begin
from bot.operations.kit.transaction import Operations, Tx
from storage import five_whys, timeline

_CAUSE_KEPT = 500
_Move = Callable[[FiveWhysAnalysis, int], FiveWhysAnalysis]


class Sessions(Operations):
    """Passing the gate, changing the tree, ending with what was found."""

    def _taken(self, analysis: FiveWhysAnalysis, why_id: int) -> Why:
        why = analysis.whys.get(why_id)
        if why is None or not why.is_taken:
            raise NotInTree(ref=analysis.ref)
        return why

    def _move(
        self, tx: Tx, analysis_id: int, why_id: int, by: str, key: str, move: _Move
    ) -> FiveWhysAnalysis:
        is_new = begin(tx, by, key)
        analysis = active_analysis(tx, analysis_id, by)
        if not is_new:
            return analysis
        self._taken(analysis, why_id)
        after = move(analysis, why_id)
        return store(tx, analysis, after, [after.whys[why_id]], key)

    def _add(self, tx: Tx, analysis: FiveWhysAnalysis, answer: str, by: str, parent_id: int | None) -> Why:
        about = analysis.whys[parent_id].answer if parent_id else analysis.problem
        why = Why(0, analysis.id, parent_id, question_about(about), answer, by, tx.now)
        return five_whys.add_answer(tx.connection, why)

    def _name(
        self,
        tx: Tx,
        before: FiveWhysAnalysis,
        tree: FiveWhysAnalysis,
        why_id: int,
        by: str,
        key: str,
    ) -> FiveWhysAnalysis:
        after = named(tree, why_id)
        if not open_ends(after):
            return self._end(tx, before, after, AnalysisStatus.COMPLETED, by, key, why_id)
        return store(tx, before, after, [after.whys[why_id]], key)

    def _end(
        self,
        tx: Tx,
        before: FiveWhysAnalysis,
        tree: FiveWhysAnalysis,
        status: AnalysisStatus,
        by: str,
        key: str,
        touched: int | None = None,
    ) -> FiveWhysAnalysis:
        is_complete = status is AnalysisStatus.COMPLETED
        after = replace(tree, status=status, completed_at=tx.now if is_complete else None)
        if is_complete:
            after = replace(_with_entries(tx, after, by), metadata={**after.metadata, "has_findings": True})
        if is_complete:
            found_by(tx, after, by)
        return store(tx, before, after, [after.whys[touched]] if touched else [], key)


def existing_analysis(tx: Tx, analysis_id: int, viewer: Viewer, *, lock: bool = False) -> FiveWhysAnalysis:
    """The session; raises ``UnknownAnalysis`` where there is none for the viewer."""
    analysis = five_whys.get(tx.connection, analysis_id, viewer, lock=lock)
    if analysis is None:
        raise UnknownAnalysis(ref=whys_ref(analysis_id))
    return analysis


def active_analysis(tx: Tx, analysis_id: int, by: str) -> FiveWhysAnalysis:
    """The session, for a change of it; raises ``UnknownAnalysis`` and ``AnalysisOver``."""
    analysis = existing_analysis(tx, analysis_id, by, lock=True)
    if not analysis.is_active:
        raise AnalysisOver(ref=analysis.ref, status=analysis.status.value)
    return analysis


def _with_entries(tx: Tx, tree: FiveWhysAnalysis, by: str) -> FiveWhysAnalysis:
    """The tree, its root causes being in the timeline, and what is none any more being taken back there."""
    causes = {each.id for each, _ in shown(tree) if each.is_cause}
    changed: dict[int, Why] = {}
    for why in tree.whys.values():
        told = cut(one_line(plain_from_markup(why.answer)), _CAUSE_KEPT)
        if (why.id in causes) is (why.entry_id is not None):
            continue
        found, lost = (told, None) if why.id in causes else (None, told)
        entry = timeline.add_change(
            tx.connection,
            tree.incident_id,
            EntryKind.ROOT_CAUSE,
            by,
            tx.now,
            from_value=lost,
            to_value=found,
            note=tree.ref,
        )
        changed[why.id] = replace(why, entry_id=entry.id if found else None)
    return replace(tree, whys={**tree.whys, **changed})
