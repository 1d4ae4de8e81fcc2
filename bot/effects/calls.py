"""Bookmarks the call in an incident's channel."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.kit.json import Json
from bot.domain.outbox.effects import BookmarkCall
from bot.domain.outbox.refusals import Meaning
from bot.domain.outbox.rows import Claimed, Outcome
from bot.effects.channels import channel_of, existing
from bot.effects.failures import accepting
from bot.effects.performer import Performers
from bot.effects.slack import Slack
from bot.operations.performer_reads import PerformerReads

TITLE = "Join the call"


class CallPerformers:
    """Performs the effects that concern calls."""

    def __init__(self, slack: Slack, facts: PerformerReads, bot_user_id: Callable[[], str]) -> None:
        self._slack, self._facts, self._bot_user_id = slack, facts, bot_user_id

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {BookmarkCall: self.bookmark}

    def bookmark(self, effect: BookmarkCall, _row: Claimed) -> Outcome:
        """Make the bot's own bookmark lead to the call, or remove it with the call.

        If that's refused, the card is enough. We look for the bookmark each time: an earlier attempt may have
        got no answer, and people may have removed it.
        """
        incident = existing(self._facts, effect.incident_id)
        channel, link = channel_of(incident), incident.call_url
        with accepting(Meaning.FALL_BACK):
            known = self._own(channel)
            if known is None and link:
                self._slack.call(
                    "bookmarks.add",
                    channel_id=channel,
                    title=TITLE,
                    type="link",
                    link=link,
                    emoji=":telephone_receiver:",
                )
            elif known and not link:
                self._slack.call("bookmarks.remove", channel_id=channel, bookmark_id=known["id"])
            elif known and known.get("link") != link:
                self._slack.call("bookmarks.edit", channel_id=channel, bookmark_id=known["id"], link=link)
        return None

    def _own(self, channel: str) -> Json | None:
        """The bookmark that the bot added and nobody else has changed since, or ``None``."""
        found = self._slack.call("bookmarks.list", channel_id=channel).get("bookmarks") or ()
        ours = self._bot_user_id()
        return next(
            (
                each
                for each in found
                if each.get("title") == TITLE and each.get("last_updated_by_user_id") == ours
            ),
            None,
        )
