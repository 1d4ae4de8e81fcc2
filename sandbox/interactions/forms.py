"""Submitting and closing modals.

Sources: https://docs.slack.dev/surfaces/modals ("Handling modal submissions", "Displaying errors in views")
and https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.interactions import payloads
from sandbox.interactions.clicks import asks_the_app, enter, offered, suggest
from sandbox.interactions.context import Interactions, RefusedError
from sandbox.interactions.elements import find, on_screen
from sandbox.interactions.fields import FIELDS
from sandbox.interactions.form_checks import field_error
from sandbox.interactions.modals import close_view, push_modal, update_view
from sandbox.interactions.targets import OnView, on_view
from sandbox.rules import SlackError, with_ids
from sandbox.workspace.model import Json, View

TROUBLE = "We had some trouble connecting. Try again?"
"""Slack's message if it doesn't understand the app's answer; we add the reason."""


class _AnswerError(Exception):
    """The app's answer is invalid; the text says why."""


async def submit(here: Interactions, *, user: str, values: Json, view: str = "modal") -> Json:
    """Fill in the person's topmost modal and submit it.

    Returns ``{}``, or ``{"errors": {block_id: text}}`` for errors at the fields (found by Slack's client or
    by the app), or ``{"problem": text}`` for one above the form. ``values`` is ``{block_id: {action_id:
    value}}`` or ``{action_id: value}``; fields that it leaves out stay as they are on screen. Raises
    :class:`RefusedError` if nothing is open, it can't be submitted, or a value doesn't fit.
    """
    target = on_view(here, user=user, view=view)
    shown = target.view
    if not shown.payload.get("submit"):
        raise RefusedError("no_submit", "This form has no submit button.")
    await fill(here, target, values)
    shown.notice, shown.errors = None, client_errors(here, shown)
    here.store.note(modals=[shown.user])
    if shown.errors:
        return {"errors": shown.errors}
    payload = payloads.view_submission(here.act(target.person), here.view_shown(shown))
    delivery = await here.store.deliver("interactive", payload)
    problem = here.problem(delivery)
    if problem is None:
        problem = _answered(here, shown, delivery.body)
    if problem:
        shown.notice = problem
        here.store.note(modals=[shown.user])
        return {"problem": problem}
    return {"errors": shown.errors} if shown.errors else {}


def client_errors(here: Interactions, view: View) -> dict[str, str]:
    """The errors that Slack's client shows before it sends anything, by block_id."""
    state = here.view_state(view)
    found = {
        block["block_id"]: field_error(block, state[block["block_id"]][element["action_id"]])
        for block, element in on_screen(view.payload["blocks"])
        if block["type"] == "input" and element["type"] in FIELDS
    }
    return {block_id: error for block_id, error in found.items() if error}


async def fill(here: Interactions, target: OnView, values: Json) -> None:
    """Enter values into a view's elements without submitting it. Raises :class:`RefusedError`."""
    for action_id, block_id, raw in list(_by_element(target.blocks, values)):
        try:
            block, element = find(target.blocks, action_id, block_id)
        except LookupError as error:
            raise RefusedError("no_such_field", str(error)) from error
        if element["type"] not in FIELDS:
            raise RefusedError("no_such_field", f"{action_id!r} takes no value.")
        if asks_the_app(element) and isinstance(raw, str) and raw:
            await _have_it_offered(here, target, block, element, raw)
        enter(here, target, block, element, raw)


async def _have_it_offered(here: Interactions, target: OnView, block: Json, element: Json, raw: str) -> None:
    """Get the app to suggest the option: a script names it directly, while a person would type and choose."""
    known = offered(here, target, block, element)
    if not any(raw in (option["value"], option["text"]["text"]) for option in known):
        await suggest(here, target, action=element["action_id"], value=raw, block=block["block_id"])


def _by_element(blocks: list[Json], values: Json) -> Iterator[tuple[str, str | None, Any]]:
    block_ids = {block["block_id"] for block in with_ids(blocks)}
    for key, value in values.items():
        if key in block_ids and isinstance(value, dict):
            for action_id, raw in value.items():
                yield action_id, key, raw
        else:
            yield key, None, value


def _answered(here: Interactions, view: View, body: Any) -> str | None:
    """Do what the app's answer says; returns the problem to show if that's impossible."""
    if here.store.view(view.id) is None:
        return None  # closed in the meantime: there is nothing left to change
    try:
        if not body:
            close_view(here.store, view)
            return None
        if not isinstance(body, dict) or body.get("response_action") not in _ACTIONS:
            raise _AnswerError("the app's answer has no known response_action")
        _ACTIONS[body["response_action"]](here, view, body)
    except (_AnswerError, SlackError) as error:
        return f"{TROUBLE} ({error})"
    return None


def _errors(here: Interactions, view: View, body: Json) -> None:
    errors = body.get("errors")
    if not isinstance(errors, dict) or not errors:
        raise _AnswerError("the app's answer has no errors")
    inputs = {block["block_id"] for block in with_ids(view.payload["blocks"]) if block["type"] == "input"}
    unknown = sorted(set(errors) - inputs)
    if unknown:
        raise _AnswerError(f"the app's errors name blocks that this form doesn't have: {', '.join(unknown)}")
    view.errors = {block_id: str(text) for block_id, text in errors.items()}
    here.store.note(modals=[view.user])


def _update(here: Interactions, view: View, body: Json) -> None:
    update_view(here.store, view, body.get("view") or {})


def _push(here: Interactions, view: View, body: Json) -> None:
    push_modal(here.store, view.user, body.get("view") or {})


def _clear(here: Interactions, view: View, _body: Json) -> None:
    for each in list(here.store.workspace.modals.get(view.user, []))[:1]:
        close_view(here.store, each)


_ACTIONS: dict[str, Callable[[Interactions, View, Json], None]] = {
    "errors": _errors,
    "update": _update,
    "push": _push,
    "clear": _clear,
}


async def close(here: Interactions, *, user: str, everything: bool = False) -> Json:
    """Close the person's topmost modal or the whole stack; sends ``view_closed`` if the view asks for it.

    Returns ``{}`` or ``{"problem": …}``; the view is gone either way. With ``clear_on_close``, the whole
    stack is closed.
    """
    top = on_view(here, user=user, view="modal").view
    stack = list(here.store.workspace.modals[top.user])
    cleared = everything or bool(top.payload.get("clear_on_close"))
    person = here.store.person(top.user)
    closed = stack if cleared else stack[-1:]
    told = [
        payloads.view_closed(here.act(person, trigger=False), here.view_shown(view), is_cleared=cleared)
        for view in reversed(closed)
        if view.payload.get("notify_on_close")
    ]
    close_view(here.store, closed[0])
    problems = [here.problem(await here.store.deliver("interactive", payload)) for payload in told]
    found = [problem for problem in problems if problem]
    return {"problem": found[0]} if found else {}
