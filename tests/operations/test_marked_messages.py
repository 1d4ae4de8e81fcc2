"""Every message marked with ☑️ becomes an item, named after its words, or else its file or author."""

from __future__ import annotations

import pytest

from bot.domain.action_items.model import ActionItem
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, KeyMark
from bot.domain.kit.json import Json
from bot.domain.messages.slack_messages import posted_message
from bot.domain.postmortems.model import NewPostmortem
from tests.support.office import Office, keys

TS = "1700000000.000100"
ALERT: Json = {
    "ts": TS,
    "bot_id": "B1",
    "username": "Nightwatch",
    "text": "[no preview available]",
    "attachments": [{"title": "*[FIRING]* HighCPU", "fields": [{"title": "Region", "value": "eu-1"}]}],
}
TRACE = "```Traceback\n  File 'x'\n\nKeyError: 'a'```"


@pytest.fixture
def incident(office: Office) -> Incident:
    """An incident whose channel is C1."""
    declared = office.declare()
    office.perform_all()
    return declared


def marked(office: Office, incident: Incident, message: Json) -> ActionItem:
    """The only item, after the message was written and marked."""
    office.recorder.record_message(posted_message({"ts": TS, **message}, "C1"))
    office.items.create_from_mark("C1", TS, by="ANA")
    [item] = office.items.get_action_items_for_incident(incident.id, viewer="ANA")
    return item


@pytest.mark.parametrize(
    ("message", "title", "details"),
    [
        ({"user": "BEN", "text": "Raise the limit"}, "Raise the limit", ""),
        ({"user": "BEN", "text": "Raise\nthe limit"}, "Raise the limit", ""),
        (ALERT, "[FIRING] HighCPU", "*[FIRING]* HighCPU\nRegion: eu-1"),
        ({"user": "BEN", "files": [{"name": "graph.png"}]}, "File from Ben: graph.png", ""),
        ({"user": "BEN", "files": [{}, {"title": "b\nc"}]}, "File from Ben: file, b c", ""),
        ({"username": "CI", "bot_id": "B2", "files": [{"name": "log.txt"}]}, "File from CI: log.txt", ""),
        ({"user": "BEN", "text": " "}, "Message from Ben", ""),
        ({"bot_id": "B2", "attachments": [{"image_url": "https://x.example"}]}, "Message from a bot", ""),
        ({"user": "BEN", "files": [{"name": "x" * 500}]}, f"File from Ben: {'x' * 134}…", ""),
    ],
)
def test_any_marked_message_makes_an_item(
    office: Office, incident: Incident, message: Json, title: str, details: str
) -> None:
    item = marked(office, incident, message)
    assert (item.title, item.description) == (title, details)


def test_a_deleted_message_makes_none(office: Office, incident: Incident) -> None:
    message = posted_message({"ts": TS, "user": "BEN", "files": [{"name": "a.png"}]}, "C1")
    office.recorder.record_message(message)
    office.recorder.delete_message(message)
    office.items.create_from_mark("C1", TS, by="ANA")
    assert office.items.get_action_items_for_incident(incident.id, viewer="ANA") == []


def test_an_updated_alert_is_marked_as_it_is_now(office: Office, incident: Incident) -> None:
    office.recorder.record_message(posted_message(ALERT, "C1"))
    resolved = {
        **ALERT,
        "attachments": [{"title": "[RESOLVED] HighCPU"}],
        "edited": {"ts": "1700000009.000000"},
    }
    office.recorder.edit_message(posted_message(resolved, "C1"))
    assert marked(office, incident, ALERT).title == "[RESOLVED] HighCPU"


def test_a_key_events_code_block_keeps_its_lines_in_the_first_draft(
    office: Office, incident: Incident
) -> None:
    office.recorder.record_message(
        posted_message({"ts": TS, "user": "BEN", "text": f"it\nsays {TRACE}"}, "C1")
    )
    office.recorder.mark_key(KeyMark("C1", TS, "BEN", "reaction", True, "1900000000.000100"))
    assert office.entries(incident, EntryKind.MESSAGE)[0].is_key
    office.postmortems.create_postmortem(incident.id, NewPostmortem(), by="ANA", key=next(keys))
    found = office.postmortems.get_postmortem(incident.id, viewer="ANA")
    assert found
    assert f"it says {TRACE}" in found.summary
