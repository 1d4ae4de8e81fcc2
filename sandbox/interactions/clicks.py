"""Clicks and choices in messages, modals and App Home, and menus whose options the app suggests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.interactions import payloads
from sandbox.interactions.context import Interactions, RefusedError
from sandbox.interactions.elements import find, state_values
from sandbox.interactions.fields import FIELDS, BadValueError, entered, options_of
from sandbox.interactions.modals import note_view
from sandbox.interactions.targets import OnView, Target
from sandbox.rules import SlackError, check_suggestions
from sandbox.workspace.model import Json


def _find(target: Target, action: str, block: str | None) -> tuple[Json, Json]:
    try:
        return find(target.blocks, action, block)
    except LookupError as error:
        raise RefusedError("no_such_action", str(error)) from error


def asks_the_app(element: Json) -> bool:
    """Whether the element is a menu whose options the app suggests."""
    return str(element["type"]).endswith("external_select")


def offered(here: Interactions, target: Target, block: Json, element: Json) -> list[Json]:
    """The options of such a menu: its current and initial choices, and what the app last suggested."""
    action_id = element["action_id"]
    now = target.state.get(block["block_id"], {}).get(action_id, {})
    chosen = [now.get("selected_option"), *now.get("selected_options", [])]
    first = [element.get("initial_option"), *element.get("initial_options", [])]
    found = [*chosen, *first, *here.offered.get((target.person.id, action_id), [])]
    return [option for option in found if option]


def enter(here: Interactions, target: Target, block: Json, element: Json, raw: Any) -> Json:
    """Put a value into an element and return its ``state.values`` entry. Raises :class:`RefusedError`."""
    choices = {"options": offered(here, target, block, element)} if asks_the_app(element) else {}
    try:
        entry = entered({**element, **choices}, raw, here.directory())
    except BadValueError as error:
        raise RefusedError("bad_value", f"{element['action_id']}: {error}.") from error
    target.state.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return entry


_REPEATED = ("text", "value", "style", "placeholder", "initial_option", "initial_date", "confirm")
"""Fields of an element that Slack repeats in ``actions``."""


def _overflow(element: Json, raw: Any) -> Json:
    for option in options_of(element):
        if raw in (option, option.get("value"), option["text"]["text"]):
            return {"selected_option": option}
    raise RefusedError("bad_value", f"{element['action_id']}: there is no option {raw!r}.")


def _feedback(element: Json, raw: Any) -> Json:
    buttons = (element["positive_button"], element["negative_button"])
    for button in buttons:
        if raw in (button["value"], button["text"]["text"]):
            return {"value": button["value"], "text": button["text"]}
    raise RefusedError("bad_value", f"{element['action_id']}: there is no button {raw!r}.")


_CHOSEN: dict[str, Callable[[Json, Any], Json]] = {"overflow": _overflow, "feedback_buttons": _feedback}
"""Elements that hold no value but still let the person choose something."""


def _action(here: Interactions, target: Target, block: Json, element: Json, raw: Any) -> Json:
    kind = element["type"]
    if kind in FIELDS:
        chosen = enter(here, target, block, element, raw)
    else:
        chosen = _CHOSEN[kind](element, raw) if kind in _CHOSEN else {}
    repeated = {name: element[name] for name in _REPEATED if name in element}
    ids = {"type": kind, "action_id": element["action_id"], "block_id": block["block_id"]}
    return {**repeated, **chosen, **ids, "action_ts": here.store.next_ts()}


async def act(
    here: Interactions, target: Target, *, action: str, block: str | None = None, value: Any = None
) -> Json:
    """Click, choose or enter. Returns ``{"dispatched": whether it was sent to the app}``, plus ``problem``.

    Raises :class:`RefusedError` if the element or the value doesn't exist. For an input block, the app is
    sent nothing before the form is submitted, unless the block has ``dispatch_action``.
    """
    found, element = _find(target, action, block)
    acted = _action(here, target, found, element, value)
    if isinstance(target, OnView):
        target.view.notice = None
        note_view(here.store, target.view)
    if found["type"] == "input" and not found.get("dispatch_action"):
        return {"dispatched": False}
    payload = payloads.block_actions(
        here.act(target.person),
        target.place(here),
        [acted],
        state=state_values(target.blocks, target.state),
        response_url=target.response_url(here),
    )
    problem = here.problem(await here.store.deliver("interactive", payload))
    if problem:
        target.tell(here, problem)
        return {"dispatched": True, "problem": problem}
    return {"dispatched": True}


async def suggest(
    here: Interactions, target: Target, *, action: str, value: str, block: str | None = None
) -> Json:
    """Type into a menu that asks the app: ``{"options": […]}`` or ``{"option_groups": […]}``.

    ``problem`` says what went wrong, if anything did. The app isn't asked before ``min_query_length``
    characters (Slack's default: 3). Raises :class:`RefusedError` if the element isn't such a menu.
    """
    found, element = _find(target, action, block)
    if not asks_the_app(element):
        raise RefusedError("no_suggestions", f"{action!r} does not ask the app for options.")
    if len(value) < element.get("min_query_length", 3):
        return {"options": []}
    who = here.act(target.person, trigger=False)
    payload = payloads.block_suggestion(who, target.place(here), found["block_id"], action, value)
    delivery = await here.store.deliver("interactive", payload)
    problem = here.problem(delivery)
    if problem:
        return {"options": [], "problem": problem}
    return _offer(here, target, action, delivery.body)


def _offer(here: Interactions, target: Target, action: str, answer: Any) -> Json:
    try:
        check_suggestions(answer)
    except SlackError as error:
        return {"options": [], "problem": f"The app's suggestions are not valid: {error}"}
    here.offered[(target.person.id, action)] = options_of(answer)
    return {name: answer[name] for name in ("options", "option_groups") if name in answer}
