"""The incident's channel: made or adopted, named, described, and people brought in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.domain.effects import (
    ChannelMade,
    Claimed,
    CreateChannel,
    InvitePeople,
    Outcome,
    PrepareAnnouncements,
    RenameChannel,
    SetPurpose,
    SetTopic,
)
from bot.domain.incidents import Incident
from bot.domain.text import channel_name, other_channel_name
from bot.effects.failures import CallFailed, final
from bot.effects.slack import Slack
from bot.operations.deliveries import Deliveries
from bot.views.incident import purpose, topic

NAME_ATTEMPTS = 6
_ALREADY_IN = frozenset({"already_in_channel", "cant_invite_self"})
_ADOPTION_SLACK = timedelta(minutes=10)
"""How far Slack's clock and ours may be apart when we ask whether a channel is younger than its incident."""


class ChannelPerformers:
    """Performs what concerns channels."""

    def __init__(self, slack: Slack, deliveries: Deliveries, bot_user_id: Callable[[], str]) -> None:
        self._slack = slack
        self._deliveries = deliveries
        self._bot_user_id = bot_user_id

    def create(self, effect: CreateChannel, _row: Claimed) -> Outcome:
        """Make the channel. A second run adopts the first one's; a stranger's channel is left alone."""
        incident = existing(self._deliveries, effect.incident_id)
        if incident.channel_id:
            return None

        def make(name: str) -> str | None:
            # Leaving `is_private` out means public: as form data, "False" has made private channels.
            try:
                return str(self._slack.call("conversations.create", name=name)["channel"]["id"])
            except CallFailed as error:
                if error.code != "name_taken":
                    raise
            return self._own_channel(name, incident)

        return _first_free(incident, incident.channel_name, make)

    def rename(self, effect: RenameChannel, _row: Claimed) -> Outcome:
        """Name the channel after the title as it is now."""
        incident = existing(self._deliveries, effect.incident_id)
        wanted = channel_name(incident.id, incident.title)
        channel_id = incident.channel_id
        if channel_id is None or incident.channel_name == wanted:
            return None

        def take(name: str) -> str | None:
            try:
                self._slack.call("conversations.rename", channel=channel_id, name=name)
            except CallFailed as error:
                if error.code != "name_taken":
                    raise
                # Ours already, when an earlier attempt was applied without our knowing.
                return channel_id if self._name_of(channel_id) == name else None
            return channel_id

        return _first_free(incident, wanted, take)

    def invite(self, effect: InvitePeople, _row: Claimed) -> Outcome:
        """Bring people in one by one: one bad id would fail them all."""
        channel_id = channel_of(existing(self._deliveries, effect.incident_id))
        for user_id in effect.user_ids:
            try:
                self._slack.call("conversations.invite", channel=channel_id, users=[user_id])
            except CallFailed as error:
                if error.code not in _ALREADY_IN:
                    raise
        return None

    def set_topic(self, effect: SetTopic, _row: Claimed) -> Outcome:
        """Show the state in the topic."""
        incident = existing(self._deliveries, effect.incident_id)
        self._slack.call("conversations.setTopic", channel=channel_of(incident), topic=topic(incident))
        return None

    def set_purpose(self, effect: SetPurpose, _row: Claimed) -> Outcome:
        """Say what the channel is for."""
        incident = existing(self._deliveries, effect.incident_id)
        self._slack.call("conversations.setPurpose", channel=channel_of(incident), purpose=purpose(incident))
        return None

    def prepare_announcements(self, effect: PrepareAnnouncements, _row: Claimed) -> Outcome:
        """See to it that announcements have a channel."""
        self.announcements_channel(effect.name)
        return None

    def announcements_channel(self, name: str) -> str:
        """The id of the announcements channel: known, found and joined, or made."""
        known = self._deliveries.announcements_channel(name)
        if known:
            return known
        found = self._public_channel(name)
        if found is None:
            channel_id = self._make_announcements(name)
        else:
            channel_id = str(found["id"])
            if not found.get("is_member"):
                self._slack.call("conversations.join", channel=channel_id)
        self._deliveries.note_announcements_channel(name, channel_id)
        return channel_id

    def _make_announcements(self, name: str) -> str:
        try:
            return str(self._slack.call("conversations.create", name=name)["channel"]["id"])
        except CallFailed as error:
            # Somebody made it meanwhile, or a private or archived channel has the name.
            made = self._public_channel(name) if error.code == "name_taken" else None
            if made is None:
                raise
            return str(made["id"])

    def _public_channel(self, name: str) -> dict[str, Any] | None:
        channels = self._slack.pages(
            "conversations.list", "channels", types="public_channel", exclude_archived=True
        )
        return next((each for each in channels if name in {each.get("name"), each.get("id")}), None)

    def _own_channel(self, name: str, incident: Incident) -> str | None:
        """The id of the channel that an earlier attempt made: by us, and not older than the incident."""
        mine = self._slack.pages(
            "users.conversations", "channels", types="public_channel", exclude_archived=True
        )
        oldest = (incident.created_at - _ADOPTION_SLACK).timestamp()
        for each in mine:
            is_ours = each.get("creator") == self._bot_user_id() and each.get("created", 0) >= oldest
            if each.get("name") == name and is_ours:
                return str(each["id"])
        return None

    def _name_of(self, channel_id: str) -> str:
        return str(self._slack.call("conversations.info", channel=channel_id)["channel"].get("name"))


def existing(deliveries: Deliveries, incident_id: int) -> Incident:
    """The incident as it is now; without one there is nothing to do, ever."""
    incident = deliveries.incident(incident_id)
    if incident is None:
        raise final("no_such_incident")
    return incident


def channel_of(incident: Incident) -> str:
    """The id of the incident's channel, which rows that need it wait for."""
    if incident.channel_id is None:
        raise final("no_channel")
    return incident.channel_id


def _first_free(incident: Incident, wanted: str, take: Callable[[str], str | None]) -> ChannelMade:
    """The channel under the wanted name, or under the first way out that is free."""
    for attempt in range(NAME_ATTEMPTS):
        name = other_channel_name(wanted, attempt) if attempt else wanted
        channel_id = take(name)
        if channel_id:
            return ChannelMade(incident.id, channel_id, name)
    raise final("name_taken")
