"""Updates: when the next one is due, whether somebody is nudged for it, and what the timeline quotes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.incidents.model import IncidentSeverity, IncidentStatus
from bot.domain.kit.working_days import WorkingCalendar
from bot.domain.settings import DEFAULTS, ReminderSettings
from bot.domain.updates.model import (
    UNCHANGED,
    NudgeState,
    due_after,
    interval,
    nudge_state,
    promised,
    words,
    works_now,
)
from tests.support.examples import NOW, incident, update


def test_the_next_update_is_due_by_severity_as_the_settings_say() -> None:
    assert [due_after(DEFAULTS, each) for each in IncidentSeverity] == [15, 30, 60, 0]
    theirs = replace(DEFAULTS, update_critical=None, update_low=240)
    assert [due_after(theirs, each) for each in IncidentSeverity] == [0, 30, 60, 240]


@pytest.mark.parametrize("minutes", [0, 15, 60])
def test_the_next_update_is_due_as_chosen(minutes: int) -> None:
    at = promised(minutes, NOW, is_active=True)
    assert at == (NOW + timedelta(minutes=minutes) if minutes else None)
    assert interval(update(at=NOW, due_at=at)) == minutes


def test_an_incident_that_is_over_promises_no_update() -> None:
    assert promised(15, NOW, is_active=False) is None


def test_the_timeline_quotes_every_part_that_has_text() -> None:
    assert words(update(known="Slow", doing="", next="Restart")) == "Slow\nNext: Restart"
    assert words(update(known="", doing="", next="", is_unchanged=True)) == UNCHANGED


def test_a_nudge_is_open_until_it_is_snoozed_answered_or_pointless() -> None:
    asking, over = update(nudges=1), incident(status=IncidentStatus.RESOLVED)
    snoozed, newer = update(nudges=1, nudge_at=NOW), update(number=3)
    assert nudge_state(incident(), asking, asking, 1) is NudgeState.OPEN
    assert nudge_state(incident(), snoozed, snoozed, 1) is NudgeState.SNOOZED
    assert nudge_state(incident(), update(nudges=2), asking, 1) is NudgeState.SNOOZED, "it was asked again"
    assert nudge_state(incident(), asking, newer, 1) is NudgeState.ANSWERED
    assert nudge_state(over, asking, newer, 1) is NudgeState.ANSWERED
    assert nudge_state(over, asking, asking, 1) is NudgeState.OVER


@pytest.mark.parametrize(
    ("day", "hour", "works"),
    [(2, 8, True), (2, 7, False), (2, 16, True), (2, 17, False), (1, 12, False)],
    ids=["at nine", "before nine", "before six", "at six", "on a Sunday"],
)
def test_working_hours_are_those_of_the_settings_in_the_persons_zone(
    day: int, hour: int, works: bool
) -> None:
    berlin = WorkingCalendar(
        ReminderSettings(hour=9, until=18), ZoneInfo("Europe/Berlin"), lambda _day: False
    )
    assert works_now(berlin, datetime(2026, 3, day, hour, tzinfo=UTC)) is works
