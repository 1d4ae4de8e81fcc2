"""Who may see a private incident: by their role in it, by events in any order, and by the channel's list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import NothingToRetry
from bot.domain.outbox.retry import Failure, FailureKind
from bot.domain.surface.answers import Doctor
from bot.domain.surface.shown import DoctorShown
from tests.support.examples import NOW
from tests.support.office import Office

START = NOW.timestamp()


@pytest.fixture
def incident(office: Office) -> Incident:
    """A private incident of ANA's that has its channel; no event has reported anybody in it yet."""
    declared = office.declare(is_private=True)
    office.outbox.finish(row := office.claim()["INC-1/channel"], office.outcome_of(row))
    return declared


JOINS, LEAVES = True, False
ORDERS = [
    [(1, JOINS), (2, LEAVES)],
    [(2, LEAVES), (1, JOINS)],
    [(3, LEAVES), (1, JOINS), (2, LEAVES), (2.5, JOINS)],
]


def sees(office: Office, person: str) -> bool:
    return office.manager.get_incident(1, viewer=person) is not None


def listed(office: Office, *people: str) -> None:
    """Have Slack list these as the channel's members."""
    office.channels.set_members(1, frozenset(people), office.clock())


def moved(office: Office, person: str, *, present: bool, at: float) -> None:
    """Have Slack report that somebody joined or left, that many seconds after the start."""
    office.manager.note_member("C1", person, present=present, event_ts=f"{START + at:.6f}")


def test_the_declarer_and_the_commander_see_it_before_they_are_in_the_channel(
    office: Office, incident: Incident
) -> None:
    office.manager.assign_commander(incident.id, "BEN", by="ANA", key="lead")
    listed(office, "BOT")
    assert (sees(office, "ANA"), sees(office, "BEN"), sees(office, "CHEN")) == (True, True, False)


def test_a_declarer_who_cannot_be_invited_may_retry(office: Office, incident: Incident) -> None:
    invitation = office.claim()["INC-1/members"]
    office.outbox.fail(invitation, Failure(FailureKind.FINAL, "user_is_restricted"))
    listed(office, "BOT")
    with pytest.raises(NothingToRetry):
        office.outbox.retry(incident.id, by="BEN")
    office.outbox.retry(incident.id, by="ANA")
    assert office.rows()["INC-1/members"] == "waiting"


def test_people_whose_leaving_was_not_reported_are_missed_at_the_next_listing(
    office: Office, incident: Incident
) -> None:
    listed(office, "ANA", "BEN")
    assert sees(office, "ANA")
    assert sees(office, "BEN")
    office.clock.move(minutes=5)
    listed(office, "BOT")
    assert not sees(office, "ANA")
    assert not sees(office, "BEN")
    assert incident.is_private


@pytest.mark.parametrize("order", ORDERS)
def test_events_in_any_order_and_twice_end_with_the_latest(
    office: Office, incident: Incident, order: list[tuple[int, bool]]
) -> None:
    for at, present in (*order, *order):
        moved(office, "BEN", present=present, at=at)
    assert not sees(office, "BEN")
    moved(office, "BEN", present=True, at=5)
    assert sees(office, "BEN")
    assert incident.is_private


def test_an_event_after_the_listing_counts_and_one_before_it_does_not(
    office: Office, incident: Incident
) -> None:
    moved(office, "BEN", present=True, at=-60)
    listed(office, "ANA")
    assert not sees(office, "BEN")
    moved(office, "BEN", present=True, at=60)
    listed(office, "ANA")
    assert sees(office, "BEN")
    assert incident.is_private


def test_a_fast_clock_does_not_keep_anybody_in(office: Office, incident: Incident) -> None:
    office.clock.now += timedelta(minutes=10)
    listed(office, "ANA", "BEN")
    moved(office, "BEN", present=False, at=1)
    assert not sees(office, "BEN")
    assert incident.is_private


def test_failures_are_reported_to_those_involved_who_are_still_members(
    office: Office, incident: Incident
) -> None:
    office.manager.assign_commander(incident.id, "BEN", by="ANA", key="lead")
    led = office.performer_reads.incident(incident.id)
    assert led
    assert office.performer_reads.whom_to_tell(led) == ["BEN", "ANA"]
    moved(office, "BEN", present=False, at=1)
    assert office.performer_reads.whom_to_tell(led) == ["ANA"]
    moved(office, "ANA", present=False, at=2)
    assert office.performer_reads.whom_to_tell(led) == []


def test_failures_are_shown_and_retried_only_for_people_who_may_see_them(
    office: Office, incident: Incident
) -> None:
    office.outbox.fail(office.claim()["INC-1/members"], Failure(FailureKind.FINAL, "user_is_restricted"))
    office.clock.move(minutes=5)
    shown = office.answers.load(Doctor(), "ANA")
    assert isinstance(shown, DoctorShown)
    assert shown.dead
    assert shown.overdue
    assert office.answers.load(Doctor(), "BEN") == DoctorShown((), ())
    with pytest.raises(NothingToRetry):
        office.outbox.retry(None, by="BEN")
    office.outbox.retry(None, by="ANA")
    assert incident.is_private


def test_its_project_is_suggested_to_members(office: Office) -> None:
    office.declare(is_private=True, project_id="Acquisition")
    suggested = [office.manager.suggest_projects("", 5, viewer=each) for each in ("ANA", "BEN")]
    assert suggested == [["Acquisition"], []]
