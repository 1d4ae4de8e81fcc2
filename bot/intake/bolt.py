"""Bolt, and the bot's identity in the workspace that it serves."""

from __future__ import annotations

import logging

from slack_bolt import App
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.effects.directory import Identity


class Whoami:
    """Who the bot is, once ``auth.test`` has answered."""

    identity: Identity | None = None

    def is_known(self) -> bool:
        """Whether the bot's identity is known; until then, no request can be answered."""
        return self.identity is not None

    def user_id(self) -> str:
        """The bot's user id, or an empty string before the first contact with Slack."""
        return self.identity.bot_user_id if self.identity else ""

    def authorize(self) -> AuthorizeResult:
        """The identity that Bolt needs for each request, without using the network.

        Raises ``RuntimeError`` until it is known.
        """
        if self.identity is None:
            raise RuntimeError("a request before auth.test")
        return AuthorizeResult(
            enterprise_id=None,
            team_id=self.identity.team_id,
            bot_user_id=self.identity.bot_user_id,
            bot_id=self.identity.bot_id,
        )


def bolt(api_url: str, whoami: Whoami) -> App:
    """A Bolt app that runs listeners before it acks: by default, Bolt acks events first and may lose them."""

    def authorize() -> AuthorizeResult:
        # A plain function: Bolt would try to fill in a method's `self`.
        return whoami.authorize()

    # Bolt's warnings quote request bodies.
    errors_only = logging.getLogger("slack_bolt")
    errors_only.setLevel(logging.ERROR)
    return App(
        # Otherwise Bolt reads the source of every caller on the stack, to name the app after a file.
        name="muster",
        logger=errors_only,
        process_before_response=True,
        client=WebClient(base_url=api_url, retry_handlers=[]),
        authorize=authorize,
        # Signatures are checked in bot/intake/http/events.py only; Socket Mode has none.
        request_verification_enabled=False,
        # No listener needs these middlewares, and each would run for every event of a burst.
        ssl_check_enabled=False,
        attaching_function_token_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        # :mod:`bot.listeners.actors` skips the bot's own events, except deleted messages, joins and leaves.
        ignoring_self_events_enabled=False,
        # Otherwise Bolt answers 404 to events without a listener, and Slack redelivers them.
        raise_error_for_unhandled_request=True,
    )
