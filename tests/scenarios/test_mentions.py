"""The same grammar by mention: in channels and in threads, answered privately where it was used."""

from __future__ import annotations

from functools import partial

import pytest

from tests.support.people import Workspace, buttons, eventually, shown
from tests.support.promises import ref


@pytest.fixture
def channel(acme: Workspace) -> str:
    """The channel of an incident for this test alone."""
    return acme.declare()


def test_a_mention_in_an_incidents_channel_is_a_command(acme: Workspace, channel: str) -> None:
    command = "@Muster status investigating looking & learning"
    assert "*Investigating*" in acme.told_everybody(lambda: acme.say(command, channel), channel)
    assert "looking &amp; learning" in acme.command("timeline", channel=channel)


def test_in_a_thread_the_answer_is_in_the_thread_and_only_for_the_asker(
    acme: Workspace, channel: str
) -> None:
    ts = acme.say("Is it the cache?", channel)
    answer = acme.mention("timeline all", channel, thread_ts=ts)
    assert answer["thread_ts"] == ts
    assert "Is it the cache?" in shown(answer)
    assert not [each for each in acme.answers("ben", channel) if each["ts"] == answer["ts"]]


def test_a_bare_mention_shows_the_tray(acme: Workspace, channel: str) -> None:
    assert {"Resolve", "Take command"} <= set(buttons(acme.mention("", channel)))


def test_words_before_the_mention_are_not_part_of_the_command(acme: Workspace, channel: str) -> None:
    command = "Hey @Muster, resolve it is over"
    assert "*Resolved*" in acme.told_everybody(lambda: acme.say(command, channel), channel)


def test_talk_that_mentions_the_bot_is_not_answered(acme: Workspace, channel: str) -> None:
    before = len(acme.answers("ana", channel))
    for talk in ("thanks @Muster!", "thanks @Muster", "@Muster thanks!", "@Muster love it", "@Muster :wave:"):
        acme.say(talk, channel)
    # Answers come in any order, so this one is asked for last, and waited for.
    assert "INC-" in shown(acme.mention("list", channel))
    assert len(acme.answers("ana", channel)) == before + 1
    assert "love it" in acme.timeline(channel, "love it")


def test_a_mention_with_a_question_mark_gets_help(acme: Workspace, channel: str) -> None:
    for asked in ("?", "help"):
        assert "*Commands*" in shown(acme.mention(asked, channel))


def test_declaring_by_mention_offers_a_button_that_opens_the_form(acme: Workspace, channel: str) -> None:
    offer = acme.mention("declare Cache & co", channel)
    assert buttons(offer) == {"Open the form": "open_form"}
    acme.click(channel, offer["ts"], "open_form")
    form = eventually(lambda: acme.form("ana"))
    assert form["state"]["values"]["title"]["title"]["value"] == "Cache & co"
    acme.post("view-close", user="ana")


def test_mistakes_are_answered_as_in_a_slash_command(acme: Workspace, channel: str) -> None:
    assert "Did you mean `resolve`?" in shown(acme.mention("resovle", channel))
    told = shown(acme.mention("close", channel))
    assert f"{ref(channel)} is still open. Resolve it first" in told
    ts = acme.say("a thread", channel)
    assert "Usage: `reopen" in shown(acme.mention("reopen", channel, thread_ts=ts))


def test_a_mention_in_another_channel_has_to_name_its_incident(acme: Workspace, channel: str) -> None:
    acme.post("join", channel="random", user="muster")
    assert "Which incident do you mean: " in shown(acme.mention("resolve", "random"))
    assert "is now resolved" in shown(acme.mention(f"resolve {ref(channel)}", "random"))


def test_a_redelivered_mention_is_obeyed_and_answered_once(acme: Workspace, channel: str) -> None:
    acme.faults({"envelope": "events_api", "effect": "duplicate", "copies": 2, "new_ids": True})
    for command in ("lead", "resolve"):
        acme.told_everybody(partial(acme.say, f"@Muster {command}", channel), channel)
    acme.timeline(channel, "*Resolved*")
    acme.mention("list project:nothing", channel)
    lines = [shown(each) for each in acme.messages(channel) if each.get("bot_id")]
    assert [sum(part in text for text in lines) for part in ("took command", "→ *Resolved*")] == [1, 1], lines
    assert sum("nothing)" in text for text in acme.only_for("ana", channel)) == 1
    assert acme.command("timeline", channel=channel).count("took command") == 1


def test_other_bots_and_edits_give_no_commands(acme: Workspace, channel: str) -> None:
    acme.post("message", channel=channel, text="@Muster resolve", as_bot="Nightwatch")
    ts = acme.say("nothing", channel)
    acme.post("edit-message", channel=channel, ts=ts, user="ana", text="@Muster resolve")
    acme.timeline(channel, "_(edited)_")
    assert "· Open" in acme.command("", channel=channel)
