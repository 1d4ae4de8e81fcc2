"""A stale form, an expired trigger, a used-up `response_url`.

Promised: a form that is submitted after somebody else's change overwrites only what its user changed;
submitted twice, or after a restart, it counts once. Where a form can't be opened in time, a button that opens
it comes instead. (The bot updates no view by its hash, so it gets no `hash_conflict`.)
"""

from __future__ import annotations

from tests.support.arena import Arena
from tests.support.people import eventually, shown


def test_a_stale_form_overwrites_nothing_that_it_did_not_change(arena: Arena) -> None:
    # Nobody acks during the restart.
    arena.expected.unacked.add("events_api")
    arena.bot()
    arena.declare()
    channel, slack = arena.channel(), arena.workspace
    ts = slack.card(channel)["ts"]  # type: ignore[index]
    slack.click(channel, ts, "edit_incident", "ana")
    eventually(lambda: slack.form("ana"))
    slack.command("severity INC-1 critical", "ben")
    arena.stop_all()
    arena.bot()
    slack.faults({"envelope": "interactive", "effect": "duplicate", "copies": 2, "new_ids": True})
    assert slack.submit("ana", title="A new title") == {}
    slack.faults()
    eventually(lambda: "A new title" in shown(slack.card("inc-1-a-new-title") or {}))
    [row] = arena.rows("SELECT title, severity FROM incidents")
    assert (row.title, row.severity) == ("A new title", "critical")
    titles = arena.rows("SELECT count(*) FROM timeline_entries WHERE kind = 'title'")
    assert titles[0][0] == 1


def test_an_expired_trigger_leads_to_a_button(arena: Arena) -> None:
    arena.bot()
    slack = arena.workspace
    slack.faults({"method": "views.open", "effect": "error:expired_trigger_id", "times": 1})
    offer = slack.answered(lambda: slack.command("declare"), "general")
    slack.faults()
    slack.click("general", offer["ts"], "open_form")
    eventually(lambda: slack.form("ana"))
    assert arena.submit(title="Database is slow")


def test_a_used_up_response_url_breaks_nothing(arena: Arena) -> None:
    arena.expected.codes |= {"used_url", "expired_url"}
    arena.bot()
    arena.declare()
    channel, slack = arena.channel(), arena.workspace
    for _ in range(12):
        slack.say("a fact", channel)
    listed = slack.asked("timeline all", channel)
    for _ in range(7):
        slack.click(channel, listed["ts"], "show_other")
    assert "INC-1" in slack.command("list")
