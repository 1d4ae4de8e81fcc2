"""What the calendar shows of incidents, action items and time blocks, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.bootstrap import Bot
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, calendar, start_here
from tests.support.calendars import TEAM, ask, book, event, events, no_event
from tests.support.dates import AHEAD, LATER, day_after
from tests.support.people import Workspace, eventually, shown


@pytest.fixture(scope="module")
def _acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Bot]]:
    folder = tmp_path_factory.mktemp("acme")
    with running(ROOT / "manifest.yml", busy=False) as sandbox:
        bot = start_here(sandbox, f"sqlite:///{folder / 'muster.db'}", **calendar(sandbox, folder))
        yield sandbox, bot
        bot.stop()


def length(found: dict[str, dict[str, str]]) -> timedelta:
    start, end = (datetime.fromisoformat(found[each]["dateTime"]) for each in ("start", "end"))
    return end - start


def test_an_incident_is_on_the_calendar_from_declaration_to_resolution(acme: Workspace) -> None:
    name = acme.declare("Search is slow", severity="high")
    found = event(acme, "Search is slow")
    ref, channel = name.split("-")[1], str(acme.channel(name)["id"])
    assert found["summary"] == f"INC-{ref} [high] Search is slow"
    assert "/archives/C" in found["description"]
    assert found["transparency"] == "transparent"
    assert length(found) == timedelta(hours=1)
    acme.command("rename Search is down", channel=channel)
    acme.command("severity critical", channel=channel)
    eventually(lambda: "[critical] Search is down" in event(acme, f"INC-{ref} ")["summary"])
    acme.command("resolve", channel=channel)
    eventually(lambda: length(event(acme, "Search is down")) < timedelta(minutes=5))


def test_a_private_incidents_event_says_only_that_it_is_private(acme: Workspace) -> None:
    before = {each["id"] for each in events(acme, titled="Private incident")}
    channel = acme.declare("The swordfish leaks", private=["private"])
    acme.command("action Find the leak @ana due tomorrow", channel=channel)
    acme.command("block", channel=channel)
    eventually(lambda: len({e["id"] for e in events(acme, titled="Private incident")} - before) == 3)
    for found in events(acme):
        if found["id"] not in before and found["summary"] == "Private incident":
            told = str({**found, "attendees": []})
            assert found["visibility"] == "private"
            assert not any(word in told.lower() for word in ("swordfish", "inc-", "leak", "archives", "ai-"))


def test_a_due_date_is_an_all_day_event_of_its_owner_and_follows_the_item(acme: Workspace) -> None:
    channel = acme.declare("Disk is full")
    acme.command(f"action Add a disk @ana due {AHEAD}", channel=channel)
    found = event(acme, "Add a disk")
    assert (found["start"], found["end"]) == ({"date": str(AHEAD)}, {"date": str(day_after(AHEAD))})
    assert [each["email"] for each in found["attendees"]] == ["ana@acme.example"]
    assert event(acme, "Add a disk", "ana")["id"] == found["id"]
    ref = found["summary"].split()[1]
    number = ref.split("-")[1]
    message = eventually(
        lambda: next(
            (m for m in acme.messages(channel) if ref in shown(m) and "item_completed" in str(m)), None
        )
    )
    acme.click(channel, message["ts"], "edit_item")
    eventually(lambda: acme.form("ana"))
    assert acme.submit(title="Add two disks", assigned_to="ben", due_date=str(LATER)) == {}
    moved = event(acme, "Add two disks", "ben")
    assert (moved["id"], moved["start"]) == (found["id"], {"date": str(LATER)})
    assert events(acme, "ana", "disk") == []
    acme.click(channel, message["ts"], "item_completed")
    no_event(acme, f"AI-{number} ")
    acme.click(channel, message["ts"], "item_open")
    assert event(acme, f"AI-{number} ")["id"] == found["id"]
    assert found["id"] not in {each["event_id"] for each in acme.get("calendar-mails")["mails"]}


def test_a_deleted_event_exists_again_after_the_next_change(acme: Workspace) -> None:
    channel = acme.declare("Login is slow")
    acme.post("calendar-delete", calendar=TEAM, event=event(acme, "Login is slow")["id"])
    acme.command("severity critical", channel=channel)
    assert "[critical]" in event(acme, "Login is slow")["summary"]


def test_one_click_blocks_an_hour_and_resolving_ends_it(acme: Workspace) -> None:
    channel = acme.declare("Mail is late")
    ref = f"INC-{channel.split('-')[1]}"
    acme.command("status investigating", channel=channel)
    offer = eventually(lambda: next((m for m in acme.messages(channel) if "block_hour" in str(m)), None))
    tray = acme.answered(lambda: acme.click(channel, offer["ts"], "block_hour"), channel)
    assert "Your calendar is blocked" in shown(tray)
    found = event(acme, f"{ref}: investigating", "ana")
    assert (length(found), found["transparency"]) == (timedelta(hours=1), "opaque")
    assert found["attendees"][0]["responseStatus"] == "needsAction"
    acme.click(channel, offer["ts"], "block_hour")
    acme.click(channel, tray["ts"], "extend_block")
    eventually(lambda: length(event(acme, f"{ref}: investigating")) == timedelta(hours=2))
    acme.command("resolve", channel=channel)
    eventually(
        lambda: (
            not events(acme, titled=f"{ref}: investigating")
            or length(event(acme, f"{ref}: investigating")) < timedelta(minutes=5)
        )
    )


def test_people_who_are_asked_confirm_their_own_block(acme: Workspace) -> None:
    channel = acme.declare("Cron is stuck")
    ref = f"INC-{channel.split('-')[1]}"
    acme.post("join", channel=channel, user="ben")
    acme.command("block 2h @ben", channel=channel)
    asked = eventually(
        lambda: next((m for m in acme.answers("ben", channel) if "confirm_block" in str(m)), None)
    )
    assert "block 2 h" in shown(asked)
    assert events(acme, "ben", ref) == []
    acme.click(channel, asked["ts"], "confirm_block", "ben")
    assert length(event(acme, f"{ref}: investigating", "ben")) == timedelta(hours=2)
    eventually(lambda: any("extend_block" in str(m) for m in acme.answers("ben", channel)))


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("block 0h", "from 15 minutes to 8 hours"),
        ("block 9h", "from 15 minutes to 8 hours"),
        ("block soon", "I can't read “soon”"),
        ("block @gus", "isn't a full member"),
    ],
)
def test_an_invalid_request_is_explained_and_blocks_nothing(
    acme: Workspace, line: str, sentence: str
) -> None:
    channel = acme.declare("Cache is cold")
    assert sentence in acme.command(line, channel=channel)
    assert events(acme, titled=f"INC-{channel.split('-')[1]}: investigating") == []


def test_people_who_leave_a_private_channel_are_removed_from_its_events_at_once(acme: Workspace) -> None:
    before = {each["id"] for each in events(acme, "ben")}

    def ahead() -> int:
        """The number of Ben's new events that aren't over."""
        found = [each for each in events(acme, "ben") if each["id"] not in before]
        return sum("date" in each["end"] or not is_over(each) for each in found)

    channel = acme.declare("The swordfish is out", private=["private"])
    acme.post("join", channel=channel, user="ben", inviter="ana")
    eventually(lambda: "Your calendar is blocked" in acme.command("block", "ben", channel))
    acme.command(f"action Catch it @ben due {AHEAD}", channel=channel)
    book(acme, channel, ask(acme, channel, required=["ana", "ben"]))
    eventually(lambda: ahead() == 3)
    acme.post("leave", channel=channel, user="ben")
    eventually(lambda: ahead() == 0)
    acme.post("join", channel=channel, user="ben", inviter="ana")
    # All but the time block, which he has to ask for himself.
    eventually(lambda: ahead() == 2)


def is_over(found: dict[str, dict[str, str]]) -> bool:
    return datetime.fromisoformat(found["end"]["dateTime"]) <= datetime.now(UTC)
