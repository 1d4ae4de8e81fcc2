"""Which rows of the outbox follow from what happens in a five-whys session."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.five_whys.planned import (
    after_giving,
    after_lost_question,
    after_lost_root,
    after_start,
    after_step,
    former_root_key,
    nudging,
    question_key,
    question_of,
    root_key,
    session_of_root,
)
from bot.domain.five_whys.tree import with_answer
from bot.domain.outbox.effects import (
    AskWhy,
    MarkReply,
    NudgeSession,
    PostFindings,
    ShowAnalysis,
    TellFacilitator,
)
from bot.domain.outbox.rows import Planned
from tests.support.examples import session

EMPTY, ONE, TWO = session(), session("The disk was full"), session("The disk was full", "No limit")


def shows(cause: str) -> Planned:
    key = f"WHY-3/root/{cause}" if cause else "WHY-3/root"
    return Planned(ShowAnalysis(12, 3), key, "WHY-3/root", needs="INC-12/channel", coalesce=True)


def asks(why_id: int, cause: str) -> Planned:
    lane = f"WHY-3/ask/{why_id}"
    key = f"{lane}/{cause}" if cause else lane
    return Planned(AskWhy(12, 3, why_id), key, lane, needs="WHY-3/root", coalesce=True)


def marks(ts: str, cause: str) -> Planned:
    lane = f"WHY-3/mark/{ts}"
    return Planned(MarkReply(12, 3, "C0INC", ts), f"{lane}/{cause}", lane, coalesce=True)


def test_a_session_starts_with_its_message_and_the_first_why() -> None:
    assert after_start(EMPTY) == [shows(""), asks(0, "")]


def test_an_answer_updates_the_tree_asks_the_next_why_and_marks_the_reply() -> None:
    new = TWO.whys[2]
    assert after_step(ONE, with_answer(ONE, new), [new], "say/1") == [
        shows("say/1"),
        asks(2, "say/1"),
        marks("1700000002.000100", "say/1"),
    ]


def test_an_answer_that_is_only_reworded_keeps_its_marks() -> None:
    reworded = replace(TWO.whys[1], answer="The disks were full")
    after = replace(TWO, whys={**TWO.whys, 1: reworded})
    assert after_step(TWO, after, [reworded], "edit/1") == [
        shows("edit/1"),
        asks(2, "edit/1"),
        asks(1, "edit/1"),
    ]


def test_a_retracted_answer_is_marked_so() -> None:
    retracted = replace(TWO.whys[2], is_taken=False)
    after = replace(TWO, whys={**TWO.whys, 2: retracted}, current_id=1)
    assert marks("1700000002.000100", "undo/1") in after_step(TWO, after, [retracted], "undo/1")


@pytest.mark.parametrize("unknown", [{"ts": None}, {"channel_id": None}])
def test_an_answer_without_a_message_has_nothing_to_mark(unknown: dict[str, None]) -> None:
    new = replace(TWO.whys[2], **unknown)  # type: ignore[arg-type]
    planned = after_step(ONE, with_answer(ONE, new), [new], "say/1")
    assert not [row for row in planned if isinstance(row.effect, MarkReply)]


def test_findings_that_were_posted_are_kept_true() -> None:
    over = replace(TWO, has_findings=True)
    lane = "WHY-3/findings"
    finds = Planned(PostFindings(12, 3), f"{lane}/name/1", lane, coalesce=True)
    assert after_step(TWO, over, [], "name/1") == [shows("name/1"), asks(2, "name/1"), finds]


def test_deleted_messages_are_posted_again() -> None:
    assert after_lost_root(TWO, "9.1") == [shows("lost/9.1"), asks(2, "lost/9.1")]
    assert after_lost_question(TWO, 1, "9.1") == asks(1, "lost/9.1")


def test_a_new_facilitator_is_notified_unless_they_took_it() -> None:
    lane = "INC-12/WHY-3/facilitator"
    tells = TellFacilitator(12, 3, "U0ANA", "U0BEN")
    assert after_giving(TWO, "U0BEN", "give/1") == [
        Planned(tells, f"{lane}/give/1/U0ANA", lane, needs="WHY-3/root")
    ]
    assert after_giving(TWO, "U0ANA", "give/1") == []


def test_each_quiet_time_is_nudged_once() -> None:
    key = "WHY-3/nudge/2026-03-02"
    assert nudging(TWO, "2026-03-02") == Planned(NudgeSession(12, 3), key, key, needs="WHY-3/root")


@pytest.mark.parametrize(
    ("key", "session_id", "question"),
    [
        (root_key(3), 3, None),
        (former_root_key(3, "9.1"), 3, None),
        (question_key(3, 12), None, (3, 12)),
        ("WHY-3/ask/12/lost", None, None),
        ("WHY-3/rooted", None, None),
        ("WHY-٣/root", None, None),
        ("WHY-3/ask/٣", None, None),
        ("INC-3/card", None, None),
    ],
)
def test_a_key_says_which_message_of_a_session_it_is(
    key: str, session_id: int | None, question: tuple[int, int] | None
) -> None:
    assert session_of_root(key) == session_id
    assert question_of(key) == question


def test_a_deleted_message_of_a_session_keeps_a_key_of_its_own() -> None:
    assert former_root_key(3, "9.1") == f"{root_key(3)}/9.1" != former_root_key(4, "9.1")
