"""What the app's ``manifest.yml`` grants it: scopes, events, commands and shortcuts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from sandbox.workspace.model import Json


@dataclass(frozen=True, slots=True)
class Command:
    """A slash command; with ``should_escape`` Slack sends mentions as ``<@U…|name>``."""

    command: str
    description: str
    usage_hint: str
    should_escape: bool


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of the shortcuts menu (``type`` global) or of a message's menu (``type`` message)."""

    name: str
    type: str
    callback_id: str
    description: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The parts of an app manifest that Slack acts upon."""

    name: str
    display_name: str
    scopes: frozenset[str]
    bot_events: frozenset[str]
    commands: dict[str, Command]
    shortcuts: dict[str, Shortcut]
    interactive: bool
    socket_mode: bool
    home_tab: bool


def load_manifest(path: Path) -> Manifest:
    """The manifest in the YAML (or JSON) file at ``path``; ``KeyError`` where a required part is missing."""
    document: Json = yaml.safe_load(path.read_text(encoding="utf-8"))
    features: Json = document.get("features", {})
    settings: Json = document.get("settings", {})
    name = document["display_information"]["name"]
    commands = [_command(entry) for entry in features.get("slash_commands", [])]
    shortcuts = [_shortcut(entry) for entry in features.get("shortcuts", [])]
    return Manifest(
        name=name,
        display_name=features.get("bot_user", {}).get("display_name", name),
        scopes=frozenset(document.get("oauth_config", {}).get("scopes", {}).get("bot", [])),
        bot_events=frozenset(settings.get("event_subscriptions", {}).get("bot_events", [])),
        commands={command.command: command for command in commands},
        shortcuts={shortcut.callback_id: shortcut for shortcut in shortcuts},
        interactive=bool(settings.get("interactivity", {}).get("is_enabled", False)),
        socket_mode=bool(settings.get("socket_mode_enabled", False)),
        home_tab=bool(features.get("app_home", {}).get("home_tab_enabled", False)),
    )


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
