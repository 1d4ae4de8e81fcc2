"""Slack's rules: limits are tested from both sides, and each row of the tables has an example that passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.models.blocks import Block

from sandbox.rules import (
    SlackError,
    blocks_in,
    check_blocks,
    check_channel_name,
    check_message,
    check_view,
    elements_in,
    with_ids,
)
from sandbox.rules.blocks import BLOCKS
from sandbox.rules.elements import ELEMENTS
from sandbox.workspace.model import Json
from tests.sandbox.block_examples import (
    CELL,
    CONFIRM,
    GOOD_BLOCKS,
    GOOD_ELEMENTS,
    NO_SUCH_OPTION,
    actions,
    button,
    entry,
    modal,
    mrkdwn,
    option,
    plain,
    section,
    select,
)

IN_BLOCK: dict[str, Callable[[Json], Json]] = {
    "section": lambda element: section(accessory=element),
    "actions": actions,
    "input": entry,
    "context": actions,
    "context_actions": lambda element: {"type": "context_actions", "elements": [element]},
}


def view_of(surface: str, *blocks: Json) -> Json:
    return modal(*blocks) if surface == "modal" else {"type": "home", "blocks": list(blocks)}


def check_on(surface: str, block: Json) -> None:
    if surface == "message":
        check_blocks([block])
    else:
        check_view(view_of(surface, block), kind=surface)


def refused(blocks: list[Json]) -> str:
    """The first line of the refusal of a message with these blocks."""
    with pytest.raises(SlackError) as caught:
        check_blocks(blocks)
    assert caught.value.code == "invalid_blocks"
    return caught.value.messages[0]


@pytest.mark.parametrize("kind", sorted(BLOCKS))
def test_every_block_passes_on_its_surfaces_and_only_there(kind: str) -> None:
    block = {**GOOD_BLOCKS[kind], "type": kind}
    for surface in ("message", "modal", "home"):
        if surface in BLOCKS[kind].surfaces:
            check_on(surface, block)
        else:
            with pytest.raises(SlackError, match=f"unsupported type: {kind}"):
                check_on(surface, block)


@pytest.mark.parametrize("kind", sorted(ELEMENTS))
def test_every_element_passes_in_its_blocks_on_its_surfaces_and_only_there(kind: str) -> None:
    element = {**GOOD_ELEMENTS[kind], "type": kind}
    row = ELEMENTS[kind]
    for container in ("section", "actions", "input"):
        for surface in ("message", "modal", "home"):
            allowed = container in row.blocks and surface in row.surfaces
            if allowed and surface in BLOCKS[container].surfaces:
                check_on(surface, IN_BLOCK[container](element))
            else:
                with pytest.raises(SlackError, match="unsupported type"):
                    check_on(surface, IN_BLOCK[container](element))


@pytest.mark.parametrize("kind", sorted(set(BLOCKS) - {"data_table", "data_visualization"}))
def test_the_official_sdk_accepts_the_same_examples(kind: str) -> None:
    parsed = Block.parse({**GOOD_BLOCKS[kind], "type": kind})
    assert parsed is not None
    assert parsed.to_dict()["type"] == kind


@pytest.mark.parametrize("name", sorted(ELEMENTS["button"].rule.fields))
def test_null_is_never_a_value(name: str) -> None:
    with pytest.raises(SlackError):
        check_blocks([actions({**button(), name: None})])


@pytest.mark.parametrize(
    ("block", "line"),
    [
        (
            section(text=mrkdwn("x" * 3001)),
            "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
        ),
        (section(text=mrkdwn("")), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        (section(text="x"), "must provide an object [json-pointer:/blocks/0/text]"),
        (section(fields=[]), "must provide at least 1 items [json-pointer:/blocks/0/fields]"),
        (section(fields=[plain()] * 11), "no more than 10 items allowed [json-pointer:/blocks/0/fields]"),
        (
            section(fields=[plain("x" * 2001)]),
            "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
        ),
        (section(color="red"), "invalid additional property: color [json-pointer:/blocks/0]"),
        ({"type": "section"}, "must provide one of: text, fields [json-pointer:/blocks/0]"),
        ({"type": "sektion"}, "unsupported type: sektion [json-pointer:/blocks/0/type]"),
        ({"text": mrkdwn()}, "missing required field: type [json-pointer:/blocks/0]"),
        ({"type": "file", "external_id": "1"}, "unsupported type: file [json-pointer:/blocks/0/type]"),
        ({"type": "header", "text": mrkdwn()}, "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]"),
        (
            {"type": "header", "text": plain("x" * 151)},
            "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
        ),
        (
            {"type": "header", "text": plain(), "block_id": "x" * 256},
            "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
        ),
        ({"type": "divider", "text": plain()}, "invalid additional property: text [json-pointer:/blocks/0]"),
        (
            {"type": "actions", "elements": []},
            "must provide at least 1 items [json-pointer:/blocks/0/elements]",
        ),
        (actions(*[button()] * 26), "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
        (
            {"type": "context", "elements": [plain()] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (
            actions(button(text=plain("x" * 76))),
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        (
            actions(button(value="x" * 2001)),
            "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (actions(button(value=1)), "must provide a string [json-pointer:/blocks/0/elements/0/value]"),
        (
            actions(button(style="green")),
            "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
        ),
        (
            actions(button(action_id="a"), button(action_id="a")),
            '`action_id` "a" already exists [json-pointer:/blocks/0/elements/1/action_id]',
        ),
        (
            actions(button(confirm={**CONFIRM, "title": plain("x" * 101)})),
            "must be less than 101 characters [json-pointer:/blocks/0/elements/0/confirm/title/text]",
        ),
        (
            actions({"type": "overflow", "options": [option()]}),
            "must provide at least 2 items [json-pointer:/blocks/0/elements/0/options]",
        ),
        (
            actions({"type": "overflow", "options": [option()] * 6}),
            "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
        ),
        (
            actions(select(options=[option()] * 101)),
            "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
        ),
        (
            actions(select(options=[option(label="x" * 76)])),
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
        ),
        (
            actions(select(options=[option(value="x" * 151)])),
            "must be less than 151 characters [json-pointer:/blocks/0/elements/0/options/0/value]",
        ),
        (
            actions(select(initial_option=option("b"))),
            f"{NO_SUCH_OPTION} [json-pointer:/blocks/0/elements/0/initial_option]",
        ),
        (
            actions(select(option_groups=[{"label": plain(), "options": [option()]}])),
            "invalid additional property: option_groups [json-pointer:/blocks/0/elements/0]",
        ),
        (
            {"type": "image", "image_url": "https://e", "slack_file": {"id": "F1"}, "alt_text": "a"},
            "invalid additional property: slack_file [json-pointer:/blocks/0]",
        ),
        (
            {"type": "markdown", "text": "x" * 12_001},
            "must be less than 12001 characters [json-pointer:/blocks/0/text]",
        ),
        (
            {"type": "table", "rows": [[CELL] * 21]},
            "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
        ),
        (
            {"type": "table", "rows": [[CELL]] * 101},
            "no more than 100 items allowed [json-pointer:/blocks/0/rows]",
        ),
    ],
)
def test_a_block_that_breaks_a_rule_is_refused_and_the_place_is_named(block: Json, line: str) -> None:
    assert refused([block]) == f"[ERROR] {line}"


def test_limits_are_inclusive() -> None:
    check_blocks(
        [
            section(text=mrkdwn("x" * 3000), block_id="b" * 255),
            {"type": "header", "text": plain("x" * 150)},
            actions(*[button(action_id=f"a{n}", value="v" * 2000, text=plain("x" * 75)) for n in range(25)]),
        ]
    )


def test_a_message_takes_fifty_blocks() -> None:
    check_blocks([section()] * 50)
    assert refused([section()] * 51) == "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"


def test_a_message_takes_one_table() -> None:
    table = {"type": "table", "rows": [[CELL]]}
    assert refused([table, table]) == "[ERROR] too many table blocks"


def test_a_block_id_is_used_once_in_a_message_while_other_blocks_may_repeat_an_action_id() -> None:
    check_blocks([actions(button(action_id="a")), section(accessory=button(action_id="a"))])
    assert '"b" already exists' in refused([section(block_id="b"), section(block_id="b")])


def test_every_problem_of_a_message_is_named() -> None:
    with pytest.raises(SlackError) as caught:
        check_blocks([section(text=mrkdwn("")), {"type": "nope"}])
    assert len(caught.value.messages) == 2
    assert caught.value.body()["response_metadata"] == {"messages": caught.value.messages}


def test_blocks_that_are_not_a_list_or_not_json_have_their_own_code() -> None:
    for blocks in ("[", "{}", {"type": "section"}):
        with pytest.raises(SlackError, match="invalid_blocks_format"):
            check_blocks(blocks)
    check_blocks(json.dumps([section()]))


def test_too_much_text_in_all_blocks_together_is_refused() -> None:
    check_blocks([section(text=mrkdwn("x" * 2600))] * 4)
    with pytest.raises(SlackError, match="msg_blocks_too_long"):
        check_blocks([section(text=mrkdwn("x" * 3000))] * 5)


@pytest.mark.parametrize(
    "args", [{}, {"text": ""}, {"text": "  "}, {"blocks": []}, {"text": "", "blocks": "[]"}]
)
def test_a_message_without_content_has_no_text(args: Json) -> None:
    with pytest.raises(SlackError, match="no_text"):
        check_message(args)


@pytest.mark.parametrize("args", [{"text": "x"}, {"blocks": [section()]}, {"attachments": [{"text": "x"}]}])
def test_text_blocks_or_attachments_make_a_message(args: Json) -> None:
    check_message(args)


def test_a_long_text_is_cut_but_an_edit_with_one_is_refused() -> None:
    check_message({"text": "x" * 40_001})
    check_message({"text": "x" * 4000}, method="chat.update")
    with pytest.raises(SlackError, match="msg_too_long"):
        check_message({"text": "x" * 4001}, method="chat.update")


@pytest.mark.parametrize(
    ("metadata", "code"),
    [
        ("{", "invalid_metadata_format"),
        ([], "invalid_metadata_format"),
        ({"event_type": "x"}, "invalid_metadata_schema"),
        ({"event_type": 1, "event_payload": {}}, "invalid_metadata_schema"),
        ({"event_type": "x", "event_payload": {"a": "x" * 16_000}}, "metadata_too_large"),
    ],
)
def test_metadata_has_to_have_the_right_shape(metadata: Any, code: str) -> None:
    check_message({"text": "x", "metadata": {"event_type": "x", "event_payload": {"id": 1}}})
    with pytest.raises(SlackError, match=code):
        check_message({"text": "x", "metadata": metadata})


@pytest.mark.parametrize(
    "name", ["inc-1", "inc_1", "инцидент-1", "事故-12", "störung", "a" * 80, "1", "हिन्दी"]
)
def test_lower_case_letters_of_any_script_make_a_channel_name(name: str) -> None:
    check_channel_name(name)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "invalid_name_required"),
        (None, "invalid_name_required"),
        ("a" * 81, "invalid_name_maxlength"),
        ("Inc-1", "invalid_name_specials"),
        ("Инцидент", "invalid_name_specials"),
        ("a b", "invalid_name_specials"),
        ("a.b", "invalid_name_specials"),
        ("fire-🔥", "invalid_name_specials"),
        ("a\x00b", "invalid_name_specials"),
        ("-", "invalid_name_punctuation"),
        ("-_-", "invalid_name_punctuation"),
    ],
)
def test_any_other_channel_name_is_refused_with_a_reason(name: object, code: str) -> None:
    with pytest.raises(SlackError) as caught:
        check_channel_name(name)
    assert caught.value.code == code


def test_ids_that_an_app_leaves_out_are_generated_and_unique() -> None:
    blocks = [actions(button(), button(action_id="mine")), section(accessory=button(), block_id="b-0")]
    named = with_ids(blocks)
    ids = [block["block_id"] for _, block in blocks_in(named, "")]
    assert len(set(ids)) == 2
    assert [element["action_id"] for _, element in elements_in(named[0])] == ["a-elements-0", "mine"]
    assert named == with_ids(blocks)
    check_blocks(named)
    assert "block_id" not in blocks[0]
