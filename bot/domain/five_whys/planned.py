"""Which effects follow from what happens in a five-whys session."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.domain.five_whys.model import FiveWhysAnalysis, Why, whys_ref
from bot.domain.five_whys.tree import latest
from bot.domain.incidents.model import ref_of
from bot.domain.outbox.effects import AskWhy, MarkReply, NudgeSession, PostFindings, ShowAnalysis
from bot.domain.outbox.rows import Planned


def after_start(analysis: FiveWhysAnalysis) -> list[Planned]:
    """The session appears in the channel, and the first why is asked in its thread."""
    return [_shows(analysis, ""), _asks(analysis, 0, "")]


def after_step(
    before: FiveWhysAnalysis, analysis: FiveWhysAnalysis, touched: Iterable[Why], cause: str
) -> list[Planned]:
    """The tree follows, the latest question, those about answers that changed, and the marks on replies.

    ``cause`` is unique: what has happened.
    """
    answers = list(touched)
    questions = dict.fromkeys([latest(analysis), *(each.id for each in answers)])
    rows = [_shows(analysis, cause), *(_asks(analysis, why_id, cause) for why_id in questions)]
    for why in answers:
        was = before.whys.get(why.id)
        is_news = was is None or was.is_taken is not why.is_taken
        if is_news and why.channel_id and why.ts:
            lane = f"{analysis.ref}/mark/{why.ts}"
            marks = MarkReply(analysis.incident_id, analysis.id, why.channel_id, why.ts)
            rows.append(Planned(marks, f"{lane}/{cause}", lane, coalesce=True))
    if analysis.metadata.get("has_findings"):
        rows.append(_finds(analysis, cause))
    return rows


def after_lost_root(analysis: FiveWhysAnalysis, ts: str) -> list[Planned]:
    """The session's message, which stood at ``ts``, was deleted: it and its question are posted again."""
    return [_shows(analysis, f"lost/{ts}"), _asks(analysis, latest(analysis), f"lost/{ts}")]


def after_lost_question(analysis: FiveWhysAnalysis, why_id: int, ts: str) -> Planned:
    """A question, which stood at ``ts``, was deleted."""
    return _asks(analysis, why_id, f"lost/{ts}")


def nudging(analysis: FiveWhysAnalysis, cause: str) -> Planned:
    """A quiet session is nudged; ``cause`` is since when it is quiet."""
    key = f"{analysis.ref}/nudge/{cause}"
    return Planned(NudgeSession(analysis.incident_id, analysis.id), key, key, needs=root_key(analysis.id))


def root_key(analysis_id: int) -> str:
    """The key of a session's message in the channel."""
    return f"{whys_ref(analysis_id)}/root"


def former_root_key(analysis_id: int, ts: str) -> str:
    """The key of a session's message that was deleted; replies in its thread are still heard."""
    return f"{root_key(analysis_id)}/{ts}"


def question_key(analysis_id: int, why_id: int) -> str:
    """The key of the question that follows an answer."""
    return f"{whys_ref(analysis_id)}/ask/{why_id}"


def findings_key(analysis_id: int) -> str:
    """The key of the message that says what was found."""
    return f"{whys_ref(analysis_id)}/findings"


def session_of_root(key: str) -> int | None:
    """Which session a message of ours with that key is, or was, the root of."""
    found = re.fullmatch(r"WHY-(\d+)/root(?:/.*)?", key, re.ASCII)
    return int(found[1]) if found else None


def question_of(key: str) -> tuple[int, int] | None:
    """(session, answer) that the question with that key follows."""
    found = re.fullmatch(r"WHY-(\d+)/ask/(\d+)", key, re.ASCII)
    return (int(found[1]), int(found[2])) if found else None


def _shows(analysis: FiveWhysAnalysis, cause: str) -> Planned:
    lane = root_key(analysis.id)
    shows = ShowAnalysis(analysis.incident_id, analysis.id)
    needs = f"{ref_of(analysis.incident_id)}/channel"
    return Planned(shows, f"{lane}/{cause}" if cause else lane, lane, needs=needs, coalesce=True)


def _asks(analysis: FiveWhysAnalysis, why_id: int, cause: str) -> Planned:
    lane = question_key(analysis.id, why_id)
    asks = AskWhy(analysis.incident_id, analysis.id, why_id)
    key = f"{lane}/{cause}" if cause else lane
    return Planned(asks, key, lane, needs=root_key(analysis.id), coalesce=True)


def _finds(analysis: FiveWhysAnalysis, cause: str) -> Planned:
    lane = findings_key(analysis.id)
    finds = PostFindings(analysis.incident_id, analysis.id)
    return Planned(finds, f"{lane}/{cause}", lane, coalesce=True)
