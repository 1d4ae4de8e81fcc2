"""Google Calendar slow, refusing, or losing answers; and a bot killed between booking and noting that.

Promised: each event exists once, however often it was tried; the incident continues meanwhile; what can't be
done is shown where people wait for it, with a Retry button, and is done as soon as possible.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.bootstrap import Bot
from bot.domain.outbox.queues import Queue
from bot.effects.google.calendar import GoogleCalendar
from bot.views.kit.remedies import words_for
from bot.worker.crew import SIZES
from tests.support.arena import Arena
from tests.support.asking import incidents_channel
from tests.support.bots import calendar
from tests.support.calendars import ask, book, event, events, meeting, no_event
from tests.support.dates import AHEAD
from tests.support.people import Json, eventually, shown

TITLE = "Postmortem INC-1:"
OTHERS = SIZES[Queue.PEOPLE] + 2


def bot_with_calendar(arena: Arena, account: Any = "user", **more: Any) -> Bot:
    """Another bot in this process, which uses the sandbox's calendars."""
    return arena.bot(**{**calendar(arena.sandbox, arena.folder, account), **more})


def resolved(arena: Arena) -> str:
    """Resolve an incident of Ana's; its channel."""
    incidents_channel(arena)
    assert arena.declare("Checkout is down")
    channel = arena.channel()
    arena.workspace.command("resolve", channel=channel)
    return channel


def booked(arena: Arena, channel: str) -> Json:
    """Book the meeting; its message, once it is booked."""
    return meeting(arena.workspace, channel, "Open in the calendar", seconds=40)


def struck(arena: Arena) -> int:
    """How often faults have struck."""
    return sum(each["struck"] for each in arena.workspace.get("faults")["faults"])


def calls(arena: Arena, name: str) -> list[Json]:
    """Google's log of a method's calls."""
    return [each for each in arena.log() if each["kind"] == "google" and each["name"] == name]


@pytest.mark.parametrize(
    "effect",
    ["reset_before", "reset_after", "500", "503", "non_json", "429", "error:403:rateLimitExceeded"],
)
def test_an_insert_that_fails_or_loses_its_answer_makes_one_event(small: Arena, effect: str) -> None:
    bot_with_calendar(small)
    channel = resolved(small)
    small.settle(60)
    small.workspace.faults({"google": "events.insert", "effect": effect, "times": 2})
    book(small.workspace, channel, ask(small.workspace, channel))
    pass_time(small, lambda: len(events(small.workspace, titled=TITLE)) == 1)
    pass_time(small, lambda: "Open in the calendar" in shown(meeting(small.workspace, channel)))
    assert struck(small) > 0
    event(small.workspace, TITLE)
    assert len([e for e in small.workspace.get("calendar-mails")["mails"] if e["kind"] == "invitation"]) == 1


@pytest.mark.parametrize("effect", ["reset_before", "reset_after"])
def test_with_every_other_answer_lost_there_is_one_event_of_each_kind(arena: Arena, effect: str) -> None:
    bot_with_calendar(arena)
    incidents_channel(arena)
    arena.workspace.faults({"google": "*", "effect": effect, "every": 2})
    assert arena.declare("Checkout is down")
    # By its id: its name follows the new title.
    channel = str(arena.workspace.channel(arena.channel())["id"])
    arena.workspace.command("block 2h", channel=channel)
    arena.workspace.command(f"action Look @ana due {AHEAD}", channel=channel)
    for wanted in ("INC-1 [high]", "INC-1: investigating", "Due: AI-1 Look"):
        event(arena.workspace, wanted, seconds=40)
    arena.workspace.command("rename Checkout was down", channel=channel)
    # Blocks begin on the minute, so one that is cut within its first second would be empty.
    eventually(lambda: arena.clock().second)
    arena.workspace.command("resolve", channel=channel)
    arena.settle(60)
    titles = sorted(each["summary"] for each in events(arena.workspace))
    assert titles == ["Due: AI-1 Look (ana)", "INC-1 [high] Checkout was down", "INC-1: investigating"]
    assert struck(arena) > 4
    mails = arena.workspace.get("calendar-mails")["mails"]
    assert [(each["kind"], each["summary"]) for each in mails] == [("invitation", "INC-1: investigating")]


def pass_time(arena: Arena, until: Callable[[], bool]) -> None:
    """Move the bot's clock until this is true, so that what waits for a retry is retried."""

    def look() -> bool:
        if until():
            return True
        arena.settle_log()
        arena.clock.move(timedelta(seconds=11))
        arena.wake()
        return False

    eventually(look, 40)


def test_an_insert_that_times_out_after_it_was_applied_is_found_again(
    small: Arena, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.effects.google.client.CALL_TIMEOUT", 1)
    bot_with_calendar(small)
    channel = resolved(small)
    small.settle(60)
    small.workspace.faults({"google": "events.insert", "effect": "hang_after", "times": 1})
    book(small.workspace, channel, ask(small.workspace, channel))
    pass_time(small, lambda: "Open in the calendar" in shown(meeting(small.workspace, channel)))
    event(small.workspace, TITLE)


@pytest.mark.parametrize("effect", ["hang_before", "hang_after"])
def test_a_kill_between_the_insert_and_noting_it_makes_one_event(arena: Arena, effect: str) -> None:
    # Deliveries that were in progress when it was killed.
    arena.expected.unacked.add("events_api")
    known: dict[str, Any] = calendar(arena.sandbox, arena.folder)
    process = arena.process()
    process.start(**{name.upper(): value for name, value in known.items()})
    channel = resolved(arena)
    arena.settle(60)
    arena.workspace.faults({"google": "events.insert", "effect": effect})
    book(arena.workspace, channel, ask(arena.workspace, channel))
    eventually(lambda: struck(arena))
    process.kill()
    arena.workspace.faults()
    arena.clock.move(timedelta(minutes=1))
    bot_with_calendar(arena)
    booked(arena, channel)
    arena.settle(60)
    event(arena.workspace, TITLE)


def test_an_incident_does_not_wait_for_the_calendar(small: Arena) -> None:
    bot_with_calendar(small)
    incidents_channel(small)
    small.workspace.faults({"google": "*", "effect": "hang_before"})
    for number in range(1, OTHERS + 1):
        # More than there are performers, each of which would wait for seconds.
        assert small.declare(f"Number {number}")
        small.channel(number)
    assert small.declare("The one that matters")
    channel = small.channel(OTHERS + 1)
    small.workspace.command("resolve", channel=channel)
    eventually(lambda: "Resolved" in shown(small.workspace.card(channel) or {}), 4)
    small.workspace.faults()
    small.settle(60)
    event(small.workspace, f"INC-{OTHERS + 1} [high]")


def test_an_exhausted_quota_is_waited_out_and_shown_meanwhile(small: Arena) -> None:
    bot_with_calendar(small)
    channel = resolved(small)
    small.settle(60)
    small.workspace.faults({"google": "freebusy.query", "effect": "error:403:quotaExceeded"})
    small.workspace.open_form("meet", channel=channel)
    assert small.workspace.submit() == {}
    told = meeting(small.workspace, channel, "I'll keep trying", words_for("google_quotaExceeded"))
    assert "Pick a time" in shown(told)
    small.workspace.faults()
    small.clock.move(timedelta(minutes=16))
    small.wake()
    meeting(small.workspace, channel, "Other times", seconds=30)


@pytest.mark.parametrize(
    ("break_it", "code"), [("google-revoke", "google_token_revoked"), ("", "google_notFound")]
)
def test_a_calendars_permanent_refusal_is_shown_with_a_retry_button(
    small: Arena, break_it: str, code: str
) -> None:
    more = {} if break_it else {"google_calendar_id": "no-such@acme.example"}
    bot = bot_with_calendar(small, **more)
    small.expected.dead |= {"PutIncidentEvent", "ArrangeMeeting"}
    small.expected.errors.add("effect given up")
    if break_it:
        small.workspace.post(break_it)
    channel = resolved(small)
    small.workspace.open_form("meet", channel=channel)
    assert small.workspace.submit() == {}
    if code == "google_notFound":
        book(small.workspace, channel, meeting(small.workspace, channel, "Other times"))
    told = meeting(small.workspace, channel, "The calendar refused this", words_for(code), seconds=30)
    assert "Retry" in shown(told)
    assert "put the incident on the calendar" in shown(
        small.workspace.told_directly("ana", "put the incident on the calendar")
    )
    small.expected.dead.clear()
    if break_it:
        # A new login is used at once.
        small.sandbox.google.access.is_revoked = False
    else:
        small.stop(bot)
        bot_with_calendar(small)
    small.workspace.click(channel, told["ts"], "retry_failed")
    small.settle(60)
    event(small.workspace, "INC-1 [high]")


def test_an_expired_access_token_is_renewed(small: Arena) -> None:
    bot_with_calendar(small)
    channel = resolved(small)
    small.settle(60)
    for number in range(5):
        # The first call may be made by a thread that doesn't have a token yet.
        known = len(calls(small, "events.get"))
        small.workspace.post("google-expire")
        small.workspace.command(f"rename Checkout was down {number}", channel=channel)
        small.settle(60)
        told = [each["error"] for each in calls(small, "events.get")[known:]]
        if "authError" in told:
            break
    assert told == ["authError", None]
    assert event(small.workspace, "INC-1 [high]")["summary"].endswith(str(number))


def test_each_thread_has_its_own_calendar_connection_under_load(small: Arena) -> None:
    bot = bot_with_calendar(small)
    incidents_channel(small)
    # Long enough for calls to overlap: a thread that is idle by then is used again.
    small.workspace.faults({"google": "events.insert", "effect": "delay", "seconds": 0.5})
    for number in range(12):
        assert small.declare(f"Load {number}")
    small.settle(60)
    for number in range(12):
        event(small.workspace, f"INC-{number + 1} ")
    assert isinstance(bot.calendar, GoogleCalendar)
    assert 1 < len(bot.calendar.client._services) <= 12


def test_a_plain_service_account_books_too_and_a_file_invites(small: Arena) -> None:
    bot_with_calendar(small, "service")
    channel = resolved(small)
    small.workspace.command("reopen again", channel=channel)
    small.workspace.command(f"action Look @ana due {AHEAD}", channel=channel)
    event(small.workspace, "Due: AI-1 Look (ana)")
    small.workspace.command("block", channel=channel)
    event(small.workspace, "INC-1: investigating (ana)")
    small.workspace.command("resolve", channel=channel)
    offer = ask(small.workspace, channel)
    assert "Calendar not visible: ana" in shown(offer)
    book(small.workspace, channel, offer)
    meeting(small.workspace, channel, "can't invite people")
    assert event(small.workspace, TITLE)["attendees"] == []
    files = [file for m in small.workspace.messages(channel) for file in m.get("files") or ()]
    assert [each["name"].endswith(".ics") for each in files] == [True]
    small.settle(60)


def test_a_delegated_service_account_invites_as_the_person_it_acts_for(small: Arena) -> None:
    bot_with_calendar(small, "service", google_subject="ana@acme.example")
    channel = resolved(small)
    book(small.workspace, channel, ask(small.workspace, channel))
    booked(small, channel)
    assert event(small.workspace, TITLE)["creator"]["email"] == "ana@acme.example"


def test_without_a_calendar_a_meeting_is_a_file(small: Arena) -> None:
    small.bot()
    channel = resolved(small)
    assert "No calendar is connected" in small.workspace.command("block INC-1", channel=channel)
    offer = ask(small.workspace, channel)
    assert "Ask whoever runs this bot" in shown(offer) and "Calendar not visible: ana" in shown(offer)
    book(small.workspace, channel, offer)
    done = meeting(small.workspace, channel, "Reschedule")
    small.workspace.click(channel, done["ts"], "cancel_meeting")
    meeting(small.workspace, channel, "It was cancelled")
    small.settle(60)
    files = [file for m in small.workspace.messages(channel) for file in m.get("files") or ()]
    assert [("METHOD:PUBLISH" in f["preview"], "METHOD:CANCEL" in f["preview"]) for f in files] == [
        (True, False),
        (False, True),
    ]
    assert small.workspace.get("calendar-mails")["mails"] == []
    assert calls(small, "events.insert") == []


def test_a_time_that_passes_before_it_could_be_booked_is_not_booked(small: Arena) -> None:
    bot = bot_with_calendar(small)
    channel = resolved(small)
    offer = ask(small.workspace, channel)
    small.workspace.faults({"google": "events.get", "effect": "error:403:quotaExceeded"})
    book(small.workspace, channel, offer)
    meeting(small.workspace, channel, "I'll keep trying")
    small.settle_log()
    small.workspace.faults()
    small.clock.move(timedelta(days=20))
    small.wake()
    told = meeting(small.workspace, channel, "I found no slot", seconds=30)
    assert "Other days" in shown(told)
    # With everything else that has become due in twenty days.
    bot.worker._plan_what_is_due()
    small.settle(60)
    assert events(small.workspace, titled=TITLE) == []


def test_a_meeting_deleted_in_google_is_restored_with_one_video_call_however_often_that_was_tried(
    small: Arena,
) -> None:
    bot_with_calendar(small)
    channel = resolved(small)
    book(small.workspace, channel, ask(small.workspace, channel))
    done = booked(small, channel)
    found = event(small.workspace, TITLE)
    small.workspace.post("calendar-delete", calendar="incidents@acme.example", event=found["id"])
    known = len(calls(small, "events.update"))
    small.workspace.faults(
        {"google": "events.update", "effect": "reset_before", "times": 1},
        {"google": "events.update", "effect": "reset_after", "times": 1},
    )
    small.workspace.click(channel, done["ts"], "pick_meeting_time")
    eventually(lambda: small.workspace.form("ana"))
    later = datetime.fromisoformat(found["start"]["dateTime"]) + timedelta(days=1)
    assert small.workspace.submit(at=int(later.timestamp())) == {}
    pass_time(small, lambda: bool(events(small.workspace, titled=TITLE)))
    again = event(small.workspace, TITLE)
    pass_time(small, lambda: again["hangoutLink"] in shown(meeting(small.workspace, channel)))
    small.settle(60)
    bodies = [each["request"]["body"] for each in calls(small, "events.update")[known:]]
    names = {each["conferenceData"]["createRequest"]["requestId"] for each in bodies}
    assert (len(bodies) > 1, len(names), again["hangoutLink"] != found["hangoutLink"]) == (True, 1, True)
    mails = [e["kind"] for e in small.workspace.get("calendar-mails")["mails"]]
    assert mails == ["invitation", "cancellation", "invitation"]


def test_cancelling_an_already_deleted_event_succeeds(small: Arena) -> None:
    bot_with_calendar(small)
    channel = resolved(small)
    book(small.workspace, channel, ask(small.workspace, channel))
    done = booked(small, channel)
    found = event(small.workspace, TITLE)
    small.workspace.post("calendar-delete", calendar="incidents@acme.example", event=found["id"])
    small.workspace.click(channel, done["ts"], "cancel_meeting")
    meeting(small.workspace, channel, "It was cancelled")
    no_event(small.workspace, TITLE)
    small.settle(60)
