"""Five whys: a problem, the answers to why it happened, and which replies count as answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from html import unescape
from typing import Any

from bot.domain.kit.references import Names
from bot.domain.kit.text import cut, is_blank, one_line, plain_from_markup

ENOUGH_WHYS = 5
"""From this depth on, the bot asks whether the answer is the root cause."""
MAX_WHYS = 10
"""The depth limit: the bot asks no further."""
PROBLEM_LIMIT = 300
WHY_THAT = "Why did that happen?"
_ASKED_ABOUT = 150


class AnalysisStatus(StrEnum):
    """How far along a session is."""

    ACTIVE = "active"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


class Step(StrEnum):
    """The steps that can be undone."""

    TAKEN = "taken"
    TAKEN_BACK = "taken_back"
    MOVED = "moved"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Why:
    """An answer to "why?", below the answer that it explains, or directly below the problem."""

    id: int
    analysis_id: int
    parent_id: int | None
    question: str
    """The question as plain text."""
    answer: str
    """In Slack's own markup."""
    answered_by: str
    at: datetime
    evidence: tuple[Mapping[str, Any], ...] = ()
    """Each is ``{"name": …, "permalink": …}``, with a ``ts`` if another message added it."""
    channel_id: str | None = None
    """With ``ts``: the message that contains the answer."""
    ts: str | None = None
    thread_ts: str | None = None
    is_taken: bool = True
    is_late: bool = False
    """Whether it was written before the next why was asked, and so became a branch."""
    is_root_cause: bool = False
    entry_id: int | None = None
    """The timeline entry that records it as a root cause."""

    @property
    def is_cause(self) -> bool:
        """Whether it counts as a root cause: a retracted answer doesn't, until that is undone."""
        return self.is_taken and self.is_root_cause


@dataclass(frozen=True, slots=True)
class FiveWhysAnalysis:
    """A session. Times are UTC. All answers are kept, including retracted ones."""

    id: int
    incident_id: int
    problem: str
    facilitator_id: str
    status: AnalysisStatus
    created_by: str
    created_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None
    nudge_at: datetime | None = None
    """When the session is nudged if it stays quiet; ``None`` after that."""
    was_nudged: bool = False
    """Whether it has been nudged since it was started or resumed."""
    has_findings: bool = False
    """Whether it has ever ended with what it found."""
    current_id: int | None = None
    """The answer that the next why is about; ``None`` is the problem itself."""
    steps: tuple[tuple[str, int, int | None], ...] = ()
    """The steps that can be undone, oldest first: (step, answer's id, ``current_id`` before)."""
    whys: Mapping[int, Why] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """The name that people use: ``WHY-3``."""
        return whys_ref(self.id)

    @property
    def is_active(self) -> bool:
        """Whether replies still count as answers."""
        return self.status is AnalysisStatus.ACTIVE

    @property
    def current(self) -> Why | None:
        """The answer that the next why is about; ``None`` is the problem itself."""
        return None if self.current_id is None else self.whys[self.current_id]

    def root_causes(self, names: Names) -> tuple[str, ...]:
        """The answers that were named as root causes, as plain text."""
        causes = (each for _, each in sorted(self.whys.items()) if each.is_cause)
        return tuple(plain_from_markup(each.answer, names) for each in causes)


@dataclass(frozen=True, slots=True)
class NewAnalysis:
    """A session that is about to start."""

    incident_id: int
    problem: str
    facilitator_id: str
    source_channel: str | None = None
    """With ``source_ts``: the message that the problem comes from."""
    source_ts: str | None = None


def started(new: NewAnalysis, by: str, now: datetime) -> FiveWhysAnalysis:
    """The session as it is started, still without a number and without answers."""
    source = {"source": {"channel_id": new.source_channel, "ts": new.source_ts}}
    return FiveWhysAnalysis(
        id=0,
        incident_id=new.incident_id,
        problem=new.problem,
        facilitator_id=new.facilitator_id,
        status=AnalysisStatus.ACTIVE,
        created_by=by,
        created_at=now,
        updated_at=now,
        metadata=source if new.source_ts else {},
    )


def whys_ref(analysis_id: int) -> str:
    """``3`` -> ``"WHY-3"``."""
    return f"WHY-{analysis_id}"


def question_about(text: str, names: Names) -> str:
    """The question about an answer or a problem, as plain text; a "why" question stays as it is."""
    told = cut(one_line(plain_from_markup(text, names)), _ASKED_ABOUT)
    if _IS_QUESTION.match(told):
        return told
    return f"{as_sentence(told)} {WHY_THAT}"


def as_sentence(text: str) -> str:
    """The text with a full stop, unless it ends like a question or is cut short."""
    told = text.rstrip(".!")
    return told if told.endswith(("?", "…")) else f"{told}."


_IS_QUESTION = re.compile(r"(?i)why\b.*\?$")


def is_discussion(markup: str, names: Names) -> bool:
    """Whether a reply is only discussion: it starts with ``//``, or has no words, such as a lone emoji."""
    told = plain_from_markup(markup, names).strip()
    if told.startswith("//") or is_blank(told):
        return True
    return not any(character.isalnum() for character in _EMOJI.sub("", told))


_EMOJI = re.compile(r":[a-z0-9_+'-]+:(?::skin-tone-\d:)?")
_LINK = re.compile(r"<(https?://[^<>|]+)(?:\|[^<>]*)?>")
_PERSON = re.compile(
    r"<@[A-Z0-9]+|\b(?:he|she|him|her|his|forgot|careless(?:ly|ness)?|blame[sd]?|fault of|"
    r"human error|incompetent|stupid|lazy|should have known|wasn't paying attention)\b",
    re.IGNORECASE,
)


def links_in(markup: str) -> tuple[dict[str, str], ...]:
    """The links in a reply, as evidence."""
    found = dict.fromkeys(map(unescape, _LINK.findall(markup)))
    return tuple({"name": link, "permalink": link} for link in found)


def names_a_person(markup: str) -> bool:
    """Whether an answer seems to be about somebody instead of the system."""
    return _PERSON.search(markup) is not None
