"""Modals: what is entered, what Slack's client checks, what reaches the app, and what its answer does."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.interactions import RefusedError, clicks, forms, modals
from sandbox.interactions.targets import on_view
from sandbox.rules import SlackError
from sandbox.workspace.model import Json
from tests.sandbox.world import SEVERITY, World, field, form, option


@pytest.fixture
def world() -> World:
    return World()


def test_a_submission_carries_the_state_of_every_element(world: World) -> None:
    view = world.open(
        field("title"),
        field("severity", "static_select", initial_option=option("low"), **SEVERITY),
        field("people", "multi_users_select", optional=True),
        field("day", "datepicker", optional=True),
        field("flags", "checkboxes", optional=True, **SEVERITY),
    )
    assert (
        world.submit({"title": "Slow", "people-block": {"people": ["ben", "@chen"]}, "flags": "High"}) == {}
    )
    payload = world.app.last
    assert payload["type"] == "view_submission"
    assert (payload["view"]["id"], payload["view"]["hash"]) == (view.id, view.hash)
    assert payload["view"]["state"]["values"] == {
        "title-block": {"title": {"type": "plain_text_input", "value": "Slow"}},
        "severity-block": {"severity": {"type": "static_select", "selected_option": option("low")}},
        "people-block": {"people": {"type": "multi_users_select", "selected_users": ["U0BEN", "U0CHEN"]}},
        "day-block": {"day": {"type": "datepicker", "selected_date": None}},
        "flags-block": {"flags": {"type": "checkboxes", "selected_options": [option("high")]}},
    }
    assert world.stack == []


@pytest.mark.parametrize(
    ("block", "value", "error"),
    [
        (field("a"), "", "Please complete this required field."),
        (field("a", min_length=3), "ab", "This entry must be at least 3 characters."),
        (field("a", max_length=3), "abcd", "This entry must be at most 3 characters."),
        (field("a"), "x" * 3001, "This entry must be at most 3000 characters."),
        (field("a", "static_select", **SEVERITY), None, "Please complete this required field."),
        (field("a", "number_input", is_decimal_allowed=False), "1.5", "Please enter a whole number."),
        (
            field("a", "number_input", is_decimal_allowed=True, max_value="2"),
            2.5,
            "This entry must be at most 2.",
        ),
        (field("a", "email_text_input"), "nope", "Please enter a valid email address."),
        (field("a", "url_text_input"), "nope", "Please enter a valid URL."),
        (field("a", "checkboxes", **SEVERITY), [], "Please complete this required field."),
    ],
)
def test_slacks_client_checks_a_form_before_the_app_gets_it(
    world: World, block: Json, value: Any, error: str
) -> None:
    view = world.open(block)
    assert world.submit({"a": value}) == {"errors": {"a-block": error}}
    assert view.errors == {"a-block": error}
    assert world.app.got == []


def test_an_optional_field_may_stay_empty(world: World) -> None:
    world.open(field("a", optional=True, min_length=3))
    assert world.submit({"a": ""}) == {}
    assert world.app.last["view"]["state"]["values"]["a-block"]["a"]["value"] is None


@pytest.mark.parametrize(
    "values", [{"nope": "x"}, {"severity": "medium"}, {"who": "nobody"}, {"day": "tomorrow"}]
)
def test_a_value_that_does_not_fit_is_refused(world: World, values: Json) -> None:
    world.open(
        field("severity", "static_select", **SEVERITY),
        field("who", "users_select", optional=True),
        field("day", "datepicker", optional=True),
    )
    with pytest.raises(RefusedError):
        world.submit(values)
    assert world.app.got == []


def test_errors_of_the_app_appear_at_their_fields_and_the_entries_stay(world: World) -> None:
    view = world.open(field("title"))
    world.app.answer = {"response_action": "errors", "errors": {"title-block": "Taken"}}
    assert world.submit({"title": "Slow"}) == {"errors": {"title-block": "Taken"}}
    assert (world.stack, view.errors) == (["first"], {"title-block": "Taken"})
    world.app.answer = None
    assert world.submit() == {}
    assert world.app.last["view"]["state"]["values"]["title-block"]["title"]["value"] == "Slow"


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nope": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "nope"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "push"},
        "text",
    ],
)
def test_an_invalid_answer_becomes_a_notice_above_the_form(world: World, answer: Any) -> None:
    view = world.open(field("title"))
    world.app.answer = answer
    assert "trouble connecting" in world.submit({"title": "x"})["problem"]
    assert "trouble connecting" in (view.notice or "")
    assert world.stack == ["first"]


def test_a_submission_without_an_ack_leaves_the_form_with_a_notice(world: World) -> None:
    view = world.open(field("title"))
    world.app.error = "timeout"
    assert "3 seconds" in world.submit({"title": "x"})["problem"]
    assert (world.stack, view.state["title-block"]["title"]["value"]) == (["first"], "x")
    assert "3 seconds" in (view.notice or "")


def test_an_answer_may_push_update_or_clear(world: World) -> None:
    world.open(field("title"))
    world.app.answer = {"response_action": "push", "view": form(callback_id="second")}
    world.submit({"title": "x"})
    assert world.stack == ["first", "second"]
    world.app.answer = {"response_action": "update", "view": form(callback_id="third")}
    world.submit()
    assert world.stack == ["first", "third"]
    world.app.answer = {"response_action": "clear"}
    world.submit()
    assert world.stack == []


def test_an_empty_answer_closes_the_topmost_view_only(world: World) -> None:
    world.open()
    modals.push_modal(world.store, "U0ANA", form(callback_id="second"))
    world.submit()
    assert world.stack == ["first"]


def test_a_fourth_view_is_too_deep(world: World) -> None:
    world.open()
    modals.push_modal(world.store, "U0ANA", form())
    third = modals.push_modal(world.store, "U0ANA", form())
    assert third.previous_view_id != third.root_view_id
    with pytest.raises(SlackError, match="push_limit_reached"):
        modals.push_modal(world.store, "U0ANA", form())


def test_an_update_keeps_entries_whose_element_stays_and_needs_the_right_hash(world: World) -> None:
    view = world.open(field("title"), field("note", optional=True))
    world.in_view("title", "Slow")
    before = view.hash
    modals.update_view(
        world.store, view, form(field("title"), field("other", optional=True)), expected_hash=before
    )
    values = world.here.view_state(view)
    assert values["title-block"]["title"]["value"] == "Slow"
    assert set(values) == {"title-block", "other-block"}
    with pytest.raises(SlackError, match="hash_conflict"):
        modals.update_view(world.store, view, form(), expected_hash=before)


def test_an_external_id_names_one_view(world: World) -> None:
    view = world.open(external_id="mine")
    assert modals.find_view(world.store, external_id="mine") is view
    with pytest.raises(SlackError, match="duplicate_external_id"):
        modals.push_modal(world.store, "U0ANA", form(external_id="mine"))
    modals.close_view(world.store, view)
    with pytest.raises(SlackError, match="not_found"):
        modals.find_view(world.store, external_id="mine")


def test_an_input_notifies_the_app_only_with_dispatch_action(world: World) -> None:
    view = world.open(field("quiet"), {**field("loud"), "dispatch_action": True})
    assert world.in_view("quiet", "a") == {"dispatched": False}
    assert world.in_view("loud", "b") == {"dispatched": True}
    payload = world.app.last
    assert payload["container"] == {"type": "view", "view_id": view.id}
    assert payload["actions"][0]["value"] == "b"
    assert payload["view"]["state"]["values"]["quiet-block"]["quiet"]["value"] == "a"
    assert "response_url" not in payload
    assert "channel" not in payload


def test_closing_notifies_the_app_only_if_the_view_asks_for_it(world: World) -> None:
    world.open()
    world.do(forms.close(world.here, user="ana"))
    assert (world.app.got, world.stack) == ([], [])
    view = world.open(notify_on_close=True)
    world.do(forms.close(world.here, user="ana"))
    assert world.app.last["type"] == "view_closed"
    assert (world.app.last["view"]["id"], world.app.last["is_cleared"]) == (view.id, False)
    assert "trigger_id" not in world.app.last


def test_closing_everything_clears_the_stack_and_says_so(world: World) -> None:
    world.open(notify_on_close=True)
    modals.push_modal(world.store, "U0ANA", form(notify_on_close=True))
    world.do(forms.close(world.here, user="ana", everything=True))
    assert world.stack == []
    assert [payload["is_cleared"] for _, payload in world.app.got] == [True, True]


def test_a_menu_with_suggestions_of_the_app_offers_only_those(world: World) -> None:
    world.open(field("project", "external_select", min_query_length=2))
    world.app.suggestions = {"options": [option("payments")]}

    async def ask(value: str) -> Json:
        return await clicks.suggest(
            world.here, on_view(world.here, user="ana", view="modal"), action="project", value=value
        )

    assert world.do(ask("p")) == {"options": []}
    assert world.app.got == []
    assert world.do(ask("pay")) == {"options": [option("payments")]}
    payload = world.app.last
    assert (payload["type"], payload["action_id"], payload["block_id"], payload["value"]) == (
        "block_suggestion",
        "project",
        "project-block",
        "pay",
    )
    with pytest.raises(RefusedError):
        world.submit({"project": "unknown"})
    asked = len(world.app.got)
    assert world.submit({"project": "payments"}) == {}
    assert len(world.app.got) == asked + 1, "what has been offered is not asked for again"
    chosen = world.app.last["view"]["state"]["values"]["project-block"]["project"]["selected_option"]
    assert chosen == option("payments")


def test_a_script_gets_suggestions_like_a_person(world: World) -> None:
    world.open(field("project", "external_select", min_query_length=2))
    world.app.suggestions = {"options": [option("payments"), option("payroll")]}
    assert world.submit({"project": "Payroll"}) == {}
    assert [payload["type"] for _, payload in world.app.got] == ["block_suggestion", "view_submission"]
    chosen = world.app.last["view"]["state"]["values"]["project-block"]["project"]["selected_option"]
    assert chosen == option("payroll")


def test_suggestions_that_break_slacks_rules_are_not_shown(world: World) -> None:
    world.open(field("project", "external_select", min_query_length=0))
    world.app.suggestions = {"options": [option("x" * 76)]}

    async def ask() -> Json:
        return await clicks.suggest(
            world.here, on_view(world.here, user="ana", view="modal"), action="project", value=""
        )

    answer = world.do(ask())
    assert answer["options"] == []
    assert "76 characters" in answer["problem"]


def test_somebody_else_cannot_use_a_persons_form(world: World) -> None:
    view = world.open(field("title"))
    with pytest.raises(RefusedError):
        on_view(world.here, user="ben", view=view.id)
    with pytest.raises(RefusedError):
        on_view(world.here, user="ben", view="modal")
