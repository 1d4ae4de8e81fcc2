"""What a message in a five-whys thread is: each case of the decision, without a database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.five_whys.model import MAX_WHYS
from bot.domain.five_whys.replies import (
    Decision,
    DeepEnough,
    Evidence,
    FromAGuest,
    Heard,
    NewAnswer,
    Talk,
    decide,
)
from bot.domain.incidents.timeline import PostedMessage
from bot.domain.kit.people import Person
from tests.support.examples import NAMES, session

MEMBER, GUEST = Person("U0BEN", "ben"), Person("U0GUS", "gus", is_guest=True)
HEARD = Heard(writer=MEMBER, may_see=True, is_taken=False, is_to_a_bot=False, asked_at="1.0", names=NAMES)
SAID = PostedMessage("C1", "2.0", "U0BEN", None, "The disk was full", thread_ts="0.5")
WITH_FILE = replace(SAID, files=({"name": "graph.png"},))


@pytest.mark.parametrize(
    ("message", "heard", "decision"),
    [
        (SAID, replace(HEARD, is_taken=True), Talk()),
        (SAID, replace(HEARD, writer=None), Talk()),
        (SAID, replace(HEARD, writer=replace(MEMBER, is_bot=True)), Talk()),
        (SAID, replace(HEARD, may_see=False), Talk()),
        (SAID, replace(HEARD, writer=GUEST, may_see=False), Talk()),
        (SAID, replace(HEARD, writer=GUEST), FromAGuest()),
        (SAID, replace(HEARD, is_to_a_bot=True), Talk()),
        (WITH_FILE, replace(HEARD, is_to_a_bot=True), Evidence()),
        (replace(SAID, text="// an aside"), HEARD, Talk()),
        (replace(WITH_FILE, text="// an aside"), HEARD, Talk()),
    ],
)
def test_a_message_that_is_not_an_answer_is_recognised(
    message: PostedMessage, heard: Heard, decision: Decision
) -> None:
    assert decide(session(), message, heard) == decision


def test_a_reply_answers_the_question_that_its_writer_has_seen() -> None:
    analysis = session("The database was slow", "No limit")
    asked = "No limit. Why did that happen?"
    assert decide(analysis, SAID, HEARD) == NewAnswer(2, asked, is_late=False, names_a_person=False)
    before = "The database was slow. Why did that happen?"
    unseen = replace(HEARD, asked_at="3.0")
    assert decide(analysis, SAID, unseen) == NewAnswer(1, before, is_late=True, names_a_person=False)
    first = "Checkout was down. Why did that happen?"
    assert decide(session(), SAID, HEARD) == NewAnswer(None, first, is_late=False, names_a_person=False)


def test_a_question_shows_people_by_their_names() -> None:
    decision = decide(session("Only <@U0BEN> knew"), SAID, HEARD)
    assert isinstance(decision, NewAnswer)
    assert decision.question == "Only @Ben Baker knew. Why did that happen?"


def test_nobody_is_asked_beyond_the_last_why() -> None:
    analysis = session(*(f"Cause {number}" for number in range(MAX_WHYS)))
    assert decide(analysis, SAID, HEARD) == DeepEnough()
    assert isinstance(decide(analysis, SAID, replace(HEARD, asked_at=None)), NewAnswer)


def test_an_answer_that_names_a_person_says_so() -> None:
    named = decide(session(), replace(SAID, text="<@U0CHEN> forgot it"), HEARD)
    assert isinstance(named, NewAnswer) and named.names_a_person
