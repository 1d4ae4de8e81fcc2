"""Action items, from any source until they are done: their message, their owner's, how to work on them."""

from __future__ import annotations

import pytest

from tests.support import dates
from tests.support.dates import AHEAD
from tests.support.people import Json, Workspace, buttons, eventually, is_action_item, shown


@pytest.fixture
def channel(acme: Workspace) -> str:
    """The channel of an incident for this test alone, with Ben in it."""
    declared = acme.declare()
    acme.post("join", channel=declared, user="ben")
    return declared


def item(acme: Workspace, channel: str, *wanted: str) -> Json:
    """The message of an action item that says this."""

    def look() -> Json | None:
        for each in acme.messages(channel):
            text = shown(each)
            if is_action_item(each) and all(word in text for word in wanted):
                return each
        return None

    return eventually(look)


def test_a_line_creates_an_item_with_a_message_and_notifies_its_owner(acme: Workspace, channel: str) -> None:
    told = acme.publicly(f"action Raise the pool limit @dara due {AHEAD} high", channel)
    assert "Raise the pool limit" in told
    assert f"due {dates.told(AHEAD)}" in told
    message = item(acme, channel, "Raise the pool limit", "<@U0DARA>", dates.told(AHEAD), "High", "Open")
    assert set(buttons(message)) == {"Start", "Done", "Reassign", "Edit", "Cancel item"}
    direct = acme.told_directly("dara", "Raise the pool limit")
    assert set(buttons(direct)) == set(buttons(message))


def test_channel_and_direct_message_stay_in_step(acme: Workspace, channel: str) -> None:
    acme.command("action Tune the pool @ben", channel=channel)
    message = item(acme, channel, "Tune the pool")
    acme.click(channel, message["ts"], "item_in_progress", "ben")
    item(acme, channel, "Tune the pool", "In progress")
    direct = eventually(lambda: _direct(acme, "ben", "Tune the pool", "In progress"))
    acme.click(acme.post("open-dm", user="ben")["channel"], direct["ts"], "item_completed", "ben")
    done = item(acme, channel, "Tune the pool", "✅ Done")
    assert set(buttons(done)) == {"Reopen"}
    assert "completed" in acme.timeline(channel, "completed", everything=False)


def test_a_reaction_makes_one_item_however_often_it_is_given(acme: Workspace, channel: str) -> None:
    ts = acme.say("We should alert on the pool", channel, user="ben")
    for user in ("ana", "ben"):
        acme.post("reaction", channel=channel, ts=ts, user=user, name="ballot_box_with_check")
    found = item(acme, channel, "We should alert on the pool")
    assert "this message" in shown(found)
    assert "1 open action item" in acme.command("actions", channel=channel)


def test_a_message_marked_by_reaction_and_by_shortcut_is_one_item(acme: Workspace, channel: str) -> None:
    ts = acme.say("We should page earlier", channel, user="ben")
    acme.post("reaction", channel=channel, ts=ts, user="ben", name="ballot_box_with_check")
    item(acme, channel, "We should page earlier")
    acme.post("shortcut", callback_id="create_action_item", user="ana", channel=channel, ts=ts)
    eventually(lambda: acme.form("ana"))
    acme.post("view-submit", user="ana", values={"title": "Page *much* earlier", "priority": "low"})
    form = eventually(lambda: acme.form("ana"))
    assert "This message is already" in str(form)
    assert form["state"]["values"]["title"]["title"]["value"] == "Page *much* earlier"
    assert "1 open action item" in acme.command("actions", channel=channel)
    assert not acme.submit("ana")
    item(acme, channel, "Page", "much", "Low")
    assert "2 open action items" in acme.command("actions", channel=channel)


def test_an_ambiguous_line_creates_no_item(acme: Workspace, channel: str) -> None:
    for line, answer in (
        ("action Fix it due 31 february", "can't read “31 february”"),
        ("action Fix it due 2020-01-01", "2020-01-01 has passed"),
        ("action Fix it due 9999-01-01", "more than five years away"),
        ("action @ben due tomorrow", "Say what needs to be done"),
        (f"action {'x' * 3000}", "at most 200 characters"),
        ("action Fix it @gus", "isn't a full member"),
    ):
        assert answer in acme.command(line, channel=channel)
    assert "No open action item" in acme.command("actions", channel=channel)


def test_of_two_possible_dates_one_is_chosen_with_a_click(acme: Workspace, channel: str) -> None:
    asked = acme.asked("action Sharpen it, @ben, next weekend, low", channel)
    assert len(buttons(asked)) == 2
    label, action = next(iter(buttons(asked).items()))
    acme.click(channel, asked["ts"], action)
    item(acme, channel, "Sharpen it", "<@U0BEN>", label, "Low")


def test_what_stays_in_a_title_is_named_and_a_priority_is_one_click_away(
    acme: Workspace, channel: str
) -> None:
    added = acme.asked("action Ask @ben why latency is high on the db", channel)
    assert "<@U0BEN> is only mentioned in the title" in shown(added)
    assert "“high” stayed in the title" in shown(added)
    assert {"🔴 Critical", "🟠 High", "🟡 Medium", "🔵 Low", "Reassign"} == set(buttons(added))
    acme.click(channel, added["ts"], "priority_critical")
    item(acme, channel, "why latency is high on the db", "no owner yet", "🔴 Critical")


def test_lists_show_the_incidents_items_mine_somebodys_or_a_selection(acme: Workspace, channel: str) -> None:
    acme.command("action Mine alone", channel=channel)
    acme.command("action Given away @chen due tomorrow", channel=channel)
    here = acme.command("actions", channel=channel)
    assert here.index("Given away") < here.index("Mine alone")
    assert "Given away" in acme.command("actions @chen")
    assert "Mine alone" not in acme.command("actions @chen")
    assert "Given away" in acme.command("actions mine", user="chen")
    assert "Which incident's action items" in acme.command("actions")


def test_one_form_creates_an_item_and_another_changes_it(acme: Workspace, channel: str) -> None:
    acme.open_form("action", channel=channel)
    assert acme.submit(title="") != {}
    assert not acme.submit(title="Write a runbook", assigned_to="U0BEN", due_date=str(AHEAD))
    message = item(acme, channel, "Write a runbook", "<@U0BEN>")
    acme.click(channel, message["ts"], "edit_item")
    eventually(lambda: acme.form("ana"))
    assert not acme.submit(title="Write two runbooks", priority="low")
    item(acme, channel, "Write two runbooks", "Low", dates.told(AHEAD))


def test_two_people_who_edit_at_once_overwrite_nothing(acme: Workspace, channel: str) -> None:
    acme.command("action Say it better", channel=channel)
    message = item(acme, channel, "Say it better")
    acme.click(channel, message["ts"], "edit_item", "ben")
    eventually(lambda: acme.form("ben"))
    acme.click(channel, message["ts"], "edit_item", "ana")
    eventually(lambda: acme.form("ana"))
    assert not acme.submit("ben", title="Ben's words")
    errors = acme.submit("ana", title="Ana's words", priority="high")
    assert "Ben's words" in errors["title"]
    item(acme, channel, "Ben's words", "Medium")


def test_closing_names_the_open_items(acme: Workspace, channel: str) -> None:
    acme.command("action Left behind", channel=channel)
    acme.command("resolve", channel=channel)
    acme.command("close", channel=channel)
    eventually(lambda: any("is still open" in shown(each) for each in acme.messages(channel)))
    message = item(acme, channel, "Left behind")
    acme.click(channel, message["ts"], "item_completed", "ben")
    item(acme, channel, "Left behind", "✅ Done")


def test_an_items_deleted_message_is_posted_again(acme: Workspace, channel: str) -> None:
    acme.command("action Stay with us", channel=channel)
    message = item(acme, channel, "Stay with us")
    acme.post("delete-message", channel=channel, ts=message["ts"], user="ana")
    eventually(lambda: item(acme, channel, "Stay with us")["ts"] != message["ts"])


def test_only_admins_change_the_settings(acme: Workspace) -> None:
    assert "Only admins" in acme.command("settings", user="ben")
    acme.open_settings("reminders")
    assert "whole numbers" in acme.submit(ladder="soon")["ladder"]
    assert "two-letter code" in acme.submit(ladder="0", country="XX")["country"]
    assert not acme.submit(ladder="-2, 0, 2", country="DE", days_off="2026-12-24")
    homes = eventually(lambda: [each for each in acme.only_for("ana", "general") if "-2, 0, 2" in each])
    assert "Changed by <@U0ANA>" in homes[-1], "it is refreshed"
    assert "-2, 0, 2" in str(acme.open_settings("reminders"))


def test_a_mention_in_a_thread_adds_an_item_and_offers_the_form(acme: Workspace, channel: str) -> None:
    ts = acme.say("It is the pool", channel)
    told = acme.mention("action Say so in the runbook @ben", channel, thread_ts=ts)
    assert "Say so in the runbook" in shown(told)
    item(acme, channel, "Say so in the runbook")
    offered = acme.mention("action", channel, thread_ts=ts)
    assert "Open the form" in buttons(offered)


def test_the_cards_button_and_the_shortcut_open_the_form(acme: Workspace, channel: str) -> None:
    card = eventually(lambda: acme.card(channel))
    acme.click(channel, card["ts"], "create_action")
    eventually(lambda: acme.form("ana"))
    assert not acme.submit(title="From the card")
    item(acme, channel, "From the card", "no owner yet", "no due date yet")


def test_a_list_longer_than_a_page_has_pages(acme: Workspace, channel: str) -> None:
    for number in range(9):
        acme.command(f"action Thing {number}", channel=channel)
    first = acme.asked("actions", channel)
    assert "Thing 8" not in shown(first)
    acme.click(channel, first["ts"], "page_on")
    eventually(lambda: any("Thing 8" in text for text in acme.only_for("ana", channel)))


def test_an_invalid_owner_is_refused_at_the_field(acme: Workspace, channel: str) -> None:
    acme.open_form("action", channel=channel)
    errors = acme.submit(title="Fix it", assigned_to="U0GUS")
    assert errors["assigned_to"].startswith("gus isn't a full member")


def _direct(acme: Workspace, user: str, *wanted: str) -> Json | None:
    found = [each for each in acme.private(user) if all(word in shown(each) for word in wanted)]
    return found[-1] if found else None
