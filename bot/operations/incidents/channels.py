"""Reacts to what people do to an incident's channel by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from bot.domain.action_items.planned import after_lost_item
from bot.domain.five_whys import planned as five_whys_planned
from bot.domain.five_whys.tree import last_questions
from bot.domain.incidents.model import ACTIVE
from bot.domain.incidents.planned import after_giving_up, after_lost_card, after_silence, card_key
from bot.domain.kit.people import SYSTEM
from bot.domain.postmortems.planned import after_save, message_key
from bot.domain.privacy.model import is_exposed
from bot.domain.privacy.planned import comparing
from bot.operations import failures
from bot.operations.consequences import calendar as consequences_calendar
from bot.operations.consequences import channels as consequences_channels
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, transaction
from storage import channels, five_whys, incidents, members, messages, outbox, workspace


class Channels(Operations):
    """Repairs what can be repaired. ``cause`` is unique: a redelivery of the same event changes nothing."""

    @transaction
    def own_message_deleted(self, tx: Tx, channel_id: str, ts: str) -> None:
        """Repost a message of the bot's that was deleted: a card, action item, session or postmortem."""
        number = incidents.number_of_channel(tx.connection, channel_id)
        if number and messages.where(tx.connection, card_key(number)) == (channel_id, ts):
            enqueue(tx, [after_lost_card(number, ts)])
        elif number:
            key = messages.key_at(tx.connection, channel_id, ts) or ""
            lost = re.fullmatch(r"AI-(\d+)/message", key, re.ASCII)
            if lost:
                enqueue(tx, [after_lost_item(number, int(lost[1]), ts)])
            _repair_whys(tx, key, channel_id, ts)
            incident = incidents.get(tx.connection, number, SYSTEM) if key == message_key(number) else None
            if incident:
                enqueue(tx, after_save(incident, f"lost/{ts}")[:1])

    @transaction
    def acts_in(self, tx: Tx, channel_id: str, user_id: str) -> None:
        """Let somebody who acts in a private incident's channel see the incident.

        Slack shows a private channel only to its members, so they are in it, even if the event that says that
        they joined hasn't arrived yet. Once an event has said that they left, this changes nothing: they may
        have acted before leaving.
        """
        here = incidents.by_channel(tx.connection, channel_id, SYSTEM)
        if here and here.is_private:
            members.see(tx.connection, here.id, user_id)

    @transaction
    def is_back(self, tx: Tx, channel_id: str, cause: str) -> None:
        """Retry what was given up and catch up, because the bot may work in the channel again."""
        number = incidents.number_of_channel(tx.connection, channel_id)
        if number is None:
            return
        # A call that is just being made may have been refused before this.
        workspace.save(tx.connection, workspace.back_key(number), tx.now.isoformat())
        if outbox.revive(tx.connection, tx.now, number, SYSTEM):
            enqueue(tx, [after_giving_up(number, cause)])
            failures.refresh(tx, number, cause)
        enqueue(tx, [after_silence(number, cause), comparing(cause)])

    @transaction
    def is_lost(self, tx: Tx, channel_id: str, cause: str) -> None:
        """Report that the bot was removed from an active incident's channel and no longer hears it.

        To do so, this plans to catch up, which Slack refuses; its commander or declarer is then notified of
        that like of any failure, and can invite the bot again.
        """
        incident = incidents.by_channel(tx.connection, channel_id, SYSTEM)
        if incident and incident.status in ACTIVE:
            enqueue(tx, [after_silence(incident.id, cause)])

    @transaction
    def has_new_id(self, tx: Tx, old: str, new: str, cause: str) -> None:
        """Follow a channel to its new id, which it gets when people share it by Slack Connect."""
        incident = incidents.by_channel(tx.connection, old, SYSTEM)
        channels.follow(tx.connection, old, new)
        moved = incidents.get(tx.connection, incident.id, SYSTEM, lock=True) if incident else None
        if moved:
            consequences_channels.renumbered(tx, moved, cause)

    @transaction
    def is_shared(self, tx: Tx, channel_id: str) -> None:
        """Warn the channel, once, that people of another organization can read it."""
        incident = incidents.by_channel(tx.connection, channel_id, SYSTEM)
        if incident:
            consequences_channels.shared(tx, incident)

    @transaction
    def is_deleted(self, tx: Tx, channel_id: str, cause: str) -> None:
        """Continue the incident without a channel, and say so once to those in charge."""
        here = incidents.by_channel(tx.connection, channel_id, SYSTEM)
        incident = incidents.get(tx.connection, here.id, SYSTEM, lock=True) if here else None
        if incident and incident.channel_id == channel_id:
            without = replace(incident, channel_id=None, updated_at=tx.now)
            consequences_channels.deleted(tx, incidents.save(tx.connection, without), cause)

    @transaction
    def set_members(self, tx: Tx, incident_id: int, user_ids: frozenset[str], since: datetime) -> None:
        """Record that exactly these people were in a private incident's channel at ``since``."""
        incident = incidents.get(tx.connection, incident_id, SYSTEM)
        if incident is None or is_exposed(incident):
            # People have made the channel public: anybody can join it.
            return
        before = members.present(tx.connection, incident_id)
        members.replace(tx.connection, incident_id, user_ids, f"{since.timestamp():.6f}")
        if members.present(tx.connection, incident_id) != before:
            consequences_calendar.members_changed(tx, incident, f"members/{tx.now.timestamp()}")


def _repair_whys(tx: Tx, key: str, channel_id: str, ts: str) -> None:
    """Post a session's message or question again; replies in the old thread still count."""
    number, question = five_whys_planned.session_of_root(key), five_whys_planned.question_of(key)
    analysis_id = number or (question[0] if question else None)
    analysis = five_whys.get(tx.connection, analysis_id, SYSTEM, lock=True) if analysis_id else None
    if analysis is None:
        return
    messages.forget(tx.connection, key)
    if question:
        enqueue(tx, [five_whys_planned.after_lost_question(analysis, question[1], ts)])
        return
    messages.save(tx.connection, five_whys_planned.former_root_key(analysis.id, ts), channel_id, ts)
    if key == five_whys_planned.root_key(analysis.id):
        for why_id in last_questions(analysis):
            messages.forget(tx.connection, five_whys_planned.question_key(analysis.id, why_id))
        enqueue(tx, five_whys_planned.after_lost_root(analysis, ts))
