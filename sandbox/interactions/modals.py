"""A person's stack of modals, and their App Home.

Sources: https://docs.slack.dev/surfaces/modals (at most three views deep; an update keeps what was entered if
``block_id`` and ``action_id`` stay the same) and https://docs.slack.dev/reference/methods/views.open and its
siblings.
"""

from __future__ import annotations

import secrets

from sandbox.rules import SlackError, check_view, with_ids
from sandbox.workspace.model import Json, View
from sandbox.workspace.store import Store

DEEPEST = 3


def open_modal(store: Store, user: str, payload: Json) -> View:
    """Show the person a first view, replacing any modal that they had open.

    Raises :class:`SlackError` like :func:`check_view`, or ``duplicate_external_id``.
    """
    view = _new_view(store, user, payload)
    store.workspace.modals[user] = [view]
    store.note(modals=[user])
    return view


def push_modal(store: Store, user: str, payload: Json) -> View:
    """Show a view on top of the person's open modal.

    Raises :class:`SlackError` like :func:`open_modal`, ``push_limit_reached`` for a fourth view, or
    ``not_found`` if nothing is open.
    """
    stack = store.workspace.modals.get(user, [])
    if not stack:
        raise SlackError("not_found")
    if len(stack) >= DEEPEST:
        raise SlackError("push_limit_reached")
    view = _new_view(store, user, payload)
    view.root_view_id, view.previous_view_id = stack[0].id, stack[-1].id
    stack.append(view)
    store.note(modals=[user])
    return view


def update_view(store: Store, view: View, payload: Json, *, expected_hash: str | None = None) -> View:
    """Replace an open view's content; what the person entered stays if its element does.

    Raises :class:`SlackError` like :func:`check_view`, ``hash_conflict`` if ``expected_hash`` isn't the
    view's hash, or ``duplicate_external_id``.
    """
    if expected_hash is not None and expected_hash != view.hash:
        raise SlackError("hash_conflict")
    view.payload = _checked(store, payload, view.type, replacing=view)
    view.hash = _new_hash(store)
    view.errors, view.notice = {}, None
    note_view(store, view)
    return view


def publish_home(store: Store, user: str, payload: Json, *, expected_hash: str | None = None) -> View:
    """Show a person their App Home, or replace it. Raises like :func:`update_view`."""
    home = store.workspace.homes.get(user)
    if home is not None:
        return update_view(store, home, payload, expected_hash=expected_hash)
    view = _new_view(store, user, payload, kind="home")
    store.workspace.homes[user] = view
    store.note(homes=[user])
    return view


def note_view(store: Store, view: View) -> None:
    """Note that the view may look different."""
    if view.type == "home":
        store.note(homes=[view.user])
    else:
        store.note(modals=[view.user])


def find_view(store: Store, *, view_id: str | None = None, external_id: str | None = None) -> View:
    """The open view with that id or external id. Raises :class:`SlackError` ``not_found``."""
    for view in _all_views(store):
        if view.id == view_id or (external_id and view.payload.get("external_id") == external_id):
            return view
    raise SlackError("not_found")


def close_view(store: Store, view: View) -> None:
    """Remove the view, and those on top of it, from the person's stack."""
    stack = store.workspace.modals.get(view.user, [])
    if view in stack:
        del stack[stack.index(view) :]
        store.note(modals=[view.user])
    if not stack:
        store.workspace.modals.pop(view.user, None)


def _all_views(store: Store) -> list[View]:
    modals = [view for stack in store.workspace.modals.values() for view in stack]
    return [*modals, *store.workspace.homes.values()]


def _new_view(store: Store, user: str, payload: Json, kind: str = "modal") -> View:
    checked = _checked(store, payload, kind)
    view_id = store.new_id("V")
    return View(view_id, user, kind, checked, _new_hash(store), root_view_id=view_id)


def _checked(store: Store, payload: Json, kind: str, replacing: View | None = None) -> Json:
    check_view(payload, kind=kind)
    wanted = payload.get("external_id")
    others = (view for view in _all_views(store) if view is not replacing)
    if wanted and any(view.payload.get("external_id") == wanted for view in others):
        raise SlackError("duplicate_external_id")
    return {**payload, "blocks": with_ids(payload["blocks"])}


def _new_hash(store: Store) -> str:
    return f"{int(store.clock())}.{secrets.token_hex(4)}"
