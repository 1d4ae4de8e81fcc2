"""Every message of an incident's channel goes on its timeline, and no other message does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind, KeyMark, PostedMessage, TimelineEntry
from tests.support.examples import HOSTILE
from tests.support.office import NOBODIES, Office

TS = "1700000000.000100"
MESSAGE = PostedMessage("C1", TS, "BEN", None, "it is down")


@pytest.fixture
def incident(office: Office) -> Incident:
    """An incident whose channel is C1."""
    declared = office.declare()
    office.perform_all()
    return declared


def messages(office: Office, incident: Incident) -> list[TimelineEntry]:
    return office.entries(incident, EntryKind.MESSAGE)


def mark(user: str, source: str = "reaction", *, present: bool = True, second: int = 0) -> KeyMark:
    return KeyMark("C1", TS, user, source, present, f"19000000{second:02}.000100")


def test_a_message_is_recorded_once_however_often_it_is_delivered(office: Office, incident: Incident) -> None:
    for _ in range(3):
        office.recorder.record_message(MESSAGE)
    [entry] = messages(office, incident)
    assert (entry.by, entry.text, entry.ts) == ("BEN", "it is down", TS)


def test_ten_simultaneous_deliveries_are_one_message(office: Office, incident: Incident) -> None:
    with ThreadPoolExecutor(10) as pool:
        list(pool.map(office.recorder.record_message, [MESSAGE] * 10))
    assert len(messages(office, incident)) == 1


def test_edits_and_deletions_follow(office: Office, incident: Incident) -> None:
    office.recorder.edit_message(replace(MESSAGE, text="it was down", edited_ts="1700000001.000100"))
    [edited] = messages(office, incident)
    assert (edited.text, edited.is_edited) == ("it was down", True)
    office.recorder.delete_message(MESSAGE)
    office.recorder.record_message(MESSAGE)
    [gone] = messages(office, incident)
    assert (gone.text, gone.is_deleted, gone.by) == ("", True, "BEN")


def test_other_channels_are_ignored(office: Office, incident: Incident) -> None:
    elsewhere = replace(MESSAGE, channel_id="C9")
    office.recorder.record_message(elsewhere)
    office.recorder.edit_message(elsewhere)
    office.recorder.delete_message(elsewhere)
    office.recorder.mark_key(replace(mark("BEN"), channel_id="C9"))
    assert messages(office, incident) == []


def test_text_is_stored_except_for_characters_that_no_database_can_store(
    office: Office, incident: Incident
) -> None:
    for number, text in enumerate(HOSTILE):
        written = replace(MESSAGE, ts=f"17500000{number:02}.000100", text=text, source=text)
        office.recorder.record_message(written)
        office.recorder.edit_message(replace(written, text=text + "!", edited_ts="1800000000.000100"))
    kept = [entry.text for entry in messages(office, incident)]
    for text, found in zip(HOSTILE, kept, strict=True):
        expected = text.replace("\x00", "").replace("\ud800", "").replace("\r\n", "\n")
        assert found == f"{expected}!"


@pytest.mark.parametrize("source", ["reaction", "pin"])
def test_a_message_is_a_key_event_while_somebody_marks_it(
    office: Office, incident: Incident, source: str
) -> None:
    office.recorder.mark_key(mark("BEN", source))
    office.recorder.record_message(MESSAGE)
    assert messages(office, incident)[0].is_key
    office.recorder.mark_key(mark("BEN", source, present=False, second=1))
    assert not messages(office, incident)[0].is_key
    office.recorder.mark_key(mark("BEN", source, present=True, second=0))
    assert not messages(office, incident)[0].is_key, "that was before"


def test_a_reaction_is_each_persons_own_and_a_pin_is_the_channels(office: Office, incident: Incident) -> None:
    office.recorder.record_message(MESSAGE)
    office.recorder.mark_key(mark("ANA"))
    office.recorder.mark_key(mark("BEN", present=False, second=1))
    assert messages(office, incident)[0].is_key
    office.recorder.mark_key(mark("ANA", present=False, second=2))
    office.recorder.mark_key(mark("ANA", "pin", second=3))
    office.recorder.mark_key(mark("BEN", "pin", present=False, second=4))
    assert not messages(office, incident)[0].is_key


def test_people_who_may_not_act_mark_nothing(office: Office, incident: Incident) -> None:
    office.recorder.record_message(MESSAGE)
    for nobody in NOBODIES:
        office.recorder.mark_key(mark(nobody))
        office.recorder.mark_key(mark(nobody, "pin"))
    assert not messages(office, incident)[0].is_key


def test_the_card_can_be_a_key_event_too(office: Office, incident: Incident) -> None:
    place = office.performer_reads.where("INC-1/card")
    assert place
    office.recorder.mark_key(KeyMark(*place, "BEN", "pin", present=True, event_ts="1900000000.000100"))
    [declared] = office.entries(incident, EntryKind.DECLARED)
    assert declared.is_key
