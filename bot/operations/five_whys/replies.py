"""Takes replies in the thread of a five-whys session as answers.

This is part of recording a message: a reply is taken in the transaction that stores it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.codec import answer_to_json
from bot.domain.five_whys import planned as five_whys_planned
from bot.domain.five_whys.model import (
    FiveWhysAnalysis,
    Why,
    is_discussion,
    links_in,
    question_about,
)
from bot.domain.five_whys.replies import (
    Decision,
    DeepEnough,
    Evidence,
    FromAGuest,
    Heard,
    NewAnswer,
    Talk,
    answer,
    decide,
)
from bot.domain.five_whys.tree import is_settled, taken_back, with_answer
from bot.domain.incidents.timeline import PostedMessage, TimelineEntry
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.effects import SendAnswer
from bot.domain.outbox.rows import Planned
from bot.domain.surface.answers import Answer, Hint, HintAbout, WhysOver
from bot.operations.consequences.changes import session_changed
from bot.operations.kit.access import existing_incident
from bot.operations.kit.names import namer
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import five_whys, incidents, members, messages, people, timeline_reads

QUIET_AFTER = timedelta(minutes=30)
"""How long after its last step a session is nudged."""
_BEGINS_WITH_SOMEBODY = re.compile(r"\s*<@([A-Z0-9]+)(?:\|[^>]*)?>")


def session_at(tx: Tx, channel_id: str, thread_ts: str | None) -> int | None:
    """The id of the session whose thread this is, or was before its message was deleted; else ``None``."""
    key = messages.key_at(tx.connection, channel_id, thread_ts) if thread_ts else None
    return five_whys_planned.session_of_root(key) if key else None


def hear(tx: Tx, message: PostedMessage) -> None:
    """Decide what a reply is and apply the decision; to be called once per message."""
    analysis_id = session_at(tx, message.channel_id, message.thread_ts)
    if analysis_id is None or message.source or not message.user_id or message.ts == message.thread_ts:
        return
    analysis = five_whys.get(tx.connection, analysis_id, SYSTEM, lock=True)
    if analysis is None:
        return
    decision = decide(analysis, message, _heard(tx, analysis, message))
    if analysis.is_active:
        _apply(tx, analysis, message, decision)
    elif isinstance(decision, NewAnswer | DeepEnough):
        ended = analysis.completed_at.timestamp() if analysis.completed_at else analysis.status.value
        _whisper(tx, message, WhysOver(analysis.id), f"over/{analysis.ref}/{ended}/{message.user_id}")


def take(tx: Tx, analysis: FiveWhysAnalysis, message: PostedMessage) -> Why | None:
    """Take a message as the answer to the question its writer saw; ``None`` if the tree is deep enough."""
    return _apply(tx, analysis, message, answer(analysis, message, _asked_at(tx, analysis), namer(tx)))


def _apply(tx: Tx, analysis: FiveWhysAnalysis, message: PostedMessage, decision: Decision) -> Why | None:
    match decision:
        case Talk():
            pass
        case FromAGuest():
            _whisper(tx, message, Hint(HintAbout.GUESTS.value), f"guest/{analysis.ref}/{message.user_id}")
        case DeepEnough():
            deep = Hint(HintAbout.DEEP_ENOUGH.value)
            _whisper(tx, message, deep, f"deep/{analysis.ref}/{message.user_id}")
        case Evidence():
            _keep_evidence(tx, analysis, message)
        case NewAnswer():
            return _add(tx, analysis, message, decision)
    return None


def _add(tx: Tx, analysis: FiveWhysAnalysis, message: PostedMessage, decided: NewAnswer) -> Why:
    made = Why(
        id=0,
        analysis_id=analysis.id,
        parent_id=decided.parent_id,
        question=decided.question,
        answer=message.text,
        answered_by=message.user_id or "",
        at=tx.now,
        evidence=evidence_in(message),
        channel_id=message.channel_id,
        ts=message.ts,
        thread_ts=message.thread_ts,
        is_late=decided.is_late,
    )
    why = five_whys.add_answer(tx.connection, made)
    store(tx, analysis, with_answer(analysis, why), [why], message.ts)
    if decided.names_a_person:
        _whisper(tx, message, Hint(HintAbout.A_PERSON.value), f"hint/{message.ts}")
    return why


def _heard(tx: Tx, analysis: FiveWhysAnalysis, message: PostedMessage) -> Heard:
    user_id = message.user_id or ""
    writer = tx.once(people.get, user_id)
    is_taken = five_whys.by_answer(tx.connection, message.channel_id, message.ts) is not None
    incident = existing_incident(tx, analysis.incident_id, SYSTEM)
    if incident.is_private and writer and not writer.is_bot and not is_taken:
        # Slack lets only members write there, even if we haven't heard yet that they joined.
        members.see(tx.connection, incident.id, user_id)
    return Heard(
        writer=writer,
        may_see=not incident.is_private or incidents.get(tx.connection, incident.id, user_id) is not None,
        is_taken=is_taken,
        is_to_a_bot=_is_command(tx, message.text),
        asked_at=_asked_at(tx, analysis),
        names=namer(tx),
    )


def _asked_at(tx: Tx, analysis: FiveWhysAnalysis) -> str | None:
    key = five_whys_planned.question_key(analysis.id, analysis.current_id or 0)
    asked = messages.where(tx.connection, key)
    return asked[1] if asked else None


def edited(tx: Tx, message: PostedMessage) -> None:
    """Update an answer whose message was edited; one that no longer answers anything is retracted."""
    found = five_whys.by_answer(tx.connection, message.channel_id, message.ts)
    analysis = five_whys.get(tx.connection, found[0], SYSTEM, lock=True) if found else None
    if found is None or analysis is None or not analysis.whys[found[1]].is_taken:
        return
    why, cause = analysis.whys[found[1]], f"{message.ts}/edited/{message.edited_ts}"
    if is_discussion(message.text, namer(tx)):
        after = taken_back(analysis, why.id, by_hand=False)
    else:
        added = tuple(each for each in why.evidence if each.get("ts"))
        changed = replace(why, answer=message.text, evidence=(*evidence_in(message), *added))
        asked = question_about(message.text, namer(tx))
        below = [each for each in analysis.whys.values() if each.parent_id == why.id]
        whys = {why.id: changed, **{each.id: replace(each, question=asked) for each in below}}
        after = replace(analysis, whys={**analysis.whys, **whys})
    if after != analysis:
        store(tx, analysis, after, [after.whys[why.id]], cause)


def deleted(tx: Tx, channel_id: str, ts: str) -> None:
    """Retract the answer of a deleted message, and ask again; or remove the evidence that it brought."""
    found = five_whys.by_answer(tx.connection, channel_id, ts)
    if found is None:
        _forget_evidence(tx, timeline_reads.at(tx.connection, channel_id, ts))
        return
    analysis = five_whys.get(tx.connection, found[0], SYSTEM, lock=True)
    if analysis and analysis.whys[found[1]].is_taken:
        after = taken_back(analysis, found[1], by_hand=False)
        store(tx, analysis, after, [after.whys[found[1]]], f"{ts}/deleted")


def store(
    tx: Tx,
    before: FiveWhysAnalysis,
    after: FiveWhysAnalysis,
    touched: Sequence[Why],
    cause: str,
) -> FiveWhysAnalysis:
    """Save what has changed, and plan what people see of it."""
    is_waiting = after.is_active and (is_settled(after) or not after.was_nudged)
    after = replace(after, updated_at=tx.now, nudge_at=tx.now + QUIET_AFTER if is_waiting else None)
    five_whys.save(tx.connection, after)
    for why_id, why in after.whys.items():
        if before.whys.get(why_id) != why:
            five_whys.save_answer(tx.connection, why)
    session_changed(tx, before, after, touched, cause)
    return after


def evidence_in(message: PostedMessage) -> tuple[Mapping[str, Any], ...]:
    """The files and links of an answer."""
    return (*message.files, *links_in(message.text))


def _is_command(tx: Tx, markup: str) -> bool:
    """Whether a reply is addressed to a bot."""
    found = _BEGINS_WITH_SOMEBODY.match(markup)
    person = tx.once(people.get, found[1]) if found else None
    return found is not None and (person is None or person.is_bot)


def _keep_evidence(tx: Tx, analysis: FiveWhysAnalysis, message: PostedMessage) -> None:
    why = analysis.current
    if why:
        brought = tuple({**each, "ts": message.ts} for each in message.files)
        changed = replace(why, evidence=(*why.evidence, *brought))
        after = replace(analysis, whys={**analysis.whys, why.id: changed})
        store(tx, analysis, after, [], message.ts)


def _forget_evidence(tx: Tx, entry: TimelineEntry | None) -> None:
    if entry is None or not entry.channel_id or not entry.ts:
        return
    analysis_id = session_at(tx, entry.channel_id, entry.thread_ts)
    analysis = five_whys.get(tx.connection, analysis_id, SYSTEM, lock=True) if analysis_id else None
    if analysis is None:
        return
    left = {
        why.id: replace(why, evidence=tuple(e for e in why.evidence if e.get("ts") != entry.ts))
        for why in analysis.whys.values()
    }
    if left != analysis.whys:
        store(tx, analysis, replace(analysis, whys=left), [], f"{entry.ts}/deleted")


def _whisper(tx: Tx, message: PostedMessage, answer: Answer, key: str) -> None:
    """Send an answer to the message's writer, where they wrote it; once for each ``key``."""
    to = message.user_id or ""
    sends = SendAnswer(to, message.channel_id, message.thread_ts, answer_to_json(answer))
    enqueue(tx, [Planned(sends, f"whys/{key}", f"whys/{key}")])
