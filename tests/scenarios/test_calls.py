"""The call is on the card, in the announcement and in the channel's bookmarks, once, whatever goes wrong."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from bot.domain.settings import ReminderSettings
from sandbox.server import Sandbox
from storage import settings
from storage.database import Database
from tests.support.bots import calendar, start_here
from tests.support.calendars import events
from tests.support.people import Workspace, eventually, shown

ROOM, OTHER = "https://meet.example.com/room", "https://meet.example.com/other"


def bookmarks(workspace: Workspace, channel: str) -> list[dict[str, str]]:
    return list(workspace.channel(channel)["bookmarks"])


def is_everywhere(workspace: Workspace, channel: str, link: str) -> bool:
    places = (workspace.card(channel) or {}, workspace.announcements()[-1])
    is_shown = all(f"<{link}|Join the call>" in shown(each) for each in places)
    return is_shown and bookmarks(workspace, channel) == [{"title": "Join the call", "link": link}]


@pytest.mark.usefixtures("sqlite_bot")
def test_a_call_is_set_changed_and_shown(workspace: Workspace) -> None:
    channel = workspace.declare()
    assert "has no call yet" in workspace.command("call", channel=channel)
    assert f"set the call: <{ROOM}|Join the call>" in workspace.publicly(f"call {ROOM}", channel)
    eventually(lambda: is_everywhere(workspace, channel, ROOM))
    assert f"<{ROOM}|Join the call of INC-1>" in workspace.command("call", channel=channel)
    assert "doesn't begin with" in workspace.command("call javascript:alert(1)", channel=channel)

    assert "changed the call" in workspace.publicly(f"call {OTHER}", channel)
    eventually(lambda: is_everywhere(workspace, channel, OTHER))
    assert "changed the call" in workspace.command("timeline", channel=channel)

    assert "removed the call" in workspace.publicly("call none", channel)
    eventually(lambda: bookmarks(workspace, channel) == [])
    places = (workspace.card(channel) or {}, workspace.announcements()[-1])
    assert not any("Join the call" in shown(each) for each in places)
    assert "INC-1 has no call." in workspace.command("call off", channel=channel)


@pytest.mark.usefixtures("sqlite_bot")
def test_a_bookmark_whose_answer_was_lost_is_found_again(workspace: Workspace) -> None:
    channel = workspace.declare()
    workspace.faults({"method": "bookmarks.add", "effect": "reset_after", "times": 1})
    workspace.publicly(f"call {ROOM}", channel)
    eventually(lambda: is_everywhere(workspace, channel, ROOM))
    eventually(lambda: len(workspace.calls("bookmarks.list")) == 2)
    assert len(workspace.calls("bookmarks.add")) == 1
    assert len(bookmarks(workspace, channel)) == 1


@pytest.mark.parametrize("effect", ["conference_pending", "reset_after", "conference_failed"])
def test_google_meet_comes_when_it_is_ready_and_once(
    sandbox: Sandbox, workspace: Workspace, sqlite_url: str, tmp_path: Path, effect: str
) -> None:
    database = Database(sqlite_url)
    database.run(partial(settings.save, settings=ReminderSettings(call_from="calendar")))
    database.close()
    bot = start_here(sandbox, sqlite_url, **calendar(sandbox, tmp_path))
    try:
        workspace.faults({"google": "events.insert", "effect": effect, "times": 1})
        channel = workspace.declare()
        eventually(lambda: "https://meet.google.com/" in shown(workspace.card(channel) or {}))
        [link] = [each["hangoutLink"] for each in events(workspace)]
        eventually(lambda: is_everywhere(workspace, channel, link))
    finally:
        bot.stop()
