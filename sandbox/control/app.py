"""What people do with the app: commands, shortcuts, buttons, menus, forms, App Home."""

from __future__ import annotations

from typing import Any

from sandbox.control.routing import BadRequestError, Desk
from sandbox.interactions import clicks, commands, forms
from sandbox.interactions.context import RefusedError, person_who_acts
from sandbox.interactions.targets import OnView, Target, on_message, on_view
from sandbox.workspace.model import Json, View


async def command(
    desk: Desk, *, channel: str, user: str, command: str, text: str = "", thread_ts: str | None = None
) -> Json:
    """Type a slash command."""
    return await commands.run_command(
        desk.here, user=user, channel=channel, command=command, text=text, thread_ts=thread_ts
    )


async def shortcut(
    desk: Desk, *, callback_id: str, user: str, channel: str | None = None, ts: str | None = None
) -> Json:
    """Choose an entry in the shortcuts menu or in a message's menu."""
    return await commands.run_shortcut(desk.here, user=user, callback_id=callback_id, channel=channel, ts=ts)


def _target(desk: Desk, user: str, channel: str | None, message_ts: str | None, view: str | None) -> Target:
    if view:
        return on_view(desk.here, user=user, view=view)
    if not channel or not message_ts:
        raise BadRequestError("missing_argument", "Pass `channel` and `message_ts`, or `view`.")
    return on_message(desk.here, user=user, channel=channel, ts=message_ts)


async def interact(  # noqa: PLR0913 - the arguments are the route's
    desk: Desk,
    *,
    user: str,
    action: str,
    channel: str | None = None,
    message_ts: str | None = None,
    view: str | None = None,
    block: str | None = None,
    value: Any = None,
    values: Json | None = None,
) -> Json:
    """Click a button, choose from a menu, or enter something, in a message or a view.

    ``values`` are the values of the view's other elements at that moment, as for ``view-submit``.
    """
    target = _target(desk, user, channel, message_ts, view)
    if values and isinstance(target, OnView):
        await forms.fill(desk.here, target, values)
    return await clicks.act(desk.here, target, action=action, block=block, value=value)


async def suggest(  # noqa: PLR0913 - as above
    desk: Desk,
    *,
    user: str,
    action: str,
    value: str = "",
    view: str | None = None,
    channel: str | None = None,
    message_ts: str | None = None,
    block: str | None = None,
) -> Json:
    """Type into a menu that gets its options from the app."""
    target = _target(desk, user, channel, message_ts, view)
    return await clicks.suggest(desk.here, target, action=action, value=value, block=block)


async def view_submit(desk: Desk, *, user: str, values: Json | None = None, view: str = "modal") -> Json:
    """Fill in and submit the topmost form."""
    return await forms.submit(desk.here, user=user, values=values or {}, view=view)


async def view_close(desk: Desk, *, user: str, everything: bool = False) -> Json:
    """Close the topmost form, or its whole stack."""
    return await forms.close(desk.here, user=user, everything=everything)


async def open_home(desk: Desk, *, user: str) -> Json:
    """Open the app's Home tab."""
    if not desk.store.manifest.home_tab:
        raise RefusedError("no_home_tab", "The app has no Home tab.")
    desk.store.open_home(person_who_acts(desk.store, user).id)
    return {}


async def views(desk: Desk, *, user: str) -> Json:
    """What the person has open: the stack of modals, the topmost last, and their App Home."""
    person = desk.store.person(user)
    home = desk.store.workspace.homes.get(person.id)
    stack = desk.store.workspace.modals.get(person.id, [])
    return {"modals": [_shown(desk, each) for each in stack], "home": _shown(desk, home) if home else None}


def _shown(desk: Desk, view: View) -> Json:
    return {**desk.here.view_shown(view), "errors": view.errors, "notice": view.notice}
