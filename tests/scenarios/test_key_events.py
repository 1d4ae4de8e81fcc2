"""📌, as a reaction or as Slack's own pin, marks a message as a key event at the message's own time."""

from __future__ import annotations

import pytest

from tests.support.people import Workspace, eventually


@pytest.fixture
def channel(acme: Workspace) -> str:
    """The channel of an incident for this test alone, with Ben in it."""
    declared = acme.declare()
    acme.post("join", channel=declared, user="ben")
    return declared


@pytest.mark.parametrize("mark", ["reaction", "pin"])
def test_a_mark_makes_a_key_event_until_it_is_removed(acme: Workspace, channel: str, mark: str) -> None:
    ts = acme.say("It is the pool", channel)
    _mark(acme, mark, channel, ts)
    assert "It is the pool" in _keys(acme, channel, 1)[0]
    _mark(acme, mark, channel, ts, present=False)
    _keys(acme, channel, 0)
    assert "It is the pool" in acme.timeline(channel, "It is the pool")


def test_a_key_event_has_the_messages_own_time(acme: Workspace, channel: str) -> None:
    ts = acme.say("It is the pool", channel)
    acme.command("status investigating", channel=channel)
    acme.command("resolve", channel=channel)
    _mark(acme, "reaction", channel, ts)
    [line] = _keys(acme, channel, 1)
    assert f"<!date^{int(float(ts))}^" in line
    told = acme.command("timeline", channel=channel)
    assert told.index("It is the pool") < told.index("*Investigating*") < told.index("*Resolved*")


@pytest.mark.parametrize("mark", ["reaction", "pin"])
def test_a_thread_reply_can_be_marked(acme: Workspace, channel: str, mark: str) -> None:
    ts = acme.say("It is the pool", channel)
    reply = acme.say("The big one", channel, thread_ts=ts)
    _mark(acme, mark, channel, reply)
    assert "The big one" in _keys(acme, channel, 1)[0]


def test_a_key_event_stays_while_anybodys_mark_does(acme: Workspace, channel: str) -> None:
    ts = acme.say("It is the pool", channel)
    _mark(acme, "reaction", channel, ts, user="ana")
    _mark(acme, "reaction", channel, ts, user="ben")
    _mark(acme, "pin", channel, ts, user="ben")
    _mark(acme, "reaction", channel, ts, user="ana", present=False)
    _mark(acme, "reaction", channel, ts, user="ben", present=False)
    other = acme.say("another", channel)
    _mark(acme, "reaction", channel, other)
    assert len(_keys(acme, channel, 2)) == 2
    _mark(acme, "pin", channel, ts, user="ben", present=False)
    _keys(acme, channel, 1)


def test_a_pin_that_somebody_else_removes_is_gone(acme: Workspace, channel: str) -> None:
    ts = acme.say("It is the pool", channel)
    _mark(acme, "pin", channel, ts, user="ana")
    _keys(acme, channel, 1)
    _mark(acme, "pin", channel, ts, user="ben", present=False)
    _keys(acme, channel, 0)


def test_another_bots_message_can_be_a_key_event(acme: Workspace, channel: str) -> None:
    ts = acme.post("message", channel=channel, text="5xx at 4 %", as_bot="Nightwatch")["ts"]
    _mark(acme, "reaction", channel, ts)
    assert "Nightwatch: 5xx at 4 %" in _keys(acme, channel, 1)[0]


def test_other_reactions_mark_nothing(acme: Workspace, channel: str) -> None:
    ts = acme.say("It is the pool", channel)
    acme.post("reaction", channel=channel, ts=ts, user="ana", name="thumbsup")
    other = acme.say("another", channel)
    _mark(acme, "reaction", channel, other)
    assert "another" in _keys(acme, channel, 1)[0]


def test_marks_out_of_order_end_in_the_final_state(acme: Workspace, channel: str) -> None:
    acme.faults({"envelope": "events_api", "effect": "reorder", "times": 1})
    ts = acme.say("It is the pool", channel)
    _mark(acme, "reaction", channel, ts)
    _keys(acme, channel, 1)
    acme.faults({"envelope": "events_api", "effect": "reorder", "times": 1})
    _mark(acme, "reaction", channel, ts, present=False)
    _mark(acme, "reaction", channel, ts)
    acme.faults()
    acme.say("done", channel)
    acme.timeline(channel, "done")
    assert len(_keys(acme, channel, 1)) == 1


def test_a_deleted_key_event_keeps_its_place_without_its_text(acme: Workspace, channel: str) -> None:
    ts = acme.say("It is the pool", channel)
    _mark(acme, "reaction", channel, ts)
    _keys(acme, channel, 1)
    acme.post("delete-message", channel=channel, ts=ts, user="ana")
    eventually(lambda: "message deleted" in _keys(acme, channel, 1)[0])


def _mark(
    workspace: Workspace, mark: str, channel: str, ts: str, *, user: str = "ana", present: bool = True
) -> None:
    more = {"name": "pushpin"} if mark == "reaction" else {}
    assert workspace.post(mark, channel=channel, ts=ts, user=user, present=present, **more)["changed"]


def _keys(workspace: Workspace, channel: str, wanted: int) -> list[str]:
    """The timeline's marked lines, once there are that many."""

    def look() -> tuple[list[str]] | None:
        lines = workspace.command("timeline", channel=channel).splitlines()
        marked = [line for line in lines if line.startswith("📌 ")]
        return (marked,) if len(marked) == wanted else None

    return eventually(look)[0]
