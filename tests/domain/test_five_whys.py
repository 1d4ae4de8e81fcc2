"""The tree of answers: it stays valid, whatever people do in whatever order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.five_whys.model import (
    AnalysisStatus,
    FiveWhysAnalysis,
    NewAnalysis,
    Why,
    is_discussion,
    links_in,
    names_a_person,
    question_about,
    started,
)
from bot.domain.five_whys.tree import (
    answers_what,
    depth_of,
    is_settled,
    last_questions,
    latest,
    moved_to,
    named,
    open_ends,
    shown,
    standing,
    taken_back,
    undone,
    with_answer,
)
from tests.support.examples import NAMES, NOW

EMPTY = FiveWhysAnalysis(1, 1, "Checkout was down", "ANA", AnalysisStatus.ACTIVE, "ANA", NOW, NOW)
Change = Callable[[FiveWhysAnalysis, int], FiveWhysAnalysis]


def answered(tree: FiveWhysAnalysis, *, asked_at: str | None = "0") -> FiveWhysAnalysis:
    """The tree after another reply, whose number is also its time."""
    number = latest(tree) + 1
    parent_id, is_late = answers_what(tree, asked_at, str(number))
    why = Why(number, 1, parent_id, "Why?", f"because {number}", "ANA", NOW, ts=str(number), is_late=is_late)
    return with_answer(tree, why)


def line(count: int) -> FiveWhysAnalysis:
    """A tree without branches."""
    tree = EMPTY
    for _ in range(count):
        tree = answered(tree)
    return tree


def drawn(tree: FiveWhysAnalysis) -> list[tuple[int, int]]:
    """(answer, depth) of the tree as it is shown; a retracted answer has a negative number."""
    return [(why.id if why.is_taken else -why.id, depth) for why, depth in shown(tree)]


def _undo(tree: FiveWhysAnalysis, _which: int) -> FiveWhysAnalysis:
    found = undone(tree)
    return found[0] if found else tree


CHANGES: dict[str, Change] = {
    "answer": lambda tree, _which: answered(tree),
    "answer_late": lambda tree, _which: answered(tree, asked_at=None),
    "question_stands": lambda tree, which: standing(tree, which, str(which)),
    "take_back": lambda tree, which: taken_back(tree, which, by_hand=True),
    "delete": lambda tree, which: taken_back(tree, which, by_hand=False),
    "branch": lambda tree, which: moved_to(tree, tree.whys[which].parent_id),
    "go_on": moved_to,
    "name": lambda tree, which: named(tree, which) if tree.whys[which].is_taken else tree,
    "undo": _undo,
}


@given(st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.integers(0, 30)), max_size=40))
def test_whatever_is_done_every_answer_is_attached_and_appears_once(
    steps: list[tuple[str, int]],
) -> None:
    tree = EMPTY
    for name, number in steps:
        if tree.whys:
            tree = CHANGES[name](tree, number % len(tree.whys) + 1)
        elif name.startswith("answer"):
            tree = answered(tree)
        seen = [why.id for why, _ in shown(tree)]
        assert len(seen) == len(set(seen))
        assert {why.id for why in tree.whys.values() if why.is_taken} <= set(seen)
        assert tree.current is None or tree.current.is_taken
        assert all(depth == depth_of(tree, why.id) for why, depth in shown(tree))
        assert len(tree.root_causes(NAMES)) == sum(why.is_cause for why in tree.whys.values())


@given(st.lists(st.sampled_from(sorted(set(CHANGES) - {"delete", "question_stands"})), max_size=15))
def test_what_was_done_by_hand_can_all_be_undone(names: list[str]) -> None:
    tree = line(3)
    trees = [tree]
    for name in names:
        if name == "undo":
            continue
        changed = CHANGES[name](tree, latest(tree))
        if len(changed.steps) > len(tree.steps):
            trees.append(changed)
        tree = changed
    for before in reversed(trees[:-1]):
        found = undone(tree)
        assert found is not None
        tree = found[0]
        assert {w.id for w in tree.whys.values() if w.is_taken} == {
            w.id for w in before.whys.values() if w.is_taken
        }


def test_undoing_an_answer_below_a_deleted_one_asks_about_the_nearest_that_is_left() -> None:
    found = undone(taken_back(line(3), 2, by_hand=False))
    assert found
    assert found[0].current_id == 1


def test_undoing_asks_about_the_problem_if_the_answer_before_is_unknown() -> None:
    found = undone(replace(line(1), steps=(("taken", 1, 9),)))
    assert found
    assert found[0].current_id is None


def test_without_branches_it_is_a_line() -> None:
    assert drawn(line(5)) == [(1, 1), (2, 2), (3, 3), (4, 4), (5, 5)]


def test_of_two_simultaneous_answers_the_first_continues_the_line_and_the_second_is_another_cause() -> None:
    tree = answered(answered(line(1)), asked_at=None)
    assert drawn(tree) == [(1, 1), (2, 2), (3, 2)]
    assert tree.current_id == 2


def test_a_late_answer_to_a_question_already_asked_continues_the_line() -> None:
    tree = standing(answered(answered(line(1)), asked_at=None), 2, "2.5")
    assert drawn(tree) == [(1, 1), (2, 2), (3, 3)]
    assert tree.current_id == 3


def test_the_next_answer_replaces_a_retracted_one_and_everything_below_it() -> None:
    tree = taken_back(line(3), 2, by_hand=True)
    assert drawn(tree) == [(1, 1), (-2, 2), (3, 3)]
    assert tree.current_id == 1
    tree = answered(tree)
    assert drawn(tree) == [(1, 1), (4, 2), (3, 3)]
    assert tree.current_id == 3


def test_an_answer_below_which_others_are_continues_where_they_end() -> None:
    elsewhere = answered(moved_to(line(3), None))
    tree = answered(moved_to(taken_back(elsewhere, 2, by_hand=True), 1))
    assert drawn(tree) == [(1, 1), (5, 2), (3, 3), (4, 1)]
    assert tree.current_id == 3


def test_a_late_answer_that_replaces_a_retracted_one_leaves_the_open_question_alone() -> None:
    branched = answered(moved_to(line(3), 1))
    tree = answered(moved_to(taken_back(branched, 2, by_hand=True), 4), asked_at=None)
    assert drawn(tree) == [(1, 1), (4, 2), (5, 2), (3, 3)]
    assert tree.current_id == 4


def test_a_late_answer_that_is_retracted_is_no_longer_late() -> None:
    tree = answered(answered(line(1)), asked_at=None)
    assert tree.whys[3].is_late
    assert not taken_back(tree, 3, by_hand=True).whys[3].is_late


def test_undoing_skips_what_has_been_reverted_in_another_way() -> None:
    deleted = undone(taken_back(line(2), 2, by_hand=False))
    assert deleted and deleted[1] == 1
    retracted = taken_back(line(3), 2, by_hand=True)
    is_back = replace(retracted, whys={**retracted.whys, 2: replace(retracted.whys[2], is_taken=True)})
    found = undone(is_back)
    assert found and found[1] == 3


def test_undoing_skips_a_root_cause_that_no_longer_is_one() -> None:
    tree = named(line(1), 1)
    found = undone(replace(tree, whys={1: replace(tree.whys[1], is_root_cause=False)}))
    assert found
    assert drawn(found[0]) == []


def test_a_root_cause_closes_its_line_and_others_stay_open() -> None:
    tree = answered(moved_to(line(2), 1))
    assert drawn(tree) == [(1, 1), (2, 2), (3, 2)]
    tree = named(tree, 3)
    assert [why.id for why in open_ends(tree)] == [2]
    assert tree.current_id == 2
    assert open_ends(named(tree, 2)) == []
    assert open_ends(named(line(3), 1)) == []
    assert named(tree, 2).root_causes(NAMES) == ("because 2", "because 3")


def test_a_session_is_settled_once_every_branch_has_reached_a_root_cause() -> None:
    tree = answered(moved_to(line(2), 1))
    assert not is_settled(EMPTY)
    assert not is_settled(tree)
    assert not is_settled(named(tree, 3))
    settled = named(named(tree, 3), 2)
    assert is_settled(settled)
    # Further answers would be further causes of what the last root cause explains.
    assert settled.current_id == 1
    assert named(settled, 2) is settled


def test_a_root_cause_elsewhere_leaves_the_open_question_alone() -> None:
    tree = moved_to(answered(moved_to(line(2), 1)), 2)
    assert named(tree, 3).current_id == 2


def test_a_step_changes_the_open_question_and_the_buttons_below_the_latest_answer() -> None:
    assert last_questions(EMPTY) == (0,)
    assert last_questions(line(2)) == (2,)
    # Somebody answered at the same moment: the question below the first answer isn't repeated.
    tree = answered(answered(line(1)), asked_at=None)
    assert last_questions(tree) == (2, 3)
    assert last_questions(moved_to(tree, 1)) == (3,)
    assert last_questions(moved_to(line(2), None)) == (2,)


def test_once_the_first_answer_is_retracted_only_the_buttons_below_the_latest_change() -> None:
    two = answered(answered(EMPTY), asked_at=None)
    assert last_questions(two) == (1, 2)
    assert last_questions(taken_back(two, 1, by_hand=True)) == (2,)


def test_an_answer_written_at_the_moment_of_the_question_came_before_it() -> None:
    tree = line(2)
    assert answers_what(tree, "2.5", "2.6") == (2, False)
    assert answers_what(tree, "2.5", "2.5") == (1, True)
    assert answers_what(tree, None, "2.6") == (1, True)
    assert answers_what(EMPTY, None, "1") == (None, False)


def test_only_late_replies_below_that_question_continue_the_line() -> None:
    first, second = answered(answered(line(1)), asked_at=None), "2.5"
    assert standing(first, 2, "3") is first
    assert standing(first, 3, second) is first
    without_ts = replace(first, whys={**first.whys, 3: replace(first.whys[3], ts=None)})
    assert standing(without_ts, 2, second) is without_ts
    retracted = taken_back(first, 3, by_hand=True)
    assert standing(retracted, 2, second) is retracted
    elsewhere = moved_to(first, 1)
    moved = standing(elsewhere, 2, second)
    assert (drawn(moved), moved.current_id) == ([(1, 1), (2, 2), (3, 3)], 1)
    assert not moved.whys[3].is_late


def test_undoing_takes_back_one_step_after_another() -> None:
    tree = named(moved_to(line(2), 1), 2)
    for about, current in [(2, 1), (1, 2), (2, 1), (1, None)]:
        found = undone(tree)
        assert found
        tree, why_id = found
        assert (why_id, tree.current_id) == (about, current)
    assert tree.steps == ()
    assert undone(tree) is None


def test_a_retracted_answer_that_comes_back_keeps_its_place() -> None:
    found = undone(taken_back(line(3), 2, by_hand=True))
    assert found
    assert (drawn(found[0]), found[0].current_id, found[1]) == ([(1, 1), (2, 2), (3, 3)], 3, 2)


def test_the_last_fifty_steps_can_be_undone() -> None:
    tree = line(51)
    assert len(tree.steps) == 50
    assert tree.steps[0] == ("taken", 2, 1)


def test_retracting_an_answer_twice_is_one_step() -> None:
    tree = taken_back(line(2), 2, by_hand=True)
    assert tree.steps[-1] == ("taken_back", 2, 2)
    assert taken_back(tree, 2, by_hand=True) is tree
    assert taken_back(line(2), 2, by_hand=False).steps == line(2).steps


def test_moving_to_where_the_question_already_is_does_nothing() -> None:
    tree = line(2)
    assert moved_to(tree, 2) is tree
    assert moved_to(tree, 1).steps[-1] == ("moved", 1, 2)
    assert moved_to(tree, None).steps[-1] == ("moved", 0, 2)


def test_an_edit_of_an_answer_keeps_its_place() -> None:
    tree = line(2)
    tree = replace(tree, whys={**tree.whys, 1: replace(tree.whys[1], answer="something else")})
    assert [why.answer for why, _ in shown(tree)] == ["something else", "because 2"]


def test_a_session_starts_without_answers_and_knows_the_message_it_comes_from() -> None:
    new = NewAnalysis(12, "Checkout was down", "U0BEN", "C0INC", "1.1")
    empty = FiveWhysAnalysis(
        0, 12, "Checkout was down", "U0BEN", AnalysisStatus.ACTIVE, "U0ANA", created_at=NOW, updated_at=NOW
    )
    source = {"source": {"channel_id": "C0INC", "ts": "1.1"}}
    assert started(new, "U0ANA", NOW) == replace(empty, metadata=source)
    assert started(replace(new, source_channel=None, source_ts=None), "U0ANA", NOW) == empty


@pytest.mark.parametrize(
    "text",
    ["// has anybody looked?", "  //no", "", " \u200b ", ":+1:", ":thumbsup::skin-tone-3:", "👍", "?!", "…"],
)
def test_this_is_discussion(text: str) -> None:
    assert is_discussion(text, NAMES)


@pytest.mark.parametrize(
    "text", ["The pool ran out", "数据库满了", "see https://x.example // y", "42", ":fire: it burned"]
)
def test_this_is_an_answer(text: str) -> None:
    assert not is_discussion(text, NAMES)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("The pool ran out.", "The pool ran out. Why did that happen?"),
        ("It hit the MAX", "It hit the MAX. Why did that happen?"),
        ("It broke!..", "It broke. Why did that happen?"),
        ("Why was the pool so small?", "Why was the pool so small?"),
        ("why was it?", "why was it?"),
        ("Who knew?", "Who knew? Why did that happen?"),
        ("Why not", "Why not. Why did that happen?"),
        ("two\nlines", "two lines. Why did that happen?"),
        ("a &amp; b &lt;c&gt;", "a & b <c>. Why did that happen?"),
    ],
)
def test_the_next_question_is_built_from_the_answer(text: str, asked: str) -> None:
    assert question_about(text, NAMES) == asked


def test_a_question_about_a_long_answer_is_short() -> None:
    assert question_about("x" * 40_000, NAMES) == f"{'x' * 149}… Why did that happen?"
    assert question_about("x" * 150, NAMES) == f"{'x' * 150}. Why did that happen?"


@pytest.mark.parametrize(
    "text", ["<@U0BEN> forgot it", "He didn't look", "It was human error", "Ben was careless"]
)
def test_an_answer_that_names_a_person_is_noticed(text: str) -> None:
    assert names_a_person(text)


@pytest.mark.parametrize("text", ["The check was missing", "Nobody owns the template", "the shell hung"])
def test_an_answer_about_the_system_is_left_alone(text: str) -> None:
    assert not names_a_person(text)


def test_links_are_evidence_once_each() -> None:
    found = links_in(
        "see <https://a.example/1?b=2&amp;c|graph> and <https://a.example/1?b=2&amp;c>, ask <@U1>"
    )
    assert found == ({"name": "https://a.example/1?b=2&c", "permalink": "https://a.example/1?b=2&c"},)
