"""What one person is notified of at one moment is one message, which follows its items."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot.domain.action_items.model import ActionItem, ActionItemStatus, NewActionItem
from bot.domain.action_items.notifications import Due, Notification, reminder_of
from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import OutdatedButton
from bot.operations.action_items.reads import ItemReads
from tests.support.office import Office, keys

DUE = date(2026, 3, 5)
MORNING = datetime(2026, 3, 5, 10, tzinfo=UTC)


def make(office: Office, incident: Incident, **values: Any) -> ActionItem:
    new = NewActionItem(incident.id, "Raise the limit", **values)
    return office.items.create_action_item(new, by="ANA", key=next(keys))


def sent(office: Office, kind: str) -> set[str]:
    """The messages of this kind, by the key of each."""
    return {lane for lane in lanes(office) if f"/{kind}/" in lane}


def lanes(office: Office) -> set[str]:
    query = "SELECT lane FROM outbox"
    with office.database.engine.begin() as connection:
        return set(connection.exec_driver_sql(query).scalars())


def due(office: Office, first: ActionItem, user_id: str = "BEN", on: date = DUE) -> list[Due]:
    """What the message that begins with this item shows."""
    found = ItemReads(office.database, office.clock).reminding(reminder_of(first, user_id, "0", on))
    return list(found[0]) if found else []


def remind(office: Office, now: datetime = MORNING) -> None:
    """Let everything that is due be sent."""
    office.clock.now = now
    office.ring()
    office.perform_all()


def test_twenty_reminders_at_one_moment_are_one_message(office: Office) -> None:
    incidents = [office.declare(), office.declare("Another")]
    made = [make(office, incidents[n % 2], assigned_to="BEN", due_date=DUE) for n in range(20)]
    remind(office)
    assert sent(office, "reminder") == {f"{made[0].ref}/reminder/0/2026-03-05/BEN"}
    assert [each.item.id for each in due(office, made[0])] == [item.id for item in made]


def test_each_person_has_their_own(office: Office) -> None:
    incident = office.declare()
    made = [make(office, incident, assigned_to=owner, due_date=DUE) for owner in ("BEN", "ANA") * 2]
    remind(office)
    assert sent(office, "reminder") == {
        f"{item.ref}/reminder/0/2026-03-05/{item.assigned_to}" for item in made[:2]
    }


def test_requests_to_find_an_owner_are_one_message(office: Office) -> None:
    incident = office.declare()
    office.manager.assign_commander(incident.id, "BEN", by="ANA", key=next(keys))
    for _ in range(5):
        make(office, incident)
    remind(office)
    assert len(sent(office, "reminder")) == 1


def test_the_next_morning_begins_a_new_message(office: Office) -> None:
    incident = office.declare()
    for _ in range(3):
        make(office, incident, assigned_to="BEN", due_date=DUE)
    remind(office)
    remind(office, datetime(2026, 3, 6, 10, tzinfo=UTC))
    assert len(sent(office, "reminder")) == 2


def test_the_message_follows_each_of_its_items(office: Office) -> None:
    incident = office.declare()
    first, second = (make(office, incident, assigned_to="BEN", due_date=DUE) for _ in range(2))
    remind(office)
    before = set(office.rows())
    done = ActionItemStatus.COMPLETED
    office.items.update_action_item_status(second.id, done, by="BEN", key=next(keys))
    changed = [key for key in set(office.rows()) - before if "/reminder/" in key]
    assert [key.partition("/BEN")[0] for key in changed] == [f"{first.ref}/reminder/0/2026-03-05"]
    assert [each.item.status for each in due(office, first)] == [ActionItemStatus.OPEN, done]


def test_what_is_snoozed_at_once_comes_back_at_once(office: Office) -> None:
    incident = office.declare()
    made = [make(office, incident, assigned_to="BEN", due_date=DUE) for _ in range(3)]
    remind(office)
    office.items.update_action_item_status(made[1].id, ActionItemStatus.COMPLETED, by="BEN", key=next(keys))
    message = reminder_of(made[0], "BEN", "0", DUE).key
    for _redelivery in range(2):
        office.items.snooze_all(message, 1, by="BEN", key="click/1")
    assert [each.is_snoozed for each in due(office, made[0])] == [True, False, True]
    remind(office, datetime(2026, 3, 6, 10, tzinfo=UTC))
    assert sent(office, "reminder") == {message, f"{made[0].ref}/reminder/snooze/2026-03-06/BEN"}


def test_it_says_so_if_nothing_is_left_to_snooze(office: Office) -> None:
    item = make(office, office.declare(), assigned_to="BEN", due_date=DUE)
    remind(office)
    office.items.update_action_item_status(item.id, ActionItemStatus.CANCELLED, by="BEN", key=next(keys))
    with pytest.raises(OutdatedButton):
        office.items.snooze_all(reminder_of(item, "BEN", "0", DUE).key, 1, by="BEN", key=next(keys))


def test_what_is_assigned_within_a_minute_is_one_message(office: Office) -> None:
    incident = office.declare()
    made = []
    for _ in range(10):
        made.append(make(office, incident, assigned_to="BEN"))
        office.clock.move(seconds=5)
        office.perform_all()
    assert sent(office, "told") == {f"{made[0].ref}/told/BEN"}
    office.clock.move(seconds=15)
    later = make(office, incident, assigned_to="BEN")
    assert sent(office, "told") == {f"{made[0].ref}/told/BEN", f"{later.ref}/told/BEN"}


def test_what_was_assigned_to_somebody_else_leaves_it(office: Office) -> None:
    incident = office.declare()
    first, second = (make(office, incident, assigned_to="BEN") for _ in range(2))
    office.perform_all()
    before = set(office.rows())
    office.items.reassign(second.id, "CHEN", by="ANA", key=next(keys))
    told = {key.rpartition("/")[0] for key in set(office.rows()) - before if "/told/" in key}
    assert f"{first.ref}/told/BEN/{second.ref}" in told
    assert sent(office, "told") == {f"{first.ref}/told/BEN", f"{second.ref}/told/CHEN"}
    shown = ItemReads(office.database, office.clock).assigned(Notification(incident.id, first.id, "BEN"))
    assert [each.item.assigned_to for each in shown] == ["BEN", "CHEN"]


def test_what_the_person_may_no_longer_see_is_left_out(office: Office) -> None:
    secret, public = office.declare("Secret"), office.declare("Another")
    first = make(office, secret, assigned_to="BEN", due_date=DUE)
    second = make(office, public, assigned_to="BEN", due_date=DUE)
    remind(office)
    with office.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE incidents SET is_private = TRUE WHERE title = 'Secret'")
    assert [each.item.id for each in due(office, first)] == [second.id]


def test_a_digest_that_repeats_this_mornings_reminders_is_left_out(office: Office) -> None:
    monday = date(2026, 3, 9)
    incident = office.declare()
    made = [make(office, incident, assigned_to="BEN", due_date=monday) for _ in range(2)]
    remind(office, datetime(2026, 3, 9, 10, tzinfo=UTC))
    assert len(due(office, made[0], on=monday)) == 2
    assert not [key for key in office.rows() if key.startswith("digest/BEN")]
    make(office, incident, assigned_to="BEN")
    remind(office, datetime(2026, 3, 16, 10, tzinfo=UTC))
    assert [key for key in office.rows() if key.startswith("digest/BEN")]
