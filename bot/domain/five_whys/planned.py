"""The effects that follow from what happens in a five-whys session."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.five_whys.model import FiveWhysAnalysis, Why, whys_ref
from bot.domain.five_whys.tree import last_questions
from bot.domain.incidents.model import ref_of
from bot.domain.outbox.effects import (
    AskWhy,
    MarkReply,
    NudgeSession,
    PostFindings,
    ShowAnalysis,
    TellFacilitator,
)
from bot.domain.outbox.rows import Planned


def after_start(analysis: FiveWhysAnalysis) -> list[Planned]:
    """Post the session in the channel, and ask the first why in its thread."""
    return [_shows(analysis), _asks(analysis, 0)]


def after_step(
    before: FiveWhysAnalysis, analysis: FiveWhysAnalysis, touched: Iterable[Why], cause: str
) -> list[Planned]:
    """Update the tree, the latest question, questions about changed answers, and the marks on replies.

    ``cause`` is unique and names what happened.
    """
    answers = list(touched)
    questions = dict.fromkeys([*last_questions(analysis), *(each.id for each in answers)])
    rows = [_shows(analysis, cause), *(_asks(analysis, why_id, cause) for why_id in questions)]
    for why in answers:
        was = before.whys.get(why.id)
        is_news = was is None or was.is_taken is not why.is_taken
        if is_news and why.channel_id and why.ts:
            lane = f"{analysis.ref}/mark/{why.ts}"
            marks = MarkReply(analysis.incident_id, analysis.id, why.channel_id, why.ts)
            rows.append(Planned(marks, f"{lane}/{cause}", lane, coalesce=True))
    if analysis.has_findings:
        rows.append(_finds(analysis, cause))
    return rows


def after_lost_root(analysis: FiveWhysAnalysis, ts: str) -> list[Planned]:
    """Repost the session's message and its last questions after the message at ``ts`` was deleted."""
    asks = (_asks(analysis, why_id, f"lost/{ts}") for why_id in last_questions(analysis))
    return [_shows(analysis, f"lost/{ts}"), *asks]


def after_lost_question(analysis: FiveWhysAnalysis, why_id: int, ts: str) -> Planned:
    """Repost a question after the one at ``ts`` was deleted."""
    return _asks(analysis, why_id, f"lost/{ts}")


def after_giving(analysis: FiveWhysAnalysis, by: str, cause: str) -> list[Planned]:
    """Notify the facilitator, unless they took the session themselves; ``cause`` is unique."""
    to = analysis.facilitator_id
    if to == by:
        return []
    # Keys of direct messages about an incident begin with its ref and end with the recipient.
    lane = f"{ref_of(analysis.incident_id)}/{analysis.ref}/facilitator"
    tells = TellFacilitator(analysis.incident_id, analysis.id, to, by)
    return [Planned(tells, f"{lane}/{cause}/{to}", lane, needs=root_key(analysis.id))]


def nudging(analysis: FiveWhysAnalysis, cause: str) -> Planned:
    """Nudge a quiet session; ``cause`` says since when it has been quiet."""
    key = f"{analysis.ref}/nudge/{cause}"
    return Planned(NudgeSession(analysis.incident_id, analysis.id), key, key, needs=root_key(analysis.id))


def root_key(analysis_id: int) -> str:
    """The key of a session's message in the channel."""
    return f"{whys_ref(analysis_id)}/root"


def former_root_key(analysis_id: int, ts: str) -> str:
    """The key of a session's deleted message; replies in its thread still count."""
    return f"{root_key(analysis_id)}/{ts}"


def question_key(analysis_id: int, why_id: int) -> str:
    """The key of the question that follows an answer."""
    return f"{whys_ref(analysis_id)}/ask/{why_id}"


def findings_key(analysis_id: int) -> str:
    """The key of the message that says what was found."""
    return f"{whys_ref(analysis_id)}/findings"


def session_of_root(key: str) -> int | None:
    """The session whose current or former root message has this key, or ``None``."""
    found = re.fullmatch(r"WHY-(\d+)/root(?:/.*)?", key, re.ASCII)
    return int(found[1]) if found else None


def question_of(key: str) -> tuple[int, int] | None:
    """(session, answer) of the question with this key, or ``None``."""
    found = re.fullmatch(r"WHY-(\d+)/ask/(\d+)", key, re.ASCII)
    return (int(found[1]), int(found[2])) if found else None


def _shows(analysis: FiveWhysAnalysis, cause: str = "") -> Planned:
    lane = root_key(analysis.id)
    shows = ShowAnalysis(analysis.incident_id, analysis.id)
    needs = f"{ref_of(analysis.incident_id)}/channel"
    return Planned(shows, f"{lane}/{cause}" if cause else lane, lane, needs=needs, coalesce=True)


def _asks(analysis: FiveWhysAnalysis, why_id: int, cause: str = "") -> Planned:
    lane = question_key(analysis.id, why_id)
    asks = AskWhy(analysis.incident_id, analysis.id, why_id)
    key = f"{lane}/{cause}" if cause else lane
    return Planned(asks, key, lane, needs=root_key(analysis.id), coalesce=True)


def _finds(analysis: FiveWhysAnalysis, cause: str) -> Planned:
    lane = findings_key(analysis.id)
    finds = PostFindings(analysis.incident_id, analysis.id)
    return Planned(finds, f"{lane}/{cause}", lane, coalesce=True)
