"""The ids under which Google knows events, and which calendar effects follow."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.calendar import planned as plans
from bot.domain.calendar.meetings import News
from bot.domain.outbox.effects import (
    ArrangeMeeting,
    PutDueDate,
    PutIncidentEvent,
    PutTimeBlock,
    ShowMeeting,
    SyncCalendar,
    TellMeetingNews,
)
from bot.domain.outbox.rows import Planned
from tests.support.examples import NOW, any_text, meeting, time_block

installations = st.uuids().map(lambda found: found.hex)
KEYS = (
    plans.incident_key(1),
    plans.incident_key(12),
    plans.incident_key(123),
    plans.due_key(1, 2),
    plans.due_key(12, 2),
    plans.due_key(1, 22),
    plans.block_key(1, 2),
    plans.block_key(1, 22),
    plans.meeting_key(1, 2),
    plans.meeting_key(1, 22),
)


@given(any_text.filter(lambda text: text.isprintable()), any_text.filter(lambda text: text.isprintable()))
def test_google_takes_every_id(installation: str, key: str) -> None:
    made = plans.event_id(installation, key)
    assert re.fullmatch(r"[a-v0-9]{5,1024}", made)
    assert len(made) == 52


def test_an_id_stays_the_same_from_release_to_release() -> None:
    """Another id would book everything a second time."""
    assert (
        plans.event_id("0123abcd", "INC-12/event") == "glck7ig934c08jrhgcsbi06i0f2lf9jg8hesj07l70qo2fq9bndg"
    )


def test_every_event_has_its_own_id() -> None:
    assert len({plans.event_id("a", key) for key in KEYS}) == len(KEYS)


@given(installations, installations, st.sampled_from(KEYS))
def test_two_installations_share_no_id(one: str, other: str, key: str) -> None:
    assert (plans.event_id(one, key) == plans.event_id(other, key)) == (one == other)


def test_an_incidents_event_waits_for_its_channel_and_is_refreshed_once() -> None:
    effect, lane, needs = PutIncidentEvent(12), "INC-12/event", "INC-12/channel"
    assert plans.incident_event(12) == Planned(effect, lane, lane, needs, coalesce=True)
    assert plans.incident_event(12, "severity/3") == Planned(
        effect, "INC-12/event/severity/3", lane, needs, coalesce=True
    )


def test_due_dates_and_time_blocks_do_not_wait_for_anything() -> None:
    assert plans.due_date(12, 7, "a") == Planned(
        PutDueDate(12, 7), "INC-12/due/7/a", "INC-12/due/7", coalesce=True
    )
    assert plans.time_block(time_block(), "a") == Planned(
        PutTimeBlock(12, 4), "INC-12/block/4/a", "INC-12/block/4", coalesce=True
    )


def test_a_meeting_is_arranged_separately_from_its_message() -> None:
    lane = "INC-12/meeting-3"
    shows = Planned(ShowMeeting(12, 3), f"{lane}/a", lane, "INC-12/channel", coalesce=True)
    arranges = Planned(ArrangeMeeting(12, 3), f"{lane}/calendar/a", f"{lane}/calendar", coalesce=True)
    assert plans.arranging(meeting(), "a") == [arranges, shows]
    assert plans.showing(meeting(), "a") == plans.showing_number(12, 3, "a") == shows


@pytest.mark.parametrize("news", News)
def test_each_piece_of_news_is_reported_once_and_in_order(news: News) -> None:
    told = plans.telling(meeting(), news, "U0BEN", "a")
    lane = "INC-12/meeting-3"
    effect = TellMeetingNews(12, 3, news.value, "U0BEN")
    assert told == Planned(effect, f"{lane}/{news.value}/U0BEN/a", f"{lane}/news")
    others = [plans.telling(meeting(), news, "U0ANA", "a"), plans.telling(meeting(), news, "U0BEN", "b")]
    assert told.key not in {each.key for each in others}


def test_a_key_of_news_fits_its_column() -> None:
    about = (NOW + timedelta(microseconds=1)).isoformat()
    longest = replace(meeting(), id=10**18, incident_id=10**18)
    assert len(plans.telling(longest, News.CANCELLED, about, "x" * 300).key) == 255


def test_the_calendar_is_polled_by_one_row_at_a_time() -> None:
    assert plans.syncing(NOW) == Planned(
        SyncCalendar(), "calendar/sync/1772443800", "calendar/sync", coalesce=True
    )
