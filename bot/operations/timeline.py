"""Feeding the timeline from an incident's channel."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from bot.domain.text import storable
from bot.domain.timeline import KeyMark, PostedMessage
from bot.operations.transaction import Operations, transaction
from storage import incidents, messages, people, timeline


class TimelineRecorder(Operations):
    """Records what Slack reports, in whatever order and however often; other channels don't concern it."""

    @transaction
    def record_message(self, tx: Connection, message: PostedMessage) -> None:
        """Record a message, whoever wrote it."""
        if incident := incidents.by_channel(tx, message.channel_id):
            timeline.record_message(tx, incident.id, _storable(message))

    @transaction
    def edit_message(self, tx: Connection, message: PostedMessage) -> None:
        """Record what a message says now."""
        if incident := incidents.by_channel(tx, message.channel_id):
            timeline.edit_message(tx, incident.id, _storable(message))

    @transaction
    def delete_message(self, tx: Connection, message: PostedMessage) -> None:
        """Record that a message is gone; its text goes too."""
        if incident := incidents.by_channel(tx, message.channel_id):
            timeline.delete_message(tx, incident.id, _storable(message))

    @transaction
    def mark_key(self, tx: Connection, mark: KeyMark) -> None:
        """Mark or unmark a message as a key event; marks of people who may not act are not taken.

        A reaction is one person's. A pin is the channel's: whoever takes it off, it is off.
        """
        person = people.get(tx, mark.user_id)
        may_mark = not mark.present or (person is not None and person.may_act)
        if may_mark and incidents.by_channel(tx, mark.channel_id):
            timeline.mark_key(tx, replace(mark, user_id="") if mark.source == "pin" else mark)

    @transaction
    def keep_source(self, tx: Connection, message: PostedMessage) -> None:
        """Keep a message that somebody is about to declare an incident from."""
        messages.keep_source(tx, _storable(message))


def _storable(message: PostedMessage) -> PostedMessage:
    """The message without what no database keeps."""
    return replace(message, text=storable(message.text), source=message.source and storable(message.source))
