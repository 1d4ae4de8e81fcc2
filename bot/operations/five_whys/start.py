"""Starts five-whys sessions."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.five_whys import planned as five_whys_planned
from bot.domain.five_whys.model import PROBLEM_LIMIT, FiveWhysAnalysis, NewAnalysis, started
from bot.domain.kit.errors import AlreadyAsked, ProblemMissing, ProblemTooLong
from bot.domain.kit.text import is_blank, length, one_line
from bot.operations.consequences.changes import session_changed
from bot.operations.five_whys.reads import existing_analysis
from bot.operations.five_whys.replies import QUIET_AFTER
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin, require_candidate
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import five_whys, handled_requests


def start(tx: Tx, new: NewAnalysis, by: str, key: str) -> FiveWhysAnalysis:
    """Store a session and plan its first question; a redelivery returns the one that is already stored.

    Raises ``UnknownRef``, ``ProblemMissing``, ``ProblemTooLong``, ``NobodyKnown`` and ``AlreadyAsked``.
    """
    is_new = begin(tx, by, key)
    incident = existing_incident(tx, new.incident_id, by, lock=True)
    if not is_new:
        return existing_analysis(tx, handled_requests.result_of(tx.connection, key) or 0, by)
    problem = _problem(new.problem)
    require_candidate(tx, new.facilitator_id)
    for each in five_whys.of_incident(tx.connection, incident.id):
        if each.is_active and each.problem.casefold() == problem.casefold():
            raise AlreadyAsked(ref=each.ref)
    begun = replace(started(replace(new, problem=problem), by, tx.now), nudge_at=tx.now + QUIET_AFTER)
    analysis = five_whys.add(tx.connection, begun)
    handled_requests.led_to(tx.connection, key, analysis)
    session_changed(tx, None, analysis)
    enqueue(tx, five_whys_planned.after_giving(analysis, by, key))
    return analysis


def _problem(text: str) -> str:
    problem = one_line(text)
    if is_blank(problem):
        raise ProblemMissing
    if length(problem) > PROBLEM_LIMIT:
        raise ProblemTooLong(limit=PROBLEM_LIMIT, length=f"{length(problem):,}")
    return problem
