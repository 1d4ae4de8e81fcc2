"""views.*: modals and App Homes."""

from __future__ import annotations

from typing import Any

from sandbox.interactions import modals
from sandbox.rules import SlackError
from sandbox.webapi.call import Call, Method
from sandbox.workspace.model import Json, View


def _payload(call: Call) -> Any:
    view = call.parsed("view", "invalid_arguments")
    if view is None:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: view"])
    return view


def _answer(call: Call, view: View) -> Json:
    return {"view": call.interactions.view_shown(view)}


def open_(call: Call) -> Json:
    """Show a modal to the person who caused the trigger."""
    payload = _payload(call)
    user = call.interactions.triggers.use(call.required("trigger_id"))
    return _answer(call, modals.open_modal(call.store, user, payload))


def push(call: Call) -> Json:
    """Show a modal on top of the person's open one."""
    payload = _payload(call)
    user = call.interactions.triggers.use(call.required("trigger_id"))
    return _answer(call, modals.push_modal(call.store, user, payload))


def update(call: Call) -> Json:
    """Replace an open view, given by ``view_id`` or ``external_id``."""
    payload = _payload(call)
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if not view_id and not external_id:
        raise SlackError("invalid_arguments", ["[ERROR] missing required field: view_id"])
    view = modals.find_view(call.store, view_id=view_id or None, external_id=external_id or None)
    modals.update_view(call.store, view, payload, expected_hash=call.text("hash") or None)
    return _answer(call, view)


def publish(call: Call) -> Json:
    """Show a person their App Home."""
    payload = _payload(call)
    if not call.store.manifest.home_tab:
        raise SlackError("not_enabled")
    person = call.person("user_id")
    view = modals.publish_home(call.store, person.id, payload, expected_hash=call.text("hash") or None)
    return _answer(call, view)


METHODS = {
    "views.open": Method(open_),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
}
