"""Five whys in a thread: asked one at a time, answered by replying, down to the root cause."""

from __future__ import annotations

import pytest

from tests.support.people import Workspace, buttons, eventually, shown
from tests.support.whys import Session


@pytest.fixture
def channel(acme: Workspace) -> str:
    """The channel of an incident for this test alone, with Ben in it."""
    declared = acme.declare()
    acme.post("join", channel=declared, user="ben")
    return declared


@pytest.fixture
def session(acme: Workspace, channel: str) -> Session:
    """A session about the checkout."""
    acme.open_form("whys Checkout was down", "ana", channel)
    assert acme.submit("ana") == {}
    root = eventually(lambda: next((m for m in acme.messages(channel) if "· Why did" in shown(m)), None))
    ref = shown(root).split(" · ")[0].split("*")[-1]
    found = Session(acme, channel, ref)
    found.question("*Checkout was down.* Why did that happen?")
    return found


def test_one_why_after_the_other_leads_to_the_root_cause(acme: Workspace, session: Session) -> None:
    first = session.answer("The pool ran out", "ben")
    session.question("*The pool ran out.* Why did that happen?")
    assert eventually(lambda: session.is_marked(first))
    last = session.line("Nobody had set a limit", "The template has none", "It was copied", "No owner")
    assert "Is that the root cause?" in shown(last)
    assert session.tree("No owner") == [
        "1. The pool ran out",
        "> 2. Nobody had set a limit",
        "> > 3. The template has none",
        "> > > 4. It was copied",
        "> > > > 5. No owner",
    ]
    session.press("whys_root_cause")
    session.question("or I'll finish in half an hour. *It was copied.* Why did that happen?")
    session.press("whys_finish")
    found = eventually(lambda: next((m for m in session.messages() if "What we found" in shown(m)), None))
    assert "🎯 *Root cause:* No owner" in shown(found)
    assert "Create an action item" in buttons(found)
    assert "Root cause" in acme.timeline(session.channel, "Root cause", everything=False)
    assert "✅ Completed" in acme.command("whys", channel=session.channel)
    eventually(lambda: "is completed" in shown(session.questions()[-1]))


def test_discussion_is_not_an_answer(session: Session) -> None:
    for text in ("// has anybody looked?", ":eyes:", "🙈", "@Muster help"):
        session.acme.say(text, session.channel, "ben", thread_ts=session.root["ts"])
    session.acme.post(
        "message", channel=session.channel, as_bot="CI", text="Build failed", thread_ts=session.root["ts"]
    )
    session.answer("The pool ran out")
    assert session.tree("The pool") == ["1. The pool ran out"]


def test_editing_a_reply_edits_the_answer_and_deleting_it_asks_again(
    acme: Workspace, session: Session
) -> None:
    first = session.answer("The pool ran out")
    session.question("The pool ran out")
    acme.post("edit-message", channel=session.channel, ts=first, user="ana", text="The pool was full")
    assert session.tree("was full") == ["1. The pool was full"]
    session.question("*The pool was full.* Why did that happen?")
    acme.post("delete-message", channel=session.channel, ts=first, user="ana")
    session.question("Retracted. *Checkout was down.* Why did that happen?")
    eventually(lambda: "1. " not in shown(session.root))
    session.answer("The disk was full", asked="Checkout")
    assert session.tree("disk") == ["1. The disk was full"]


def test_not_an_answer_another_cause_and_undo(session: Session) -> None:
    session.line("The pool ran out", "Traffic doubled")
    session.press("whys_take_back")
    session.question("Retracted. *The pool ran out.* Why did that happen?")
    session.press("whys_undo")
    assert session.tree("Traffic") == ["1. The pool ran out", "> 2. Traffic doubled"]
    session.press("whys_branch")
    session.question("Looking for another cause. *The pool ran out.* Why did that happen?")
    session.answer("Connections leaked", asked="Looking for another cause")
    assert session.tree("leaked") == [
        "1. The pool ran out",
        "> 2. Traffic doubled",
        "> 2. Connections leaked",
    ]
    session.question("Connections leaked")
    session.press("whys_root_cause")
    session.question("One branch is still open. *Traffic doubled.* Why did that happen?")
    session.answer("A sale", asked="One branch")
    session.question("A sale")
    session.press("whys_root_cause", on="A sale")
    session.question("Is there another?")
    session.press("whys_finish")
    eventually(lambda: "is completed" in shown(session.questions()[-1]))


def test_answers_below_a_deleted_one_stay(acme: Workspace, session: Session) -> None:
    first = session.answer("The pool ran out")
    session.question("The pool")
    session.line("Traffic doubled")
    acme.post("delete-message", channel=session.channel, ts=first, user="ana")
    assert session.tree("retracted") == ["1. _retracted_", "> 2. Traffic doubled"]
    session.answer("The pool was small", asked="Checkout was down")
    assert session.tree("small") == ["1. The pool was small", "> 2. Traffic doubled"]


def test_files_and_links_are_kept_as_evidence(session: Session) -> None:
    session.answer("The pool ran out, see https://graphs.example/pool", files=[{"name": "pool.png"}])
    session.question("pool ran out")
    session.acme.say("", session.channel, "ben", thread_ts=session.root["ts"], files=[{"name": "more.log"}])
    eventually(lambda: "more.log" in shown(session.root))
    assert "pool.png" in shown(session.root)
    assert "https://graphs.example/pool" in shown(session.root)


def test_a_root_cause_by_mention_and_by_shortcut(acme: Workspace, session: Session) -> None:
    session.line("The pool ran out")
    session.acme.mention(
        "root cause: nobody owns the template", session.channel, "ben", thread_ts=session.root["ts"]
    )
    eventually(lambda: "is completed" in shown(session.questions()[-1]))
    assert "🎯 nobody owns the template" in str(session.tree("template"))
    acme.say("It was copied", session.channel, "ben", thread_ts=session.root["ts"])
    hint = eventually(lambda: [each for each in acme.only_for("ben", session.channel) if "Resume it" in each])
    assert "is completed, so your reply isn't part of it" in hint[0]
    acme.click(session.channel, session.root["ts"], "whys_resume")
    ts = session.answer("The review was skipped", asked="")
    session.question("review")
    acme.post("shortcut", user="ben", callback_id="name_root_cause", channel=session.channel, ts=ts)
    assert "🎯 The review was skipped" in str(session.tree("🎯 The review"))


def test_five_whys_can_start_from_a_message(acme: Workspace, channel: str) -> None:
    ts = acme.say("Orders fail since noon", channel)
    acme.post("shortcut", user="ana", callback_id="ask_why", channel=channel, ts=ts)
    form = eventually(lambda: acme.form("ana"))
    assert "Orders fail since noon" in str(form)
    assert acme.submit("ana") == {}
    eventually(lambda: any("*Orders fail since noon*" in shown(m) for m in acme.messages(channel)))
    acme.open_form("whys orders fail since NOON", "ben", channel)
    assert "already asks that" in acme.submit("ben")["problem"]


def test_invalid_input_is_answered_where_it_was_entered(acme: Workspace, session: Session) -> None:
    acme.open_form("whys x", "ana", session.channel)
    assert "Say in a sentence" in acme.submit("ana", problem=" ")["problem"]
    huge = session.answer("x" * 40_000)
    session.question("xxx")
    assert eventually(lambda: session.is_marked(huge))
    session.line("Traffic doubled")
    told = acme.mention("root cause: here", session.channel)
    assert "isn't a five-whys thread" in shown(told)


def test_a_guest_is_refused_once_and_an_answer_about_a_person_gets_a_hint(
    acme: Workspace, session: Session
) -> None:
    acme.post("join", channel=session.channel, user="gus", inviter="ana")
    for text in ("I think it was DNS", "Really"):
        session.acme.say(text, session.channel, "gus", thread_ts=session.root["ts"])
    session.answer("@ben forgot the limit")
    session.question("forgot the limit")
    guest = eventually(lambda: acme.only_for("gus", session.channel))
    hint = eventually(lambda: acme.only_for("ana", session.channel))
    assert [each for each in guest if "counts as discussion" in each] == guest[:1]
    assert "What made this possible?" in hint[-1]
    assert len(session.tree("limit")) == 1


def test_a_deleted_session_is_posted_again_and_continues(acme: Workspace, session: Session) -> None:
    session.line("The pool ran out")
    old = session.root["ts"]
    acme.post("delete-message", channel=session.channel, ts=old, user="ana")
    new = eventually(lambda: next((m for m in session.messages() if "earlier replies" in shown(m)), None))
    assert new["ts"] != old
    session.question("The pool ran out")
    session.answer("Traffic doubled", asked="The pool")
    assert session.tree("Traffic") == ["1. The pool ran out", "> 2. Traffic doubled"]
    acme.say("A sale", session.channel, "ben", thread_ts=old)
    assert len(session.tree("A sale")) == 3


def test_sessions_are_listed_shown_handed_over_and_resumed(acme: Workspace, session: Session) -> None:
    session.line("The pool ran out")
    listed = acme.asked("whys", session.channel)
    shown_one = acme.answered(lambda: acme.click(session.channel, listed["ts"], "show_whys"), session.channel)
    assert "1. The pool ran out" in shown(shown_one)
    acme.click(session.channel, session.root["ts"], "hand_over_whys")
    eventually(lambda: acme.form("ana"))
    assert acme.submit("ana", facilitator="ben") == {}
    eventually(lambda: "facilitated by <@U0BEN>" in shown(session.root))
    acme.command("resolve", channel=session.channel)
    acme.command("close", channel=session.channel)
    acme.click(session.channel, session.root["ts"], "whys_abandon")
    eventually(lambda: "Abandoned" in shown(session.root))
    acme.click(session.channel, session.root["ts"], "whys_resume", "ben")
    session.question("The pool ran out")
    session.answer("Traffic doubled", asked="The pool")
    assert len(session.tree("Traffic")) == 2


def test_it_is_offered_on_the_card_and_on_resolve(acme: Workspace, channel: str) -> None:
    card = eventually(lambda: acme.card(channel))
    assert buttons(card)["Five whys"] == "start_whys"
    acme.command("resolve", channel=channel)
    offer = eventually(
        lambda: next((m for m in acme.messages(channel) if "Start five whys" in buttons(m)), None)
    )
    acme.click(channel, offer["ts"], "start_whys")
    assert "Five whys" in str(eventually(lambda: acme.form("ana")))
    assert acme.submit("ana") == {}
