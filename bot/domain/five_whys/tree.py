"""The steps of a five-whys session: each takes a tree and returns a new one.

Whatever people do, in whatever order, each answer is below the problem or below another answer, and each
message is in the tree once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bot.domain.five_whys.model import FiveWhysAnalysis, Step, Why

_STEPS_KEPT = 50


def children(tree: FiveWhysAnalysis, parent_id: int | None) -> list[Why]:
    """The visible answers directly below another one, or below the problem, in the order they were given."""
    below = [each for each in tree.whys.values() if each.parent_id == parent_id]
    return sorted((each for each in below if is_shown(tree, each)), key=lambda why: why.id)


def is_shown(tree: FiveWhysAnalysis, why: Why) -> bool:
    """Whether an answer is visible: it isn't retracted, or a visible answer is below it."""
    return why.is_taken or any(
        is_shown(tree, each) for each in tree.whys.values() if each.parent_id == why.id
    )


def shown(tree: FiveWhysAnalysis) -> Iterator[tuple[Why, int]]:
    """The tree from the top: each visible answer with its depth (from 1), followed by those below it."""

    def below(parent_id: int | None, depth: int) -> Iterator[tuple[Why, int]]:
        for why in children(tree, parent_id):
            yield why, depth
            yield from below(why.id, depth + 1)

    return below(None, 1)


def depth_of(tree: FiveWhysAnalysis, why_id: int | None) -> int:
    """The depth of an answer: 1 for an answer to the first why, 0 for the problem."""
    depth = 0
    while why_id is not None:
        depth, why_id = depth + 1, tree.whys[why_id].parent_id
    return depth


def open_ends(tree: FiveWhysAnalysis) -> list[Why]:
    """The ends of all branches that haven't reached a root cause."""

    def below(parent_id: int | None) -> Iterator[Why]:
        for why in children(tree, parent_id):
            if not why.is_cause:
                yield from below(why.id) if children(tree, why.id) else (why,)

    return list(below(None))


def is_settled(tree: FiveWhysAnalysis) -> bool:
    """Whether every branch has reached a root cause: the session can end, or look for further causes."""
    return not open_ends(tree) and any(each.is_cause for each in tree.whys.values())


def latest(tree: FiveWhysAnalysis) -> int:
    """The id of the newest answer, retracted or not (0 before the first): the latest question follows it."""
    return max(tree.whys, default=0)


def asker(tree: FiveWhysAnalysis) -> int:
    """The id of the answer (0 for none) below which the open question is: the latest, or the current one.

    It is the current one if only branches were added since, as when several people answer at one moment: the
    question about the first answer is already there, and isn't repeated below each of the others.
    """
    on_line = (each.id for each in tree.whys.values() if not (each.is_late and each.is_taken))
    newest = max(on_line, default=0)
    return newest if newest == (tree.current_id or 0) else latest(tree)


def last_questions(tree: FiveWhysAnalysis) -> tuple[int, ...]:
    """The ids of the answers whose questions a step changes: the open one, and the one with the buttons."""
    return tuple(dict.fromkeys((asker(tree), latest(tree))))


def answers_what(tree: FiveWhysAnalysis, asked_at: str | None, ts: str) -> tuple[int | None, bool]:
    """The answer that a reply belongs below, and whether the reply came late.

    ``asked_at`` is the ts of the question about the current answer. Somebody who wrote before it was
    answering the question before, so what they wrote is another cause.
    """
    current = tree.current
    if current is None or (asked_at is not None and float(asked_at) < float(ts)):
        return tree.current_id, False
    return current.parent_id, True


def with_answer(tree: FiveWhysAnalysis, why: Why) -> FiveWhysAnalysis:
    """The tree with a new answer, which replaces a retracted one there and takes over what is below it."""
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
    """The tree with an answer retracted; what it answered is asked again.

    Everything below it stays: the next answer takes its place. ``by_hand`` makes it a step that can be
    undone.
    """
    if not tree.whys[why_id].is_taken:
        return tree
    after = _retracted(tree, why_id)
    return _stepped(after, tree, Step.TAKEN_BACK, why_id) if by_hand else after


def moved_to(tree: FiveWhysAnalysis, why_id: int | None) -> FiveWhysAnalysis:
    """The tree with the next why asked about another answer, or about the problem."""
    target = _nearest_taken(tree, why_id)
    if target == tree.current_id:
        return tree
    return _stepped(replace(tree, current_id=target), tree, Step.MOVED, target or 0)


def named(tree: FiveWhysAnalysis, why_id: int) -> FiveWhysAnalysis:
    """The tree with a root cause named.

    The next why is asked at an open end or, if there is none, about what the root cause explains: further
    answers are further causes.
    """
    why = tree.whys[why_id]
    if why.is_root_cause:
        return tree
    after = replace(tree, whys={**tree.whys, why_id: replace(why, is_root_cause=True)})
    ends = open_ends(after)
    goes_on = ends[0].id if ends and after.current_id == why_id else after.current_id
    if is_settled(after):
        goes_on = _nearest_taken(after, why.parent_id)
    return _stepped(replace(after, current_id=goes_on), tree, Step.NAMED, why_id)


def undone(tree: FiveWhysAnalysis) -> tuple[FiveWhysAnalysis, int] | None:
    """The tree without its last step, and the answer that the step was about; ``None`` if there is none."""
    steps = list(tree.steps)
    while steps:
        kind, why_id, before = steps.pop()
        after = _without(tree, Step(kind), why_id)
        if after is not None:
            known = before if before in after.whys else None
            return replace(after, current_id=_nearest_taken(after, known), steps=tuple(steps)), why_id
    return None


def standing(tree: FiveWhysAnalysis, why_id: int, asked_at: str) -> FiveWhysAnalysis:
    """The tree once the ts of the question about an answer is known.

    Late replies that were written after that question did answer it: they move below that answer, and the
    first of them continues the line.
    """
    why = tree.whys[why_id]
    beside = [each for each in children(tree, why.parent_id) if each.is_late and each.id > why_id]
    moved = [each for each in beside if each.is_taken and each.ts and float(each.ts) > float(asked_at)]
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
        return _retracted(tree, why_id) if why.is_taken else None
    if kind is Step.NAMED:
        changed = replace(why, is_root_cause=False) if why.is_root_cause else None
    else:
        # If another answer has taken its place in the meantime, it comes back next to that one.
        changed = replace(why, is_taken=True) if not why.is_taken else None
    return replace(tree, whys={**tree.whys, why_id: changed}) if changed else None


def _retracted(tree: FiveWhysAnalysis, why_id: int) -> FiveWhysAnalysis:
    why = tree.whys[why_id]
    after = replace(tree, whys={**tree.whys, why_id: replace(why, is_taken=False, is_late=False)})
    return replace(after, current_id=_nearest_taken(after, why.parent_id))


def _stepped(after: FiveWhysAnalysis, before: FiveWhysAnalysis, step: Step, why_id: int) -> FiveWhysAnalysis:
    steps = (*before.steps, (step.value, why_id, before.current_id))
    return replace(after, steps=steps[-_STEPS_KEPT:])


def _nearest_taken(tree: FiveWhysAnalysis, why_id: int | None) -> int | None:
    while why_id is not None and not tree.whys[why_id].is_taken:
        why_id = tree.whys[why_id].parent_id
    return why_id


def _tip(tree: FiveWhysAnalysis, why_id: int) -> int:
    """The end of the line below an answer, following the newest answer at each level."""
    while below := [each for each in children(tree, why_id) if each.is_taken]:
        why_id = below[-1].id
    return why_id
