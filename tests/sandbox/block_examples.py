"""Blocks and elements: one good example of each, and builders for those that tests break."""

from __future__ import annotations

from typing import Any

from sandbox.workspace.model import Json


def plain(text: str = "x") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "x") -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "a", label: str = "A") -> Json:
    return {"text": plain(label), "value": value}


def button(**more: Any) -> Json:
    return {"type": "button", "text": plain(), **more}


def section(**more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def entry(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain(), "element": element, **more}


def modal(*blocks: Json, **more: Any) -> Json:
    return {"type": "modal", "title": plain(), "submit": plain(), "blocks": list(blocks), **more}


def select(**more: Any) -> Json:
    return {"type": "static_select", "options": [option()], **more}


PICTURE = {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"}
RICH = {
    "type": "rich_text",
    "elements": [
        {"type": "rich_text_section", "elements": [{"type": "text", "text": "x", "style": {"bold": True}}]}
    ],
}
CONFIRM = {"title": plain(), "text": mrkdwn(), "confirm": plain(), "deny": plain()}
NO_SUCH_OPTION = "`initial_option` must exactly match an option in `options`"
CELL = {"type": "raw_text", "text": "x"}
TASK = {"type": "task_card", "task_id": "1", "title": "x", "status": "pending"}
CARD = {"type": "card", "title": mrkdwn(), "actions": [button()]}
CHART = {"type": "pie", "segments": [{"label": "a", "value": 1.5}]}

GOOD_ELEMENTS: dict[str, Json] = {
    "button": {"text": plain(), "value": "v", "style": "danger", "confirm": CONFIRM},
    "checkboxes": {"options": [{"text": mrkdwn(), "value": "a"}]},
    "datepicker": {"initial_date": "2026-01-31"},
    "datetimepicker": {"initial_date_time": 1764000000},
    "email_text_input": {"initial_value": "a@example.com"},
    "feedback_buttons": {
        "positive_button": {"text": plain(), "value": "1"},
        "negative_button": {"text": plain(), "value": "0"},
    },
    "file_input": {"filetypes": ["png"], "max_files": 2},
    "icon_button": {"icon": "trash", "text": plain()},
    "image": {"image_url": "https://example.com/a.png", "alt_text": "a"},
    "number_input": {"is_decimal_allowed": False, "min_value": "1", "max_value": "9"},
    "overflow": {"options": [option("a"), option("b")]},
    "plain_text_input": {"multiline": True, "min_length": 1, "max_length": 3000},
    "radio_buttons": {"options": [option()], "initial_option": option()},
    "rich_text_input": {"initial_value": RICH},
    "timepicker": {"initial_time": "09:30", "timezone": "Europe/Berlin"},
    "url_text_input": {},
    "workflow_button": {"text": plain(), "workflow": {"trigger": {"url": "https://slack.com/shortcuts/1"}}},
    "static_select": {
        "option_groups": [{"label": plain(), "options": [option()]}],
        "initial_option": option(),
    },
    "external_select": {"min_query_length": 0},
    "users_select": {"placeholder": plain()},
    "conversations_select": {"default_to_current_conversation": True, "filter": {"include": ["public"]}},
    "channels_select": {"initial_channel": "C1"},
    "multi_static_select": {"options": [option()], "initial_options": [option()], "max_selected_items": 1},
    "multi_external_select": {},
    "multi_users_select": {"initial_users": ["U1"]},
    "multi_conversations_select": {},
    "multi_channels_select": {},
}

GOOD_BLOCKS: dict[str, Json] = {
    "actions": {"elements": [button()]},
    "alert": {"text": plain(), "level": "warning"},
    "auth_provider": {"value": "gh", "name": plain("GitHub"), "is_connected": False},
    "card": CARD,
    "carousel": {"elements": [CARD]},
    "container": {"title": plain(), "child_blocks": [section()]},
    "context": {"elements": [PICTURE, mrkdwn()]},
    "context_actions": {"elements": [{"type": "icon_button", "icon": "trash", "text": plain()}]},
    "data_table": {"caption": "x", "rows": [[CELL], [{"type": "raw_number", "value": 1, "text": "1"}]]},
    "data_visualization": {"title": "x", "chart": CHART},
    "divider": {},
    "header": {"text": plain()},
    "image": {**PICTURE, "title": plain()},
    "input": {"label": plain(), "element": {"type": "plain_text_input"}},
    "markdown": {"text": "**x**"},
    "plan": {"title": "x", "tasks": [TASK]},
    "rich_text": RICH,
    "section": {"fields": [mrkdwn()], "accessory": button()},
    "table": {"rows": [[CELL, RICH]], "column_settings": [{"align": "right"}]},
    "task_card": TASK,
    "video": {
        "video_url": "https://example.com/v",
        "thumbnail_url": "https://example.com/t.png",
        "alt_text": "a",
        "title": plain(),
    },
}
