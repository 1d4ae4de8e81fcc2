"""Finds channels in Slack: those that the bot has created or joined, or wants to know more about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from bot.domain.incidents.model import Incident
from bot.domain.kit.json import Json
from bot.domain.outbox.refusals import Meaning
from bot.domain.outbox.rows import ChannelMade
from bot.effects.failures import accepting, final, suppress_final
from bot.effects.slack import Slack

_BOTH = "private_channel,public_channel"
_CLOCK_TOLERANCE = timedelta(minutes=10)
"""How far Slack's clock and ours may differ when we check that a channel isn't older than its incident."""


class ChannelSearch:
    """Asks Slack for channels; a server that lacks a method has none."""

    def __init__(self, slack: Slack, bot_user_id: Callable[[], str]) -> None:
        self._slack = slack
        self._bot_user_id = bot_user_id

    def accepted(self, channel: Mapping[str, Any], incident: Incident) -> str:
        """The new channel's id; if it's public but must be private, archives it, still empty, and raises."""
        if incident.is_private and not channel.get("is_private"):
            with accepting(Meaning.FALL_BACK):
                self._slack.call("conversations.archive", channel=channel["id"])
            raise final("not_private")
        return str(channel["id"])

    def named(self, name: str) -> str | None:
        """The id of the channel with that name that the bot is in: its own, or one it was invited to."""
        listed = self.listed("users.conversations", _BOTH)
        return next((str(each["id"]) for each in listed if each.get("name") == name), None)

    def made_by_us(self, name: str, incident: Incident) -> str | None:
        """The id of the channel with that name that an earlier attempt created, or ``None``."""
        is_it = name.__eq__
        made = self.made_among(is_it, incident) or self.made_among(is_it, incident, "conversations.list")
        return made.channel_id if made else None

    def made_among(
        self, is_named: Callable[[str], bool], incident: Incident, method: str = "users.conversations"
    ) -> ChannelMade | None:
        """A channel with such a name that the bot created, no older than the incident, or ``None``.

        Lists only the bot's channels by default: it is in those it created, and listing the whole workspace
        may take hundreds of calls.
        """
        return self.made_in(self.listed(method, kinds_for(incident)), is_named, incident)

    def made_in(
        self, channels: Iterable[Json], is_named: Callable[[str], bool], incident: Incident
    ) -> ChannelMade | None:
        """The first of these channels that the bot created and that has such a name, or ``None``."""
        oldest = (incident.created_at - _CLOCK_TOLERANCE).timestamp()
        for each in channels:
            is_ours = each.get("creator") == self._bot_user_id() and each.get("created", 0) >= oldest
            may_be = incident.is_private or not each.get("is_private")
            if is_named(str(each.get("name"))) and is_ours and may_be:
                return ChannelMade(incident.id, self.accepted(each, incident), str(each["name"]))
        return None

    def listed(
        self, method: str, kind: str = "public_channel", *, exclude_archived: bool = True
    ) -> list[dict[str, Any]]:
        """The channels that a method lists; none if the server lacks the method."""
        found: list[dict[str, Any]] = []
        with suppress_final():
            pages = self._slack.pages(method, "channels", types=kind, exclude_archived=exclude_archived)
            found.extend(pages)
        return found

    def name_of(self, channel_id: str) -> str:
        """The channel's name, or an empty string if the server doesn't return it."""
        return str(self.described(channel_id).get("name") or "")

    def described(self, channel_id: str) -> Json:
        """The channel as Slack describes it; empty if the server doesn't."""
        found: Json = {}
        with accepting(Meaning.FALL_BACK):
            found |= self._slack.call("conversations.info", channel=channel_id).get("channel") or {}
        return found


def kinds_for(incident: Incident) -> str:
    """Where the incident's channel may be."""
    # For a private incident, public ones too: an earlier attempt may have failed to archive its channel.
    return _BOTH if incident.is_private else "public_channel"
