"""The calendar's page over HTTP: whose week, in whose time zone, and what it shows of each event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.page.calendar import Chip, side_by_side
from sandbox.server import Sandbox
from tests.sandbox.html_tree import Node
from tests.sandbox.peers import People
from tests.sandbox.test_page import get, page, part

TEAM = "incidents@acme.example"
WEEK = "?day=2026-12-02"


@pytest.fixture
def sandbox(start: Callable[..., Sandbox]) -> Sandbox:
    """A sandbox in which nobody has any events; the manifest is the project's own."""
    return start(busy=False)


def put(people: People, start: str, end: str, calendar: str = "ana", **values: Any) -> str:
    found: str = people("calendar-event", calendar=calendar, start=start, end=end, **values)["id"]
    return found


def week(sandbox: Sandbox, user: str = "ana", query: str = WEEK) -> dict[str, list[str]]:
    """What each day shows."""
    days = page(sandbox, user, "calendar", query).all("day")
    return {each.attrs["data-day"]: [event.text for event in each.all("event")] for each in days}


def shown(sandbox: Sandbox, event: str, user: str = "ana", query: str = WEEK) -> Node:
    """Everything that is shown about an event."""
    return page(sandbox, user, "calendar", query).one("event-panel", data_event=event)


def test_an_event_is_shown_on_the_viewers_own_day_and_hour(sandbox: Sandbox, people: People) -> None:
    put(people, "2026-12-01T23:30:00+00:00", "2026-12-02T00:15:00+00:00", summary="Call", attendees=["chen"])
    assert week(sandbox)["Tue"] == ["Call 3:30 PM – 4:15 PM"]
    assert week(sandbox, "chen") == {
        **{day: [] for day in ("Mon", "Tue", "Thu", "Fri", "Sat", "Sun")},
        "Wed": ["Call 7:30 AM – 8:15 AM"],
    }
    assert not any(week(sandbox, "ben").values())


def test_an_event_past_midnight_is_shown_on_both_days(sandbox: Sandbox, people: People) -> None:
    put(people, "2026-12-03T06:00:00+00:00", "2026-12-03T10:00:00+00:00", summary="Release")
    found = page(sandbox, "ana", "calendar", WEEK)
    spans = [(each.attrs["data-begins"], each.attrs["data-ends"]) for each in found.all("event")]
    assert spans == [("1320", "1440"), ("0", "120")]


def test_cancelled_events_are_gone_and_declined_ones_are_marked(sandbox: Sandbox, people: People) -> None:
    times = ("2026-12-01T18:00:00+00:00", "2026-12-01T19:00:00+00:00")
    kept = put(people, *times, "ben", summary="Kept", attendees=["ana"])
    gone = put(people, *times, summary="Gone")
    people("calendar-respond", user="ana", event=kept, response="declined")
    people("calendar-delete", calendar="ana", event=gone)
    [event] = page(sandbox, "ana", "calendar", WEEK).all("event")
    assert (event.attrs["data-event"], event.attrs["data-kind"]) == (kept, "declined")
    guest = shown(sandbox, kept).one("guest")
    assert (guest.attrs["data-response"], guest.text) == ("declined", "✗ Ana Alvarez not going")


def test_guests_may_answer_and_the_calendars_owner_may_change_the_event(
    sandbox: Sandbox, people: People
) -> None:
    event = put(
        people, "2026-12-01T18:00:00+00:00", "2026-12-01T19:00:00+00:00", summary="Talk", attendees=["ben"]
    )

    def tools(user: str) -> list[str]:
        found = shown(sandbox, event, user)
        return [each for each in ("respond", "move-event", "delete-event") if found.all(each)]

    assert (tools("ana"), tools("ben")) == (["move-event", "delete-event"], ["respond"])
    assert not page(sandbox, "chen", "calendar", WEEK).all("event-panel")


def test_events_are_shown_as_text_and_their_urls_as_links(sandbox: Sandbox, people: People) -> None:
    event = put(
        people,
        "2026-12-01T18:00:00+00:00",
        "2026-12-01T19:00:00+00:00",
        TEAM,
        summary="<script>alert(1)</script>",
        description=f"<b>Why</b> &lt;i&gt; {sandbox.url}/archives/C0RANDOM",
    )
    found = shown(sandbox, event, query=f"{WEEK}&of={TEAM}")
    assert "<script>alert(1)</script>" in found.text and "Why <i>" in found.text
    assert found.tags("script") + found.tags("b") + found.tags("i") == []
    assert [each.attrs["href"] for each in found.tags("a")] == ["/as/U0ANA/C0RANDOM"]


def test_an_events_url_leads_to_it(sandbox: Sandbox, people: People) -> None:
    event = put(people, "2027-03-02T18:00:00+00:00", "2027-03-02T19:00:00+00:00", TEAM, summary="Later")
    with get(sandbox, f"/calendar/{TEAM}?event={event}") as answer:
        assert f"/as/U0ANA/calendar?of={TEAM}&event={event}" in answer.url
        assert "March 1 – 7, 2027" in answer.read().decode()
    with get(sandbox, "/archives/C0RANDOM") as answer:
        assert answer.url.endswith("/as/U0ANA/C0RANDOM")


def test_people_without_a_calendar_see_the_teams(sandbox: Sandbox, people: People) -> None:
    people("person", user="zoe", add=True, real_name="Zoe", email="")
    shows = page(sandbox, "zoe", "calendar")
    assert shows.one("team-calendar").attrs["aria-current"] == "page"
    assert not shows.all("own-calendar")
    nowhere = page(sandbox, "ana", "calendar", "?of=nobody@acme.example&day=soon")
    assert nowhere.one("own-calendar").attrs["aria-current"] == "page"


def test_a_week_can_be_redrawn_separately(sandbox: Sandbox, people: People) -> None:
    put(people, "2026-12-01T18:00:00+00:00", "2026-12-01T19:00:00+00:00", TEAM, summary="Outage")
    query = f"&of={TEAM}&day=2026-11-30"
    assert "Outage" in part(sandbox, "calendar", channel="", query=query).one("event").text


def chip(name: str, begins: int, ends: int) -> Chip:
    return Chip(name, name, "", "busy", "", ends - begins, begins, ends, "", "", (), None, is_mine=False)


def test_simultaneous_events_are_shown_side_by_side() -> None:
    placed = side_by_side(
        [chip("a", 0, 60), chip("b", 0, 30), chip("c", 30, 90), chip("d", 90, 120), chip("e", 100, 110)]
    )
    assert [(each.id, each.lane, each.lanes) for each in placed] == [
        ("a", 0, 2),
        ("b", 1, 2),
        ("c", 1, 2),
        ("d", 0, 2),
        ("e", 1, 2),
    ]
    assert side_by_side([]) == ()
