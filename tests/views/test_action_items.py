"""Action items on screen: Slack takes them, hostile text stays text, and what is missing is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action_items.due import day_text
from bot.domain.action_items.model import ActionItem, ActionItemPriority, ActionItemStatus, ItemCounts
from bot.domain.action_items.notifications import Assigned, Due, Notification
from bot.domain.action_items.reminders import rungs
from bot.domain.incidents.model import Incident
from bot.domain.kit.people import Person
from bot.domain.kit.text import storable
from bot.domain.kit.working_days import WorkingCalendar
from bot.domain.settings import ReminderSettings
from bot.domain.surface.answers import ItemList
from bot.domain.surface.forms import ActionStart
from bot.domain.surface.shown import ItemListShown, ItemPickerShown
from bot.views.action_items import forms
from bot.views.action_items import messages as views
from bot.views.action_items.reminders import _WITHOUT_DATE, reminders
from bot.views.action_items.text import left_to_do
from bot.views.kit.form_parts import carried
from bot.views.kit.message import Message
from tests.support.examples import any_text, incident, item
from tests.views.screens import action_ids, check, check_form, shown, submitted

TODAY = date(2026, 3, 10)
titles = any_text.map(storable).filter(str.strip).map(lambda text: text[:200])
items = st.builds(
    item,
    title=titles,
    description=any_text.map(lambda text: storable(text)[:3000]),
    assigned_to=st.sampled_from([None, "U0BEN"]),
    due_date=st.none() | st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    status=st.sampled_from(ActionItemStatus),
    priority=st.sampled_from(ActionItemPriority),
)
OWNERS = (None, Person("U0BEN", "Ben"), Person("U0BEN", "<!channel>", is_guest=True))


def due(
    found: ActionItem, of: Incident, rung: str, owner: Person | None, days: int = 0, **values: bool
) -> Due:
    more = {"is_late": False, "is_snoozed": False} | values
    return Due(found, of, rung, owner, **more, days_overdue=days)


def lead(user_id: str) -> Notification:
    return Notification(12, 7, user_id, "0", "2026-03-11")


@given(items, titles)
def test_slack_takes_whatever_an_item_says(found: ActionItem, title: str) -> None:
    of = incident(title=title)
    check(views.item_message(found, of, TODAY))
    check(views.item_tray(found, TODAY))
    for user in ("U0BEN", "U0ANA"):
        for number in (1, 20):
            check(views.told_owner([Assigned(found, of)] * number, user))
            for owner in OWNERS:
                check(reminders([due(found, of, "7", owner, is_late=True)] * number, lead(user)))


@pytest.mark.parametrize(
    ("status", "sign"),
    [
        (ActionItemStatus.OPEN, "☐"),
        (ActionItemStatus.IN_PROGRESS, "☐"),
        (ActionItemStatus.COMPLETED, "✅"),
        (ActionItemStatus.CANCELLED, "✖️"),
    ],
)
def test_the_sign_before_an_item_says_whether_it_is_done(status: ActionItemStatus, sign: str) -> None:
    found = item(status=status, assigned_to="U0BEN")
    for message in (
        views.item_message(found, incident(), TODAY),
        views.item_tray(found, TODAY),
        views.told_owner([Assigned(found, incident())], "U0BEN"),
    ):
        assert f"{sign} *{found.ref} · " in shown(message)


@given(st.lists(items, max_size=8))
def test_slack_takes_lists_and_digests(found: list[ActionItem]) -> None:
    check(views.item_list(ItemListShown(ItemList(12, "U0BEN", 2), tuple(found), 3, 20, TODAY)))
    check(views.item_picker(ItemPickerShown(tuple(incident(id=n + 1) for n in range(len(found))))))
    check(views.own_digest(found, 20, "U0BEN", TODAY))
    check(views.channel_digest(ItemCounts(3, 2, 1), found))


@given(items)
def test_forms_open_with_whatever_an_item_says(found: ActionItem) -> None:
    for form in (forms.edit_item_form, forms.reassign_form, forms.redate_form, forms.snooze_form):
        check_form(form(found))
    check_form(forms.action_form(ActionStart(12, found.title * 2, found.description)))


@given(items)
def test_an_untouched_form_changes_nothing(found: ActionItem) -> None:
    read = forms.parse_edit_item(submitted(forms.edit_item_form(found), {}))
    same = {name: value for name, value in read.now.items() if name not in {"description", "title"}}
    assert same == {name: read.was[name] for name in same}


@pytest.mark.parametrize(
    ("status", "buttons"),
    [
        ("open", ["item_in_progress", "item_completed", "reassign_item", "edit_item", "item_cancelled"]),
        ("in_progress", ["item_completed", "reassign_item", "edit_item", "item_cancelled"]),
        ("completed", ["item_open"]),
        ("cancelled", ["item_open"]),
    ],
)
def test_the_buttons_match_what_may_be_done(status: str, buttons: list[str]) -> None:
    message = views.item_message(item(status=ActionItemStatus(status)), incident())
    assert action_ids(list(message.blocks)) == buttons


@pytest.mark.parametrize(
    ("values", "rung", "days", "said"),
    [
        ({}, "-3", -3, "Due in 3 days."),
        ({}, "-1", -1, "Due tomorrow."),
        ({}, "0", 0, "Due today."),
        ({}, "0", -2, "Due in 2 days."),
        ({}, "1", 1, "1 day overdue."),
        ({}, "1", 3, "3 days overdue."),
        ({}, "snooze", 0, "asked to be reminded again"),
        ({"assigned_to": None}, "owner", 0, "has no owner yet"),
    ],
)
def test_a_reminder_says_why_it_comes(values: dict[str, Any], rung: str, days: int, said: str) -> None:
    message = reminders([due(item(**values), incident(), rung, OWNERS[1], days)], lead("U0BEN"))
    assert said in shown(message)


@pytest.mark.parametrize("due_date", [None, TODAY])
@pytest.mark.parametrize("snoozed_until", [None, TODAY])
@pytest.mark.parametrize("has_owner", [False, True])
def test_every_reminder_that_the_rules_call_for_says_why_it_comes(
    due_date: date | None, snoozed_until: date | None, has_owner: bool
) -> None:
    found = item(due_date=due_date, snoozed_until=snoozed_until)
    calendar = WorkingCalendar(ReminderSettings(), ZoneInfo("UTC"), lambda _day: False)
    for rung in islice(rungs(found, calendar, has_owner=has_owner), 12):
        assert rung.name in _WITHOUT_DATE or rung.name.lstrip("-").isdecimal(), (
            f"{rung.name} has no row in _WITHOUT_DATE of bot/views/action_items/reminders.py"
        )
        check(reminders([due(found, incident(), rung.name, OWNERS[1])], lead("U0BEN")))


def test_a_reminder_says_why_somebody_else_is_asked() -> None:
    left, guest = Person("U0BEN", "Ben", is_deleted=True), Person("U0BEN", "Ben", is_guest=True)
    for owner, said in ((left, "has left"), (guest, "a guest here"), (None, "has left")):
        message = reminders([due(item(), incident(), "owner", owner)], lead("U0ANA"))
        assert said in shown(message)
    for commander, said in (("U0ANA", "are the incident's commander"), (None, "declared the incident")):
        about = incident(commander_id=commander)
        escalated = reminders([due(item(), about, "7", OWNERS[1])], lead("U0ANA"))
        assert f"because you {said}" in shown(escalated)


def menus(message: Message) -> list[str]:
    elements = [each for block in message.blocks for each in block.get("elements", ())]
    return [each["action_id"] for each in elements if each["type"] == "static_select"]


def test_several_reminders_are_one_message_with_a_button_each() -> None:
    mine = due(item(), incident(), "0", OWNERS[1])
    ownerless = due(item(id=8, assigned_to=None), incident(), "owner", None)
    done = due(item(id=9, status=ActionItemStatus.COMPLETED), incident(), "0", OWNERS[1])
    message = reminders([done, mine, ownerless], lead("U0BEN"))
    assert message.text == "2 action items need you"
    assert action_ids(list(message.blocks)) == [
        "item_completed",
        "reassign_item",
        "show_items",
    ]
    assert menus(message) == ["snooze_items"]
    settled = reminders(
        [done, replace(done, item=item(id=10, status=ActionItemStatus.CANCELLED))], lead("U0BEN")
    )
    assert (settled.text, action_ids(list(settled.blocks))) == (
        "These action items no longer need you",
        [],
    )


def test_a_snoozed_reminder_says_until_when() -> None:
    snoozed = due(item(snoozed_until=TODAY), incident(), "0", OWNERS[1], is_snoozed=True)
    for shows in ([snoozed], [snoozed, due(item(id=8), incident(), "0", OWNERS[1])]):
        assert f"Snoozed until {day_text(TODAY)}." in shown(reminders(shows, lead("U0BEN")))


def test_several_new_items_are_one_message() -> None:
    several = [Assigned(item(id=number), incident()) for number in range(7, 27)]
    told = views.told_owner(several, "U0BEN")
    assert told.text == "20 action items are assigned to you"
    assert "… and 5 more" in shown(told)
    one_left = views.told_owner(
        [*several[:2], Assigned(item(id=9, assigned_to="U0ANA"), incident())], "U0BEN"
    )
    assert one_left.text == "2 action items are assigned to you"
    assert "No longer assigned to you." in shown(one_left)
    none_left = [Assigned(item(id=number, assigned_to=None), incident()) for number in (7, 8)]
    assert views.told_owner(none_left, "U0BEN").text == "These action items are no longer assigned to you"


def test_what_is_missing_is_named() -> None:
    text = shown(views.item_message(item(assigned_to=None), incident()))
    assert "no owner yet" in text
    assert "no due date yet" in text
    left = left_to_do([item(assigned_to=None), item(id=8, due_date=TODAY)])
    assert left.startswith("2 action items are still open; reminders continue.")
    assert left.endswith("Without an owner: AI-7. Without a due date: AI-7.")


def test_nothing_typed_is_lost_when_the_form_names_the_item() -> None:
    opened = forms.action_form(ActionStart(12, "Raise the limit", "at noon", "C12", "1.0"))
    typed = {"title": "Raise *it*", "description": None, "priority": "low"}
    for _ in range(2):
        again = forms.made_already(submitted(opened, typed), "AI-7", "Raise <it>", 7)
        check_form(again)
        assert "show_item" in action_ids(again["blocks"])
        assert str(again["blocks"]).count("is already") == 1
        filled = forms.parse_action(submitted(again, {}))
        assert (filled.title, filled.description, filled.priority.value) == ("Raise *it*", "", "low")
        assert (filled.besides, filled.source_ts, carried(again)["incident_id"]) == (7, "1.0", 12)
        opened, typed = again, {}
