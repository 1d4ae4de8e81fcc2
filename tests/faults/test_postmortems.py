"""Killed between saving a postmortem and publishing it; canvases refused, or failing halfway.

Promised: the document has what was saved last, and there is one canvas, or one file, and one message.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from bot.domain.postmortems.planned import exporting, reminding
from storage import outbox
from tests.support.arena import Arena
from tests.support.asking import incidents_channel, struck
from tests.support.people import Json, eventually, shown

NO_CANVAS = {"method": "conversations.canvases.create", "effect": "error:canvas_disabled_user_team"}


def begin(arena: Arena) -> str:
    """Declare an incident and start its postmortem; the channel."""
    incidents_channel(arena)
    arena.declare()
    arena.settle()
    channel = arena.channel()
    told = arena.workspace.asked("postmortem", channel)
    arena.workspace.click(channel, told["ts"], "start_postmortem")
    return channel


def edit_impact(arena: Arena, channel: str, text: str) -> None:
    """Change a section."""
    message = postmortem(arena, channel)
    arena.workspace.click(channel, message["ts"], "edit_impact")
    eventually(lambda: arena.workspace.form("ana"))
    assert arena.workspace.submit("ana", impact=text) == {}


def postmortem(arena: Arena, channel: str) -> Json:
    """The only message about it."""

    def look() -> list[Json]:
        found = arena.workspace.messages(channel)
        return [each for each in found if "more_postmortem" in str(each) and not each.get("ephemeral_to")]

    [message] = eventually(look, 30)
    return message


def canvas(arena: Arena, channel: str) -> str:
    """The text of the channel's canvas."""
    return str(arena.sandbox.store.channel(channel).canvas.get("markdown", ""))


def is_said(arena: Arena, channel: str, text: str) -> bool:
    """Whether the channel's canvas says it."""
    return text in canvas(arena, channel)


def files(arena: Arena, channel: str) -> list[Json]:
    """The files in the channel."""
    return [each for m in arena.workspace.messages(channel) for each in m.get("files") or ()]


@pytest.mark.parametrize("effect", ["hang_before", "hang_after"])
def test_a_kill_between_saving_and_publishing_loses_nothing(arena: Arena, effect: str) -> None:
    bot = arena.process()
    bot.start()
    arena.workspace.faults({"method": "conversations.canvases.create", "effect": effect})
    # What a lost attempt has already made is adopted.
    arena.expected.codes.add("channel_canvas_already_exists")
    channel = begin(arena)
    eventually(lambda: struck(arena))
    edit_impact(arena, channel, "EU was down")
    bot.kill()
    arena.workspace.faults()
    arena.clock.move(timedelta(minutes=1))
    arena.bot()
    eventually(lambda: "EU was down" in canvas(arena, channel), 30)
    arena.settle(60)
    assert "Draft" in shown(postmortem(arena, channel))
    assert files(arena, channel) == []


@pytest.mark.parametrize("effect", ["reset_after", "500"])
def test_a_canvas_that_fails_halfway_ends_with_what_was_saved_last(arena: Arena, effect: str) -> None:
    arena.bot()
    arena.expected.codes.add("channel_canvas_already_exists")
    methods = ("conversations.canvases.create", "canvases.edit")
    arena.workspace.faults(*({"method": method, "effect": effect, "times": 1} for method in methods))
    channel = begin(arena)
    for text in ("EU was down", "EU and US were down"):
        edit_impact(arena, channel, text)
        # Otherwise the first canvas may already have all of it, and need no edit.
        eventually(partial(is_said, arena, channel, text), 30)
    arena.settle(60)
    assert struck(arena)
    assert files(arena, channel) == []
    postmortem(arena, channel)


@pytest.mark.parametrize(("method", "effect"), [("files.completeUploadExternal", "reset_after"), ("", "")])
def test_if_canvases_are_refused_one_file_has_what_was_saved_last(
    arena: Arena, method: str, effect: str
) -> None:
    arena.bot()
    more = [{"method": method, "effect": effect, "times": 1}] if method else []
    arena.workspace.faults(NO_CANVAS, *more)
    channel = begin(arena)
    for text in ("EU was down", "EU and US were down"):
        edit_impact(arena, channel, text)
    eventually(lambda: any("EU and US" in str(each["preview"]) for each in files(arena, channel)), 30)
    arena.settle(60)
    assert len(files(arena, channel)) == 1
    assert "Canvases aren't available here" in shown(postmortem(arena, channel))


def test_without_canvases_and_files_the_bot_says_so_and_continues(small: Arena) -> None:
    small.bots(1)
    small.expected.codes.add("unknown_method")
    small.expected.dead.add("PublishPostmortem")
    small.expected.errors.add("effect given up")
    gone = ("conversations.canvases.create", "files.getUploadURLExternal")
    small.workspace.faults(*({"method": method, "effect": "error:unknown_method"} for method in gone))
    channel = begin(small)
    edit_impact(small, channel, "EU was down")
    small.settle(60)
    assert "write the postmortem document" in small.workspace.command("doctor")
    assert "EU was down" in shown(small.workspace.asked("postmortem", channel))


def test_a_reminder_and_an_export_arrive_once_although_calls_fail(small: Arena) -> None:
    [bot] = small.bots(1)
    channel = begin(small)
    small.workspace.command("resolve", channel=channel)
    small.settle(60)
    small.workspace.faults(
        {"method": "chat.postMessage", "effect": "reset_after", "times": 1},
        {"method": "files.completeUploadExternal", "effect": "reset_after", "times": 1},
    )
    rows = [reminding(1, "U0ANA", 2), exporting(1, "U0ANA", "md", "test")]
    bot.database.run(lambda tx: outbox.add(tx, rows, small.clock()))
    bot.worker.wake()
    small.settle(60)
    assert struck(small)
    told = small.workspace.private("ana")
    assert sum("isn't complete yet" in shown(each) for each in told) == 1
    assert len([file for each in told for file in each.get("files") or ()]) == 1
