"""Action items on screen: Slack takes them, hostile text stays text, and what is missing is named."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.action_items.model import ActionItem, ActionItemPriority, ActionItemStatus, ItemCounts
from bot.domain.kit.people import Person
from bot.domain.kit.text import storable
from bot.domain.settings import ReminderSettings
from bot.domain.surface.answers import ItemList
from bot.domain.surface.forms import ActionStart
from bot.domain.surface.shown import ItemListShown, ItemPickerShown
from bot.views import settings as views_settings
from bot.views.action_items import forms
from bot.views.action_items import messages as views
from bot.views.action_items.text import left_to_do
from bot.views.kit.form_parts import carried
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


@given(items, titles)
def test_slack_takes_whatever_an_item_says(found: ActionItem, title: str) -> None:
    of = incident(title=title)
    check(views.item_message(found, of, TODAY))
    check(views.item_tray(found, TODAY))
    for user in ("U0BEN", "U0ANA"):
        check(views.told_owner(found, of, user))
        for owner in OWNERS:
            check(views.reminder(found, of, "7", user, owner, is_late=True))


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


@pytest.mark.parametrize("settings", [ReminderSettings(), ReminderSettings((0,), 23, (6,), "DE", (TODAY,))])
def test_settings_come_back_as_they_were(settings: ReminderSettings) -> None:
    form = views_settings.settings_form(settings)
    check_form(form)
    read = views_settings.parse_settings(submitted(form, {}))
    assert [int(each) for each in read.ladder.split(",")] == list(settings.ladder)
    assert (int(read.hour), read.country) == (settings.hour, settings.country or "")
    assert tuple(map(int, read.working_days)) == settings.working_days


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
    ("values", "rung", "said"),
    [
        ({}, "-3", "Due in 3 days."),
        ({}, "-1", "Due in 1 day."),
        ({}, "0", "Due today."),
        ({}, "1", "1 day overdue."),
        ({}, "snooze", "asked to be reminded again"),
        ({"assigned_to": None}, "owner", "has no owner yet"),
    ],
)
def test_a_reminder_says_why_it_comes(values: dict[str, Any], rung: str, said: str) -> None:
    message = views.reminder(item(**values), incident(), rung, "U0BEN", OWNERS[1], is_late=False)
    assert said in shown(message)


def test_a_reminder_says_why_somebody_else_is_asked() -> None:
    left, guest = Person("U0BEN", "Ben", is_deleted=True), Person("U0BEN", "Ben", is_guest=True)
    for owner, said in ((left, "has left"), (guest, "a guest here"), (None, "has left")):
        message = views.reminder(item(), incident(), "owner", "U0ANA", owner, is_late=False)
        assert said in shown(message)
    for commander, said in (("U0ANA", "are the incident's commander"), (None, "declared the incident")):
        about = incident(commander_id=commander)
        escalated = views.reminder(item(), about, "7", "U0ANA", OWNERS[1], is_late=False)
        assert f"because you {said}" in shown(escalated)


def test_what_is_missing_is_named() -> None:
    text = shown(views.item_message(item(assigned_to=None), incident()))
    assert "nobody yet" in text
    assert "no date yet" in text
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
