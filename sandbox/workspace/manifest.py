"""What the app's ``manifest.yml`` grants it: scopes, events, commands and shortcuts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import yaml

from sandbox.workspace.model import Json

_HEARD_WITH: dict[str, tuple[str, ...]] = {
    "app_mention": ("app_mentions:read",),
    "channel_archive": ("channels:read",),
    "channel_created": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_id_changed": ("channels:history", "groups:history"),
    "channel_left": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_shared": ("channels:read", "groups:read"),
    "channel_unarchive": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "group_rename": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "pin_added": ("pins:read",),
    "pin_removed": ("pins:read",),
    "reaction_added": ("reactions:read",),
    "reaction_removed": ("reactions:read",),
    "subteam_created": ("usergroups:read",),
    "subteam_updated": ("usergroups:read",),
    "team_join": ("users:read",),
    "user_change": ("users:read",),
}
"""Event -> scopes of which any one suffices (https://docs.slack.dev/reference/events, event by event)."""


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; with ``should_escape``, Slack sends mentions as ``<@U…|name>``."""

    command: str
    description: str
    usage_hint: str
    should_escape: bool


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry in the shortcuts menu (``type`` global) or in a message's menu (``type`` message)."""

    name: str
    type: str
    callback_id: str
    description: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The parts of an app manifest that Slack acts on."""

    name: str
    display_name: str
    scopes: frozenset[str]
    bot_events: frozenset[str]
    commands: dict[str, Command]
    shortcuts: dict[str, Shortcut]
    socket_mode: bool
    home_tab: bool
    description: str = ""


def load_manifest(path: Path, declined: Collection[str] = ()) -> Manifest:
    """The manifest in the YAML (or JSON) file at ``path``, installed by somebody who declined these scopes.

    Raises ``KeyError`` if a required part is missing, and ``ValueError`` if scopes break Slack's rules: only
    optional scopes may be declined, and each optional scope is in both lists.
    """
    document: Json = yaml.safe_load(path.read_text(encoding="utf-8"))
    features: Json = document.get("features", {})
    settings: Json = document.get("settings", {})
    name = document["display_information"]["name"]
    scopes = _granted(document.get("oauth_config", {}).get("scopes", {}), declined)
    events = settings.get("event_subscriptions", {}).get("bot_events", [])
    commands = [_command(entry) for entry in features.get("slash_commands", [])]
    shortcuts = [_shortcut(entry) for entry in features.get("shortcuts", [])]
    return Manifest(
        name=name,
        display_name=features.get("bot_user", {}).get("display_name", name),
        scopes=scopes,
        bot_events=frozenset(event for event in events if _is_heard(event, scopes)),
        commands={command.command: command for command in commands},
        shortcuts={shortcut.callback_id: shortcut for shortcut in shortcuts},
        socket_mode=bool(settings.get("socket_mode_enabled", False)),
        home_tab=bool(features.get("app_home", {}).get("home_tab_enabled", False)),
        description=document["display_information"].get("description", ""),
    )


def _granted(scopes: Json, declined: Collection[str]) -> frozenset[str]:
    """The requested scopes without the declined ones. Raises ``ValueError`` as :func:`load_manifest` says.

    https://docs.slack.dev/authentication/installing-with-oauth#optional-scopes.
    """
    asked, optional = scopes.get("bot", []), scopes.get("bot_optional", [])
    if not set(declined) <= set(optional) <= set(asked):
        raise ValueError("bot_optional must be part of bot, and what is declined part of bot_optional")
    return frozenset(asked) - frozenset(declined)


def _is_heard(event: str, scopes: frozenset[str]) -> bool:
    enough = _HEARD_WITH.get(event, ())
    return not enough or not scopes.isdisjoint(enough)


def _command(entry: Json) -> Command:
    return Command(
        command=entry["command"],
        description=entry.get("description", ""),
        usage_hint=entry.get("usage_hint", ""),
        should_escape=bool(entry.get("should_escape", False)),
    )


def _shortcut(entry: Json) -> Shortcut:
    return Shortcut(
        name=entry["name"],
        type=entry["type"],
        callback_id=entry["callback_id"],
        description=entry.get("description", ""),
    )
