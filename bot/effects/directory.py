"""Asks Slack who people are, and who the bot is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from bot.domain.kit.errors import CannotCheck
from bot.domain.outbox.effects import ListPeople
from bot.domain.outbox.retry import FailureKind
from bot.domain.outbox.rows import Claimed, Outcome
from bot.effects.failures import CallFailed, suppress_final
from bot.effects.performer import Performers
from bot.effects.slack import Slack
from bot.operations.outbox import Outbox
from bot.operations.people import People


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
        """``hurried`` times out after a second: a person is waiting for its answer."""
        self._slack = slack
        self._hurried = hurried

    def look_up(self, user_id: str) -> Mapping[str, Any] | None:
        """The person's user object, or ``None`` if Slack has none; raises ``CannotCheck`` if it is down."""
        try:
            user: Mapping[str, Any] | None = self._hurried.call("users.info", user=user_id).get("user")
        except CallFailed as error:
            if error.failure.kind is FailureKind.FINAL:
                return None
            raise CannotCheck from error
        return user

    def some(self, cursor: str) -> tuple[list[Mapping[str, Any]], str]:
        """A page of user objects and the next page's cursor; raises :class:`CallFailed`.

        Both are empty if the server lists nobody: people are then looked up one by one as they act.
        """
        found: list[Mapping[str, Any]] = []
        following = ""
        # Only a refusal of the first page means that the server lists nobody.
        with nullcontext() if cursor else suppress_final():
            found, following = self._slack.page("users.list", "members", cursor)
        return found, following

    def who_am_i(self) -> Identity:
        """The bot's own identity; raises :class:`CallFailed`."""
        answer = self._slack.call("auth.test")
        return Identity(
            team_id=str(answer.get("team_id") or ""),
            bot_user_id=str(answer["user_id"]),
            bot_id=str(answer.get("bot_id") or ""),
            url=str(answer.get("url") or ""),
        )


_TOGETHER = 100
"""People stored per transaction, so that others can write in between."""


class PeoplePerformers:
    """Performs the effects that concern people."""

    def __init__(
        self, directory: Directory, people: People, outbox: Outbox, listed: Callable[[], None]
    ) -> None:
        """``listed`` is called once everybody is known, admins among them."""
        self._directory, self._people, self._outbox, self._listed = directory, people, outbox, listed

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {ListPeople: self.list_people}

    def list_people(self, _effect: ListPeople, row: Claimed) -> Outcome:
        """Store who is in the workspace, page by page; people who act before that are looked up one by one.

        Slack allows about twenty pages a minute, so each attempt resumes where the last one was refused.
        """
        cursor = str((row.progress or {}).get("cursor") or "")
        while True:
            found, cursor = self._directory.some(cursor)
            for start in range(0, len(found), _TOGETHER):
                news = self._people.news(found[start : start + _TOGETHER])
                if news:
                    self._people.save(news)
            if not cursor:
                self._listed()
                return None
            self._outbox.keep_progress(row, {"cursor": cursor})
