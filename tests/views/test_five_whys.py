"""Five whys on screen: Slack takes it, hostile text stays text, and the buttons fit what was said."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.five_whys.model import AnalysisStatus, FiveWhysAnalysis
from bot.domain.five_whys.tree import named, taken_back
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.text import storable
from bot.domain.surface.answers import HintAbout
from bot.domain.surface.forms import FiveWhysStart
from bot.domain.surface.shown import WhysListShown, WhysOverShown, WhysTrayShown
from bot.views.five_whys import answers
from bot.views.five_whys import forms as five_whys_forms
from bot.views.five_whys import messages as views
from bot.views.incidents.changes import change_line, update
from bot.views.kit.text import escape
from tests.support.examples import HOSTILE, NAMES, any_text, entry, incident, session
from tests.support.rendering import drawn
from tests.views.screens import action_ids, check, check_form, markup, shown, submitted

TEAM = "https://acme.slack.com/"
FILE = {"name": "a|b <c> & d.png" * 20, "permalink": f"{TEAM}files/" + "x" * 400}
replies = any_text.map(storable).map(escape)
sessions = st.builds(
    lambda said, problem, status: session(*said, problem=problem[:300], status=status),
    st.lists(replies, max_size=12),
    any_text.map(storable),
    st.sampled_from(AnalysisStatus),
)


@given(sessions)
def test_slack_takes_whatever_was_said(found: FiveWhysAnalysis) -> None:
    for tree in (found, *(named(found, number) for number in found.whys)):
        check(views.root_message(tree, TEAM, NAMES, f"{TEAM}archives/C1/p1"))
        check(views.findings(tree, incident(), TEAM, NAMES))
        check(answers.whys_tray(WhysTrayShown(tree, None, NAMES)))
        check(answers.whys_over(WhysOverShown(tree)))
        check(views.nudge(tree, NAMES))
        check(views.told_facilitator(tree, incident(), "U0BEN", f"{TEAM}archives/C1/p1"))
        for number in (0, *tree.whys):
            if question := views.question(tree, number, NAMES):
                check(question)
    check(answers.whys_list(WhysListShown(incident(), (found,) * 20, NAMES)))
    check_form(five_whys_forms.whys_form(FiveWhysStart(12, found.problem), incident(), "U0ANA"))
    check_form(five_whys_forms.hand_over_form(found))


def test_the_fullest_tree_with_all_its_evidence_is_taken() -> None:
    tree = session(*["&lt;&amp;&gt;" * 5000] * 100)
    whys = {n: replace(w, is_root_cause=True, evidence=(FILE,) * 30) for n, w in tree.whys.items()}
    tree = replace(tree, whys=whys, status=AnalysisStatus.COMPLETED)
    check(views.root_message(tree, TEAM, NAMES))
    check(views.findings(tree, incident(), TEAM, NAMES))
    assert "more in the thread" in shown(views.root_message(tree, TEAM, NAMES))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_problem_is_shown_as_it_is(text: str) -> None:
    told = storable(text)
    assert any(
        escape(told) in each for each in markup(views.root_message(session(problem=told), TEAM, NAMES))
    )


def test_the_buttons_fit_what_was_said() -> None:
    tree = session("The pool ran out", "Traffic doubled", steps=(("taken", 2, 1),))
    latest, older, first = (views.question(tree, number, NAMES) for number in (2, 1, 0))
    assert latest and older and first
    on_answer = {"whys_root_cause", "whys_branch", "whys_take_back"}
    assert set(action_ids(latest.blocks)) == on_answer | {"whys_undo"}
    assert set(action_ids(older.blocks)) == on_answer | {"whys_go_on"}
    assert set(action_ids(first.blocks)) == set()


def test_the_question_of_a_retracted_answer_has_no_buttons() -> None:
    tree = taken_back(session("The pool ran out", "Traffic doubled"), 1, by_hand=True)
    message = views.question(tree, 1, NAMES)
    assert message
    assert action_ids(message.blocks) == []
    assert "retracted" in shown(message)


@pytest.mark.parametrize(("depth", "asks"), [(4, False), (5, True), (9, True)])
def test_from_the_fifth_why_on_the_root_cause_is_requested(depth: int, asks: bool) -> None:
    message = views.question(session(*["because"] * depth), depth, NAMES)
    assert message
    assert ("Is that the root cause?" in shown(message)) is asks


def test_after_ten_whys_no_more_are_asked() -> None:
    message = views.question(session(*["because"] * 10), 10, NAMES)
    assert message
    assert "which is the limit" in shown(message)
    assert "dig deeper" not in shown(message)


@pytest.mark.parametrize("moment", [2, 3, 7])
def test_answers_at_one_moment_get_the_same_question_once(moment: int) -> None:
    """Each answer after the first is late: it was written before the question about the first was there."""
    said = [f"Cause {number}" for number in range(1, moment + 1)]
    tree = session(*said, current_id=1)
    late = {n: replace(why, parent_id=None, is_late=n > 1) for n, why in tree.whys.items()}
    found = [views.question(replace(tree, whys=late), number, NAMES) for number in (0, *late)]
    told = [each.text for each in found if each]
    asked = [each for each in told if "Why" in each]
    assert asked == ["*Checkout was down.* Why did that happen?", "*Cause 1.* Why did that happen?"]
    assert [f"another cause: *{each}*" in text for each, text in zip(said[1:], told[2:], strict=True)] == [
        True
    ] * (moment - 1)


@pytest.mark.parametrize("named_one", [None, 1, 10, 11])
@pytest.mark.parametrize("taken_one", [None, 10, 11])
@pytest.mark.parametrize("current", [9, 10, 11])
def test_at_the_limit_nothing_says_that_it_goes_on(
    named_one: int | None, taken_one: int | None, current: int
) -> None:
    tree = session(*["because"] * 11, current_id=current)
    whys = {**tree.whys, 11: replace(tree.whys[11], parent_id=9, is_late=True)}
    tree = replace(tree, whys=whys)
    tree = named(tree, named_one) if named_one else tree
    tree = taken_back(tree, taken_one, by_hand=False) if taken_one else tree
    told = [found.text for number in tree.whys if (found := views.question(tree, number, NAMES))]
    told.append(views.nudge(tree, NAMES).text)
    for each in told:
        goes_on = "dig deeper" in each or "Why did" in each or "?" in each.partition("limit")[2]
        assert not ("which is the limit" in each and goes_on), each
    is_limit = any("which is the limit" in each for each in told)
    assert is_limit is not ("answer in the thread" in shown(views.root_message(tree, TEAM, NAMES)))


@pytest.mark.parametrize(
    ("branches", "says"),
    [(1, "Is there another?"), (2, "One branch is still open."), (3, "2 branches are still open.")],
)
def test_after_a_root_cause_the_open_branches_are_counted(branches: int, says: str) -> None:
    tree = session(*["because"] * branches)
    tree = replace(tree, whys={n: replace(why, parent_id=None) for n, why in tree.whys.items()})
    message = views.question(named(tree, branches), branches, NAMES)
    assert message
    assert f"Noted as a root cause. {says} " in shown(message)


def test_once_every_branch_has_a_root_cause_it_can_be_finished_or_go_on() -> None:
    tree = named(session("The pool ran out", "Nobody set a limit"), 2)
    message = views.question(tree, 2, NAMES)
    assert message
    assert message.text == (
        "Noted as a root cause. Is there another? If not, press *Finish*, or I'll finish in half an hour. "
        "*The pool ran out.* Why did that happen?"
    )
    assert action_ids(message.blocks)[:3] == ["whys_finish", "whys_go_on", "whys_branch"]


def test_every_hint_has_a_text() -> None:
    assert set(answers.HINTS) == set(HintAbout)


def test_the_form_says_what_was_filled_in() -> None:
    form = five_whys_forms.whys_form(FiveWhysStart(12, "x" * 1000, "C1", "1.0"), incident(), "U0ANA")
    filled = five_whys_forms.parse_whys(submitted(form, {}), "U0BEN")
    assert (filled.incident_id, filled.facilitator_id, filled.source_ts) == (12, "U0ANA", "1.0")
    assert len(filled.problem) == 300
    assert five_whys_forms.parse_hand_over(
        submitted(five_whys_forms.hand_over_form(session()), {}), "U0BEN"
    ) == (
        3,
        "U0ANA",
    )


def test_resolving_offers_five_whys_and_a_root_cause_has_its_line() -> None:
    resolved = update(incident(), entry(EntryKind.STATUS, from_value="open", to_value="resolved"))
    assert "start_whys" in action_ids(resolved.blocks)
    found = entry(EntryKind.ROOT_CAUSE, to_value="No <limit>", text="WHY-3")
    assert change_line(found) == "🎯 Root cause (WHY-3, <@U0BEN>): *No &lt;limit&gt;*"
    lost = entry(EntryKind.ROOT_CAUSE, from_value="No limit", text="WHY-3")
    assert "Root cause retracted" in change_line(lost)


def test_whoever_an_answer_mentions_is_named_and_not_pinged_by_what_repeats_it() -> None:
    tree = session("<@U0BEN> and <!subteam^S0ONCALL> saw it")
    ended = replace(named(tree, 1), status=AnalysisStatus.COMPLETED)
    repeated = [
        views.root_message(tree, TEAM, NAMES),
        views.question(tree, 1, NAMES),
        views.nudge(tree, NAMES),
        views.findings(ended, incident(), TEAM, NAMES),
    ]
    for message in repeated:
        assert message and "@Ben Baker and @oncall saw it" in shown(message)
        assert not any("<@U0BEN>" in text or "<!subteam" in text for text in markup(message))


def test_bold_in_an_answer_ends_nothing_of_the_question() -> None:
    asked = views.question(session("the *pool* ran `out`"), 1, NAMES)
    assert asked
    html = drawn(asked.text)
    assert re.findall(r"</?(?:b|code)>", html) == ["<b>", "</b>"]
    assert "the *pool* ran `out`" in re.sub(r"<[^>]*>", "", html)
