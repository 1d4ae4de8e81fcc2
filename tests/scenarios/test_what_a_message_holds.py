"""Alerts, forwarded messages, huddles, files and code: what they say is in forms, timeline and items."""

from __future__ import annotations

import pytest

from tests.support.people import Json, Workspace, eventually, shown

FIRING: Json = {
    "color": "#a30200",
    "fallback": "[FIRING:1] HighCPU",
    "title": "[FIRING:1] HighCPU :fire:",
    "text": "CPU of web-1 is at 99 %",
    "fields": [{"title": "Region", "value": "eu-1", "short": True}],
}
RESOLVED = {**FIRING, "title": "[RESOLVED] HighCPU", "text": "CPU of web-1 is at 12 %"}
PREVIEW: Json = {
    "from_url": "https://x.example/a",
    "original_url": "https://x.example/a",
    "title": "Ten tips",
}


@pytest.fixture
def channel(acme: Workspace) -> str:
    """An incident's channel, with Ben in it."""
    declared = acme.declare("Database is slow")
    acme.post("join", channel=declared, user="ben")
    return declared


def alert(workspace: Workspace, channel: str, *attachments: Json) -> str:
    return str(
        workspace.post(
            "message",
            channel=channel,
            as_bot="Nightwatch",
            text="[no preview available]",
            attachments=list(attachments),
        )["ts"]
    )


def test_an_alerts_headline_becomes_the_title_and_the_rest_the_description(acme: Workspace) -> None:
    ts = alert(acme, "ops-alerts", FIRING, PREVIEW)
    acme.post("shortcut", callback_id="declare_from_message", user="ana", channel="ops-alerts", ts=ts)
    values = eventually(lambda: acme.form("ana"))["state"]["values"]
    assert values["title"]["title"]["value"] == "[FIRING:1] HighCPU 🔥"
    assert values["description"]["description"]["value"] == "CPU of web-1 is at 99 %\nRegion: eu-1"
    acme.post("view-close", user="ana")


def test_the_timeline_has_an_alert_as_its_bot_has_last_updated_it(acme: Workspace, channel: str) -> None:
    ts = alert(acme, channel, FIRING)
    assert "CPU of web-1 is at 99 % Region: eu-1" in acme.timeline(channel, "[FIRING:1] HighCPU")
    acme.post("edit-message", channel=channel, ts=ts, as_bot="Nightwatch", attachments=[RESOLVED])
    assert "at 99 %" not in acme.timeline(channel, "[RESOLVED] HighCPU CPU of web-1 is at 12 %")


def test_a_forwarded_message_is_there_with_its_author_and_its_file(acme: Workspace, channel: str) -> None:
    files = [{"name": "graph.png", "content": "x"}]
    ts = acme.say("the replica lags", "random", user="ben", files=files)
    acme.post("forward", channel=channel, user="ana", source="random", ts=ts, text="look at this")
    line = acme.timeline(channel, "the replica lags")
    assert "look at this Forwarded from Ben Okafor: the replica lags" in line
    assert "|graph.png>" in line


def test_a_huddle_is_an_entry_that_says_how_long_and_who(acme: Workspace, channel: str) -> None:
    ts = acme.post("start-huddle", channel=channel, user="ana")["ts"]
    acme.timeline(channel, "<@U0ANA>: Huddle, in progress: <@U0ANA>")
    acme.post("end-huddle", channel=channel, user="ana", ts=ts, minutes=25, people=["ben"])
    acme.timeline(channel, "<@U0ANA>: Huddle, 25 min: <@U0ANA>, <@U0BEN>")


def test_a_stack_trace_keeps_its_lines(acme: Workspace, channel: str) -> None:
    acme.say("it says\n```Traceback\n  File <x>\n```\nagain", channel)
    assert "it says ```Traceback\n  File &lt;x&gt;\n``` again" in acme.timeline(channel, "Traceback")


def test_a_marked_file_without_words_becomes_an_item_with_its_name(acme: Workspace, channel: str) -> None:
    files = [{"name": "graph.png", "content": "x"}]
    ts = acme.post("message", channel=channel, user="ben", text="", files=files)["ts"]
    acme.post("reaction", channel=channel, ts=ts, user="ana", name="ballot_box_with_check")
    wanted = "File from ben: graph.png"
    eventually(lambda: next((each for each in acme.messages(channel) if wanted in shown(each)), None))


def test_an_alerts_words_become_a_lesson(acme: Workspace, channel: str) -> None:
    ts = alert(acme, channel, FIRING)
    acme.click(channel, acme.asked("postmortem", channel)["ts"], "start_postmortem")
    acme.post("shortcut", callback_id="add_lesson", user="ana", channel=channel, ts=ts)
    values = eventually(lambda: acme.form("ana"))["state"]["values"]
    assert values["lesson"]["lesson"]["value"].startswith("[FIRING:1] HighCPU 🔥\nCPU of web-1")
    acme.post("view-close", user="ana")
