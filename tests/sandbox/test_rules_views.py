"""Slack's rules for modals and App Home."""

from __future__ import annotations

import pytest

from sandbox.rules import SlackError, check_view
from sandbox.workspace.model import Json
from tests.sandbox.block_examples import NO_SUCH_OPTION, entry, modal, mrkdwn, option, plain, section, select


def refused_view(view: Json) -> str:
    with pytest.raises(SlackError) as caught:
        check_view(view, kind=view["type"])
    assert caught.value.code == "invalid_arguments"
    return caught.value.messages[0]


@pytest.mark.parametrize(
    ("view", "line"),
    [
        (modal(title=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/title/text]"),
        (modal(title=mrkdwn()), "unsupported type: mrkdwn [json-pointer:/view/title/type]"),
        (modal(submit=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/submit/text]"),
        (modal(close=plain("x" * 25)), "must be less than 25 characters [json-pointer:/view/close/text]"),
        (
            modal(private_metadata="x" * 3001),
            "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        ),
        (modal(callback_id="x" * 256), "must be less than 256 characters [json-pointer:/view/callback_id]"),
        (modal(color="red"), "invalid additional property: color [json-pointer:/view]"),
        (modal(*[section()] * 101), "no more than 100 items allowed [json-pointer:/view/blocks]"),
        ({"type": "modal", "blocks": []}, "missing required field: title [json-pointer:/view]"),
        (
            {"type": "home", "title": plain(), "blocks": []},
            "invalid additional property: title [json-pointer:/view]",
        ),
        (
            {"type": "modal", "title": plain(), "blocks": [section(), entry({"type": "plain_text_input"})]},
            "must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/1/input]",
        ),
        (
            modal(entry({"type": "plain_text_input", "min_length": 5, "max_length": 4})),
            "must be less than or equal to `max_length` [json-pointer:/view/blocks/0/element/min_length]",
        ),
        (
            modal(entry({"type": "file_input"}, dispatch_action=True)),
            "unsupported type: file_input [json-pointer:/view/blocks/0/element/type]",
        ),
        (
            modal(*[entry({"type": "plain_text_input", "focus_on_load": True})] * 2),
            "only one element can have `focus_on_load` [json-pointer:/view/blocks/1/element/focus_on_load]",
        ),
        (
            modal(section(block_id="b"), section(block_id="b")),
            '`block_id` "b" already exists [json-pointer:/view/blocks/1/block_id]',
        ),
        (
            modal(entry(select(initial_option=option("b")))),
            f"{NO_SUCH_OPTION} [json-pointer:/view/blocks/0/element/initial_option]",
        ),
    ],
)
def test_a_view_that_breaks_a_rule_is_refused_and_the_place_is_named(view: Json, line: str) -> None:
    assert refused_view(view) == f"[ERROR] {line}"


def test_a_full_form_within_all_limits_passes() -> None:
    check_view(
        modal(
            *[entry({"type": "plain_text_input"}, block_id=f"b{n}") for n in range(100)],
            title=plain("x" * 24),
            private_metadata="x" * 3000,
            callback_id="x" * 255,
        ),
        kind="modal",
    )


def test_a_view_of_over_250_kilobytes_is_too_large() -> None:
    with pytest.raises(SlackError, match="view_too_large"):
        check_view(modal(*[section(text=mrkdwn("x" * 2999))] * 90), kind="modal")


def test_a_home_view_is_not_a_modal() -> None:
    with pytest.raises(SlackError, match="invalid_arguments"):
        check_view({"type": "home", "blocks": []}, kind="modal")
