"""The payloads themselves, field by field as Slack documents them.

Sources: https://docs.slack.dev/reference/interaction-payloads and, for commands,
https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.workspace.model import Channel, Json, Person


@dataclass(frozen=True, slots=True)
class App:
    """What Slack says about the app and its workspace in every payload."""

    id: str
    token: str
    """The deprecated verification token, which Slack still sends."""
    team_id: str
    team_domain: str


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something: what all payloads have in common."""

    app: App
    user: Person
    ts: str
    trigger_id: str = ""


def channel_name(channel: Channel) -> str:
    """The channel's name in payloads; Slack hides the names of conversations that aren't public."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def slash_command(act: Act, channel: Channel, command: str, text: str, response_url: str) -> Json:
    """The form fields of a slash command."""
    return {
        "token": act.app.token,
        "team_id": act.app.team_id,
        "team_domain": act.app.team_domain,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": act.user.id,
        "user_name": act.user.name,
        "command": command,
        "text": text,
        "api_app_id": act.app.id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": act.trigger_id,
    }


def _common(kind: str, act: Act) -> Json:
    user = act.user
    return {
        "type": kind,
        "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": act.app.team_id},
        "team": {"id": act.app.team_id, "domain": act.app.team_domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "api_app_id": act.app.id,
        "token": act.app.token,
    }


def on_message(channel: Channel, message: Json, *, is_ephemeral: bool) -> Json:
    """``container``, ``channel`` and ``message`` of something done on a message.

    An ephemeral message isn't stored, so Slack sends no ``message`` for it.
    """
    container = {
        "type": "message",
        "message_ts": message["ts"],
        "channel_id": channel.id,
        "is_ephemeral": is_ephemeral,
    }
    if "thread_ts" in message:
        container["thread_ts"] = message["thread_ts"]
    found = {"container": container, "channel": {"id": channel.id, "name": channel_name(channel)}}
    return found if is_ephemeral else {**found, "message": message}


def on_view(view: Json) -> Json:
    """``container`` and ``view`` of something done in a modal or App Home."""
    return {"container": {"type": "view", "view_id": view["id"]}, "view": view}


def block_actions(act: Act, place: Json, actions: list[Json], *, state: Json, response_url: str = "") -> Json:
    """A click, choice or entry; ``place`` is :func:`on_message` or :func:`on_view`."""
    payload = {**_common("block_actions", act), **place, "trigger_id": act.trigger_id, "actions": actions}
    if "view" in place:
        return payload
    return {**payload, "state": {"values": state}, "response_url": response_url}


def block_suggestion(act: Act, place: Json, block_id: str, action_id: str, value: str) -> Json:
    """Somebody types into a menu whose options the app provides."""
    return {
        **_common("block_suggestion", act),
        **place,
        "block_id": block_id,
        "action_id": action_id,
        "value": value,
    }


def shortcut(act: Act, callback_id: str) -> Json:
    """An entry in the shortcuts menu."""
    return {
        **_common("shortcut", act),
        "callback_id": callback_id,
        "trigger_id": act.trigger_id,
        "action_ts": act.ts,
    }


def message_action(act: Act, callback_id: str, channel: Channel, message: Json, response_url: str) -> Json:
    """An entry in a message's menu."""
    return {
        **_common("message_action", act),
        "callback_id": callback_id,
        "trigger_id": act.trigger_id,
        "action_ts": act.ts,
        "response_url": response_url,
        "message_ts": message["ts"],
        "message": message,
        "channel": {"id": channel.id, "name": channel_name(channel)},
    }


def view_submission(act: Act, view: Json) -> Json:
    """A submitted form; ``view`` includes its ``state``."""
    return {
        **_common("view_submission", act),
        "trigger_id": act.trigger_id,
        "view": view,
        "response_urls": [],
    }


def view_closed(act: Act, view: Json, *, is_cleared: bool) -> Json:
    """A closed form; ``is_cleared`` if its whole stack was closed with it."""
    return {**_common("view_closed", act), "view": view, "is_cleared": is_cleared}
