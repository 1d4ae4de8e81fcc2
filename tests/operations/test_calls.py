"""An incident's call: by the workspace's setting, or as somebody types it. Each change is recorded once."""

from __future__ import annotations

from functools import partial

import pytest

from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import CallUnusable, NoCall, NothingToChange, UnknownRef
from bot.domain.kit.people import SYSTEM
from bot.domain.settings import ReminderSettings, SettingsGroup
from storage import settings
from tests.support.office import Office, keys

MEET = "https://meet.google.com/abc-defg-hij"
ROOM, OTHER = "https://meet.example.com/1", "https://meet.example.com/2"


def set_call(office: Office, link: str, by: str = "ANA", key: str = "") -> str | None:
    return office.calls.set_call(1, link, by=by, key=key or next(keys)).call_url


def choose(office: Office, link: str) -> None:
    """Have an admin set the link of each new incident's call."""
    office.people.save([{"id": "BOSS", "name": "boss", "is_admin": True, "updated": 1}])
    office.set_up(SettingsGroup.CHANNELS, call_link=link)


def test_a_call_that_is_set_and_changed_is_recorded_each_time(office: Office) -> None:
    incident = office.declare()
    office.perform_all()
    assert set_call(office, f"<{ROOM}>", key="command/1") == ROOM
    assert set_call(office, ROOM, key="command/1") == ROOM, "a redelivery"
    assert set_call(office, OTHER, by="BEN") == OTHER
    assert office.facts(incident, EntryKind.CALL) == [("ANA", None, ROOM, ""), ("BEN", ROOM, OTHER, "")]
    waiting = [key for key, state in office.rows().items() if state == "waiting"]
    assert [key for key in waiting if key.startswith("INC-1/call")], waiting
    with pytest.raises(NothingToChange):
        set_call(office, OTHER)


def test_a_ref_is_filled_in_where_people_type_its_placeholder(office: Office) -> None:
    office.declare()
    assert set_call(office, "https://meet.example.com/{ref}") == "https://meet.example.com/INC-1"


def test_a_call_that_is_removed_can_be_set_again(office: Office) -> None:
    incident = office.declare()
    with pytest.raises(NoCall):
        office.calls.remove_call(1, by="ANA", key=next(keys))
    set_call(office, ROOM)
    office.perform_all()
    for _delivery in range(2):
        assert office.calls.remove_call(1, by="BEN", key="command/1").call_url is None
    waiting = {key.split("/")[1] for key, state in office.rows().items() if state == "waiting"}
    assert waiting == {"entry", "card", "call", "announcement"}
    assert set_call(office, ROOM) == ROOM
    facts = [("ANA", None, ROOM, ""), ("BEN", ROOM, None, ""), ("ANA", None, ROOM, "")]
    assert office.facts(incident, EntryKind.CALL) == facts


def test_anything_but_a_link_changes_nothing(office: Office) -> None:
    incident = office.declare()
    for link in ("http://meet.example.com", "javascript:alert(1)", "https://", "x"):
        with pytest.raises(CallUnusable):
            set_call(office, link)
    assert office.facts(incident, EntryKind.CALL) == []


def test_a_new_incident_has_the_call_that_the_settings_name(office: Office) -> None:
    assert office.declare().call_url is None
    assert "INC-1/call" not in office.rows()
    choose(office, "https://meet.example.com/{ref}")
    declared = office.declare()
    assert declared.call_url == "https://meet.example.com/INC-2"
    assert office.rows()["INC-2/call"] == "waiting"
    assert office.facts(declared, EntryKind.CALL) == [], "nobody has changed it"
    choose(office, " ")
    assert office.declare().call_url is None
    with pytest.raises(CallUnusable):
        choose(office, "http://meet.example.com/{ref}")


def test_the_call_of_a_private_incident_is_for_its_members(office: Office) -> None:
    office.declare(is_private=True)
    with pytest.raises(UnknownRef):
        set_call(office, ROOM, by="BEN")
    with pytest.raises(UnknownRef):
        office.calls.remove_call(1, by="BEN", key=next(keys))
    assert set_call(office, ROOM) == ROOM
    assert not [key for key in office.rows() if "announcement" in key]
    found = office.manager.get_incident(1, viewer=SYSTEM)
    assert found
    assert found.call_url == ROOM


def meets(office: Office, *, makes_calls: bool = True) -> None:
    """Have the calendar set up the call of each new incident, if it can."""
    office.connect_calendar(makes_calls=makes_calls)
    office.database.run(partial(settings.save, settings=ReminderSettings(call_from="calendar")))


def test_google_meet_can_be_chosen_while_the_calendar_makes_calls(office: Office) -> None:
    office.people.save([{"id": "BOSS", "name": "boss", "is_admin": True, "updated": 1}])
    office.connect_calendar(makes_calls=True)
    office.set_up(SettingsGroup.CHANNELS, call_from="calendar")
    office.connect_calendar(None)
    changed = office.set_up(SettingsGroup.CHANNELS, call_link=ROOM)
    assert (changed.call_from, changed.call_link) == ("calendar", ROOM), "other fields can still be set"


def test_the_calendar_sets_up_a_call_that_nothing_waits_for(office: Office) -> None:
    meets(office)
    incident = office.declare()
    assert office.rows()["INC-1/event/call"] == "waiting"
    office.perform_until("INC-1/event/call")
    office.perform_all()
    for _attempt in range(2):
        office.calls.made(1, MEET)
    found = office.manager.get_incident(1, viewer=SYSTEM)
    assert found
    assert found.call_url == MEET
    waiting = {key for key, state in office.rows().items() if state == "waiting"}
    assert waiting == {"INC-1/card/made", "INC-1/call/made", "INC-1/announcement/made"}
    assert office.facts(incident, EntryKind.CALL) == [], "nobody has changed it"
    assert set_call(office, ROOM) == ROOM
    assert office.facts(incident, EntryKind.CALL) == [("ANA", MEET, ROOM, "")]


def test_a_call_that_comes_late_is_shown_in_the_home_channel_as_well(office: Office) -> None:
    meets(office)
    office.add_project("Checkout", home_channel="C7")
    office.declare(project_id="Checkout")
    office.perform_until("INC-1/event/call")
    office.perform_all()
    office.calls.made(1, MEET)
    assert office.rows()["INC-1/home/made"] == "waiting"


def test_an_account_that_makes_no_calls_is_asked_for_none(office: Office) -> None:
    meets(office, makes_calls=False)
    office.declare()
    office.connect_calendar(None)
    office.declare()
    assert not [key for key in office.rows() if key.endswith("/event/call")]


def test_where_no_call_can_be_set_up_the_link_counts(office: Office) -> None:
    meets(office)
    both = ReminderSettings(call_from="calendar", call_link=ROOM)
    office.database.run(partial(settings.save, settings=both))
    assert office.declare(is_private=True).call_url == ROOM, "others could join by the calendar"
    assert office.declare().call_url is None
    office.connect_calendar(makes_calls=False)
    assert office.declare().call_url == ROOM
    assert [key for key in office.rows() if key.endswith("/event/call")] == ["INC-2/event/call"]


def test_what_people_decide_counts_for_more_than_a_call_that_comes_late(office: Office) -> None:
    meets(office)
    last = [office.declare() for _number in range(4)][-1]
    set_call(office, ROOM)
    office.calls.remove_call(2, by="ANA", key=next(keys))
    with pytest.raises(NoCall):
        office.calls.remove_call(2, by="ANA", key=next(keys))
    office.calls.set_call(3, ROOM, by="ANA", key=next(keys))
    office.calls.remove_call(3, by="ANA", key=next(keys))
    office.step(last, "resolved")
    calls = []
    for number in (1, 2, 3, 4, 99):
        office.calls.made(number, MEET)
        found = office.manager.get_incident(number, viewer=SYSTEM) if number < 99 else None
        calls.append(found.call_url if found else None)
    assert calls == [ROOM, None, None, None, None]
