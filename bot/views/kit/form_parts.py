"""The parts of a form, and functions that read its state."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.domain.kit.errors import OutdatedButton
from bot.domain.surface.forms import FormName
from bot.domain.surface.originals import Original
from bot.views.kit.emoji import with_emoji
from bot.views.kit.fitting import fitted_text, with_short_texts
from bot.views.kit.message import Block, plain

State = Mapping[str, Any]
"""The ``view`` of a ``view_submission`` payload.

https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

P = ParamSpec("P")
R = TypeVar("R")


def parser(parse: Callable[Concatenate[State, P], R]) -> Callable[Concatenate[State, P], R]:
    """Decorator for a function that reads a form: it raises ``OutdatedButton`` if the state doesn't fit.

    This happens when an earlier version of the bot opened the form.
    """

    @wraps(parse)
    def reading(view: State, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return parse(view, *args, **kwargs)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError) as error:
            raise OutdatedButton from error

    return reading


def modal(name: FormName, title: str, submit: str, blocks: list[Block], carried: Mapping[str, Any]) -> Block:
    """A form with its title cut at Slack's 24 characters; ``carried`` comes back when it is submitted."""
    return {
        "type": "modal",
        "callback_id": name.value,
        "title": plain(title[:24]),
        "submit": plain(submit),
        "close": plain("Cancel"),
        "private_metadata": json.dumps(
            {key: value for key, value in carried.items() if value is not None}, ensure_ascii=False
        ),
        "blocks": with_short_texts(blocks),
    }


def text_input(
    block_id: str,
    label: str,
    value: str,
    limit: int,
    *,
    multiline: bool = False,
    optional: bool = True,
    hint: str | None = None,
) -> Block:
    """A text field, with its initial value cut at ``limit``; Slack doesn't draw emoji codes in it."""
    element: Block = {
        "type": "plain_text_input",
        "action_id": block_id,
        "multiline": multiline,
        "max_length": limit,
    }
    if value:
        element["initial_value"] = _as_shown(value, limit)
    made: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "optional": optional,
        "element": element,
    }
    return {**made, "hint": plain(hint)} if hint else made


def input_of(block_id: str, label: str, element: Block, *, optional: bool = True) -> Block:
    """An input block around an element."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label),
        "optional": optional,
        "element": element,
    }


_FILLED: Mapping[str, tuple[str, str]] = {
    "plain_text_input": ("value", "initial_value"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "datepicker": ("selected_date", "initial_date"),
    "checkboxes": ("selected_options", "initial_options"),
    "radio_buttons": ("selected_option", "initial_option"),
    "static_select": ("selected_option", "initial_option"),
    "multi_static_select": ("selected_options", "initial_options"),
    "external_select": ("selected_option", "initial_option"),
}
"""Type of element -> the key of its value in the state, and the key of its initial value."""
_NOTICE = "notice"


def as_notice(blocks: Sequence[Block]) -> list[Block]:
    """Blocks above a form's fields, which a later notice replaces."""
    return [{**each, "block_id": f"{_NOTICE}/{number}"} for number, each in enumerate(blocks)]


def with_notice(view: State, notice: Sequence[Block], more: Mapping[str, Any]) -> Block:
    """The submitted form again, as it was filled in, below a notice; ``more`` is carried as well.

    https://docs.slack.dev/surfaces/modals#updating_response
    """
    kept = [each for each in view["blocks"] if not str(each.get("block_id")).startswith(f"{_NOTICE}/")]
    return {
        **{name: view[name] for name in ("type", "callback_id", "title", "submit", "close")},
        "private_metadata": json.dumps({**carried(view), **more}, ensure_ascii=False),
        "blocks": with_short_texts([*as_notice(notice), *(_as_filled(view, each) for each in kept)]),
    }


def _as_filled(view: State, block: Block) -> Block:
    if block["type"] != "input":
        return block
    element = block["element"]
    state, initial = _FILLED[element["type"]]
    value = _among(element.get("options"), field_value(view, block["block_id"]).get(state))
    begins = {name: each for name, each in element.items() if name != initial}
    return {**block, "element": {**begins, initial: value} if value else begins}


def _among(options: Sequence[Block] | None, chosen: Any) -> Any:
    """What was chosen, exactly as the element offers it: Slack demands that of initial options."""
    if options is None or not chosen:
        return chosen
    by_value = {each["value"]: each for each in options}
    if isinstance(chosen, Mapping):
        return by_value.get(chosen["value"])
    return [by_value[each["value"]] for each in chosen if each["value"] in by_value]


def carried(view: State) -> dict[str, Any]:
    """The values that the form was opened with: ``carried`` of :func:`modal`."""
    return dict(json.loads(view.get("private_metadata") or "{}"))


def carrying_home(view: State, home: Original) -> Block:
    """The form, carrying the answer that its submission refreshes as well."""
    more = {"home": home.response_url, "home_channel": home.channel_id, "home_thread": home.thread_ts}
    return {**view, "private_metadata": json.dumps({**carried(view), **more}, ensure_ascii=False)}


def home_of(view: State) -> Original | None:
    """The answer that the form carries, if any; earlier versions of the bot didn't note where it is."""
    values = carried(view)
    if not values.get("home"):
        return None
    return Original(values["home"], values.get("home_channel") or "", values.get("home_thread"))


def typed(view: State, block_id: str) -> str:
    """The text in a field, empty if there is none."""
    return str(field_value(view, block_id).get("value") or "")


def typed_over(view: State, block_id: str, before: str, limit: int) -> str:
    """The text in a field that showed ``before``: exactly that if nobody has changed what it showed."""
    text = typed(view, block_id)
    return before if text == _as_shown(before, limit) else text


def _as_shown(text: str, limit: int) -> str:
    """The text as a field shows it: with its emoji drawn, and cut where an earlier version stored more."""
    return fitted_text(with_emoji(text), limit)


def chosen(view: State, block_id: str) -> str | None:
    """The value of a field's chosen option, or ``None``."""
    option = field_value(view, block_id).get("selected_option") or {}
    return option.get("value")


def field_value(view: State, block_id: str) -> Mapping[str, Any]:
    """The state of a field of any kind, empty if the form has no such field."""
    values = view["state"]["values"].get(block_id) or {}
    found: Mapping[str, Any] = values.get(block_id) or {}
    return found


def chosen_day(view: State, block_id: str) -> date | None:
    """The day chosen in a date picker, or ``None``; raises ``ValueError`` for anything but a date."""
    found = field_value(view, block_id).get("selected_date")
    return date.fromisoformat(str(found)) if found else None
