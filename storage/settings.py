"""The settings that a team can change while the bot runs."""

from __future__ import annotations

import json

from sqlalchemy import Connection

from bot.codec import COLUMNS, dump, load
from bot.domain.settings import ReminderSettings
from storage import workspace

_KEY, _ZONE = "settings", "default_timezone"


def get(tx: Connection) -> ReminderSettings:
    """The settings, or the defaults."""
    stored = workspace.get(tx, _KEY)
    if stored is None:
        return ReminderSettings()
    return load(ReminderSettings, json.loads(stored), COLUMNS)


def save(tx: Connection, settings: ReminderSettings) -> None:
    """Replace the settings."""
    workspace.save(tx, _KEY, json.dumps(dump(settings)))


def default_zone(tx: Connection) -> str:
    """The time zone of people whose time zone Slack doesn't know."""
    return workspace.get(tx, _ZONE) or "UTC"


def save_default_zone(tx: Connection, name: str) -> None:
    """Store the time zone that the environment names."""
    workspace.save(tx, _ZONE, name)
