"""The postmortem: drafted from what is known, edited by section, a canvas or a file, completed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from bot.bootstrap import Bot
from sandbox.server import Sandbox
from tests.support.dates import AHEAD
from tests.support.people import Json, Workspace, buttons, eventually, shown


@pytest.fixture
def channel(acme: Workspace) -> Iterator[str]:
    """The channel of an incident for this test alone, with Ben in it, and key events."""
    declared = acme.declare()
    acme.post("join", channel=declared, user="ben")
    yield declared
    acme.faults()


def message(acme: Workspace, channel: str, *wanted: str) -> Json:
    """The postmortem's message, once it says that."""

    def look() -> Json | None:
        for each in acme.messages(channel):
            is_it = "more_postmortem" in str(each) and not each.get("ephemeral_to")
            if is_it and all(word in shown(each) for word in wanted):
                return each
        return None

    return eventually(look)


def begin(acme: Workspace, channel: str) -> Json:
    """Start the postmortem with the command's button; its message."""
    told = acme.asked("postmortem", channel)
    acme.click(channel, told["ts"], "start_postmortem")
    return message(acme, channel, "Draft")


def choose(acme: Workspace, channel: str, label: str, user: str = "ana") -> None:
    """Press a button of the postmortem's message, or choose in its menu."""
    found = message(acme, channel)
    where = {"channel": channel, "message_ts": found["ts"], "user": user}
    if label in buttons(found):
        acme.post("interact", action=buttons(found)[label], **where)
    else:
        acme.post("interact", action="more_postmortem", value=label, **where)


def opened(acme: Workspace, user: str = "ana") -> Json:
    """The form that this person has open, once it is open."""
    return eventually(lambda: acme.form(user))


def edit(acme: Workspace, channel: str, label: str, user: str = "ana", **values: object) -> dict[str, str]:
    """Fill in a section's form; the errors."""
    choose(acme, channel, label, user)
    opened(acme, user)
    return acme.submit(user, **values)


@pytest.fixture
def canvas(_acme: tuple[Sandbox, Bot], channel: str) -> Callable[[str], str]:
    """Returns what the channel's canvas says, once it says anything."""
    store = _acme[0].store

    def look(wanted: str) -> str:
        def text() -> str | None:
            said = str(store.channel(channel).canvas.get("markdown", ""))
            return said if wanted in said else None

        return eventually(text)

    return look


def fill_in(acme: Workspace, channel: str) -> None:
    """Fill in everything that a postmortem should have."""
    assert edit(acme, channel, "Summary", summary="The pool ran out.") == {}
    assert edit(acme, channel, "Impact", impact="A third of all payments failed.") == {}
    assert edit(acme, channel, "Root causes", root_causes="No limit was set\nNobody looked") == {}
    acme.click(channel, message(acme, channel)["ts"], "add_lesson")
    opened(acme)
    assert acme.submit("ana", lesson="Alert on the pool", category="detection") == {}
    acme.command(f"action Set a limit @ben due {AHEAD}", channel=channel)


def test_from_resolve_to_completed(acme: Workspace, channel: str, canvas: Callable[[str], str]) -> None:
    key = acme.say("Rolled back the deploy", channel)
    acme.post("reaction", channel=channel, ts=key, user="ana", name="pushpin")
    acme.command("status investigating looking at the pool", channel=channel)
    acme.command("resolve Raised the limit", channel=channel)
    offer = eventually(
        lambda: next((m for m in acme.messages(channel) if "Assign the postmortem" in buttons(m)), None)
    )
    acme.click(channel, offer["ts"], "start_postmortem")
    text = canvas("Timeline")
    for part in ("Rolled back the deploy", "looking at the pool", "Raised the limit", "**Declared:**"):
        assert part in text
    fill_in(acme, channel)
    assert "nothing missing" in shown(message(acme, channel, "nothing missing"))
    acme.click(channel, message(acme, channel)["ts"], "complete_postmortem")
    opened(acme)
    assert acme.submit("ana") == {}
    message(acme, channel, "✅ Completed")
    canvas("Completed")
    eventually(lambda: any("No limit was set" in shown(m) for m in acme.messages("incidents")))
    acme.click(channel, message(acme, channel)["ts"], "reopen_postmortem")
    message(acme, channel, "Draft")


def test_what_is_missing_is_named_and_completing_anyway_needs_a_reason(acme: Workspace, channel: str) -> None:
    begin(acme, channel)
    acme.click(channel, message(acme, channel)["ts"], "complete_postmortem")
    opened(acme)
    assert "isn't resolved yet" in acme.submit("ana", despite="because")["despite"]
    acme.post("view-close", user="ana")
    acme.command("resolve", channel=channel)
    acme.click(channel, message(acme, channel)["ts"], "complete_postmortem")
    form = opened(acme)
    assert "the impact" in str(form)
    assert "Still missing" in acme.submit("ana", despite=" ")["despite"]
    assert acme.submit("ana", despite="A false alarm") == {}
    assert "A false alarm" in shown(message(acme, channel, "✅ Completed"))


def test_the_later_of_two_editors_sees_what_changed_and_merges(acme: Workspace, channel: str) -> None:
    begin(acme, channel)
    for user in ("ana", "ben"):
        choose(acme, channel, "Impact", user)
        opened(acme, user)
    assert acme.submit("ana", impact="EU was down") == {}
    acme.submit("ben", impact="US was down")
    merged = eventually(lambda: form if "EU was down" in str(form := acme.form("ben")) else None)
    assert "US was down" in str(merged)
    assert acme.submit("ben", impact="EU and US were down") == {}
    tray = acme.asked("postmortem", channel)
    assert "EU and US were down" in shown(tray)
    changes = acme.answered(lambda: acme.click(channel, tray["ts"], "show_revisions"), channel)
    assert shown(changes).count("Impact") == 2
    old = acme.answered(
        lambda: acme.post(
            "interact",
            channel=channel,
            message_ts=changes["ts"],
            user="ana",
            action="show_revision",
            block=changes["blocks"][2]["block_id"],
        ),
        channel,
    )
    assert "EU was down" in shown(old)


def test_curating_the_timeline_leaves_the_incidents_own_unchanged(
    acme: Workspace, channel: str, canvas: Callable[[str], str]
) -> None:
    acme.say("It is DNS", channel)
    begin(acme, channel)
    choose(acme, channel, "Timeline")
    opened(acme)
    [option] = acme.post("suggest", view="modal", user="ana", action="event", value="DNS")["options"]
    acme.post("interact", view="modal", user="ana", action="event", value=option["value"])
    assert acme.submit("ana", text="DNS was suspected", shown="show") == {}
    assert "It is DNS" not in canvas("DNS was suspected")
    assert edit(acme, channel, "Timeline", text="Somebody called us", at="1000000000") == {
        "at": acme_error(acme, channel)
    }
    acme.post("view-close", user="ana", everything=True)
    assert edit(acme, channel, "Timeline") == {"text": "Choose an event, or say what happened."}
    acme.post("view-close", user="ana", everything=True)
    assert "It is DNS" in acme.timeline(channel, "It is DNS")


def acme_error(acme: Workspace, channel: str) -> str:
    """The error about a time that can't be right."""
    ref = acme.command("", channel=channel).split(" ")[0].strip("*")
    return f"Choose a time between the declaration of {ref} and now."


def test_lessons_can_be_changed_and_made_from_messages(acme: Workspace, channel: str) -> None:
    begin(acme, channel)
    ts = acme.say("We should alert earlier", channel)
    acme.post("shortcut", user="ben", callback_id="add_lesson", channel=channel, ts=ts)
    opened(acme, "ben")
    assert acme.submit("ben", priority="high") == {}
    tray = eventually(
        lambda: found if "alert earlier" in shown(found := acme.asked("postmortem", channel)) else None
    )
    acme.click(channel, tray["ts"], "edit_lesson")
    opened(acme)
    assert acme.submit("ana", lesson="Alert at 80 %") == {}
    assert "Alert at 80 %" in shown(acme.asked("postmortem", channel))


def test_without_canvases_it_is_one_file_and_says_so(acme: Workspace, channel: str) -> None:
    acme.faults({"method": "conversations.canvases.create", "effect": "error:canvas_disabled_user_team"})
    begin(acme, channel)
    message(acme, channel, "Canvases aren't available here")
    for text in ("One", "Two"):
        assert edit(acme, channel, "Impact", impact=text) == {}
    # The earlier one is deleted a moment after the later one has come.
    eventually(lambda: len(_files(acme, channel)) == 1 and _says(_files(acme, channel), "Two"))


def _files(acme: Workspace, channel: str) -> list[Json]:
    return [f for m in acme.messages(channel) for f in m.get("files") or ()]


def _says(files: list[Json], text: str) -> bool:
    return any(text in str(each.get("preview")) for each in files)


def test_exports_come_as_files(acme: Workspace, channel: str) -> None:
    begin(acme, channel)
    hostile = "<script>alert(1)</script> *bold* [x](http://evil) =1+1 :fire: <!channel>"
    assert edit(acme, channel, "Summary", summary=hostile) == {}
    for label in ("Export as Markdown", "Export as HTML for printing", "Export everything as JSON"):
        choose(acme, channel, label)
    direct = acme.post("open-dm", user="ana")["channel"]
    found = eventually(lambda: files if len(files := _files(acme, direct)) == 3 else None)
    by_kind = {each["name"].rpartition(".")[2]: each["preview"] for each in found}
    assert json.loads(by_kind["json"])["postmortem"]["summary"] == hostile
    assert "<script>" not in by_kind["html"]
    assert "&lt;script&gt;" in by_kind["html"]
    assert r"\<script\>" in by_kind["md"]


def test_replies_are_discussion_and_linked_in_the_document(
    acme: Workspace, channel: str, canvas: Callable[[str], str]
) -> None:
    root = begin(acme, channel)
    acme.say("Was it really the pool?", channel, "ben", thread_ts=root["ts"])
    text = canvas("Was it really the pool?")
    assert text.index("## Discussion") < text.index("Was it really the pool?")


def test_closing_without_a_postmortem_asks_once_and_keeps_the_answer(acme: Workspace, channel: str) -> None:
    acme.command("resolve", channel=channel)
    acme.command("close", channel=channel)
    asked = eventually(
        lambda: next((m for m in acme.messages(channel) if "Is one needed?" in shown(m)), None)
    )
    acme.click(channel, asked["ts"], "waive_postmortem")
    opened(acme)
    assert "reason" in acme.submit("ana", despite=" ")["despite"].lower()
    assert acme.submit("ana", despite="A drill") == {}
    eventually(lambda: any("A drill" in shown(m) for m in acme.messages(channel)))


def test_its_owner_is_named_and_it_includes_what_five_whys_found(acme: Workspace, channel: str) -> None:
    begin(acme, channel)
    assert edit(acme, channel, "Owner", assigned_to="ben") == {}
    message(acme, channel, "owner <@U0BEN>")
    acme.open_form("whys It broke", "ana", channel)
    assert acme.submit("ana") == {}
    asked = "*It broke.* Why did that happen?"
    question = eventually(lambda: next((m for m in acme.messages(channel) if asked in shown(m)), None))
    acme.mention("root cause: nobody owns it", channel, "ben", thread_ts=question["thread_ts"])
    eventually(lambda: "nobody owns it" in shown(acme.asked("postmortem", channel)))


def test_invalid_input_is_reported_at_its_field(acme: Workspace, channel: str) -> None:
    assert "no postmortem yet" in acme.command("postmortem", channel=channel)
    begin(acme, channel)
    assert edit(acme, channel, "Title", title=" ")["title"]
    acme.post("view-close", user="ana", everything=True)
    acme.click(channel, message(acme, channel)["ts"], "add_lesson")
    opened(acme)
    assert acme.submit("ana", lesson=" ") == {"lesson": "Say in a sentence what was learned."}
