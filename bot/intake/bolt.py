"""Bolt, and who we are in the workspace that it serves."""

from __future__ import annotations

import logging

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.effects.directory import Identity


class Whoami:
    """Who the bot is, once Slack has told."""

    identity: Identity | None = None

    def is_known(self) -> bool:
        """Whether Slack has told: before that no request can be answered."""
        return self.identity is not None

    def user_id(self) -> str:
        """The bot's user id, or nothing before the first contact."""
        return self.identity.bot_user_id if self.identity else ""

    def authorize(self) -> AuthorizeResult:
        """Bolt's question for each request, answered without the network."""
        if self.identity is None:
            raise RuntimeError("a request before auth.test")
        return AuthorizeResult(
            enterprise_id=None,
            team_id=self.identity.team_id,
            bot_user_id=self.identity.bot_user_id,
            bot_id=self.identity.bot_id,
        )


def bolt(api_url: str, whoami: Whoami) -> App:
    """Bolt, set to finish a listener before its ack: its default acks events first and may then lose them."""

    def authorize() -> AuthorizeResult:
        # A plain function: Bolt would fill in a method's `self` itself.
        return whoami.authorize()

    # Bolt's warnings quote the bodies of requests.
    errors_only = logging.getLogger("slack_bolt")
    errors_only.setLevel(logging.ERROR)
    return App(
        # Else Bolt reads the source of everything that has called this, to name the app after a file.
        name="muster",
        logger=errors_only,
        process_before_response=True,
        client=WebClient(base_url=api_url, retry_handlers=[]),
        authorize=authorize,
        # The one check of signatures is in bot/http/events.py; Socket Mode has none.
        request_verification_enabled=False,
        # What no listener of ours needs would be asked for each event of a burst all the same.
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        # What we have done ourselves :mod:`bot.listeners.actors` passes over, with one exception.
        ignoring_self_events_enabled=False,
        # Else Bolt answers 404 to what nobody listens to, and Slack delivers that again.
        raise_error_for_unhandled_request=True,
    )
