"""Who gets mail from Google about each kind of event, and whose calendar shows it, as docs/google.md says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import Bot
from bot.effects.google.mails import OF_BLOCKS, OF_MEETINGS, OF_SHOWN
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, calendar, start_here
from tests.support.calendars import ask, book, event, events, meeting, no_event
from tests.support.dates import AHEAD, LATER
from tests.support.people import Workspace, eventually, shown

ANA, ZOE = "ana@acme.example", "zoe@other.example"
"""Within Google, and elsewhere."""


@pytest.fixture(scope="module")
def _acme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Sandbox, Bot]]:
    folder = tmp_path_factory.mktemp("acme")
    with running(ROOT / "manifest.yml", busy=False) as sandbox:
        Workspace(sandbox.url).post("person", user="zoe", add=True, real_name="Zoe", email=ZOE)
        bot = start_here(sandbox, f"sqlite:///{folder / 'muster.db'}", **calendar(sandbox, folder))
        yield sandbox, bot
        bot.stop()


def mails(acme: Workspace, event_id: str) -> list[tuple[str, str]]:
    """To whom Google has sent which kinds of mail about the event."""
    found = acme.get("calendar-mails")["mails"]
    return sorted((each["to"], each["kind"]) for each in found if each["event_id"] == event_id)


def test_an_incident_mails_nobody(acme: Workspace) -> None:
    channel = acme.declare("Search is slow")
    found = event(acme, "Search is slow")
    acme.command("rename Search is down", channel=channel)
    assert event(acme, "Search is down")["id"] == found["id"]
    assert not found.get("attendees")
    assert mails(acme, found["id"]) == []


@pytest.mark.parametrize(
    ("owner", "address", "expected"),
    [("ana", ANA, []), ("zoe", ZOE, ["invitation", "update", "cancellation"])],
)
def test_a_due_date_mails_only_an_owner_whose_calendar_is_elsewhere(
    acme: Workspace, owner: str, address: str, expected: list[str]
) -> None:
    channel = acme.declare("Disk is full")
    acme.post("join", channel=channel, user=owner)
    acme.command(f"action Add a disk for {owner} @{owner} due {AHEAD}", channel=channel)
    found = event(acme, f"Add a disk for {owner}", owner)
    assert [each["responseStatus"] for each in found["attendees"]] == ["needsAction"]
    ref = found["summary"].split()[1]
    message = eventually(
        lambda: next(
            (m for m in acme.messages(channel) if ref in shown(m) and "item_completed" in str(m)), None
        )
    )
    acme.click(channel, message["ts"], "edit_item")
    eventually(lambda: acme.form("ana"))
    assert acme.submit(due_date=str(LATER)) == {}
    eventually(lambda: event(acme, ref, owner)["start"] == {"date": str(LATER)})
    acme.click(channel, message["ts"], "item_completed")
    no_event(acme, f"{ref} ")
    assert mails(acme, found["id"]) == sorted((address, kind) for kind in expected)


def test_a_time_block_invites_once_and_waits_for_an_answer_where_people_want_that(acme: Workspace) -> None:
    acme.post("calendar-invitations", user="ana", added="email")
    channel = acme.declare("Mail is late")
    title = f"INC-{channel.split('-')[1]}: investigating"
    tray = acme.answered(lambda: acme.command("block", channel=channel), channel)
    found = event(acme, title)
    assert [each["responseStatus"] for each in found["attendees"]] == ["needsAction"]
    assert (mails(acme, found["id"]), events(acme, "ana", title)) == ([(ANA, "invitation")], [])
    acme.post("calendar-respond", user="ana", event=found["id"], response="accepted")
    acme.click(channel, tray["ts"], "extend_block")
    eventually(lambda: event(acme, title, "ana")["end"] != found["end"])
    assert mails(acme, found["id"]) == [(ANA, "invitation")]
    assert [each["responseStatus"] for each in event(acme, title)["attendees"]] == ["accepted"]
    acme.post("calendar-invitations", user="ana", added="known")


def test_a_meeting_mails_everybody_about_everything(acme: Workspace) -> None:
    channel = acme.declare("Checkout is down")
    acme.post("join", channel=channel, user="zoe")
    acme.command("resolve", channel=channel)
    ids = [each["id"] for each in acme.get("state")["people"] if each["email"] in {ANA, ZOE}]
    book(acme, channel, ask(acme, channel, required=ids))
    done = meeting(acme, channel, "Join the call")
    found = event(acme, f"Postmortem INC-{channel.split('-')[1]}:")
    acme.click(channel, done["ts"], "cancel_meeting")
    meeting(acme, channel, "It was cancelled")
    expected = [(to, kind) for to in (ANA, ZOE) for kind in ("cancellation", "invitation")]
    assert mails(acme, found["id"]) == expected


def test_the_page_about_google_says_who_gets_mail() -> None:
    page = Path(ROOT / "docs/google.md").read_text()
    rows = re.findall(r"^\| ([a-z ]+) \| [^|`]+ \| `(\w+)` \| `(\w+)` \|$", page, re.MULTILINE)
    assert {kind: (invitation, change) for kind, invitation, change in rows} == {
        "incident": (OF_SHOWN.invitation, OF_SHOWN.change),
        "due date": (OF_SHOWN.invitation, OF_SHOWN.change),
        "time block": (OF_BLOCKS.invitation, OF_BLOCKS.change),
        "meeting": (OF_MEETINGS.invitation, OF_MEETINGS.change),
    }
