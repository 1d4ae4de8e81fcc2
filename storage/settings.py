"""The settings that a team can change while the bot runs."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection

from bot.codec import COLUMNS, dump, load
from bot.domain.settings import ReminderSettings, SettingsChange, SettingsGroup
from storage import workspace

_KEY, _ZONE, _CHANGED = "settings", "default_timezone", "settings_by:"


def get(tx: Connection) -> ReminderSettings:
    """The settings, or the defaults."""
    return _read(workspace.get(tx, _KEY))


def lock(tx: Connection) -> ReminderSettings:
    """Like :func:`get`, before changing some: others who want to do that wait for this transaction."""
    return _read(workspace.lock(tx, _KEY, json.dumps(dump(ReminderSettings()))))


def save(tx: Connection, settings: ReminderSettings) -> None:
    """Replace the settings."""
    workspace.save(tx, _KEY, json.dumps(dump(settings)))


def changes(tx: Connection) -> dict[SettingsGroup, SettingsChange]:
    """Who has last changed each group of settings, without those that nobody has changed."""
    kept = workspace.beginning_with(tx, _CHANGED)
    known = {each.value: each for each in SettingsGroup}
    # Another version may know other groups.
    return {
        known[name]: load(SettingsChange, json.loads(text)) for name, text in kept.items() if name in known
    }


def note_change(tx: Connection, group: SettingsGroup, by: str, now: datetime) -> None:
    """Store who changes the group's settings now."""
    workspace.save(tx, f"{_CHANGED}{group.value}", json.dumps({"by": by, "at": now.isoformat()}))


def default_zone(tx: Connection) -> str:
    """The time zone of people whose time zone Slack doesn't know."""
    return workspace.get(tx, _ZONE) or "UTC"


def save_default_zone(tx: Connection, name: str) -> None:
    """Store the time zone that the environment names."""
    workspace.save(tx, _ZONE, name)


def _read(stored: str | None) -> ReminderSettings:
    return load(ReminderSettings, json.loads(stored), COLUMNS) if stored else ReminderSettings()
