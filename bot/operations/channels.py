"""What people do to an incident's channel by hand, and what follows from it."""

from __future__ import annotations

import re

from sqlalchemy import Connection

from bot.domain.incidents import ACTIVE
from bot.domain.people import SYSTEM
from bot.domain.plans import after_giving_up, after_lost_card, after_lost_item, after_silence, card_key
from bot.operations.transaction import Operations, transaction
from storage import incidents, members, messages, outbox


class Channels(Operations):
    """Repairs what can be repaired. ``cause`` is unique: the same event delivered again changes nothing."""

    @transaction
    def own_message_deleted(self, tx: Connection, channel_id: str, ts: str) -> None:
        """Somebody has deleted a message of ours: the live card and action items shall stand again."""
        number = incidents.number_of_channel(tx, channel_id)
        if number and messages.where(tx, card_key(number)) == (channel_id, ts):
            outbox.add(tx, [after_lost_card(number, ts)], self.clock())
        elif number:
            lost = re.fullmatch(r"AI-(\d+)/message", messages.key_at(tx, channel_id, ts) or "", re.ASCII)
            if lost:
                outbox.add(tx, [after_lost_item(number, int(lost[1]), ts)], self.clock())

    @transaction
    def acts_in(self, tx: Connection, channel_id: str, user_id: str) -> None:
        """Somebody does something in a private channel, which Slack shows to nobody but those in it.

        So they may see its incident, though the event that they came is yet to come. Of whom an event has
        told that they left, it doesn't say that they are back: they may have acted before.
        """
        here = incidents.by_channel(tx, channel_id, SYSTEM)
        if here and here.is_private:
            members.see(tx, here.id, user_id)

    @transaction
    def is_back(self, tx: Connection, channel_id: str, cause: str) -> None:
        """We may work in the channel again: try what was given up, and catch up on what we have missed."""
        number = incidents.number_of_channel(tx, channel_id)
        if number is None:
            return
        now = self.clock()
        if outbox.revive(tx, now, number, SYSTEM):
            outbox.add(tx, [after_giving_up(number, cause)], now)
        outbox.add(tx, [after_silence(number, cause)], now)

    @transaction
    def is_lost(self, tx: Connection, channel_id: str, cause: str) -> None:
        """We were removed and hear nothing any more.

        While the incident is active, what is said there is asked for once: Slack refuses, and whoever leads
        the incident is told of that like of any failure. Being invited again then repairs it.
        """
        incident = incidents.by_channel(tx, channel_id, SYSTEM)
        if incident and incident.status in ACTIVE:
            outbox.add(tx, [after_silence(incident.id, cause)], self.clock())
