"""The App Home."""

from __future__ import annotations

from typing import Any

from slack_bolt import Ack, App

from bot.domain.surface.slack_app import Event
from bot.listeners.services import Services

EVENTS = (Event("app_home_opened"),)


def register(app: App, services: Services) -> None:
    """Listen for people who open their App Home."""

    def opened(ack: Ack, event: dict[str, Any], body: dict[str, Any]) -> None:
        if event.get("tab", "home") == "home":
            services.answers.open_home(event["user"], key=body["event_id"])
        ack()

    app.event("app_home_opened")(opened)
