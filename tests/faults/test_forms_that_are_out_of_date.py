"""A stale form, an expired trigger, a `response_url` that is used up, expired or can't be reached.

Promised: a form that is submitted after somebody else's change overwrites only what its user changed;
submitted twice, or after a restart, it counts once. Where a form can't be opened in time, a button that opens
it comes instead. (The bot updates no view by its hash, so it gets no `hash_conflict`.) Where an answer can't
be replaced, the new one comes as a message of its own, however often the click is delivered.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

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


@pytest.mark.parametrize("effect", ["error:used_url", "reset_before", "reset_after"])
def test_an_answer_that_cannot_be_replaced_comes_as_a_new_message(arena: Arena, effect: str) -> None:
    arena.bot()
    arena.secrets.append("Zanzibar")
    arena.declare("The Zanzibar deal leaks", private=["private"])
    channel, slack = arena.channel(), arena.workspace
    arena.settle()
    listed = slack.asked("timeline all", channel)
    slack.faults({"method": "response_url", "effect": effect})
    after = slack.answered(lambda: slack.click(channel, listed["ts"], "show_other"), channel)
    slack.faults()
    before = slack.answers("ana", channel)[0]
    assert shown(after) != shown(listed)
    assert shown(before) == shown(after if effect == "reset_after" else listed)
    slack.click(channel, after["ts"], "show_other")
    eventually(lambda: shown(slack.answers("ana", channel)[-1]) == shown(listed))


def test_the_sixth_use_of_a_response_url_leads_to_one_new_message(small: Arena) -> None:
    small.expected.codes.add("used_url")
    small.bot()
    small.declare()
    channel, slack = small.channel(), small.workspace
    small.settle()
    listed = slack.asked("timeline all", channel)
    slack.faults({"envelope": "interactive", "effect": "duplicate", "copies": 6, "new_ids": True})
    slack.click(channel, listed["ts"], "show_other")
    eventually(lambda: [each.get("error") for each in slack.calls("response_url")].count("used_url") == 2)
    eventually(lambda: len(slack.answers("ana", channel)) == 2)
    small.settle()
    before, after = map(shown, slack.answers("ana", channel))
    assert before == after != shown(listed)


def test_settings_that_are_saved_after_half_an_hour_are_shown_in_a_new_message(arena: Arena) -> None:
    arena.expected.codes.add("expired_url")
    arena.bot()
    slack = arena.workspace
    slack.open_settings("people")
    arena.settle()
    arena.clock.move(timedelta(minutes=31))
    saved = slack.answered(lambda: slack.submit(roles="Liaison: Talks to support"), "general")
    assert "More roles: Liaison" in shown(saved)
    assert [each["error"] for each in slack.calls("response_url")] == ["expired_url"]
