"""From a resolved incident to a meeting about it, in Slack and in people's calendars; and a time block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, expect

from tests.browser.window import Window, hook, press
from tests.support.calendars import no_event
from tests.support.people import Workspace

MEETING = "Postmortem meeting for"


def test_a_meeting_is_booked_moved_and_cancelled(window: Window, workspace: Workspace) -> None:
    channel = _worked_on_by_two(window, workspace, "Checkout was down")
    title = f"Postmortem INC-{channel.split('-')[1]}:"
    press(window.card(), "status_resolved")
    press(_offering(window, "arrange_meeting"), "arrange_meeting")
    window.form()
    window.picture("meeting-form")
    window.submit()
    found = window.message(MEETING)
    expect(found).to_contain_text("London")
    window.picture("meeting-times", found)
    _book(found, 1)
    window.picture("meeting-booked", found)
    before = _when_in_calendars(window, channel, title)
    press(found, "arrange_meeting")
    window.form()
    window.field("minutes").get_by_text("60 minutes").click()
    window.submit()
    expect(found).to_contain_text("60 minutes")
    _book(found, 2)
    assert before != _when_in_calendars(window, channel, title)
    press(found, "cancel_meeting")
    window.page.click(hook("confirm-yes"))
    expect(found).to_contain_text("It was cancelled")
    no_event(workspace, title)
    with _calendar(window, channel, "ana") as events:
        expect(events.filter(has_text=title)).to_have_count(0)
        window.page.click(hook("week-after"))
        window.page.wait_for_url("**day=*")
        expect(events.first).to_be_attached()
        expect(events.filter(has_text=title)).to_have_count(0)


def test_an_event_is_a_click_away_from_its_message(window: Window, workspace: Workspace) -> None:
    _worked_on_by_two(window, workspace, "Search was slow")
    press(window.card(), "status_resolved")
    press(_offering(window, "arrange_meeting"), "arrange_meeting")
    window.form()
    window.submit()
    found = window.message(MEETING)
    _book(found, 0)
    window.become("ben")
    found.get_by_text("Open in the calendar").click()
    panel = window.page.locator(f"{hook('event-panel')}:popover-open")
    expect(panel).to_contain_text("Join with Google Meet")
    panel.locator(hook("respond", response="declined")).click()
    expect(panel.locator(hook("guest", response="declined"))).to_contain_text("Ben")
    window.picture("calendar")


def test_an_hour_to_investigate_is_blocked_with_one_click(window: Window, workspace: Workspace) -> None:
    channel = _worked_on_by_two(window, workspace, "Mail was late")
    window.command("status investigating")
    press(_offering(window, "block_hour"), "block_hour")
    expect(window.answer("Your calendar is blocked")).to_be_visible()
    with _calendar(window, channel, "ana") as events:
        # In the last hour of a day it has a second part, on the next day.
        block = events.filter(has_text=f"INC-{channel.split('-')[1]}: investigating").first
        # Ana hasn't answered Google's invitation yet.
        expect(block).to_have_attribute("data-kind", "unanswered")
        window.picture("calendar-block")


def _worked_on_by_two(window: Window, workspace: Workspace, title: str) -> str:
    """Declare an incident of Ana's in which Ben writes, and open its channel; the channel."""
    channel = workspace.declare(title)
    workspace.post("join", channel=channel, user="ben")
    workspace.say("The pool is full", channel, "ben")
    window.page.reload()
    window.go(channel)
    return channel


def _offering(window: Window, action: str) -> Locator:
    """The last message with that button."""
    button = window.page.locator(hook("action", action=action))
    return window.page.locator(f"main {hook('message')}").filter(has=button).last


def _book(found: Locator, number: int) -> None:
    times = found.locator(hook("action", action="book_slot"))
    expect(times).to_have_count(3)
    times.nth(number).click()
    expect(found).to_contain_text("Join the call")


@contextmanager
def _calendar(window: Window, channel: str, user: str) -> Iterator[Locator]:
    """The events of somebody's week; Ana is back in the channel afterwards."""
    window.visit(user, "calendar")
    yield window.page.locator(hook("event"))
    window.visit("ana", channel)


def _when_in_calendars(window: Window, channel: str, title: str) -> set[str]:
    """When Ana and Ben see the meeting in their own calendars, each in their own time zone."""
    seen = set()
    for user in ("ana", "ben"):
        with _calendar(window, channel, user) as events:
            if not events.filter(has_text=title).count():
                window.page.click(hook("week-after"))
            expect(events.filter(has_text=title)).to_have_count(1)
            window.picture(f"calendar-{user}")
            seen.add(events.filter(has_text=title).inner_text())
    assert len(seen) == 2
    return seen
