"""Which step follows which, and what refs look like."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.incidents.model import (
    ACTIVE,
    IMPOSSIBLE,
    NEXT_STEPS,
    SEVERITY_MEANINGS,
    Incident,
    IncidentSeverity,
    IncidentStatus,
    NewIncident,
    can_follow,
    declared,
    is_reopening,
    resolved_at_after,
)
from tests.support.examples import NOW, incident

OPEN, INVESTIGATING = IncidentStatus.OPEN, IncidentStatus.INVESTIGATING
RESOLVED, CLOSED = IncidentStatus.RESOLVED, IncidentStatus.CLOSED

ALLOWED: set[tuple[IncidentStatus, IncidentStatus]] = {
    (OPEN, INVESTIGATING),
    (OPEN, RESOLVED),
    (INVESTIGATING, RESOLVED),
    (RESOLVED, CLOSED),
    (RESOLVED, OPEN),
    (RESOLVED, INVESTIGATING),
    (CLOSED, OPEN),
    (CLOSED, INVESTIGATING),
}

statuses = st.sampled_from(IncidentStatus)
times = st.datetimes(min_value=datetime(2020, 1, 1)).map(lambda naive: naive.replace(tzinfo=NOW.tzinfo))  # noqa: DTZ001 - gets its zone here


def test_the_table_has_a_row_for_every_status() -> None:
    for status in IncidentStatus:
        assert status in NEXT_STEPS, f"{status} has no row in NEXT_STEPS of bot/domain/incidents/model.py"


def test_every_severity_has_the_meaning_of_the_specification() -> None:
    assert {each.value: SEVERITY_MEANINGS[each] for each in IncidentSeverity} == {
        "critical": "Service down, data loss",
        "high": "Major functionality impacted",
        "medium": "Partial functionality impacted",
        "low": "Minor impact",
    }


@pytest.mark.parametrize("now", IncidentStatus)
@pytest.mark.parametrize("wanted", IncidentStatus)
def test_a_step_is_allowed_exactly_if_the_table_says_so(now: IncidentStatus, wanted: IncidentStatus) -> None:
    is_allowed = (now, wanted) in ALLOWED
    assert can_follow(now, wanted) == is_allowed, "ALLOWED of this file and NEXT_STEPS differ"


@pytest.mark.parametrize("now", IncidentStatus)
@pytest.mark.parametrize("wanted", IncidentStatus)
def test_every_step_that_is_not_allowed_says_what_to_do_instead(
    now: IncidentStatus, wanted: IncidentStatus
) -> None:
    assert now is wanted or can_follow(now, wanted) or wanted in IMPOSSIBLE


@pytest.mark.parametrize("now", IncidentStatus)
def test_no_step_is_offered_twice_and_none_leads_nowhere(now: IncidentStatus) -> None:
    steps = NEXT_STEPS[now]
    assert len(set(steps)) == len(steps)
    assert now not in steps


@pytest.mark.parametrize("now", [RESOLVED, CLOSED])
@pytest.mark.parametrize("wanted", sorted(ACTIVE))
def test_reopening_is_possible_from_resolved_and_from_closed(
    now: IncidentStatus, wanted: IncidentStatus
) -> None:
    assert can_follow(now, wanted)
    assert is_reopening(now, wanted)


@given(statuses, statuses)
def test_only_a_step_back_into_work_is_a_reopening(now: IncidentStatus, wanted: IncidentStatus) -> None:
    assert is_reopening(now, wanted) == (now in {RESOLVED, CLOSED} and wanted in {OPEN, INVESTIGATING})


@given(st.lists(statuses, max_size=12), times)
def test_resolved_at_is_set_exactly_while_an_incident_is_over(
    wishes: list[IncidentStatus], start: datetime
) -> None:
    status, resolved_at, resolved_in = OPEN, None, None
    for minute, wanted in enumerate(wishes):
        now = start + timedelta(minutes=minute)
        if not can_follow(status, wanted):
            continue
        status, resolved_at = wanted, resolved_at_after(wanted, resolved_at, now)
        if wanted is RESOLVED:
            resolved_in = now
        assert resolved_at == (None if status in ACTIVE else resolved_in)


@pytest.mark.parametrize("status", IncidentStatus)
@pytest.mark.parametrize("before", [None, NOW - timedelta(hours=2)])
def test_a_declaration_becomes_an_incident_without_a_number_or_a_channel(
    status: IncidentStatus, before: datetime | None
) -> None:
    new = NewIncident(
        "Checkout is down",
        IncidentSeverity.HIGH,
        status,
        "shop",
        "It is",
        before,
        {"source": 1},
        is_private=True,
    )
    since = before or NOW
    assert declared(new, "U0ANA", NOW) == Incident(
        id=0,
        title="Checkout is down",
        severity=IncidentSeverity.HIGH,
        status=status,
        declared_at=since,
        declared_by="U0ANA",
        channel_name="",
        created_at=NOW,
        updated_at=NOW,
        project_id="shop",
        description="It is",
        resolved_at=None if status in ACTIVE else since,
        metadata={"source": 1},
        is_private=True,
    )


@pytest.mark.parametrize("status", IncidentStatus)
def test_an_incident_is_active_until_it_is_resolved(status: IncidentStatus) -> None:
    assert incident(status=status).is_active == (status in {OPEN, INVESTIGATING})
    assert incident(status=status).ref == "INC-12"
