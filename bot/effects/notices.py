"""Tells an incident's people of changes that were made elsewhere in Slack, and looks for lost channels."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.incidents.notices import Notice, telling
from bot.domain.incidents.roles import lacks_commander
from bot.domain.outbox.effects import FindChannel, TellNotice
from bot.domain.outbox.rows import Claimed, MessagePosted, Outcome
from bot.effects.channels import channel_of, existing
from bot.effects.failures import CallFailed
from bot.effects.performer import Performers
from bot.effects.slack import Slack, suppress_lacking
from bot.operations.incidents.channels import Channels
from bot.operations.incidents.vacancies import VacancyReads
from bot.operations.performer_reads import PerformerReads
from bot.views.incidents.notices import (
    deleted_message,
    no_commander_message,
    shared_message,
    vacancies_message,
)


class NoticePerformers:
    """Performs the effects that concern changes made elsewhere."""

    def __init__(
        self, slack: Slack, facts: PerformerReads, channels: Channels, vacancies: VacancyReads
    ) -> None:
        self._slack, self._facts = slack, facts
        self._channels, self._vacancies = channels, vacancies

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {TellNotice: self.tell, FindChannel: self.find_channel}

    def tell(self, effect: TellNotice, row: Claimed) -> Outcome:
        """Post it in the channel or, if that is gone, send it to the commander, or else the declarer."""
        incident, key = existing(self._facts, effect.incident_id), row.key
        match Notice(effect.notice):
            case Notice.DELETED:
                people = self._facts.whom_to_tell(incident)
                if not people:
                    return None
                channel, message = self._slack.direct_channel(people[0]), deleted_message(incident)
            case Notice.SHARED:
                channel, message = channel_of(incident), shared_message(incident)
            case Notice.NO_COMMANDER:
                key = telling(incident.id, Notice.NO_COMMANDER).key
                if not lacks_commander(incident) or self._facts.where(key):
                    return None
                channel, message = channel_of(incident), no_commander_message(incident)
            case Notice.VACANT:
                found = self._vacancies.of(incident.id, effect.about)
                if found is None:
                    return None
                channel, message = channel_of(incident), vacancies_message(found)
        return MessagePosted(key, channel, self._slack.post(row, key, channel, message))

    def find_channel(self, effect: FindChannel, row: Claimed) -> Outcome:
        """Find out what has become of the channel, which a call didn't find.

        A private channel that the bot was removed from can't be told from one that was deleted; but one that
        was shared is still among the bot's own, under another id.
        """
        incident = existing(self._facts, effect.incident_id)
        channel_id = channel_of(incident)
        try:
            self._slack.call("conversations.info", channel=channel_id)
        except CallFailed as error:
            if error.code != "channel_not_found":
                raise
        else:
            return None
        new = self._renumbered(incident)
        if new:
            self._channels.has_new_id(channel_id, new, row.key)
        elif not incident.is_private:
            self._channels.is_deleted(channel_id, row.key)
        return None

    def _renumbered(self, incident: Incident) -> str | None:
        """The id of the bot's own channel that has the incident's channel's name, or ``None``."""
        kinds = "public_channel,private_channel"
        with suppress_lacking():
            for each in self._slack.pages("users.conversations", "channels", types=kinds):
                if each.get("name") == incident.channel_name and each["id"] != incident.channel_id:
                    return str(each["id"])
        return None
