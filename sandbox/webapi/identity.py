"""auth.*, api.*, apps.*, bots.*, team.*: who is calling, and which workspace."""

from __future__ import annotations

from sandbox.rules import SlackError
from sandbox.webapi.call import Call, Method
from sandbox.workspace.model import Json


def auth_test(call: Call) -> Json:
    """Whose token it is."""
    store = call.store
    return {
        "url": store.team_url,
        "team": store.workspace.team_name,
        "user": store.bot_user.name,
        "team_id": store.workspace.team_id,
        "user_id": store.bot_user.id,
        "bot_id": store.bot_id,
        "is_enterprise_install": False,
    }


def api_test(call: Call) -> Json:
    """Return the arguments; ``error`` makes the call fail with that code."""
    if call.text("error"):
        raise SlackError(call.text("error"), args=call.args)
    return {"args": call.args}


def connections_open(call: Call) -> Json:
    """A URL for one Socket Mode connection."""
    if not call.store.manifest.socket_mode:
        raise SlackError("socket_mode_not_enabled")
    return {"url": call.socket_mode.issue_url(call.base_url)}


def bots_info(call: Call) -> Json:
    """The app's bot, or a foreign one that has posted. Raises ``bot_not_found``."""
    store = call.store
    wanted = call.text("bot", store.bot_id)
    if wanted == store.bot_id:
        bot = {"name": store.bot_user.real_name, "user_id": store.bot_user.id, "app_id": store.app_id}
    else:
        bot = {"name": _foreign_name(call, wanted)}
    return {"bot": {"id": wanted, "deleted": False, "updated": 0, **bot}}


def _foreign_name(call: Call, bot_id: str) -> str:
    for channel in call.store.workspace.channels.values():
        for message in channel.messages.values():
            if message.bot_id == bot_id and message.username:
                return message.username
    raise SlackError("bot_not_found")


def team_info(call: Call) -> Json:
    """The workspace."""
    team = call.store.workspace
    shown = {"id": team.team_id, "name": team.team_name, "domain": team.team_name.lower(), "email_domain": ""}
    return {"team": {**shown, "url": call.store.team_url}}


METHODS = {
    "auth.test": Method(auth_test),
    "api.test": Method(api_test, caller="anyone"),
    "apps.connections.open": Method(connections_open, caller="app"),
    "bots.info": Method(bots_info, ("users:read",)),
    "team.info": Method(team_info, ("team:read",)),
}
