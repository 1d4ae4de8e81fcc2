"""Block elements: what each may contain, and in which blocks and on which surfaces it is allowed.

Source: https://docs.slack.dev/reference/block-kit/block-elements
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.rules.composition import (
    ACTION_ID,
    ANY_TEXT,
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_CONFIG,
    IMAGE,
    IMAGE_SOURCE,
    OPTION_GROUP,
    STYLE,
    URL,
    initial_among,
    option,
    text,
)
from sandbox.rules.rich_text import RICH_TEXT
from sandbox.rules.schema import (
    Bool,
    Check,
    Items,
    Number,
    Object,
    Rule,
    Str,
    Typed,
    exactly_one_of,
    in_order,
)

SURFACES = ("message", "modal", "home")


@dataclass(frozen=True, slots=True)
class Element:
    """One row of the table: the element's rule, and where Slack's documentation allows it."""

    rule: Object
    blocks: tuple[str, ...]
    surfaces: tuple[str, ...] = SURFACES


_ACTION: dict[str, Rule] = {"action_id": ACTION_ID}
_CONFIRM: dict[str, Rule] = {"confirm": CONFIRM}
_FOCUS: dict[str, Rule] = {"focus_on_load": Bool()}
_PLACEHOLDER: dict[str, Rule] = {"placeholder": text(150)}
_PICKER: dict[str, Rule] = {**_ACTION, **_CONFIRM, **_FOCUS}
_MENU: dict[str, Rule] = {**_PICKER, **_PLACEHOLDER}
_MULTI: dict[str, Rule] = {**_MENU, "max_selected_items": Number(1)}
_FIELD: dict[str, Rule] = {**_ACTION, **_FOCUS, **_PLACEHOLDER, "dispatch_action_config": DISPATCH_CONFIG}
_STATIC: dict[str, Rule] = {
    "options": Items(option(), max=100),
    "option_groups": Items(OPTION_GROUP, max=100),
}
_RICH_OPTIONS = Items(option(ANY_TEXT), max=10)
_ID = Str(min=1)
_URL_ENABLED: dict[str, Rule] = {"response_url_enabled": Bool()}
_CONVERSATIONS: dict[str, Rule] = {"default_to_current_conversation": Bool(), "filter": CONVERSATION_FILTER}
_MIN_QUERY: dict[str, Rule] = {"min_query_length": Number(0)}
_NUMERIC = Str(pattern=r"-?\d+(\.\d+)?", expected="a number in a string")
_DATE = Str(pattern=r"\d{4}-\d{2}-\d{2}", expected="in the format YYYY-MM-DD")
_TIME = Str(pattern=r"([01]\d|2[0-3]):[0-5]\d", expected="in the format HH:mm")

_FEEDBACK = Object(
    {"text": text(75), "value": Str(max=2000), "accessibility_label": Str(max=75)}, ("text", "value")
)
_WORKFLOW = Object(
    {
        "trigger": Object(
            {
                "url": URL,
                "customizable_input_parameters": Items(
                    Object({"name": Str(min=1), "value": Str()}, required=("name", "value"))
                ),
            },
            required=("url",),
        )
    },
    required=("trigger",),
)

_EVERYWHERE = ("section", "actions", "input")
_CLICKED = ("section", "actions")
_TYPED_IN = ("input",)
_MODAL = ("modal",)


def _of(fields: Mapping[str, Rule], *required: str, also: tuple[Check, ...] = ()) -> Object:
    return Object(fields, required=required, also=also)


def _static(initial: str, rule: Rule, base: Mapping[str, Rule]) -> Object:
    return _of(
        {**base, **_STATIC, initial: rule},
        also=(exactly_one_of("options", "option_groups"), initial_among(initial)),
    )


_BUTTON: dict[str, Rule] = {
    **_ACTION,
    **_CONFIRM,
    "text": text(75),
    "url": URL,
    "value": Str(max=2000),
    "style": STYLE,
    "accessibility_label": Str(max=75),
    "agent_prompt": Str(max=4000),
    "agent_prompt_display": Str(),
    "visible_to_user_ids": Items(_ID),
}
_WORKFLOW_BUTTON: dict[str, Rule] = {
    **_ACTION,
    "text": text(75),
    "workflow": _WORKFLOW,
    "style": STYLE,
    "accessibility_label": Str(max=75),
}
_ICON_BUTTON: dict[str, Rule] = {
    **_ACTION,
    **_CONFIRM,
    "icon": Str(values=("trash",)),
    "text": text(75),
    "value": Str(max=2000),
    "accessibility_label": Str(max=75),
    "visible_to_user_ids": Items(_ID, max=10),
}
_PLAIN_INPUT: dict[str, Rule] = {
    **_FIELD,
    "initial_value": Str(max=3000),
    "multiline": Bool(),
    "min_length": Number(0, 3000),
    "max_length": Number(1, 3000),
}
_NUMBER_INPUT: dict[str, Rule] = {
    **_FIELD,
    "is_decimal_allowed": Bool(),
    "initial_value": _NUMERIC,
    "min_value": _NUMERIC,
    "max_value": _NUMERIC,
}
_RICH_INPUT: dict[str, Rule] = {
    **_FIELD,
    "initial_value": Typed({"rich_text": RICH_TEXT}),
    "min_lines": Number(1, 100),
    "max_lines": Number(1, 100),
}
_CHECKS: dict[str, Rule] = {**_PICKER, "options": _RICH_OPTIONS, "initial_options": _RICH_OPTIONS}
_RADIOS: dict[str, Rule] = {**_PICKER, "options": _RICH_OPTIONS, "initial_option": option(ANY_TEXT)}
_OVERFLOW: dict[str, Rule] = {**_ACTION, **_CONFIRM, "options": Items(option(url=True), min=2, max=5)}
_ONE = option()
_SEVERAL = Items(option(), max=100)

ELEMENTS: dict[str, Element] = {
    "button": Element(_of(_BUTTON, "text"), ("section", "actions", "card")),
    "checkboxes": Element(_of(_CHECKS, "options", also=(initial_among("initial_options"),)), _EVERYWHERE),
    "datepicker": Element(_of({**_MENU, "initial_date": _DATE}), _EVERYWHERE),
    "datetimepicker": Element(
        _of({**_PICKER, "initial_date_time": Number(1_000_000_000, 9_999_999_999)}),
        ("actions", "input"),
        ("message", "modal"),
    ),
    "email_text_input": Element(_of({**_FIELD, "initial_value": Str()}), _TYPED_IN, _MODAL),
    "feedback_buttons": Element(
        _of(
            {**_ACTION, "positive_button": _FEEDBACK, "negative_button": _FEEDBACK},
            "positive_button",
            "negative_button",
        ),
        ("context_actions",),
        ("message",),
    ),
    "file_input": Element(
        _of({**_ACTION, "filetypes": Items(Str(min=1)), "max_files": Number(1, 10)}), _TYPED_IN, _MODAL
    ),
    "icon_button": Element(_of(_ICON_BUTTON, "icon", "text"), ("context_actions",), ("message",)),
    "image": Element(
        _of(IMAGE, "alt_text", also=(IMAGE_SOURCE,)), ("section", "context", "card", "container")
    ),
    "number_input": Element(
        _of(_NUMBER_INPUT, "is_decimal_allowed", also=(in_order("min_value", "max_value"),)),
        _TYPED_IN,
        _MODAL,
    ),
    "overflow": Element(_of(_OVERFLOW, "options"), (*_CLICKED, "auth_provider")),
    "plain_text_input": Element(_of(_PLAIN_INPUT, also=(in_order("min_length", "max_length"),)), _TYPED_IN),
    "radio_buttons": Element(_of(_RADIOS, "options", also=(initial_among("initial_option"),)), _EVERYWHERE),
    "rich_text_input": Element(
        _of(_RICH_INPUT, also=(in_order("min_lines", "max_lines"),)), _TYPED_IN, ("modal", "home")
    ),
    "timepicker": Element(_of({**_MENU, "initial_time": _TIME, "timezone": Str(min=1)}), _EVERYWHERE),
    "url_text_input": Element(_of({**_FIELD, "initial_value": Str()}), _TYPED_IN, _MODAL),
    "workflow_button": Element(_of(_WORKFLOW_BUTTON, "text", "workflow"), _CLICKED, ("message",)),
    "static_select": Element(_static("initial_option", _ONE, _MENU), _EVERYWHERE),
    "external_select": Element(_of({**_MENU, **_MIN_QUERY, "initial_option": _ONE}), _EVERYWHERE),
    "users_select": Element(_of({**_MENU, "initial_user": _ID}), _EVERYWHERE),
    "conversations_select": Element(
        _of({**_MENU, **_CONVERSATIONS, **_URL_ENABLED, "initial_conversation": _ID}), _EVERYWHERE
    ),
    "channels_select": Element(_of({**_MENU, **_URL_ENABLED, "initial_channel": _ID}), _EVERYWHERE),
    "multi_static_select": Element(_static("initial_options", _SEVERAL, _MULTI), _EVERYWHERE),
    "multi_external_select": Element(_of({**_MULTI, **_MIN_QUERY, "initial_options": _SEVERAL}), _EVERYWHERE),
    "multi_users_select": Element(_of({**_MULTI, "initial_users": Items(_ID)}), _EVERYWHERE),
    "multi_conversations_select": Element(
        _of({**_MULTI, **_CONVERSATIONS, "initial_conversations": Items(_ID)}), _EVERYWHERE
    ),
    "multi_channels_select": Element(_of({**_MULTI, "initial_channels": Items(_ID)}), _EVERYWHERE),
}


def elements(block: str, surface: str) -> dict[str, Rule]:
    """The elements that are allowed in a block of this type on this surface, by type."""
    return {
        kind: element.rule
        for kind, element in ELEMENTS.items()
        if block in element.blocks and surface in element.surfaces
    }
