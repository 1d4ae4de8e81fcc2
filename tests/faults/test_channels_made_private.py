"""People make an incident's channel private or public again: the incident follows, or the bot asks first.

Promised: once its channel is private, an incident looks to outsiders as if it had been declared private; the
bot's posts elsewhere are deleted, and those in charge get a list of what still mentions it. A private
incident whose channel becomes public stays hidden until somebody decides otherwise.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.kit.errors import PrivacyDecided
from bot.domain.outbox.effects import PostDigest, SendDigest
from bot.domain.outbox.rows import Planned
from bot.domain.postmortems.planned import exporting
from storage import outbox
from tests.faults.test_private_incidents import declare_privately
from tests.support.arena import Arena
from tests.support.bots import BotProcess, calendar
from tests.support.calendars import ask, book, events, meeting
from tests.support.dates import AHEAD
from tests.support.people import Json, buttons, eventually, shown
from tests.support.promises import announced

SECRET = "swordfish"
MISSING = "I can't find INC-1."


def declare_publicly(arena: Arena) -> str:
    """Declare an incident that everybody may know of; the name of its channel."""
    assert arena.declare(f"The {SECRET} leaks", description=SECRET, project=SECRET)
    channel = arena.channel()
    arena.settle()
    return channel


def convert(arena: Arena, channel: str, *, private: bool = True) -> None:
    """Have Ana, who administers the workspace, make the channel private or public."""
    assert arena.workspace.post("convert-channel", channel=channel, user="ana", private=private)["changed"]


def make_private(arena: Arena) -> str:
    """Declare an incident publicly and make its channel private; the channel's name."""
    channel = declare_publicly(arena)
    assert SECRET in arena.workspace.command("timeline INC-1", "ben")
    convert(arena, channel)
    eventually(lambda: MISSING in arena.workspace.command("timeline INC-1", "ben"))
    keep_secret(arena)
    return channel


def keep_secret(arena: Arena) -> None:
    """From now on nobody else may find it; only ben saw what he was shown while it was public."""
    arena.settle()
    arena.secrets.append(SECRET)
    arena.insiders.add("U0BEN")


def killable(arena: Arena) -> BotProcess:
    """A bot that will be killed: whatever is in progress then is retried and redelivered."""
    arena.expected.unacked.add("events_api")
    arena.expected.codes |= {"already_pinned", "already_in_channel"}
    process = arena.process()
    process.start()
    return process


def told(arena: Arena) -> list[Json]:
    """The messages to ana about what still mentions it."""
    return [each for each in arena.workspace.private("ana") if "is now private" in shown(each)]


def test_the_incident_is_private_from_then_on(arena: Arena) -> None:
    arena.bot()
    channel = make_private(arena)
    slack = arena.workspace
    assert slack.announcements() == []
    assert "🔒 Private" in shown(slack.card(channel) or {})
    assert "made it *private*" in slack.timeline(channel, "made it", everything=False)
    assert SECRET in slack.command("timeline INC-1", "ana")
    assert len(told(arena)) == 1
    assert "*Resolved*" in slack.publicly("resolve", channel)
    arena.settle()
    assert slack.announcements() == []


def test_everybody_in_the_channel_may_see_it(arena: Arena) -> None:
    arena.bot()
    channel = declare_publicly(arena)
    arena.workspace.post("join", channel=channel, user="chen")
    arena.settle()
    convert(arena, channel)
    eventually(lambda: SECRET in arena.workspace.command("timeline INC-1", "chen"))
    arena.settle()
    assert MISSING in arena.workspace.command("timeline INC-1", "ben")
    arena.workspace.post("leave", channel=channel, user="chen")
    eventually(lambda: MISSING in arena.workspace.command("timeline INC-1", "chen"))


def test_a_redelivered_conversion_changes_nothing(arena: Arena) -> None:
    arena.bot()
    arena.workspace.faults({"envelope": "events_api", "effect": "duplicate"})
    channel = make_private(arena)
    arena.workspace.faults()
    entries = arena.rows("SELECT * FROM timeline_entries WHERE kind = 'privacy'")
    assert [each.by for each in entries] == ["U0ANA"]
    assert arena.workspace.announcements() == []
    assert len(told(arena)) == 1
    assert "🔒 Private" in shown(arena.workspace.card(channel) or {})


@pytest.mark.parametrize("is_over", [False, True])
def test_a_channel_made_private_while_the_bot_was_down_is_noticed_at_the_start(
    arena: Arena, is_over: bool
) -> None:
    arena.expected.unacked.add("events_api")
    bot = arena.bot()
    channel = declare_publicly(arena)
    if is_over:
        arena.workspace.command("resolve", channel=channel)
        arena.workspace.command("close", channel=channel)
        arena.settle()
    arena.stop(bot)
    convert(arena, channel)
    arena.bot()
    eventually(lambda: MISSING in arena.workspace.command("timeline INC-1", "ben"))
    arena.settle()
    [entry] = arena.rows("SELECT * FROM timeline_entries WHERE kind = 'privacy'")
    assert (entry.by, entry.to_value) == ("U0ANA", "private")
    assert arena.workspace.announcements() == []
    keep_secret(arena)


def test_after_a_kill_the_next_process_deletes_the_announcement(arena: Arena) -> None:
    process = killable(arena)
    channel = declare_publicly(arena)
    arena.workspace.faults({"method": "chat.delete", "effect": "hang_before"})
    convert(arena, channel)
    eventually(lambda: arena.workspace.get("faults")["faults"][0]["struck"])
    process.kill()
    assert arena.workspace.announcements()
    arena.workspace.faults()
    arena.clock.move(timedelta(minutes=1))
    arena.bot()
    arena.settle()
    assert arena.workspace.announcements() == []
    assert len(told(arena)) == 1
    keep_secret(arena)


def test_an_announcement_whose_ts_never_arrived_is_deleted_too(arena: Arena) -> None:
    process = killable(arena)
    arena.workspace.faults({"method": "chat.postMessage", "channel": "incidents", "effect": "hang_after"})
    assert arena.declare(f"The {SECRET} leaks")
    channel = arena.channel()
    eventually(arena.workspace.announcements)
    convert(arena, channel)
    eventually(lambda: MISSING in arena.workspace.command("timeline INC-1", "ben"))
    process.kill()
    arena.workspace.faults()
    arena.clock.move(timedelta(minutes=1))
    arena.bot()
    arena.settle()
    assert arena.workspace.announcements() == []
    keep_secret(arena)


def test_links_exports_and_messages_to_outsiders_are_deleted_and_digests_are_named(
    arena: Arena,
) -> None:
    arena.bot()
    slack = arena.workspace
    alert = slack.say(f"{SECRET} alert", "random", user="ben")
    slack.post("shortcut", callback_id="declare_from_message", user="ana", channel="random", ts=alert)
    eventually(lambda: slack.form("ana"))
    assert arena.submit()
    channel = arena.channel()
    slack.command("action Look for the swordfish @ben due tomorrow", channel=channel)
    slack.told_directly("ben", "swordfish")
    arena.settle()
    assert [
        each for each in slack.messages("random") if each.get("thread_ts") == alert and each.get("bot_id")
    ]
    convert(arena, channel)
    eventually(lambda: MISSING in slack.command("timeline INC-1", "ben"))
    arena.settle()
    in_thread = [each for each in slack.messages("random") if each.get("thread_ts") == alert]
    assert [each for each in in_thread if each.get("bot_id")] == []
    assert [each for each in slack.private("ben") if SECRET in shown(each)] == []
    assert "nothing else mentions it" in shown(told(arena)[0])


def test_exports_calendars_and_digests_follow_or_are_named(small: Arena) -> None:
    bot = small.bot(**calendar(small.sandbox, small.folder))
    slack, channel = small.workspace, declare_publicly(small)
    slack.command(f"action Look for the {SECRET} @ben due {AHEAD}", channel=channel)
    slack.command(f"action Nobody looks for the {SECRET}", channel=channel)
    slack.command("resolve", channel=channel)
    small.settle()
    book(slack, channel, ask(slack, channel))
    meeting(slack, channel, "Open in the calendar")
    slack.click(channel, slack.asked("postmortem", channel)["ts"], "start_postmortem")
    small.settle()
    rows = [
        exporting(1, "U0BEN", "json", "1"),
        exporting(1, "U0ANA", "json", "2"),
        Planned(PostDigest("2026-W01"), "digest/#/2026-W01", "digest/#"),
        Planned(SendDigest("U0BEN", "2026-W01"), "digest/U0BEN/2026-W01", "digest/U0BEN"),
    ]
    bot.database.run(lambda tx: outbox.add(tx, rows, small.clock()))
    bot.worker.wake()
    small.settle()
    assert len(files(small, "ben")) == len(files(small, "ana")) == 1
    assert [each for each in events(slack) if SECRET in each["summary"]]
    convert(small, channel)
    eventually(lambda: MISSING in slack.command("timeline INC-1", "ben"))
    small.settle(60)
    assert len(files(small, "ben")) == 0
    assert len(files(small, "ana")) == 1
    assert {each["summary"] for each in events(slack)} == {"Private incident"}
    [message] = told(small)
    [digest] = [each for each in slack.messages("incidents") if "this week" in shown(each)]
    assert f"p{digest['ts'].replace('.', '')}|the weekly digest>" in shown(message)
    assert "<@U0BEN>'s digest" in shown(message)
    assert "the file sent to <@U0BEN>" in shown(message)
    assert "sent to <@U0ANA>" not in shown(message)
    assert "e-mails that the calendar sent" in shown(message)


def test_a_report_of_failures_goes_from_a_commander_outside_to_the_declarer_inside(small: Arena) -> None:
    small.expected.dead.add("SetTopic")
    small.expected.errors.add("effect given up")
    small.bot()
    slack, channel = small.workspace, declare_publicly(small)
    slack.command("lead @ben", channel=channel)
    eventually(lambda: "U0BEN" in slack.channel(channel)["members"])
    small.settle()
    slack.post("leave", channel=channel, user="ben")
    slack.faults({"method": "conversations.setTopic", "effect": "error:restricted_action"})
    small.clock.move(timedelta(minutes=1))
    slack.command("severity low", channel=channel)
    slack.told_directly("ben", "couldn't")
    small.settle()
    convert(small, channel)
    slack.told_directly("ana", "couldn't")
    small.settle()
    assert [each for each in slack.private("ben") if SECRET in shown(each) or "INC-1" in shown(each)] == []


def test_home_stops_showing_it_without_being_opened_again(small: Arena) -> None:
    small.bot()
    channel = declare_publicly(small)
    small.workspace.post("open-home", user="ben")
    eventually(lambda: SECRET in shown(small.workspace.get("view/ben")["home"] or {}))
    small.settle()
    convert(small, channel)
    eventually(lambda: SECRET not in shown(small.workspace.get("view/ben")["home"] or {}))
    keep_secret(small)


def exposed(arena: Arena) -> str:
    """Declare an incident privately and make its channel public; the channel's id."""
    channel = declare_privately(arena)
    convert(arena, channel, private=False)
    return channel


def question(arena: Arena) -> Json:
    """The only question that ana was asked."""
    eventually(lambda: asked(arena))
    arena.settle()
    [found] = asked(arena)
    return found


def asked(arena: Arena) -> list[Json]:
    """Every question, including those that were decided later."""
    about = ("private", "public")
    found = [each for each in arena.workspace.private("ana") if "INC-1" in shown(each)]
    return [each for each in found if any(word in shown(each) for word in about)]


def click(arena: Arena, action: str, user: str = "ana") -> None:
    """Press one of the question's buttons."""
    place = arena.workspace.post("open-dm", user=user)["channel"]
    arena.workspace.click(place, question(arena)["ts"], action, user)


def test_a_private_incident_stays_private_until_somebody_makes_it_public(arena: Arena) -> None:
    arena.bot()
    channel = exposed(arena)
    slack = arena.workspace
    assert set(buttons(question(arena)).values()) == {"make_public", "keep_private"}
    # Anybody can join by themselves now, and doesn't learn anything about it.
    slack.post("join", channel=channel, user="ben")
    arena.settle()
    assert MISSING in slack.command("timeline INC-1", "ben")
    assert slack.announcements() == []
    arena.secrets.clear()
    click(arena, "make_public")
    eventually(lambda: announced(slack, "INC-1"))
    assert SECRET in slack.command("timeline INC-1", "chen")
    eventually(lambda: "<@U0ANA> decided." in shown(question(arena)))
    assert buttons(question(arena)) == {}
    assert "made it *public*" in slack.timeline(channel, "made it", everything=False)


def test_it_stays_private_if_somebody_decides_so_and_a_second_click_says_who(arena: Arena) -> None:
    arena.bot()
    exposed(arena)
    slack = arena.workspace
    first = question(arena)
    click(arena, "keep_private")
    eventually(lambda: "stays private: <@U0ANA> decided." in shown(question(arena)))
    with pytest.raises(PrivacyDecided):
        arena._bots[0].services.privacy.decide(1, is_public=True, by="U0ANA", key="again")
    assert first["ts"] == question(arena)["ts"]
    assert MISSING in slack.command("timeline INC-1", "ben")
    assert slack.announcements() == []
    arena.secrets.clear()


def test_a_channel_that_is_private_again_withdraws_the_question(arena: Arena) -> None:
    arena.bot()
    channel = exposed(arena)
    question(arena)
    arena.workspace.post("join", channel=channel, user="chen")
    convert(arena, channel)
    eventually(lambda: "there is nothing to decide" in shown(question(arena)))
    assert buttons(question(arena)) == {}
    eventually(lambda: SECRET in arena.workspace.command("timeline INC-1", "chen"))
    assert MISSING in arena.workspace.command("timeline INC-1", "ben")


def test_a_channel_made_public_while_the_bot_was_down_is_asked_about_at_the_start(small: Arena) -> None:
    small.expected.unacked.add("events_api")
    bot = small.bot()
    channel = declare_privately(small)
    small.stop(bot)
    convert(small, channel, private=False)
    small.bot()
    assert "<@U0ANA> made" in shown(question(small))
    assert MISSING in small.workspace.command("timeline INC-1", "ben")
    small.secrets.clear()


def files(arena: Arena, user: str) -> list[Json]:
    """The files in somebody's direct messages."""
    return [file for each in arena.workspace.private(user) for file in each.get("files") or ()]
