"""Five whys: a problem, and the tree of answers to why it happened.

The tree is a value and each step makes another one, so that whatever people do in whatever order, it holds:
each answer hangs below the problem or below another one, and each message stands in it once. A line without
branches is the specification's linear case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.text import cut, is_blank, one_line, plain_from_markup

ENOUGH_WHYS = 5
"""From then on the root cause is asked for."""
MOST_WHYS = 10
"""How deep it goes: nobody is asked for more."""
PROBLEM_LIMIT = 300
_STEPS_KEPT = 50
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
        return tuple(plain_from_markup(each.answer) for each, _ in shown(self) if each.is_cause)


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


# The tree


def children(tree: FiveWhysAnalysis, parent_id: int | None) -> list[Why]:
    """The answers below another one that are in the tree, in the order in which they were taken."""
    below = [each for each in tree.whys.values() if each.parent_id == parent_id]
    return sorted((each for each in below if is_shown(tree, each)), key=lambda why: why.id)


def is_shown(tree: FiveWhysAnalysis, why: Why) -> bool:
    """Whether it is in the tree: taken, or taken back and holding others that are."""
    return why.is_taken or any(
        is_shown(tree, each) for each in tree.whys.values() if each.parent_id == why.id
    )


def shown(tree: FiveWhysAnalysis) -> Iterator[tuple[Why, int]]:
    """The whole tree from the top, each answer with its depth from 1, before those below it."""

    def below(parent_id: int | None, depth: int) -> Iterator[tuple[Why, int]]:
        for why in children(tree, parent_id):
            yield why, depth
            yield from below(why.id, depth + 1)

    return below(None, 1)


def depth_of(tree: FiveWhysAnalysis, why_id: int | None) -> int:
    """1 for an answer to the first why, 0 for the problem."""
    depth = 0
    while why_id is not None:
        depth, why_id = depth + 1, tree.whys[why_id].parent_id
    return depth


def open_ends(tree: FiveWhysAnalysis) -> list[Why]:
    """The answers that nothing explains yet and that no root cause explains either."""

    def below(parent_id: int | None) -> Iterator[Why]:
        for why in children(tree, parent_id):
            if not why.is_cause:
                yield from below(why.id) if children(tree, why.id) else (why,)

    return list(below(None))


def latest(tree: FiveWhysAnalysis) -> int:
    """The answer that was taken last, whatever became of it; 0 before the first: there the bot asks now."""
    return max(tree.whys, default=0)


def answers_what(tree: FiveWhysAnalysis, asked_at: str | None, ts: str) -> tuple[int | None, bool]:
    """Below which answer a reply belongs, and whether it came late.

    ``asked_at`` is where the question about the current answer stands: who wrote before that meant the
    question before, and what they wrote is another cause.
    """
    current = tree.current
    if current is None or (asked_at is not None and float(asked_at) < float(ts)):
        return tree.current_id, False
    return current.parent_id, True


def with_answer(tree: FiveWhysAnalysis, why: Why) -> FiveWhysAnalysis:
    """An answer is taken. It takes the place of one that was taken back there, with all that is below."""
    parent_id = why.parent_id
    vacant = next((each for each in children(tree, parent_id) if not each.is_taken), None)
    whys = {**tree.whys, why.id: why}
    goes_on = tree.current_id if why.is_late else why.id
    if vacant:
        moved = [each for each in tree.whys.values() if each.parent_id == vacant.id]
        whys |= {each.id: replace(each, parent_id=why.id) for each in moved}
        goes_on = goes_on if why.is_late else _tip(replace(tree, whys=whys), why.id)
    return _stepped(replace(tree, whys=whys, current_id=goes_on), tree, Step.TAKEN, why.id)


def taken_back(tree: FiveWhysAnalysis, why_id: int, *, by_hand: bool) -> FiveWhysAnalysis:
    """An answer is none any more, and what it answered is asked again.

    What hangs below it stays: the next answer takes its place. ``by_hand`` it can be undone.
    """
    why = tree.whys[why_id]
    if not why.is_taken:
        return tree
    whys = {**tree.whys, why_id: replace(why, is_taken=False, is_late=False)}
    after = replace(tree, whys=whys)
    after = replace(after, current_id=_nearest_taken(after, why.parent_id))
    return _stepped(after, tree, Step.TAKEN_BACK, why_id) if by_hand else after


def moved_to(tree: FiveWhysAnalysis, why_id: int | None) -> FiveWhysAnalysis:
    """The next why is asked about another answer, or about the problem."""
    target = _nearest_taken(tree, why_id)
    if target == tree.current_id:
        return tree
    return _stepped(replace(tree, current_id=target), tree, Step.MOVED, target or 0)


def named(tree: FiveWhysAnalysis, why_id: int) -> FiveWhysAnalysis:
    """An answer is a root cause; the next why is asked at an open end, where there is one."""
    why = tree.whys[why_id]
    if why.is_root_cause:
        return tree
    after = replace(tree, whys={**tree.whys, why_id: replace(why, is_root_cause=True)})
    ends = open_ends(after)
    goes_on = ends[0].id if ends and after.current_id == why_id else after.current_id
    return _stepped(replace(after, current_id=goes_on), tree, Step.NAMED, why_id)


def undone(tree: FiveWhysAnalysis) -> tuple[FiveWhysAnalysis, int] | None:
    """The tree without its last step, and which answer that was about; ``None``: there is none to undo."""
    steps = list(tree.steps)
    while steps:
        kind, why_id, before = steps.pop()
        after = _without(tree, Step(kind), why_id)
        if after is not None:
            current = before if before is None or _is_taken(after, before) else None
            return replace(after, current_id=_nearest_taken(after, current), steps=tuple(steps)), why_id
    return None


def standing(tree: FiveWhysAnalysis, why_id: int, asked_at: str) -> FiveWhysAnalysis:
    """It is known by now where the question about an answer stands.

    Late replies that were written below it have answered it after all: the first goes on with the line.
    """
    why = tree.whys[why_id]
    beside = [each for each in children(tree, why.parent_id) if each.is_late and each.id > why_id and each.ts]
    moved = [each for each in beside if each.is_taken and float(each.ts or 0) > float(asked_at)]
    if not moved or not why.is_taken:
        return tree
    whys = {**tree.whys, **{each.id: replace(each, parent_id=why_id, is_late=False) for each in moved}}
    goes_on = moved[0].id if tree.current_id == why_id else tree.current_id
    return replace(tree, whys=whys, current_id=goes_on)


def _without(tree: FiveWhysAnalysis, kind: Step, why_id: int) -> FiveWhysAnalysis | None:
    why = tree.whys.get(why_id)
    if kind is Step.MOVED:
        return tree
    if why is None:
        return None
    if kind is Step.TAKEN:
        return taken_back(tree, why_id, by_hand=False) if why.is_taken else None
    if kind is Step.NAMED:
        changed = replace(why, is_root_cause=False) if why.is_root_cause else None
    else:
        # Where its place was taken by another answer meanwhile, it comes back beside that.
        changed = replace(why, is_taken=True) if not why.is_taken else None
    return replace(tree, whys={**tree.whys, why_id: changed}) if changed else None


def _stepped(after: FiveWhysAnalysis, before: FiveWhysAnalysis, step: Step, why_id: int) -> FiveWhysAnalysis:
    steps = (*before.steps, (step.value, why_id, before.current_id))
    return replace(after, steps=steps[-_STEPS_KEPT:])


def _nearest_taken(tree: FiveWhysAnalysis, why_id: int | None) -> int | None:
    while why_id is not None and not tree.whys[why_id].is_taken:
        why_id = tree.whys[why_id].parent_id
    return why_id


def _is_taken(tree: FiveWhysAnalysis, why_id: int) -> bool:
    return why_id in tree.whys and tree.whys[why_id].is_taken


def _tip(tree: FiveWhysAnalysis, why_id: int) -> int:
    """The end of the line below an answer, along what was taken last."""
    while below := [each for each in children(tree, why_id) if each.is_taken]:
        why_id = below[-1].id
    return why_id


# Replies


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
    return tuple({"name": found, "permalink": found} for found in dict.fromkeys(_LINK.findall(markup)))


def names_a_person(markup: str) -> bool:
    """Whether an answer seems to be about somebody instead of the system."""
    return _PERSON.search(markup) is not None
