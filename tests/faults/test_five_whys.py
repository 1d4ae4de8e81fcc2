"""kill -9 between saving an answer and asking the next why; Slack fails in the middle of a session.

Promised: each answer is in the tree once, each question in the thread once, each reply that was used is
marked, and the tree that is shown is the one that is stored.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.arena import Arena
from tests.support.asking import incidents_channel, struck
from tests.support.people import eventually, shown
from tests.support.whys import Session


def session_in(arena: Arena) -> Session:
    """Start a session in an incident's channel, with ben in it."""
    incidents_channel(arena)
    arena.declare()
    arena.settle()
    channel = arena.channel()
    arena.workspace.post("join", channel=channel, user="ben")
    arena.workspace.open_form("whys Checkout was down", channel=channel)
    arena.workspace.submit()
    session = Session(arena.workspace, channel, "WHY-1")
    session.question("Checkout was down")
    arena.settle()
    return session


def each_once(arena: Arena, session: Session, *answers: str) -> None:
    """Check that the tree has just these answers, each asked about once, each marked."""
    assert [line.lstrip("> ").split(". ", 1)[1] for line in session.tree(*answers)] == list(answers)
    questions = [shown(each) for each in session.questions()]
    for answer in answers:
        assert sum(f"*{answer}.* Why" in each for each in questions) == 1
    replies = [m for m in session.messages() if m.get("text") in answers and not m.get("bot_id")]
    assert all(session.is_marked(each["ts"]) for each in replies)
    assert len(replies) == len(answers)


@pytest.mark.parametrize("effect", ["hang_before", "hang_after"])
def test_a_kill_between_saving_an_answer_and_asking_the_next_question_loses_nothing(
    arena: Arena, effect: str
) -> None:
    arena.expected.unacked.add("events_api")
    bot = arena.process()
    bot.start()
    session = session_in(arena)
    arena.workspace.faults({"method": "chat.postMessage", "channel": session.channel, "effect": effect})
    arena.workspace.say("The pool ran out", session.channel, "ben", thread_ts=session.root["ts"])
    eventually(lambda: struck(arena))
    bot.kill()
    arena.workspace.faults()
    arena.clock.move(timedelta(minutes=1))
    arena.bot()
    session.answer("Traffic doubled", asked="The pool ran out")
    session.question("Traffic doubled")
    arena.settle(60)
    each_once(arena, session, "The pool ran out", "Traffic doubled")


@pytest.mark.parametrize("effect", ["reset_after", "reset_before", "500"])
def test_each_question_and_mark_exists_once_although_calls_fail(arena: Arena, effect: str) -> None:
    arena.bot()
    session = session_in(arena)
    # What an attempt with an unknown outcome has already done counts as done.
    arena.expected.codes.add("already_reacted")
    methods = ("chat.postMessage", "chat.update", "reactions.add")
    arena.workspace.faults(*({"method": method, "effect": effect, "times": 1} for method in methods))
    session.answer("The pool ran out")
    session.question("The pool ran out")
    arena.settle(60)
    assert struck(arena)
    session.answer("Traffic doubled")
    session.question("Traffic doubled")
    arena.settle(60)
    each_once(arena, session, "The pool ran out", "Traffic doubled")
    session.press("whys_root_cause")
    session.question("Is there another?")
    session.press("whys_finish")
    arena.settle(60)
    assert sum("What we found" in shown(each) for each in session.messages()) == 1


def test_replies_written_during_downtime_are_used_in_order(small: Arena) -> None:
    small.expected.unacked.add("events_api")
    [bot] = small.bots(1)
    session = session_in(small)
    small.stop(bot)
    root = session.root["ts"]
    small.workspace.say("The pool ran out", session.channel, "ben", thread_ts=root)
    small.workspace.say("// really?", session.channel, "ana", thread_ts=root)
    small.bots(1)
    session.question("The pool ran out")
    small.settle(60)
    each_once(small, session, "The pool ran out")


def test_five_whys_work_without_reactions(small: Arena) -> None:
    small.bots(1)
    session = session_in(small)
    small.expected.codes.add("unknown_method")
    small.workspace.faults({"method": "reactions.add", "effect": "error:unknown_method"})
    session.answer("The pool ran out")
    session.question("The pool ran out")
    small.settle(60)
    assert "All is well" in small.workspace.command("doctor")


def test_a_quiet_session_is_nudged_in_its_thread_once(small: Arena) -> None:
    [bot] = small.bots(1)
    session = session_in(small)
    small.workspace.faults({"method": "chat.postMessage", "effect": "reset_after", "times": 1})
    small.clock.move(timedelta(minutes=31))
    for _ in range(2):
        bot.services.whys.plan_nudges()
    bot.worker.wake()
    session.question("Still there? *Checkout was down.* Why did that happen?")
    small.settle(60)
    assert struck(small)
    assert sum("Still there?" in shown(each) for each in session.questions()) == 1
