"""What Slack sends: each listener parses, calls one operation, acks."""

from __future__ import annotations

from slack_bolt import App

from bot.listeners import channels, clicks, errors, forms, home, mentions, messages, people, shortcuts, slash
from bot.listeners.services import Services

# Bolt asks one listener after the other: what comes in bursts is found first.
_ALL = (people, messages, slash, mentions, clicks, forms, shortcuts, home, channels, errors)


def register(app: App, services: Services) -> None:
    """Wire every listener to the app."""
    for module in _ALL:
        module.register(app, services)
