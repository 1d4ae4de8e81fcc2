"""Five whys: a problem, the answers to why it happened, and what counts as an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from html import unescape
from typing import Any

from bot.domain.kit.text import cut, is_blank, one_line, plain_from_markup

ENOUGH_WHYS = 5
"""From then on the root cause is asked for."""
MAX_WHYS = 10
"""How deep it goes: nobody is asked for more."""
PROBLEM_LIMIT = 300
_ASKED_ABOUT = 150


class AnalysisStatus(StrEnum):
    """Where the session stands."""

    ACTIVE = "active"
    COMPLETED = "completed"
    ABANDONED = "abandoned"


class Step(StrEnum):
    """What can be undone."""

    TAKEN = "taken"
    TAKEN_BACK = "taken_back"
    MOVED = "moved"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Why:
    """An answer to "why?", hanging below the answer that it explains; below the problem without one."""

    id: int
    analysis_id: int
    parent_id: int | None
    question: str
    """What was asked, plain."""
    answer: str
    """In Slack's own markup."""
    answered_by: str
    at: datetime
    evidence: tuple[Mapping[str, Any], ...] = ()
    """``{"name": …, "permalink": …}`` each; ``ts`` where another message brought it."""
    channel_id: str | None = None
    """With ``ts``: the message that was taken."""
    ts: str | None = None
    thread_ts: str | None = None
    is_taken: bool = True
    is_late: bool = False
    """Whether it was written before the next why was asked, and so became a branch."""
    is_root_cause: bool = False
    entry_id: int | None = None
    """The timeline entry that says that it is a root cause."""

    @property
    def is_cause(self) -> bool:
        """Whether it is a root cause by now: one that was taken back is none until that is undone."""
        return self.is_taken and self.is_root_cause


@dataclass(frozen=True, slots=True)
class FiveWhysAnalysis:
    """A session. Times are UTC. Every answer is kept, those that were taken back too."""

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
    """When a quiet session is nudged; ``None`` once it was."""
    current_id: int | None = None
    """The answer that the next why is asked about; the problem without one."""
    steps: tuple[tuple[str, int, int | None], ...] = ()
    """What can be undone, oldest first: what, of which answer, and the ``current_id`` before."""
    whys: Mapping[int, Why] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """The name that people use: ``WHY-3``."""
        return whys_ref(self.id)

    @property
    def is_active(self) -> bool:
        """Whether answers are taken."""
        return self.status is AnalysisStatus.ACTIVE

    @property
    def current(self) -> Why | None:
        """The answer that the next why is asked about."""
        return None if self.current_id is None else self.whys[self.current_id]

    @property
    def root_causes(self) -> tuple[str, ...]:
        """What was named as root causes, plain."""
        causes = (each for _, each in sorted(self.whys.items()) if each.is_cause)
        return tuple(plain_from_markup(each.answer) for each in causes)


@dataclass(frozen=True, slots=True)
class NewAnalysis:
    """What somebody wants to ask why about."""

    incident_id: int
    problem: str
    facilitator_id: str
    source_channel: str | None = None
    """With ``source_ts``: the message that the problem comes from."""
    source_ts: str | None = None


def whys_ref(analysis_id: int) -> str:
    """``3`` -> ``"WHY-3"``."""
    return f"WHY-{analysis_id}"


def question_about(text: str) -> str:
    """What is asked about an answer or a problem, plain. An answer that is a question is asked as it is."""
    told = cut(one_line(plain_from_markup(text)), _ASKED_ABOUT).rstrip(".!")
    if _IS_QUESTION.match(told):
        return told
    return f"Why did this happen: {told}?"


_IS_QUESTION = re.compile(r"(?i)why\b.*\?$")


def is_discussion(markup: str) -> bool:
    """Whether a reply answers nothing: it says so with ``//``, or it has no word, as a lone emoji."""
    told = plain_from_markup(markup).strip()
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
    """The links that a reply names, as evidence."""
    found = dict.fromkeys(map(unescape, _LINK.findall(markup)))
    return tuple({"name": link, "permalink": link} for link in found)


def names_a_person(markup: str) -> bool:
    """Whether an answer seems to be about somebody instead of the system."""
    return _PERSON.search(markup) is not None
