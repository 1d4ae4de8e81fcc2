"""Listeners for what Slack sends: each one parses, calls one operation, and acks."""

from __future__ import annotations

from slack_bolt import App

from bot.domain.surface.slack_app import Event, Shortcut, SlashCommand
from bot.listeners import (
    action_items,
    actors,
    attendance,
    channels,
    checklists,
    clicks,
    comers,
    errors,
    five_whys,
    forms,
    home,
    meetings,
    mentions,
    messages,
    names,
    pages,
    people,
    postmortems,
    privacy,
    projects,
    roles,
    shortcuts,
    slash,
    updates,
)
from bot.listeners.services import Services

EVENTS: tuple[Event, ...] = (
    *channels.EVENTS,
    *home.EVENTS,
    *mentions.EVENTS,
    *messages.EVENTS,
    *names.EVENTS,
    *people.EVENTS,
)
SHORTCUTS: tuple[Shortcut, ...] = (*shortcuts.SHORTCUTS, *five_whys.SHORTCUTS, *postmortems.SHORTCUTS)
SLASH_COMMANDS: tuple[SlashCommand, ...] = (slash.COMMAND,)

# Bolt asks the listeners in this order: those for bursts, or with the most to do before their ack, are first.
# The one for the command comes before the forms' listeners because there are so many forms.
_ALL = (
    actors,
    attendance,
    messages,
    slash,
    people,
    forms,
    mentions,
    clicks,
    action_items,
    five_whys,
    postmortems,
    meetings,
    privacy,
    updates,
    roles,
    projects,
    comers,
    pages,
    checklists,
    shortcuts,
    home,
    channels,
    names,
    errors,
)


def register(app: App, services: Services) -> None:
    """Wire every listener to the app."""
    for module in _ALL:
        module.register(app, services)
