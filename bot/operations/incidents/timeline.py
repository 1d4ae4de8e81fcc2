"""Feeds the timeline from an incident's channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from bot.domain.five_whys import planned as five_whys_planned
from bot.domain.incidents.catching_up import is_news
from bot.domain.incidents.timeline import FoundMessage, KeyMark, PostedMessage
from bot.domain.kit.erasure import Subject
from bot.domain.kit.people import ERASED, Person
from bot.domain.kit.references import Kind
from bot.domain.kit.text import references_in, storable
from bot.domain.postmortems import planned as postmortems_planned
from bot.operations.consequences import pages as consequences_pages
from bot.operations.consequences import postmortem
from bot.operations.five_whys import replies as five_whys_replies
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import incidents, messages, people, timeline, timeline_reads


class TimelineRecorder(Operations):
    """Records what Slack reports, in any order and any number of times; ignores other channels."""

    @transaction
    def record_message(self, tx: Tx, message: PostedMessage) -> None:
        """Record a message by anybody; in a five-whys thread it may be an answer."""
        if number := incidents.number_of_channel(tx.connection, message.channel_id):
            _record(tx, number, *_kept(tx, [message]))

    @transaction
    def record_messages(self, tx: Tx, found: Sequence[PostedMessage]) -> list[int]:
        """Like :meth:`record_message` for many; returns the indexes in ``found`` of those that it left out.

        These need :meth:`record_message`: replies that may be answers or belong in a postmortem, and whatever
        follows them in their channels, to keep the order.
        """
        numbers = incidents.numbers_of_channels(tx.connection, {each.channel_id for each in found})
        left = _left_to_each(tx, numbers, found)
        ours = [each for place, each in enumerate(found) if place not in left and each.channel_id in numbers]
        kept = _kept(tx, ours)
        timeline.record_messages(tx.connection, [(numbers[each.channel_id], each) for each in kept])
        consequences_pages.wrote(tx, numbers, kept)
        return sorted(left)

    @transaction
    def edit_message(self, tx: Tx, message: PostedMessage) -> None:
        """Record what an edited message says now."""
        if number := incidents.number_of_channel(tx.connection, message.channel_id):
            _edit(tx, number, *_kept(tx, [message]))

    @transaction
    def delete_message(self, tx: Tx, message: PostedMessage) -> None:
        """Record that a message was deleted, and delete its text."""
        if number := incidents.number_of_channel(tx.connection, message.channel_id):
            timeline.delete_message(tx.connection, number, *_kept(tx, [message]))
            five_whys_replies.deleted(tx, message.channel_id, message.ts)

    @transaction
    def mark_key(self, tx: Tx, mark: KeyMark) -> None:
        """Mark or unmark a message as a key event; marks by people who may not act are ignored.

        A reaction belongs to one person. A pin belongs to the channel: anybody can remove it.
        """
        may_mark = not mark.present or _may_mark(tx, mark.ts, mark.user_id)
        if may_mark and incidents.number_of_channel(tx.connection, mark.channel_id):
            timeline.mark_key(tx.connection, replace(mark, user_id="") if mark.source == "pin" else mark)

    @transaction
    def catch_up(self, tx: Tx, incident_id: int, found: Sequence[FoundMessage], since: datetime) -> None:
        """Record messages from the channel's history, with their current text and marks.

        ``since`` is when they were fetched: events report what has changed later.
        """
        for each, message in zip(found, _kept(tx, [each.message for each in found]), strict=True):
            before = f"{since.timestamp():.6f}"
            _record(tx, incident_id, message)
            if message.edited_ts or _is_updated(tx, message):
                _edit(tx, incident_id, replace(message, edited_ts=message.edited_ts or before))
            if each.marked_by is not None:
                members = frozenset(filter(partial(_may_mark, tx, message.ts), each.marked_by))
                timeline.set_key_marks(tx.connection, message.channel_id, message.ts, members, before)

    @reading
    def news(self, tx: Tx, found: Sequence[FoundMessage], since: datetime) -> list[FoundMessage]:
        """The messages of one channel for which :meth:`catch_up` would change something."""
        if not found:
            return []
        channel_id, before = found[0].message.channel_id, f"{since.timestamp():.6f}"
        ts = [each.message.ts for each in found]
        known = timeline_reads.known_messages(tx.connection, channel_id, ts)
        reactions = timeline_reads.known_reactions(tx.connection, channel_id, ts)
        return [
            each
            for each, message in zip(found, _kept(tx, [each.message for each in found]), strict=True)
            if is_news(
                replace(
                    each,
                    message=message,
                    marked_by=each.marked_by
                    and frozenset(filter(partial(_may_mark, tx, message.ts), each.marked_by)),
                ),
                known.get(each.message.ts),
                reactions.get(each.message.ts, {}),
                before,
            )
        ]

    @reading
    def caught_up_to(self, tx: Tx, incident_id: int) -> str | None:
        """The ts up to which the incident's channel is completely stored, or ``None``."""
        return incidents.caught_up_to(tx.connection, incident_id)

    @transaction
    def note_caught_up(self, tx: Tx, incident_id: int, ts: str) -> None:
        """Record that everything in the incident's channel up to this ts is stored."""
        incidents.note_caught_up(tx.connection, incident_id, ts)

    @reading
    def latest_in_threads(self, tx: Tx, incident_id: int) -> dict[str, str]:
        """A thread's ts -> the ts of its latest known reply, for each thread in the incident's channel."""
        return timeline_reads.latest_in_threads(tx.connection, incident_id)

    @transaction
    def keep_source(self, tx: Tx, message: PostedMessage) -> None:
        """Remember the location of a message that somebody is about to declare an incident from."""
        messages.keep_source(tx.connection, message)


def _record(tx: Tx, incident_id: int, message: PostedMessage) -> None:
    is_new = timeline.record_message(tx.connection, incident_id, message)
    if is_new:
        consequences_pages.wrote(tx, {message.channel_id: incident_id}, [message])
    if not is_new or not message.thread_ts:
        return
    postmortem.heard(tx, incident_id, message)
    # An edit or the deletion may have arrived before the message itself.
    entry = timeline_reads.at(tx.connection, message.channel_id, message.ts)
    if entry and not entry.is_deleted:
        now_reads = replace(message, text=entry.text, files=entry.files)
        five_whys_replies.hear(tx, now_reads)


def _edit(tx: Tx, incident_id: int, message: PostedMessage) -> None:
    if timeline.edit_message(tx.connection, incident_id, message):
        five_whys_replies.edited(tx, message)


def _is_updated(tx: Tx, message: PostedMessage) -> bool:
    """Whether a bot's message says something other than what is stored, without being marked as edited."""
    if message.source is None:
        return False
    entry = timeline_reads.at(tx.connection, message.channel_id, message.ts)
    return entry is not None and not entry.is_deleted and entry.text != message.text


def _left_to_each(tx: Tx, numbers: Mapping[str, int], found: Sequence[PostedMessage]) -> frozenset[int]:
    """The indexes of replies that need more than a row, and of what follows them in their channels."""
    replies = {(each.channel_id, each.thread_ts) for each in found if each.thread_ts}
    roots = messages.keys_at(
        tx.connection, [(channel, ts) for channel, ts in replies if ts and channel in numbers]
    )
    if not roots:
        return frozenset()
    left, held = set[int](), set[str]()
    for place, each in enumerate(found):
        key = roots.get((each.channel_id, each.thread_ts or ""))
        if key is not None and _is_heard_in(key, numbers[each.channel_id]):
            held.add(each.channel_id)
        if each.channel_id in held:
            left.add(place)
    return frozenset(left)


def _is_heard_in(root_key: str, incident_id: int) -> bool:
    """Whether replies to this message of the bot's are more than timeline entries."""
    is_postmortem = root_key == postmortems_planned.message_key(incident_id)
    return is_postmortem or five_whys_planned.session_of_root(root_key) is not None


def _may_mark(tx: Tx, ts: str, user_id: str) -> bool:
    """Whether somebody's mark on the message at this ts counts: only members' do, unless they were erased."""
    person = tx.once(people.get, user_id)
    return person is not None and person.may_act and not person.is_erased_at(ts)


def _kept(tx: Tx, found: Sequence[PostedMessage]) -> list[PostedMessage]:
    """The messages as they may be stored: what people wrote before they were erased stays erased."""
    messages = [_storable(each) for each in found]
    named = {each.user_id for each in messages if each.user_id}
    named |= {
        target
        for each in messages
        if "<@" in each.text
        for kind, target in references_in(each.text)
        if kind is Kind.PERSON
    }
    erased = people.erased_among(tx.connection, named)
    return [_without(each, erased) for each in messages] if erased else messages


def _without(message: PostedMessage, erased: Mapping[str, Person]) -> PostedMessage:
    """The message without those who have been erased since it was written."""
    for person in erased.values():
        if not person.is_erased_at(message.ts):
            continue
        if person.id == message.user_id:
            message = replace(message, user_id=ERASED, source=None, text="", files=(), is_erased=True)
        else:
            message = replace(message, text=Subject(person.id).removed_from(message.text))
    return message


def _storable(message: PostedMessage) -> PostedMessage:
    """The message without characters that databases can't store."""
    text, source = storable(message.text), message.source and storable(message.source)
    if (text, source) == (message.text, message.source):
        return message
    return replace(message, text=text, source=source)
