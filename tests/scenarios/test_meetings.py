"""The postmortem's meeting: proposed, booked, moved, cancelled, and changed in Google, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from bot.bootstrap import Bot
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, calendar, start_here
from tests.support.calendars import MEETING, TEAM, ask, book, event, events, meeting, no_event, slots
from tests.support.clocks import MovableClock
from tests.support.people import Json, Refused, Workspace, buttons, eventually, shown

Acme = tuple[Sandbox, Bot, MovableClock]


@pytest.fixture(scope="module")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Acme]:
    folder, clock = tmp_path_factory.mktemp("acme"), MovableClock()
    with running(ROOT / "manifest.yml", clock=clock.seconds) as sandbox:
        options: dict[str, Any] = calendar(sandbox, folder)
        bot = start_here(sandbox, f"sqlite:///{folder / 'muster.db'}", clock=clock, **options)
        yield sandbox, bot, clock
        bot.stop()


@pytest.fixture(scope="module")
def _acme(_world: Acme) -> tuple[Sandbox, Bot]:
    return _world[0], _world[1]


@pytest.fixture
def later(_world: Acme) -> Any:
    """Lets time pass, so that the calendar is polled again."""

    def move() -> None:
        _world[2].move(timedelta(seconds=61))
        _world[1].worker._plan_what_is_due()

    return move


@pytest.fixture
def channel(acme: Workspace) -> str:
    """The channel of a resolved incident in which Ana and Ben took part."""
    made = acme.declare("Checkout is down")
    acme.post("join", channel=made, user="ben")
    acme.say("The pool is full", made, "ben")
    acme.command("resolve", channel=made)
    eventually(lambda: any("arrange_meeting" in str(each) for each in acme.messages(made)))
    return made


def title(channel: str) -> str:
    return f"Postmortem INC-{channel.split('-')[1]}:"


def _try(act: Any, *about: Any) -> None:
    with suppress(Refused):
        act(*about)


def start_of(found: Json) -> datetime:
    return datetime.fromisoformat(found["start"]["dateTime"])


def test_from_the_resolve_message_to_an_invitation_with_a_video_call(acme: Workspace, channel: str) -> None:
    resolved = next(each for each in acme.messages(channel) if "arrange_meeting" in str(each))
    acme.click(channel, resolved["ts"], "arrange_meeting")
    form = eventually(lambda: acme.form("ana"))
    chosen = str(form["blocks"][0]["element"]["initial_users"])
    assert "U0ANA" in chosen and "U0BEN" in chosen
    # Days on which no other test books anything.
    first = date.fromisoformat(form["blocks"][3]["element"]["initial_date"]) + timedelta(days=14)
    window = {"window_from": first.isoformat(), "window_to": (first + timedelta(days=6)).isoformat()}
    assert acme.submit(**window) == {}
    offer = meeting(acme, channel, "Other times")
    assert len(slots(offer)) == 3
    # Nine in Los Angeles is five in London, where the working day ends at six.
    assert "Los Angeles" in shown(offer) and "London" in shown(offer)
    assert "⚠️" not in shown(offer)
    book(acme, channel, offer)
    done = meeting(acme, channel, "Join the call", "Invited: ana, ben")
    found = event(acme, title(channel))
    assert found["hangoutLink"] in shown(done)
    assert {each["email"] for each in found["attendees"]} == {"ana@acme.example", "ben@acme.example"}
    mails = [each for each in acme.get("calendar-mails")["mails"] if each["event_id"] == found["id"]]
    assert sorted(each["to"] for each in mails) == ["ana@acme.example", "ben@acme.example"]
    assert {each["kind"] for each in mails} == {"invitation"}


def test_the_agenda_is_the_postmortem_and_the_postmortem_shows_the_meeting(
    acme: Workspace, channel: str
) -> None:
    told = acme.asked("postmortem", channel)
    acme.click(channel, told["ts"], "start_postmortem")
    found = eventually(lambda: next((m for m in acme.messages(channel) if "more_postmortem" in str(m)), None))
    acme.click(channel, found["ts"], "edit_impact")
    eventually(lambda: acme.form("ana"))
    acme.submit(impact="<b>EU</b> & US could not pay")
    book(acme, channel, ask(acme, channel))
    agenda = event(acme, title(channel))["description"]
    assert "&lt;b&gt;EU&lt;/b&gt; &amp; US could not pay" in agenda and "In Slack: " in agenda
    eventually(
        lambda: any("more_postmortem" in str(m) and "🗓 Meeting:" in shown(m) for m in acme.messages(channel))
    )


def test_other_times_are_different_and_a_double_click_books_once(acme: Workspace, channel: str) -> None:
    first = ask(acme, channel)
    acme.click(channel, first["ts"], "other_times")
    second = eventually(
        lambda: next((m for m in [meeting(acme, channel, "Other times")] if shown(m) != shown(first)), None)
    )
    assert not {shown(each) for each in slots(first)} & {shown(each) for each in slots(second)}
    with ThreadPoolExecutor() as hands:
        # The ones that come too late find no button.
        list(hands.map(lambda user: _try(book, acme, channel, second, 1, user), ("ana", "ana", "ben")))
    meeting(acme, channel, "Join the call")
    assert len(events(acme, titled=title(channel))) == 1


def test_a_meeting_is_moved_and_cancelled_from_slack(acme: Workspace, channel: str) -> None:
    book(acme, channel, ask(acme, channel))
    done = meeting(acme, channel, "Join the call")
    before = event(acme, title(channel))
    assert {"Reschedule", "Cancel the meeting"} <= set(buttons(done))
    acme.click(channel, done["ts"], "arrange_meeting", "ben")
    eventually(lambda: acme.form("ben"))
    assert acme.submit("ben", minutes="60") == {}
    offer = meeting(acme, channel, "Other times", "60 minutes")
    assert "Keep the booked time" in buttons(offer)
    # The old time remains booked while another one is searched.
    assert start_of(event(acme, title(channel))) == start_of(before)
    book(acme, channel, offer, 2)
    eventually(lambda: start_of(event(acme, title(channel))) != start_of(before))
    moved = event(acme, title(channel))
    assert (moved["id"], moved["hangoutLink"]) == (before["id"], before["hangoutLink"])
    done = meeting(acme, channel, "Join the call")
    acme.click(channel, done["ts"], "cancel_meeting")
    no_event(acme, title(channel))
    meeting(acme, channel, "It was cancelled")
    kinds = [e["kind"] for e in acme.get("calendar-mails")["mails"] if e["event_id"] == moved["id"]]
    assert kinds == ["invitation"] * 2 + ["update"] * 2 + ["cancellation"] * 2


def test_answers_and_guests_that_people_added_in_google_stay(acme: Workspace, channel: str) -> None:
    book(acme, channel, ask(acme, channel))
    done = meeting(acme, channel, "Join the call")
    found = event(acme, title(channel))
    acme.post("calendar-respond", user="ben", event=found["id"], response="accepted")
    acme.post("calendar-invite", calendar=TEAM, event=found["id"], guest="chen")
    acme.click(channel, done["ts"], "arrange_meeting")
    eventually(lambda: acme.form("ana"))
    assert acme.submit(minutes="45", required=["U0BEN"]) == {}
    book(acme, channel, meeting(acme, channel, "Other times", "45 minutes"), 1)
    meeting(acme, channel, "Join the call", "Going: ben")
    moved = event(acme, title(channel))
    assert {each["email"]: each["responseStatus"] for each in moved["attendees"]} == {
        "ben@acme.example": "accepted",
        "chen@acme.example": "needsAction",
    }
    assert moved["hangoutLink"] == found["hangoutLink"]


def test_a_meeting_deleted_in_google_and_moved_right_after_exists_again(
    acme: Workspace, channel: str
) -> None:
    book(acme, channel, ask(acme, channel))
    done = meeting(acme, channel, "Join the call")
    found = event(acme, title(channel))
    acme.post("calendar-delete", calendar=TEAM, event=found["id"])
    acme.click(channel, done["ts"], "pick_meeting_time")
    eventually(lambda: acme.form("ana"))
    later = start_of(found) + timedelta(days=1)
    assert acme.submit(at=int(later.timestamp())) == {}
    again = event(acme, title(channel))
    assert (again["id"], start_of(again)) == (found["id"], later)
    # Google ignores a request for a video call under an id that was used before.
    assert again["hangoutLink"] != found["hangoutLink"]
    assert again["hangoutLink"] in shown(meeting(acme, channel, "Join the call"))


def test_a_time_that_was_taken_meanwhile_is_noticed_when_it_is_clicked(acme: Workspace, channel: str) -> None:
    offer = ask(acme, channel)
    wanted = slots(offer)[0]
    start = datetime.fromtimestamp(int(wanted["accessory"]["value"].split("/")[1])).astimezone()
    times = {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}
    acme.post("calendar-event", calendar="ben", summary="Dentist", **times)
    book(acme, channel, offer)
    again = meeting(acme, channel, "just been taken", "Other times")
    assert wanted["accessory"]["value"] not in str(again)
    assert events(acme, titled=title(channel)) == []


def test_any_time_can_be_picked_and_the_meeting_says_who_is_busy(acme: Workspace, channel: str) -> None:
    offer = ask(acme, channel)
    sunday = datetime.fromisoformat("2027-05-09T02:00:00+00:00")
    times = {"start": sunday.isoformat(), "end": (sunday + timedelta(hours=1)).isoformat()}
    acme.post("calendar-event", calendar="ben", summary="Dance", **times)
    acme.click(channel, offer["ts"], "pick_meeting_time")
    eventually(lambda: acme.form("ana"))
    assert acme.submit(at=int(sunday.timestamp())) == {}
    done = meeting(acme, channel, "Join the call", "Busy: ben", "outside working hours: ana")
    assert start_of(event(acme, title(channel))) == sunday
    acme.click(channel, done["ts"], "pick_meeting_time")
    eventually(lambda: acme.form("ana"))
    assert "This time has passed" in acme.submit(at=1_700_000_000)["at"]
    acme.close_forms()


def test_changes_in_google_are_reported_once(acme: Workspace, channel: str, later: Any) -> None:
    book(acme, channel, ask(acme, channel))
    meeting(acme, channel, "Join the call")
    found = event(acme, title(channel))
    acme.post("calendar-respond", user="ben", event=found["id"], response="declined")
    acme.post("calendar-respond", user="ana", event=found["id"], response="accepted")
    later()
    done = meeting(acme, channel, "Going: ana", "not going: ben")

    def told(what: str) -> list[Json]:
        return [each for each in acme.messages(channel) if what in shown(each) and each["ts"] != done["ts"]]

    [refusal] = eventually(lambda: told("declined the postmortem"))
    assert refusal["thread_ts"] == done["ts"]
    day = start_of(found) + timedelta(days=1)
    times = {"start": day.isoformat(), "end": (day + timedelta(minutes=45)).isoformat()}
    acme.post("calendar-change", calendar=TEAM, event=found["id"], **times)
    later()
    [moved] = eventually(lambda: told("was moved to"))
    assert "thread_ts" not in moved
    meeting(acme, channel, str(int(day.timestamp())))
    # However often the calendar is polled, even from the start.
    acme.post("google-forget-sync")
    later()
    acme.post("calendar-delete", calendar=TEAM, event=found["id"])
    later()
    eventually(lambda: told("was cancelled in the calendar"))
    meeting(acme, channel, "It was cancelled")
    later()
    assert [len(told(each)) for each in ("declined the", "was moved", "was cancelled in")] == [1, 1, 1]


def test_a_meeting_that_is_made_all_day_in_google_is_shown_as_all_day(
    acme: Workspace, channel: str, later: Any
) -> None:
    book(acme, channel, ask(acme, channel))
    meeting(acme, channel, "Join the call")
    found = event(acme, title(channel))
    day = start_of(found).date()
    days = {"start": day.isoformat(), "end": (day + timedelta(days=1)).isoformat()}
    acme.post("calendar-change", calendar=TEAM, event=found["id"], **days)
    later()
    meeting(acme, channel, ", all day")
    acme.command("rename Disk is full", channel=channel)
    renamed = eventually(lambda: next(iter(events(acme, titled=f"{title(channel)} Disk is full")), None))
    assert renamed["start"] == {"date": day.isoformat()}


def test_a_move_in_google_is_noticed_before_a_private_meetings_guests_change(
    acme: Workspace, later: Any
) -> None:
    channel = acme.declare("The swordfish is late", private=["private"])
    acme.post("join", channel=channel, user="ben", inviter="ana")
    known = {each["id"] for each in events(acme, "ben")}
    book(acme, channel, ask(acme, channel, required=["ana", "ben"]))
    meeting(acme, channel, "Open in the calendar")
    [found] = [each for each in events(acme, "ben") if each["id"] not in known]
    start = start_of(found) + timedelta(days=1)
    times = {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}
    acme.post("calendar-change", calendar=TEAM, event=found["id"], **times)
    acme.post("leave", channel=channel, user="ben")
    later()
    eventually(lambda: any("was moved to" in shown(each) for each in acme.messages(channel)))
    later()
    eventually(lambda: found["id"] not in {each["id"] for each in events(acme, "ben")})
    [stands] = [each for each in events(acme, "ana") if each["id"] == found["id"]]
    assert start_of(stands) == start


def test_a_video_call_that_takes_a_while_is_shown_once_it_exists(
    acme: Workspace, channel: str, later: Any
) -> None:
    acme.faults({"google": "events.insert", "effect": "conference_pending", "times": 1})
    book(acme, channel, ask(acme, channel))
    assert "Join the call" not in shown(meeting(acme, channel, "Invited: "))
    later()
    meeting(acme, channel, "Join the call")


def test_a_person_whose_calendar_cannot_be_read_is_unknown(acme: Workspace, channel: str) -> None:
    acme.faults(
        {"google": "freebusy.query", "effect": "calendar_error:notFound", "calendar": "ben@acme.example"}
    )
    # Alone: whatever else has been booked here, a slot within his working hours is free.
    assert "Calendar not visible: ben" in shown(ask(acme, channel, required=["U0BEN"]))


def test_somebody_without_an_e_mail_is_unknown_and_blocks_nothing(acme: Workspace, channel: str) -> None:
    zoe = acme.post("person", user=f"zoe{channel.split('-')[1]}", add=True, real_name="Zoe", email="")["user"]
    offer = ask(acme, channel, required=["U0ANA", zoe])
    assert "Calendar not visible: zoe" in shown(offer)
    book(acme, channel, offer)
    meeting(acme, channel, "Join the call")
    assert [each["email"] for each in event(acme, title(channel))["attendees"]] == ["ana@acme.example"]


def test_fifty_one_people_are_queried_in_two_groups(acme: Workspace, channel: str) -> None:
    ids = [
        acme.post("person", user=f"p{number}", add=True, real_name=f"P {number}")["user"]
        for number in range(51)
    ]
    before = len([e for e in acme.get("log?since=0")["entries"] if e["name"] == "freebusy.query"])
    ask(acme, channel, required=ids)
    asked = [e for e in acme.get("log?since=0")["entries"] if e["name"] == "freebusy.query"][before:]
    assert [len(each["request"]["body"]["items"]) for each in asked] == [50, 1]


@pytest.mark.parametrize(
    ("values", "field", "sentence"),
    [
        ({"required": ["U0GUS"]}, "required", "isn't a full member"),
        ({"window_from": "2026-01-05", "window_to": "2026-01-09"}, "window_to", "This day has passed"),
        ({"window_from": "2027-01-05", "window_to": "2027-01-04"}, "window_to", "before the earliest"),
    ],
)
def test_an_invalid_value_is_reported_at_its_field(
    acme: Workspace, channel: str, values: Json, field: str, sentence: str
) -> None:
    acme.open_form("meet", channel=channel)
    assert sentence in acme.submit(**values)[field]
    acme.close_forms()
    assert not any(MEETING in shown(each) for each in acme.messages(channel))


def test_guests_cannot_arrange_a_meeting(acme: Workspace, channel: str) -> None:
    assert "Only full members" in acme.command(f"meet INC-{channel.split('-')[1]}", "gus", "general")
    assert acme.form("gus") is None
