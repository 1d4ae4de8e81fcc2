"""What else a change of an action item does: to its reminders, its times, and who may see the incident."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TypeVar

import pytest

from bot.domain.action_items.model import (
    DETAILS_LIMIT,
    ActionItem,
    ActionItemPriority,
    NewActionItem,
    digest_of,
)
from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.errors import DuePassed, ItemChanged, NobodyKnown, TextTooLong, UnknownItem
from bot.domain.outbox.effects import InvitePeople, TellAssignee
from bot.domain.surface.forms import EditItemInput
from storage import people
from storage.tables import people as people_table
from tests.support.office import Office, keys

DUE = date(2026, 3, 11)
E = TypeVar("E")


def make(office: Office, incident: Incident, assigned_to: str | None = "BEN") -> ActionItem:
    new = NewActionItem(incident.id, "Raise the limit", "To 50", assigned_to, due_date=DUE)
    return office.items.create_action_item(new, by="ANA", key=next(keys))


@pytest.fixture
def item(office: Office) -> ActionItem:
    return make(office, office.declare())


def change_priority(office: Office, item: ActionItem, by: str = "ANA") -> ActionItem:
    return office.items.change_priority(item.id, ActionItemPriority.LOW, by=by, key=next(keys))


def planned(office: Office, kind: type[E]) -> list[E]:
    """What of this kind is about to be performed."""
    effects = [row.effect for row in office.claim().values()]
    return [effect for effect in effects if isinstance(effect, kind)]


def edit(office: Office, item: ActionItem, name: str, before: str, after: str) -> ActionItem:
    """Ana submits one field of the form."""
    return office.items.edit_from_form(
        EditItemInput(item.id, {name: before}, {name: after}), by="ANA", key=next(keys)
    )


def test_only_a_new_owner_has_been_assigned_now(office: Office, item: ActionItem) -> None:
    assigned_at = item.assigned_at
    office.clock.move(minutes=5)
    assert change_priority(office, item).assigned_at == assigned_at
    given = office.items.reassign(item.id, "CHEN", by="ANA", key=next(keys))
    assert given.assigned_at == office.clock()


def test_only_a_new_due_date_ends_a_snooze(office: Office, item: ActionItem) -> None:
    snoozed = office.items.snooze(item.id, date(2026, 3, 9), by="BEN", key=next(keys))
    assert change_priority(office, item).snoozed_until == snoozed.snoozed_until == date(2026, 3, 9)
    office.clock.move(minutes=5)
    moved = office.items.change_due_date(item.id, date(2026, 3, 20), by="BEN", key=next(keys))
    assert (moved.snoozed_until, moved.planned_after) == (None, office.clock())


def test_each_change_and_snooze_is_dated(office: Office, item: ActionItem) -> None:
    office.clock.move(minutes=5)
    assert change_priority(office, item).updated_at == office.clock()
    office.clock.move(minutes=5)
    snoozed = office.items.snooze(item.id, None, by="BEN", key=next(keys), days=1)
    assert snoozed.updated_at == office.clock()


def test_a_title_is_cleaned_however_it_is_changed(office: Office, item: ActionItem) -> None:
    assert edit(office, item, "title", item.title, "  Double\nthe limit ").title == "Double the limit"


def test_details_that_are_too_long_are_refused_at_their_field(office: Office, item: ActionItem) -> None:
    with pytest.raises(TextTooLong) as refused:
        office.items.edit_from_form(
            EditItemInput(
                item.id, {"description": digest_of("To 50")}, {"description": "x" * (DETAILS_LIMIT + 1)}
            ),
            by="ANA",
            key=next(keys),
        )
    assert refused.value.field == "description"


def test_a_day_has_passed_where_the_person_is_who_chooses_it(office: Office, item: ActionItem) -> None:
    known = office.database.run(partial(people.get, user_id="CHEN"))
    assert known is not None
    in_auckland = replace(known, tz="Pacific/Auckland", changed_at=known.changed_at + 1)
    office.database.run(partial(people.save, known=[in_auckland], now=office.clock()))
    # It is the fourth in Auckland already, and still the third where Ben is.
    office.clock.now = datetime(2026, 3, 3, 20, tzinfo=UTC)
    third = date(2026, 3, 3)
    with pytest.raises(DuePassed):
        office.items.change_due_date(item.id, third, by="CHEN", key=next(keys))
    assert office.items.change_due_date(item.id, third, by="BEN", key=next(keys)).due_date == third


def test_a_new_owner_is_brought_into_a_private_incident(office: Office) -> None:
    incident = office.declare(is_private=True)
    item = make(office, incident, assigned_to=None)
    office.perform_all()
    change_priority(office, item)
    office.items.snooze(item.id, None, by="ANA", key=next(keys), days=1)
    with pytest.raises(UnknownItem):
        office.items.get_action_item(item.id, viewer="BEN")
    office.items.reassign(item.id, "BEN", by="ANA", key=next(keys))
    assert office.items.get_action_item(item.id, viewer="BEN").assigned_to == "BEN"
    assert [effect.user_ids for effect in planned(office, InvitePeople)] == [("BEN",)]


def test_each_new_owner_in_turn_is_brought_in(office: Office) -> None:
    item = make(office, office.declare(is_private=True), assigned_to=None)
    office.items.reassign(item.id, "BEN", by="ANA", key=next(keys))
    office.perform_all()
    office.items.reassign(item.id, "CHEN", by="ANA", key=next(keys))
    assert [effect.user_ids for effect in planned(office, InvitePeople)] == [("CHEN",)]


def test_nobody_is_brought_into_a_public_incident_by_a_change(office: Office, item: ActionItem) -> None:
    office.perform_all()
    office.items.reassign(item.id, "CHEN", by="ANA", key=next(keys))
    assert planned(office, InvitePeople) == []


def test_nobody_is_notified_of_an_item_that_they_took_themselves(office: Office) -> None:
    item = make(office, office.declare(), assigned_to=None)
    office.perform_all()
    office.items.reassign(item.id, "BEN", by="BEN", key=next(keys))
    assert planned(office, TellAssignee) == []
    office.items.reassign(item.id, "CHEN", by="BEN", key=next(keys))
    assert [effect.user_id for effect in planned(office, TellAssignee)] == ["CHEN"]


def test_an_item_is_only_assigned_to_somebody_who_may_act(office: Office, item: ActionItem) -> None:
    with pytest.raises(NobodyKnown):
        office.items.reassign(item.id, "GUEST", by="ANA", key=next(keys))
    assert office.items.get_action_item(item.id, viewer="ANA").assigned_to == "BEN"


def test_the_timeline_says_what_a_field_was_unless_it_was_empty_and_shortens_it(office: Office) -> None:
    incident = office.declare()
    item = make(office, incident, assigned_to=None)
    office.items.reassign(item.id, "BEN", by="ANA", key=next(keys))
    edit(office, item, "description", digest_of("To 50"), "y" * 300)
    edit(office, item, "description", digest_of("y" * 300), "To 100")
    befores = [before for _, before, _, _ in office.facts(incident, EntryKind.ACTION)[-3:]]
    assert befores == [None, "To 50", f"{'y' * 199}…"]


def test_each_snooze_and_each_change_updates_the_reminder(office: Office, item: ActionItem) -> None:
    office.clock.now = datetime(2026, 3, 11, 10, tzinfo=UTC)
    office.ring()
    office.perform_all()
    seen = set(office.rows())
    changes: list[Callable[[], object]] = [
        *(
            partial(office.items.snooze, item.id, None, by="BEN", key=next(keys), days=days)
            for days in (1, 2)
        ),
        *(partial(office.items.reassign, item.id, to, by="ANA", key=next(keys)) for to in ("CHEN", "BEN")),
    ]
    for change in changes:
        change()
        assert [key for key in set(office.rows()) - seen if "/reminder/" in key]
        seen = set(office.rows())
        office.perform_all()


def test_somebody_who_is_no_longer_known_is_named_by_their_id(office: Office, item: ActionItem) -> None:
    edit(office, item, "title", item.title, "Double the limit")
    gone = people_table.delete().where(people_table.c.id == "ANA")
    office.database.run(lambda tx: tx.execute(gone))
    wanted = EditItemInput(item.id, {"title": item.title}, {"title": "Halve the limit"})
    with pytest.raises(ItemChanged) as refused:
        office.items.edit_from_form(wanted, by="BEN", key=next(keys))
    assert refused.value.values["name"] == "ANA"
