"""Asking Slack who people are, and who we are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.domain.retry import FailureKind
from bot.effects.failures import CallFailed
from bot.effects.slack import Slack

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is, from ``auth.test``."""

    team_id: str
    bot_user_id: str
    bot_id: str
    url: str


class Directory:
    """The people of the workspace, as Slack knows them."""

    def __init__(self, slack: Slack, hurried: Slack) -> None:
        """``hurried`` has a time-out of a second: a person waits for its answer."""
        self._slack = slack
        self._hurried = hurried

    def look_up(self, user_id: str) -> Mapping[str, Any] | None:
        """One user object, or ``None`` when Slack has none or doesn't answer in time."""
        try:
            user: Mapping[str, Any] = self._hurried.call("users.info", user=user_id)["user"]
        except CallFailed:
            return None
        return user

    def everybody(self) -> list[Mapping[str, Any]]:
        """All user objects, or none where the server doesn't list them; raises :class:`CallFailed`."""
        try:
            return list(self._slack.pages("users.list", "members"))
        except CallFailed as error:
            # Whoever acts is looked up one by one then.
            if error.failure.kind is not FailureKind.FINAL:
                raise
            log.warning("people not listed", code=error.code)
            return []

    def who_am_i(self) -> Identity:
        """The bot's own identity; raises :class:`CallFailed`."""
        answer = self._slack.call("auth.test")
        return Identity(
            team_id=str(answer.get("team_id") or ""),
            bot_user_id=str(answer["user_id"]),
            bot_id=str(answer.get("bot_id") or ""),
            url=str(answer.get("url") or ""),
        )
