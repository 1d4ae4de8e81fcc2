"""The steps of a five-whys session, which change its tree and end it with what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.domain.five_whys.model import AnalysisStatus, FiveWhysAnalysis, Why, question_about
from bot.domain.five_whys.tree import named, shown
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.errors import NotInTree
from bot.domain.kit.text import cut, one_line, plain_from_markup
from bot.operations.consequences.root_causes import found_by
from bot.operations.five_whys.reads import active_analysis
from bot.operations.five_whys.replies import store
from bot.operations.kit.gate import begin
from bot.operations.kit.names import namer
from bot.operations.kit.transaction import Tx
from storage import five_whys, timeline

_CAUSE_KEPT = 500
Move = Callable[[FiveWhysAnalysis, int], FiveWhysAnalysis]
"""Returns the tree with a change at one of its answers."""


def require_taken(analysis: FiveWhysAnalysis, why_id: int) -> None:
    """Raise ``NotInTree`` unless the answer is in the tree."""
    why = analysis.whys.get(why_id)
    if why is None or not why.is_taken:
        raise NotInTree(ref=analysis.ref)


def move(tx: Tx, analysis_id: int, why_id: int, by: str, key: str, how: Move) -> FiveWhysAnalysis:
    """Change the tree at an answer; raises ``AnalysisOver`` and ``NotInTree``."""
    is_new = begin(tx, by, key)
    analysis = active_analysis(tx, analysis_id, by)
    if not is_new:
        return analysis
    require_taken(analysis, why_id)
    after = how(analysis, why_id)
    return store(tx, analysis, after, [after.whys[why_id]], key)


def answer_current(tx: Tx, analysis: FiveWhysAnalysis, answer: str, by: str) -> Why:
    """Store an answer to the current question that wasn't written as a message."""
    about = analysis.current.answer if analysis.current else analysis.problem
    why = Why(0, analysis.id, analysis.current_id, question_about(about, namer(tx)), answer, by, tx.now)
    return five_whys.add_answer(tx.connection, why)


def name_cause(
    tx: Tx, before: FiveWhysAnalysis, tree: FiveWhysAnalysis, why_id: int, key: str
) -> FiveWhysAnalysis:
    """Mark the answer as a root cause; the session continues until it is finished, or quiet for a while."""
    after = named(tree, why_id)
    return store(tx, before, after, [after.whys[why_id]], key)


def end_with_findings(
    tx: Tx, before: FiveWhysAnalysis, tree: FiveWhysAnalysis, by: str, key: str, touched: int | None = None
) -> FiveWhysAnalysis:
    """End the session with what it has found, which goes into the timeline and a postmortem's draft."""
    after = replace(tree, status=AnalysisStatus.COMPLETED, completed_at=tx.now, has_findings=True)
    after = _with_entries(tx, after, by)
    found_by(tx, after, by)
    return store(tx, before, after, [after.whys[touched]] if touched else [], key)


def _with_entries(tx: Tx, tree: FiveWhysAnalysis, by: str) -> FiveWhysAnalysis:
    """Add new root causes to the timeline and retract former ones; returns the tree with their entries."""
    causes = {each.id for each, _ in shown(tree) if each.is_cause}
    changed: dict[int, Why] = {}
    for why in tree.whys.values():
        told = cut(one_line(plain_from_markup(why.answer, namer(tx))), _CAUSE_KEPT)
        if (why.id in causes) is (why.entry_id is not None):
            continue
        found, lost = (told, None) if why.id in causes else (None, told)
        change = TimelineEntry(
            0,
            tree.incident_id,
            EntryKind.ROOT_CAUSE,
            tx.now,
            by,
            from_value=lost,
            to_value=found,
            text=tree.ref,
        )
        entry = timeline.add(tx.connection, change)
        changed[why.id] = replace(why, entry_id=entry.id if found else None)
    return replace(tree, whys={**tree.whys, **changed})
