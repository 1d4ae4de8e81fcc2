"""The checks that Slack's client runs on a form before it sends anything to the app."""

from __future__ import annotations

import re
from collections.abc import Callable

from sandbox.interactions.fields import is_empty
from sandbox.workspace.model import Json

REQUIRED = "Please complete this required field."

_MAX_LENGTH = 3000


def _lengths(element: Json, value: str) -> str | None:
    if len(value) < element.get("min_length", 0):
        return f"This entry must be at least {element['min_length']} characters."
    if len(value) > element.get("max_length", _MAX_LENGTH):
        return f"This entry must be at most {element.get('max_length', _MAX_LENGTH)} characters."
    return None


def _number(element: Json, value: str) -> str | None:
    form = r"-?\d+(\.\d+)?" if element["is_decimal_allowed"] else r"-?\d+"
    if not re.fullmatch(form, value):
        return (
            "Please enter a valid number."
            if element["is_decimal_allowed"]
            else "Please enter a whole number."
        )
    if "min_value" in element and float(value) < float(element["min_value"]):
        return f"This entry must be at least {element['min_value']}."
    if "max_value" in element and float(value) > float(element["max_value"]):
        return f"This entry must be at most {element['max_value']}."
    return None


def _email(_element: Json, value: str) -> str | None:
    return None if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) else "Please enter a valid email address."


def _url(_element: Json, value: str) -> str | None:
    return None if re.fullmatch(r"https?://\S+", value) else "Please enter a valid URL."


_CHECKS: dict[str, Callable[[Json, str], str | None]] = {
    "plain_text_input": _lengths,
    "number_input": _number,
    "email_text_input": _email,
    "url_text_input": _url,
}

_SEVERAL = ("selected_options", "selected_users", "selected_conversations", "selected_channels")


def field_error(block: Json, entry: Json) -> str | None:
    """The error that Slack shows at an input block with this entry, or ``None``."""
    element = block["element"]
    if is_empty(entry):
        return None if block.get("optional") else REQUIRED
    for key in _SEVERAL:
        if len(entry.get(key, ())) > element.get("max_selected_items", 1000):
            return f"Please select at most {element['max_selected_items']}."
    check = _CHECKS.get(element["type"])
    return check(element, entry["value"]) if check else None
