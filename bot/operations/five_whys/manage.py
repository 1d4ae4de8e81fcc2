"""Runs five-whys sessions."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.five_whys import planned as five_whys_planned
from bot.domain.five_whys.model import AnalysisStatus, FiveWhysAnalysis, NewAnalysis
from bot.domain.five_whys.tree import (
    is_settled,
    latest,
    moved_to,
    named,
    standing,
    taken_back,
    undone,
    with_answer,
)
from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.errors import (
    MovedOn,
    NothingToUndo,
    NoWhysHere,
    RootCauseMissing,
)
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.kit.text import is_blank
from bot.operations.five_whys.reads import active_analysis, existing_analysis
from bot.operations.five_whys.replies import hear, session_at, store, take
from bot.operations.five_whys.sessions import (
    answer_current,
    end_with_findings,
    move,
    name_cause,
    require_taken,
)
from bot.operations.five_whys.start import start
from bot.operations.kit.access import existing_incident
from bot.operations.kit.gate import begin, require_candidate
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import five_whys, messages, timeline_reads
from storage.alarms import AT_ONCE


class FiveWhysFacilitator(Operations):
    """Facilitate root cause analysis using five whys.

    ``by`` is the person who acts, and has to pass the gate first (``NotAllowed``); ``key`` is the request's
    natural key: a redelivery changes nothing. Raises ``UnknownAnalysis`` if the person may not see the
    session, ``AnalysisOver`` if it would have to be active, and ``NotInTree`` for an answer that isn't there.
    Replies in its thread are answers by themselves: see :mod:`bot.operations.five_whys.replies`.
    """

    @transaction
    def conduct_five_whys(
        self, tx: Tx, incident_id: int, facilitator_id: str, problem: str = "", *, by: str, key: str
    ) -> FiveWhysAnalysis:
        """Start a session about the problem, by default the incident's title.

        Raises ``UnknownRef``, ``NobodyKnown``, ``ProblemTooLong``, ``AlreadyAsked``.
        """
        incident = existing_incident(tx, incident_id, by)
        return start(tx, NewAnalysis(incident_id, problem or incident.title, facilitator_id), by, key)

    @transaction
    def start_from_form(self, tx: Tx, filled: NewAnalysis, *, by: str, key: str) -> FiveWhysAnalysis:
        """Start the session that was filled in; raises errors that name their field."""
        return start(tx, filled, by, key)

    @transaction
    def add_why(self, tx: Tx, analysis_id: int, why: str, answered_by: str, *, key: str) -> FiveWhysAnalysis:
        """Answer the current question without a message in the thread; raises ``AnalysisOver``."""
        if not begin(tx, answered_by, key):
            return existing_analysis(tx, analysis_id, answered_by)
        analysis = active_analysis(tx, analysis_id, answered_by)
        if is_blank(why):
            return analysis
        made = answer_current(tx, analysis, why.strip(), answered_by)
        return store(tx, analysis, with_answer(analysis, made), [made], key)

    @transaction
    def identify_root_cause(
        self, tx: Tx, analysis_id: int, root_cause: str, *, by: str, key: str
    ) -> FiveWhysAnalysis:
        """Answer the current question with a root cause; if nothing is left to ask, the session ends.

        Raises ``RootCauseMissing`` and ``AnalysisOver``.
        """
        if not begin(tx, by, key):
            return existing_analysis(tx, analysis_id, by)
        analysis = active_analysis(tx, analysis_id, by)
        if is_blank(root_cause):
            raise RootCauseMissing
        made = answer_current(tx, analysis, root_cause.strip(), by)
        after = named(with_answer(analysis, made), made.id)
        if is_settled(after):
            return end_with_findings(tx, analysis, after, by, key, made.id)
        return name_cause(tx, analysis, after, made.id, key)

    @transaction
    def name_root_cause(
        self, tx: Tx, analysis_id: int, why_id: int, *, by: str, key: str
    ) -> FiveWhysAnalysis:
        """Mark an answer as a root cause; the session continues, so that others can be found."""
        if not begin(tx, by, key):
            return existing_analysis(tx, analysis_id, by)
        analysis = active_analysis(tx, analysis_id, by)
        require_taken(analysis, why_id)
        return name_cause(tx, analysis, analysis, why_id, key)

    @transaction
    def name_message(self, tx: Tx, message: PostedMessage, *, by: str, key: str) -> FiveWhysAnalysis:
        """Mark a message in a session's thread as a root cause, taking it as an answer if it isn't one yet.

        Raises ``NoWhysHere`` outside a session's thread.
        """
        is_new = begin(tx, by, key)
        known = five_whys.by_answer(tx.connection, message.channel_id, message.ts)
        analysis_id = known[0] if known else session_at(tx, message.channel_id, message.thread_ts)
        found = five_whys.get(tx.connection, analysis_id, by) if analysis_id else None
        if analysis_id is None or found is None or message.ts == message.thread_ts:
            raise NoWhysHere
        if not is_new:
            return found
        analysis = active_analysis(tx, analysis_id, by)
        if known:
            require_taken(analysis, known[1])
            return name_cause(tx, analysis, analysis, known[1], key)
        made = take(tx, analysis, message)
        analysis = active_analysis(tx, analysis_id, by)
        return name_cause(tx, analysis, analysis, made.id, key) if made else analysis

    @transaction
    def take_back(self, tx: Tx, analysis_id: int, why_id: int, *, by: str, key: str) -> FiveWhysAnalysis:
        """Retract an answer; the question that it answered is asked again."""
        return move(tx, analysis_id, why_id, by, key, lambda tree, why: taken_back(tree, why, by_hand=True))

    @transaction
    def branch(self, tx: Tx, analysis_id: int, why_id: int, *, by: str, key: str) -> FiveWhysAnalysis:
        """Ask for another cause, next to this answer."""
        return move(
            tx, analysis_id, why_id, by, key, lambda tree, why: moved_to(tree, tree.whys[why].parent_id)
        )

    @transaction
    def go_on_at(self, tx: Tx, analysis_id: int, why_id: int, *, by: str, key: str) -> FiveWhysAnalysis:
        """Ask the next why about this answer."""
        return move(tx, analysis_id, why_id, by, key, moved_to)

    @transaction
    def undo(self, tx: Tx, analysis_id: int, why_id: int, *, by: str, key: str) -> FiveWhysAnalysis:
        """Undo the last step; ``why_id`` is the answer that the question with the button follows.

        Raises ``MovedOn`` if that isn't the latest answer, and ``NothingToUndo``.
        """
        if not begin(tx, by, key):
            return existing_analysis(tx, analysis_id, by)
        analysis = active_analysis(tx, analysis_id, by)
        if why_id != latest(analysis):
            raise MovedOn(ref=analysis.ref)
        found = undone(analysis)
        if found is None:
            raise NothingToUndo(ref=analysis.ref)
        after, touched = found
        changed = [after.whys[touched]] if touched in after.whys else []
        return store(tx, analysis, after, changed, key)

    @transaction
    def complete(self, tx: Tx, analysis_id: int, *, by: str, key: str) -> FiveWhysAnalysis:
        """End the session with what it has found."""
        if not begin(tx, by, key):
            return existing_analysis(tx, analysis_id, by)
        analysis = active_analysis(tx, analysis_id, by)
        return end_with_findings(tx, analysis, analysis, by, key)

    @transaction
    def abandon(self, tx: Tx, analysis_id: int, *, by: str, key: str) -> FiveWhysAnalysis:
        """End the session without posting findings; it can be resumed."""
        if not begin(tx, by, key):
            return existing_analysis(tx, analysis_id, by)
        analysis = active_analysis(tx, analysis_id, by)
        after = replace(analysis, status=AnalysisStatus.ABANDONED, completed_at=None)
        return store(tx, analysis, after, [], key)

    @transaction
    def resume(self, tx: Tx, analysis_id: int, *, by: str, key: str) -> FiveWhysAnalysis:
        """Take answers again, even much later and after the incident was closed."""
        is_new = begin(tx, by, key)
        analysis = existing_analysis(tx, analysis_id, by, lock=True)
        if not is_new or analysis.is_active:
            return analysis
        after = replace(analysis, status=AnalysisStatus.ACTIVE, completed_at=None, was_nudged=False)
        return store(tx, analysis, after, [], key)

    @transaction
    def hand_over(
        self, tx: Tx, analysis_id: int, facilitator_id: str, *, by: str, key: str
    ) -> FiveWhysAnalysis:
        """Make somebody else the facilitator; raises ``NobodyKnown``."""
        is_new = begin(tx, by, key)
        analysis = existing_analysis(tx, analysis_id, by, lock=True)
        require_candidate(tx, facilitator_id)
        if not is_new or analysis.facilitator_id == facilitator_id:
            return analysis
        given = store(tx, analysis, replace(analysis, facilitator_id=facilitator_id), [], key)
        enqueue(tx, five_whys_planned.after_giving(given, by, key))
        return given

    @reading
    def get_analysis(self, tx: Tx, analysis_id: int, *, viewer: Viewer) -> FiveWhysAnalysis:
        """The session; raises ``UnknownAnalysis``."""
        return existing_analysis(tx, analysis_id, viewer)

    @reading
    def in_thread(
        self, tx: Tx, channel_id: str, thread_ts: str | None, *, viewer: Viewer
    ) -> FiveWhysAnalysis:
        """The session whose thread this is; raises ``NoWhysHere``."""
        analysis_id = session_at(tx, channel_id, thread_ts)
        found = five_whys.get(tx.connection, analysis_id, viewer) if analysis_id else None
        if found is None:
            raise NoWhysHere
        return found

    @transaction
    def stands(self, tx: Tx, analysis_id: int, why_id: int | None, channel_id: str, ts: str) -> None:
        """Record where a question was posted or, without a ``why_id``, where the session's own message was.

        Replies that were written before that was known are handled now.
        """
        key = five_whys_planned.root_key(analysis_id)
        analysis = existing_analysis(tx, analysis_id, SYSTEM, lock=True)
        if why_id is None:
            messages.save(tx.connection, key, channel_id, ts)
            for entry in timeline_reads.in_thread(tx.connection, channel_id, ts):
                heard = PostedMessage(
                    channel_id, entry.ts or "", entry.by, entry.source, entry.text, entry.files, ts
                )
                hear(tx, heard)
            return
        messages.save(tx.connection, five_whys_planned.question_key(analysis_id, why_id), channel_id, ts)
        after = standing(analysis, why_id, ts) if why_id else analysis
        if after is not analysis:
            store(tx, analysis, after, [], f"stands/{ts}")

    @transaction
    def plan_nudges(self, tx: Tx) -> int:
        """Nudge some of the sessions that have been quiet for half an hour, once until they are resumed.

        Those in which every branch has a root cause end instead. Returns how many sessions.
        """
        quiet = five_whys.take_quiet(tx.connection, tx.now, AT_ONCE)
        for analysis in quiet:
            if analysis.is_active and is_settled(analysis):
                since = f"quiet/{analysis.updated_at.timestamp()}"
                end_with_findings(tx, analysis, analysis, analysis.facilitator_id, since)
                continue
            after = replace(analysis, nudge_at=None, was_nudged=True)
            five_whys.save(tx.connection, after)
            if analysis.is_active:
                enqueue(tx, [five_whys_planned.nudging(after, f"{analysis.updated_at.timestamp()}")])
        return len(quiet)
