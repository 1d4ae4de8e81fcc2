"""Time blocks, and what incidents and action items cause in the calendar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from bot.domain.action_items.model import ActionItemStatus, NewActionItem
from bot.domain.calendar.meetings import EventNews, Reply
from bot.domain.calendar.time_blocks import BlockStatus, TimeBlock
from bot.domain.incidents.model import Incident, IncidentSeverity
from bot.domain.kit.errors import (
    BlockLength,
    BlockOver,
    CannotCheck,
    NoAddress,
    NobodyKnown,
    NoCalendar,
    NotActive,
    NotAllowed,
    NotYourBlock,
    OutsiderInvited,
    UnknownBlock,
)
from bot.domain.kit.people import SYSTEM
from bot.domain.surface.answers import BlockTray
from bot.domain.surface.shown import BlockShown
from bot.operations.calendar.reads import CalendarReads
from tests.support.office import NOBODIES, Office, keys


@pytest.fixture
def incident(office: Office) -> Incident:
    """An incident that is being investigated, with a calendar."""
    office.connect_calendar()
    made = office.declare(by="ANA")
    office.perform_all()
    return office.step(made, "investigating")


def block(office: Office, incident: Incident, by: str = "BEN", minutes: int = 60) -> TimeBlock:
    return office.blocks.block(incident.id, minutes, by=by, key=next(keys))


def shown(office: Office, made: TimeBlock, viewer: str) -> TimeBlock:
    found = office.answers.load(BlockTray(made.id), viewer)
    assert isinstance(found, BlockShown)
    return found.block


def planned(office: Office, part: str) -> int:
    return sum(part in key and state == "waiting" for key, state in office.rows().items())


def test_an_hour_is_blocked_extended_and_freed(office: Office, incident: Incident) -> None:
    made = block(office, incident)
    start = office.clock.now.replace(second=0, microsecond=0)
    assert (made.status, made.starts_at, made.ends_at) == (
        BlockStatus.BLOCKED,
        start,
        start + timedelta(hours=1),
    )
    assert planned(office, f"/block/{made.id}/") == 1
    longer = office.blocks.extend(made.id, by="BEN", key=next(keys))
    assert longer.ends_at == start + timedelta(hours=2)
    office.clock.move(minutes=20)
    ended = office.blocks.free(made.id, by="BEN", key=next(keys))
    assert (ended.status, ended.ends_at) == (BlockStatus.OVER, office.clock.now)
    with pytest.raises(BlockOver):
        office.blocks.extend(made.id, by="BEN", key=next(keys))


def test_a_second_click_makes_no_second_block(office: Office, incident: Incident) -> None:
    assert block(office, incident).id == block(office, incident).id


def test_nobody_is_blocked_for_longer_than_eight_hours(office: Office, incident: Incident) -> None:
    made = block(office, incident, minutes=8 * 60)
    with pytest.raises(BlockLength):
        office.blocks.extend(made.id, by="BEN", key=next(keys))
    for minutes in (0, 14, 9 * 60):
        with pytest.raises(BlockLength):
            block(office, incident, "CHEN", minutes)


def test_other_people_confirm_their_own_block(office: Office, incident: Incident) -> None:
    office.blocks.ask(incident.id, 120, ("BEN", "CHEN"), by="ANA", key=next(keys))
    asked = [each for each in office.rows() if each.startswith("answer/block-")]
    assert len(asked) == 2
    number = int(asked[0].rpartition("-")[2])
    made = office.answers.load(BlockTray(number), "BEN")
    assert isinstance(made, BlockShown) and made.block.status is BlockStatus.ASKED
    owner, other = (made.block.user_id, "ANA")
    with pytest.raises(NotYourBlock):
        office.blocks.confirm(number, by=other, key=next(keys))
    assert planned(office, f"/block/{number}/") == 0
    agreed = office.blocks.confirm(number, by=owner, key=next(keys))
    assert (agreed.status, agreed.minutes) == (BlockStatus.BLOCKED, 120)
    assert planned(office, f"/block/{number}/") == 1


def test_people_who_decline_have_nothing_in_the_calendar(office: Office, incident: Incident) -> None:
    office.blocks.ask(incident.id, 60, ("BEN",), by="ANA", key=next(keys))
    number = int(next(each for each in office.rows() if each.startswith("answer/block-")).rpartition("-")[2])
    office.blocks.free(number, by="BEN", key=next(keys))
    assert planned(office, f"/block/{number}/") == 0
    with pytest.raises(BlockOver):
        office.blocks.confirm(number, by="BEN", key=next(keys))


def test_blocks_end_with_the_resolution(office: Office, incident: Incident) -> None:
    made = block(office, incident)
    office.perform_all()
    office.clock.move(minutes=10)
    office.step(incident, "resolved")
    assert shown(office, made, "BEN").ends_at == office.clock.now
    assert planned(office, f"/block/{made.id}/") == 1
    with pytest.raises(NotActive):
        block(office, incident, "CHEN")


def test_deleting_a_block_in_the_calendar_ends_it(office: Office, incident: Incident) -> None:
    made = block(office, incident)
    plan = office.blocks.plan(made.id)
    assert plan
    office.sync.hear([EventNews(plan.event_id, is_cancelled=True)])
    assert shown(office, made, "BEN").status is BlockStatus.OVER


def heard(office: Office, made: TimeBlock, after: timedelta, **news: Any) -> TimeBlock:
    """Have Google report the block's event, changed that long after our last change; the block afterwards."""
    plan = office.blocks.plan(made.id)
    assert plan
    updated = plan.block.updated_at + after
    office.sync.hear([EventNews(plan.event_id, is_cancelled=False, updated=updated, **news)])
    return shown(office, made, "BEN")


def test_a_block_moved_in_the_calendar_is_shown_as_it_is_there(office: Office, incident: Incident) -> None:
    made = block(office, incident)
    assert made.starts_at and made.ends_at
    start, end = made.starts_at + timedelta(minutes=15), made.ends_at - timedelta(minutes=15)
    same = heard(office, made, timedelta(seconds=1), start=made.starts_at, end=made.ends_at)
    assert same == made
    older = heard(office, made, -timedelta(seconds=1), start=start, end=end)
    assert older == made
    moved = heard(office, made, timedelta(seconds=1), start=start, end=end)
    assert (moved.starts_at, moved.ends_at, moved.status) == (start, end, BlockStatus.BLOCKED)
    whole_day = heard(office, made, timedelta(seconds=2))
    assert whole_day == moved


def test_declining_a_block_in_the_calendar_ends_it(office: Office, incident: Incident) -> None:
    made = block(office, incident)
    office.perform_all()
    office.clock.move(minutes=5)
    accepted = {"ben@acme.example": Reply.ACCEPTED}
    assert heard(office, made, timedelta(seconds=1), replies=accepted) == made
    refused = heard(office, made, timedelta(seconds=1), replies={"ben@acme.example": Reply.DECLINED})
    assert (refused.status, refused.ends_at) == (BlockStatus.OVER, office.clock.now)
    assert planned(office, f"/block/{made.id}/") == 1


@pytest.mark.parametrize("how", ["an event", "the next look"])
def test_people_who_leave_a_private_channel_have_no_time_blocked_for_it(office: Office, how: str) -> None:
    office.connect_calendar()
    hidden = office.declare(is_private=True)
    office.perform_all()
    office.channels.set_members(hidden.id, frozenset({"ANA", "BEN"}), office.clock.now)
    made, mine = block(office, hidden), block(office, hidden, "ANA")
    office.perform_all()
    office.clock.move(minutes=5)
    if how == "an event":
        at = f"{office.clock.now.timestamp():.6f}"
        office.manager.note_member(f"C{hidden.id}", "BEN", present=False, event_ts=at)
    else:
        office.channels.set_members(hidden.id, frozenset({"ANA"}), office.clock.now)
    found = [office.blocks.plan(each.id) for each in (made, mine)]
    assert [each and each.block.status for each in found] == [BlockStatus.OVER, BlockStatus.BLOCKED]
    assert (planned(office, f"/block/{made.id}/"), planned(office, f"/block/{mine.id}/")) == (1, 0)


def test_without_a_calendar_or_an_e_mail_nothing_can_be_blocked(office: Office) -> None:
    made = office.declare()
    with pytest.raises(NoCalendar):
        block(office, made)
    office.connect_calendar()
    office.people.save([{"id": "ZOE", "name": "zoe"}])
    with pytest.raises(NoAddress):
        block(office, made, "ZOE")


@pytest.mark.parametrize("user", NOBODIES)
def test_outsiders_cannot_block_time_and_are_not_asked_to(
    office: Office, incident: Incident, user: str
) -> None:
    with pytest.raises(NotAllowed):
        block(office, incident, user)
    with pytest.raises(NobodyKnown):
        office.blocks.ask(incident.id, 60, (user,), by="ANA", key=next(keys))


def test_a_private_incidents_blocks_reveal_nothing(office: Office) -> None:
    office.connect_calendar()
    hidden = office.declare(is_private=True)
    with pytest.raises(OutsiderInvited):
        office.blocks.ask(hidden.id, 60, ("BEN",), by="ANA", key=next(keys))
    made = block(office, hidden, "ANA")
    with pytest.raises(UnknownBlock):
        office.blocks.free(made.id, by="BEN", key=next(keys))
    with pytest.raises(UnknownBlock):
        office.answers.load(BlockTray(made.id), "BEN")


def test_an_incidents_event_follows_what_it_shows(office: Office, incident: Incident) -> None:
    office.perform_all()
    office.manager.assign_commander(incident.id, "BEN", by="BEN", key=next(keys))
    assert planned(office, "/event") == 0
    office.manager.change_severity(incident.id, IncidentSeverity.LOW, by="ANA", key=next(keys))
    assert planned(office, "/event") == 1
    found = CalendarReads(office.database, office.clock).incident_event(incident.id)
    assert found and found.incident.severity is IncidentSeverity.LOW


def test_without_a_calendar_no_rows_are_made_for_it(office: Office) -> None:
    made = office.declare()
    office.step(made, "resolved")
    new = NewActionItem(made.id, "Check it", due_date=date(2026, 3, 9))
    office.items.create_action_item(new, by="ANA", key=next(keys))
    assert not any("/event" in key or "/due/" in key for key in office.rows())


def test_a_due_dates_event_follows_its_item(office: Office, incident: Incident) -> None:
    reads = CalendarReads(office.database, office.clock)
    new = NewActionItem(incident.id, "Check it", assigned_to="BEN")
    item = office.items.create_action_item(new, by="ANA", key=next(keys))
    assert planned(office, "/due/") == 0
    changes: tuple[Callable[[], object], ...] = (
        lambda: office.items.change_due_date(item.id, date(2026, 3, 9), by="ANA", key=next(keys)),
        lambda: office.items.reassign(item.id, "CHEN", by="ANA", key=next(keys)),
        lambda: office.items.update_action_item_status(
            item.id, ActionItemStatus.COMPLETED, by="ANA", key=next(keys)
        ),
        lambda: office.items.change_due_date(item.id, None, by="ANA", key=next(keys)),
    )
    for change in changes:
        change()
        assert planned(office, "/due/") == 1
        office.perform_all()
    office.items.change_due_date(item.id, date(2026, 3, 10), by="ANA", key=next(keys))
    found = reads.due_date(incident.id, item.id)
    assert found and found.owner and found.owner.id == "CHEN"
    assert found.item == office.items.get_action_item(item.id, viewer=SYSTEM)


def test_a_confirmed_block_replaces_the_current_one(office: Office, incident: Incident) -> None:
    mine = block(office, incident, minutes=90)
    office.blocks.ask(incident.id, 60, ("BEN",), by="ANA", key=next(keys))
    office.clock.move(minutes=10)
    confirmed = office.blocks.confirm(mine.id + 1, by="BEN", key=next(keys))
    before = shown(office, mine, "BEN")
    assert (before.status, before.ends_at) == (BlockStatus.OVER, office.clock.now)
    # It ends no earlier than the previous one.
    assert confirmed.ends_at == mine.ends_at


def test_a_calendar_connected_later_gets_what_it_would_have(office: Office) -> None:
    work, over = office.declare(), office.declare()
    office.step(over, "resolved")
    for due in (date(2026, 3, 9), None):
        new = NewActionItem(over.id, "Check it", due_date=due)
        office.items.create_action_item(new, by="ANA", key=next(keys))
    for _ in range(2):
        # Starting again with the same calendar adds nothing.
        office.connect_calendar()
    found = sorted(key.rpartition("/connected")[0] for key in office.rows() if "/connected/" in key)
    assert found == [f"INC-{work.id}/event", f"INC-{over.id}/due/1"]
    office.clock.move(days=1)
    office.perform_all()
    office.connect_calendar("another@acme.example")
    assert planned(office, f"INC-{work.id}/event") == 1


def test_slack_is_asked_about_only_one_of_several_unknown_people_before_an_ack(office: Office) -> None:
    office.slacks_people.update({name: {"id": name, "name": name.lower()} for name in ("ZOE", "YAN")})
    with pytest.raises(CannotCheck):
        office.people.ensure_all_known(("ANA", "ZOE", "YAN", "ZOE"))
    assert office.asked == ["ZOE"]
    office.people.ensure_all_known(("ANA", "ZOE", "YAN"))
    assert office.asked == ["ZOE", "YAN"]
