"""What Slack sends: each listener parses, calls one operation, acks."""

from __future__ import annotations

from slack_bolt import App

from bot.listeners import clicks, errors, forms, home, mentions, messages, people, shortcuts, slash
from bot.listeners.services import Services

_ALL = (people, slash, mentions, clicks, forms, shortcuts, messages, home, errors)


def register(app: App, services: Services) -> None:
    """Wire every listener to the app."""
    for module in _ALL:
        module.register(app, services)
