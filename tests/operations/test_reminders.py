"""Reminders and digests become rows, each once, for everybody who can get them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.domain.action_items.model import ActionItem, ActionItemStatus, NewActionItem
from bot.domain.action_items.notifications import Notification
from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import (
    DuePassed,
    ItemIs,
    ItemTitleMissing,
    NobodyKnown,
    NotAllowed,
    UnknownItem,
)
from bot.domain.settings import SettingsGroup
from bot.operations.action_items.reads import ItemReads
from storage.gathered import MAX_GATHERED
from tests.support.office import NOBODIES, Office, keys

BERLIN_NINE = 8
"""The hour (UTC) at which it is nine in Berlin in winter."""


def make(office: Office, incident: Incident | None = None, by: str = "ANA", **values: Any) -> ActionItem:
    number = (incident or office.declare()).id
    new = NewActionItem(number, values.pop("title", "Raise the limit"), **values)
    return office.items.create_action_item(new, by=by, key=next(keys))


def reminded(office: Office) -> list[str]:
    """The keys of all reminders so far."""
    return sorted(key for key in office.rows() if "/reminder/" in key)


def pass_days(office: Office, days: float) -> None:
    """Let that many days pass, with a tick every three hours."""
    for _ in range(int(days * 8)):
        office.clock.move(hours=3)
        office.ring()


def at(office: Office, when: str) -> None:
    office.clock.now = datetime.fromisoformat(when).replace(tzinfo=UTC)


def test_the_owner_is_reminded_of_each_rung_once(office: Office) -> None:
    made = make(office, assigned_to="BEN", due_date=date(2026, 3, 11))
    pass_days(office, 10)
    office.ring()
    rungs = ("-1", "-3", "0", "1")
    assert reminded(office) == sorted(f"{made.ref}/reminder/{rung}/2026-03-11/BEN" for rung in rungs)


def test_it_is_nine_where_the_owner_is(office: Office) -> None:
    make(office, assigned_to="BEN", due_date=date(2026, 3, 11))
    at(office, f"2026-03-10T0{BERLIN_NINE - 1}:59")
    office.ring()
    before = reminded(office)
    office.clock.move(minutes=1)
    office.ring()
    assert len(reminded(office)) == len(before) + 1


def test_after_downtime_only_the_latest_is_sent_and_says_that_it_is_late(office: Office) -> None:
    made = make(office, assigned_to="BEN", due_date=date(2026, 3, 6))
    at(office, "2026-03-12T11:00")
    office.ring()
    assert reminded(office) == [f"{made.ref}/reminder/3/2026-03-06/BEN"]


def test_back_at_night_means_tomorrow_morning(office: Office) -> None:
    make(office, assigned_to="BEN", due_date=date(2026, 3, 6))
    at(office, "2026-03-12T02:00")
    office.ring()
    assert reminded(office) == []
    at(office, f"2026-03-12T0{BERLIN_NINE}:00")
    office.ring()
    assert len(reminded(office)) == 1


@pytest.mark.parametrize(
    ("due", "came", "rung", "days"),
    [
        (date(2026, 3, 15), "2026-03-13", "0", -2),  # a Sunday, and the Friday before
        (date(2026, 3, 13), "2026-03-16", "3", 3),  # a Friday, and the Monday after
        (date(2026, 3, 11), "2026-03-11", "0", 0),
    ],
)
def test_a_reminder_that_days_off_move_counts_from_the_day_it_comes(
    office: Office, due: date, came: str, rung: str, days: int
) -> None:
    made = make(office, assigned_to="BEN", due_date=due)
    at(office, f"{came}T10:00")
    office.ring()
    assert reminded(office) == [f"{made.ref}/reminder/{rung}/{due}/BEN"]
    office.clock.move(days=2)
    lead = Notification(made.incident_id, made.id, "BEN", rung, due.isoformat())
    begun = ItemReads(office.database, office.clock).reminding(lead)
    assert begun and [each.days_overdue for each in begun[0]] == [days]


@pytest.mark.parametrize("status", [ActionItemStatus.COMPLETED, ActionItemStatus.CANCELLED])
def test_done_or_cancelled_stops(office: Office, status: ActionItemStatus) -> None:
    made = make(office, assigned_to="BEN", due_date=date(2026, 3, 6))
    office.items.update_action_item_status(made.id, status, by="BEN", key=next(keys))
    pass_days(office, 20)
    assert reminded(office) == []


def test_moving_the_date_plans_again(office: Office) -> None:
    made = make(office, assigned_to="BEN", due_date=date(2026, 3, 6))
    office.items.change_due_date(made.id, date(2026, 3, 31), by="ANA", key=next(keys))
    pass_days(office, 20)
    assert reminded(office) == []
    pass_days(office, 8)
    assert [key.split("/")[2:4] for key in reminded(office)] == [["-1", "2026-03-31"], ["-3", "2026-03-31"]]


def test_a_snoozed_item_is_silent_until_that_day(office: Office) -> None:
    made = make(office, assigned_to="BEN", due_date=date(2026, 3, 6))
    office.items.snooze(made.id, date(2026, 3, 11), by="BEN", key=next(keys))
    pass_days(office, 9.5)
    assert reminded(office) == [f"{made.ref}/reminder/snooze/2026-03-11/BEN"]


def test_after_a_week_overdue_the_commander_is_reminded_too(office: Office) -> None:
    incident = office.declare()
    office.manager.assign_commander(incident.id, "CHEN", by="CHEN", key=next(keys))
    made = make(office, incident, assigned_to="BEN", due_date=date(2026, 3, 3))
    pass_days(office, 9)
    assert f"{made.ref}/reminder/7/2026-03-03/CHEN" in reminded(office)
    assert f"{made.ref}/reminder/3/2026-03-03/CHEN" not in reminded(office)


def test_without_an_owner_the_declarer_is_asked_to_find_one(office: Office) -> None:
    made = make(office)
    pass_days(office, 3)
    assert reminded(office) == [f"{made.ref}/reminder/owner/2026-03-02/ANA"]


def test_when_the_owner_leaves_somebody_else_is_asked(office: Office) -> None:
    made = make(office, assigned_to="BEN")
    office.people.save([{"id": "BEN", "name": "ben", "deleted": True, "tz": "Europe/Berlin", "updated": 9}])
    pass_days(office, 3)
    assert [key.rpartition("/")[2] for key in reminded(office)] == ["ANA"]
    assert reminded(office)[0].startswith(f"{made.ref}/reminder/owner/")


def test_planned_reminders_move_with_the_owner(office: Office) -> None:
    made = make(office, assigned_to="BEN", due_date=date(2026, 3, 11))
    office.people.save([{"id": "BEN", "name": "ben", "tz": "America/Los_Angeles", "updated": 9}])
    moved = office.items.get_action_item(made.id, viewer="BEN")
    # Three days before is a Sunday, so it is on Friday; nine in Los Angeles, in winter.
    assert moved.remind_at == datetime(2026, 3, 6, 17, tzinfo=UTC)


def test_reminders_move_with_the_owner_even_if_somebody_else_leaves_at_the_same_time(office: Office) -> None:
    make(office, assigned_to="BEN")
    hers = make(office, assigned_to="ANA", due_date=date(2026, 3, 11))
    # Ben's item falls to Ana, who declared the incident, before the list comes to her own move.
    left = {"id": "BEN", "name": "ben", "deleted": True, "tz": "Europe/Berlin", "updated": 9}
    moved = {"id": "ANA", "name": "ana", "tz": "America/Los_Angeles", "updated": 9}
    office.people.save([left, moved])
    planned = office.items.get_action_item(hers.id, viewer="ANA")
    assert planned.remind_at == datetime(2026, 3, 6, 17, tzinfo=UTC)


def test_nobody_outside_a_private_incident_is_reminded(office: Office) -> None:
    incident = office.declare(is_private=True)
    made = make(office, incident, assigned_to="BEN", due_date=date(2026, 3, 3))
    assert office.items.get_action_item(made.id, viewer="BEN").id == made.id
    with pytest.raises(UnknownItem):
        office.items.get_action_item(made.id, viewer="CHEN")
    with pytest.raises(UnknownItem):
        office.items.update_action_item_status(made.id, ActionItemStatus.COMPLETED, by="CHEN", key=next(keys))
    assert office.rows()[f"{incident.ref}/members/{made.ref}/2"] == "waiting"
    office.perform_all()
    office.manager.note_member(f"C{incident.id}", "BEN", present=False, event_ts="9")
    pass_days(office, 2)
    assert {key.rpartition("/")[2] for key in reminded(office)} == {"ANA"}


def test_a_digest_comes_on_monday_and_only_if_there_is_something_to_do(office: Office) -> None:
    made = make(office, assigned_to="BEN")
    pass_days(office, 8)
    digests = sorted(key for key in office.rows() if key.startswith("digest/"))
    assert digests == ["digest/BEN/2026-W11"]
    office.items.update_action_item_status(made.id, ActionItemStatus.COMPLETED, by="BEN", key=next(keys))
    pass_days(office, 14)
    assert sorted(key for key in office.rows() if key.startswith("digest/")) == digests


def test_a_digest_that_is_days_late_is_left_out(office: Office) -> None:
    make(office, assigned_to="BEN")
    office.clock.move(days=10)
    office.ring()
    assert not [key for key in office.rows() if key.startswith("digest/")]


def test_thousands_due_at_once_are_all_planned(office: Office) -> None:
    incident = office.declare()
    made = [make(office, incident, assigned_to="BEN", due_date=date(2026, 3, 3)) for _ in range(130)]
    at(office, "2026-03-03T10:00")
    office.ring()
    first, last = made[0], made[-1]
    assert [key.split("/")[0] for key in reminded(office)] == [first.ref, made[MAX_GATHERED].ref]
    lead = Notification(first.incident_id, first.id, "BEN", "0", "2026-03-03")
    begun = ItemReads(office.database, office.clock).reminding(lead)
    assert begun is not None
    assert len(begun[0]) == MAX_GATHERED
    assert office.items.get_action_item(last.id, viewer="BEN").remind_at != last.remind_at


@pytest.mark.parametrize("who", NOBODIES)
def test_only_full_members_make_items_or_own_them(office: Office, who: str) -> None:
    incident = office.declare()
    with pytest.raises(NotAllowed):
        make(office, incident, by=who)
    with pytest.raises(NobodyKnown):
        make(office, incident, assigned_to=who)


def test_invalid_values_are_refused(office: Office) -> None:
    incident = office.declare()
    with pytest.raises(ItemTitleMissing):
        make(office, incident, title=" \u200b ")
    with pytest.raises(DuePassed):
        make(office, incident, due_date=date(2026, 3, 1))
    made = make(office, incident)
    office.items.update_action_item_status(made.id, ActionItemStatus.CANCELLED, by="ANA", key=next(keys))
    with pytest.raises(ItemIs) as refused:
        office.items.update_action_item_status(made.id, ActionItemStatus.COMPLETED, by="ANA", key=next(keys))
    assert refused.value.values["status"] == "cancelled"
    assert len(office.items.get_action_items_for_incident(incident.id, viewer="ANA")) == 1


def test_a_second_delivery_makes_no_second_item(office: Office) -> None:
    incident, key = office.declare(), next(keys)
    new = NewActionItem(incident.id, "Raise the limit")
    first = office.items.create_action_item(new, by="ANA", key=key)
    assert office.items.create_action_item(new, by="ANA", key=key).id == first.id
    assert len(office.items.get_action_items_for_incident(incident.id, viewer="ANA")) == 1


PLAIN: dict[str, Any] = {
    "ladder": "0, 2",
    "hour": "7",
    "until": "18",
    "working_days": ("0", "6"),
    "country": "de",
    "days_off": "2026-03-09",
}


@pytest.fixture
def admin(office: Office) -> str:
    office.people.save([{"id": "BOSS", "name": "boss", "is_admin": True, "tz": "Europe/Berlin"}])
    return "BOSS"


def test_settings_move_what_is_planned(office: Office, admin: str) -> None:
    made = make(office, assigned_to="BEN", due_date=date(2026, 3, 9))
    office.set_up(SettingsGroup.REMINDERS, admin, **PLAIN)
    office.ring()
    moved = office.items.get_action_item(made.id, viewer="ANA")
    # The 9th is a day off, and these settings make Sunday the 8th a working day; seven o'clock.
    assert moved.remind_at == datetime(2026, 3, 8, 6, tzinfo=UTC)
