"""What must be true on a stage once nothing is left to do: Slack shows what is stored, and shows it once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from bot.domain.incidents.model import Incident, IncidentStatus, can_follow
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.people import SYSTEM
from bot.domain.kit.text import storable
from bot.domain.outbox.effects import BookmarkCall, Effect, SetTopic, ShowAnnouncement, ShowCard
from bot.domain.outbox.rows import Planned
from bot.effects.calls import TITLE
from bot.views.kit.labels import SEVERITY, STATUS
from bot.views.kit.text import escape
from sandbox.workspace.model import Channel, Json, Message
from storage import incident_roles, incidents, members, outbox, subscriptions, timeline_reads
from storage.tables import incidents as incidents_table
from storage.tables import outbox as outbox_table
from storage.tables import timeline_entries, updates
from tests.support.stage import Stage

WRITTEN = frozenset({None, "bot_message", "thread_broadcast", "file_share", "me_message"})
"""Subtypes of what people write; everything else is Slack's own."""
CHAINS = (EntryKind.STATUS, EntryKind.SEVERITY, EntryKind.TITLE, EntryKind.COMMANDER, EntryKind.CALL)
"""Changes of which each begins where the one before has ended."""
SHOWS: Sequence[tuple[str, Callable[[int], Effect]]] = (
    ("card", ShowCard),
    ("announcement", ShowAnnouncement),
    ("topic", SetTopic),
    ("call", BookmarkCall),
)
"""What shows an incident's state, by lane: showing it again must change nothing."""
HARMLESS = frozenset(
    {
        # Somebody is in the channel, or isn't in the workspace.
        ("conversations.invite", "already_in_channel"),
        ("conversations.invite", "cant_invite"),
        ("conversations.invite", "user_not_found"),
        ("conversations.open", "user_disabled"),
        ("pins.add", "already_pinned"),
        # A click that took too long, or came twice: a button is sent instead.
        ("views.open", "expired_trigger_id"),
        ("views.open", "exchanged_trigger_id"),
        # Whoever clicked isn't in the channel, or has left: they get a direct message.
        ("chat.postEphemeral", "user_not_in_channel"),
        ("chat.postEphemeral", "channel_not_found"),
        # So does somebody who asked in a thread whose first message was deleted.
        ("chat.postEphemeral", "thread_not_found"),
        # The app takes a name that an attempt without an answer has already taken.
        ("conversations.create", "name_taken"),
        ("conversations.rename", "name_taken"),
        # Both are what a lost answer leaves behind.
        ("chat.delete", "message_not_found"),
        ("reactions.add", "already_reacted"),
        ("response", "expired_url"),
        ("response", "used_url"),
    }
)
"""Refusals that the bot provokes and lives with."""

ARCHIVED = frozenset({"is_archived", "is_inactive"})
"""Refusals of any method while a channel is archived. What was refused is done once it no longer is."""

GONE = frozenset({"cant_invite", "user_disabled"})
"""Why nothing can be done for people whose account was deactivated; that is reported."""


class Agreement:
    """The checks, for one stage. Each raises ``AssertionError`` with what isn't true."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._awaited: dict[str, set[str]] = {}
        """Who should get a direct message, by what its key begins with."""
        self._noted = 0

    def note(self) -> None:
        """Note who waits for what has happened since the last note, and who no longer does."""
        entries, told = timeline_entries.c, (EntryKind.UPDATE.value, EntryKind.STATUS.value)
        news = (entries.id > self._noted, entries.kind.in_(told))
        query = select(timeline_entries).where(*news).order_by(entries.id)
        for entry in self.run(lambda tx: list(tx.execute(query))):
            self._noted = entry.id
            what = f"update/{entry.to_value}" if entry.kind == told[0] else f"entry/{entry.id}"
            if entry.kind == told[0] or entry.from_value:
                waiting = self._waiting(entry.incident_id) - {entry.by}
                self._awaited[f"INC-{entry.incident_id}/{what}/to/"] = waiting
        for prefix, people in self._awaited.items():
            people.intersection_update(self._waiting(int(prefix.split("/")[0].removeprefix("INC-"))))

    def _waiting(self, incident_id: int) -> set[str]:
        """The incident's subscribers who are still in the workspace, and may see it."""
        people = self.stage.store.workspace.people
        found = set(self.run(partial(subscriptions.of_incident, incident_id=incident_id)))
        incident = self.run(partial(incidents.get, incident_id=incident_id, viewer=SYSTEM))
        if incident.is_private:
            found &= self.run(partial(members.present, incident_id=incident_id))
        return {each for each in found if not people[each].deleted}

    def check(self) -> None:
        """Everything in this class; nothing may be left to do."""
        self.nothing_twice()
        self.nothing_given_up()
        for incident in self.incidents():
            self.transitions_are_legal(incident)
            self.messages_are_recorded(incident)
            self.is_shown(incident)
            self.people_are_there(incident)
            self.updates_are_out(incident)
        self.subscribers_are_told()
        self.nothing_changes_when_shown_again()

    # what is stored

    def incidents(self) -> list[Incident]:
        """Every incident with a channel."""
        query = select(incidents_table.c.id).where(incidents_table.c.channel_id.is_not(None))
        numbers = self.run(lambda tx: list(tx.execute(query).scalars()))
        return [self.run(partial(incidents.get, incident_id=each, viewer=SYSTEM)) for each in numbers]

    def entries(self, incident: Incident, *kinds: EntryKind) -> list[TimelineEntry]:
        """The incident's timeline, or some of it, in the order in which it was stored."""
        found = self.run(partial(timeline_reads.find, incident_id=incident.id, everything=True))
        return sorted((e for e in found if not kinds or e.kind in kinds), key=lambda e: e.id)

    def run(self, work: Any) -> Any:
        """What this reads from the database."""
        return self.stage.bot.database.run(work)

    # what is in Slack

    def channel(self, incident: Incident) -> Channel:
        """The incident's channel."""
        return self.stage.store.workspace.channels[incident.channel_id or ""]

    def ours(self, key: str) -> list[tuple[Channel, Message]]:
        """The bot's messages with this key, wherever they are."""
        return [found for found in self._keyed() if key_of(found[1]) == key]

    def _keyed(self) -> Iterator[tuple[Channel, Message]]:
        for channel in self.stage.store.workspace.channels.values():
            for message in channel.messages.values():
                if message.metadata:
                    yield channel, message

    # the checks

    def nothing_twice(self) -> None:
        """None of the bot's messages is in Slack twice."""
        counts = Counter((channel.id, key_of(message)) for channel, message in self._keyed())
        twice = [each for each, count in counts.items() if count > 1]
        assert not twice, twice

    def nothing_given_up(self) -> None:
        """No effect was given up, and Slack has refused only what the bot lives with."""
        wrong = [each for each in self._dead() if str(each.last_error).split(":")[0] not in GONE]
        assert not wrong, wrong
        refused = [
            each for each in self.stage.wire.refused if each not in HARMLESS and each[1] not in ARCHIVED
        ]
        assert not refused, refused

    def _dead(self) -> list[Any]:
        """The rows that were given up."""
        return self.stage.rows(outbox_table.c.state == outbox.DEAD)

    def transitions_are_legal(self, incident: Incident) -> None:
        """Each change begins where the one before ended, and the last ends with what is stored."""
        now = {
            EntryKind.STATUS: incident.status.value,
            EntryKind.SEVERITY: incident.severity.value,
            EntryKind.TITLE: incident.title,
            EntryKind.COMMANDER: incident.commander_id,
            EntryKind.CALL: incident.call_url,
        }
        for kind in CHAINS:
            changes = self.entries(incident, kind)
            gaps = [two for two in pairwise(changes) if two[0].to_value != two[1].from_value]
            assert not gaps, gaps
            assert not changes or changes[-1].to_value == now[kind], (kind, changes[-1], now[kind])
        steps = [(each.from_value, each.to_value) for each in self.entries(incident, EntryKind.STATUS)]
        found = [(IncidentStatus(begun), IncidentStatus(ended)) for begun, ended in steps if begun and ended]
        assert all(can_follow(*each) for each in found), found

    def messages_are_recorded(self, incident: Incident) -> None:
        """What people wrote in the channel is on the timeline once, as it reads now."""
        bot = self.stage.store.bot_user.id
        written = [
            (message.ts, storable(message.text))
            for message in self.channel(incident).messages.values()
            if message.subtype in WRITTEN and not message.ephemeral_to and message.user != bot
        ]
        stored = [(e.ts, e.text) for e in self.entries(incident, EntryKind.MESSAGE) if not e.is_deleted]
        assert sorted(stored) == sorted(written)

    def is_shown(self, incident: Incident) -> None:
        """Card, announcement, topic and bookmark say what is stored, and are where they belong."""
        channel, state = self.channel(incident), (STATUS[incident.status], SEVERITY[incident.severity])
        [card] = self.ours(f"{incident.ref}/card")
        assert card[0] is channel and card[1].ts in channel.pins
        _says(card[1], *state, incident.title, *(f"<@{each}>" for each in self._holders(incident).values()))
        announced = self.ours(f"{incident.ref}/announcement")
        assert len(announced) == (0 if incident.is_private else 1)
        for place, message in announced:
            assert place.name == "incidents"
            _says(message, *state, incident.title, *(f"<@{e}>" for e in self._holders(incident).values()))
        assert all(each in channel.topic for each in state), channel.topic
        links = [each["link"] for each in channel.bookmarks if each["title"] == TITLE]
        assert links == ([incident.call_url] if incident.call_url else [])

    def _holders(self, incident: Incident) -> dict[str, str]:
        held = self.run(partial(incident_roles.of_incident, incident_id=incident.id))
        found = {each.role: each.user_id for each in held}
        return found | ({"commander": incident.commander_id} if incident.commander_id else {})

    def people_are_there(self, incident: Incident) -> None:
        """Everybody with a role, and everybody who was brought in or paged, is in the channel.

        People who have left it are excepted. Whoever is there may see what is private.
        """
        channel = self.channel(incident)
        people = self.stage.store.workspace.people
        for user_id in {*self._holders(incident).values(), *self._brought_in(incident)}:
            left = any(
                each.subtype in {"channel_leave", "group_leave"} and each.user == user_id
                for each in channel.messages.values()
            )
            # Their account was deactivated when they were to be invited: that is reported.
            refused = any(user_id in str(each.last_error) for each in self._dead())
            assert user_id in channel.members or left or refused or people[user_id].deleted, user_id
        if incident.is_private and incident.conversion is None:
            known = self.run(partial(members.present, incident_id=incident.id))
            away = channel.members - known - {self.stage.store.bot_user.id}
            assert not away and not {e for e in known - channel.members if not self._was_never_in(channel, e)}

    def _brought_in(self, incident: Incident) -> set[str]:
        """Who was brought in or paged, according to the timeline."""
        found = self.entries(incident, EntryKind.PEOPLE, EntryKind.PAGE)
        return {each for entry in found for each in (entry.to_value or "").split()}

    def _was_never_in(self, channel: Channel, user_id: str) -> bool:
        """Whether somebody has a part in the incident, but hasn't been in the channel."""
        return not any(each.user == user_id for each in channel.messages.values())

    def updates_are_out(self, incident: Incident) -> None:
        """Each update is, as it reads now, in the channel and, unless private, below the announcement."""
        query = select(updates).where(updates.c.incident_id == incident.id).order_by(updates.c.number)
        found = self.run(lambda tx: list(tx.execute(query)))
        assert [each.number for each in found] == list(range(1, len(found) + 1))
        for each in found:
            key = f"{incident.ref}/update/{each.number}"
            [(place, message)] = self.ours(key)
            assert place is self.channel(incident)
            in_public = self.ours(f"{key}/announced")
            # Once an incident is public again, only its latest update is posted there.
            is_older = each is not found[-1] and bool(self.entries(incident, EntryKind.PRIVACY))
            assert is_older or len(in_public) == (0 if incident.is_private else 1), key
            told = [found for found in self._keyed() if key_of(found[1]).startswith(f"{key}/to/")]
            for where, copy in [(place, message), *in_public, *told]:
                _says(copy, each.known)
                is_theirs = where.is_im and key_of(copy) == f"{key}/to/{where.im_user}"
                assert not key_of(copy).startswith(f"{key}/to/") or is_theirs

    def subscribers_are_told(self) -> None:
        """Everybody who was waiting when an update or a change of status came, and still is, has it once."""
        for prefix, people in self._awaited.items():
            assert [each for each in people if len(self.ours(f"{prefix}{each}")) != 1] == [], prefix

    def nothing_changes_when_shown_again(self) -> None:
        """Showing everything again changes nothing: no refresh was forgotten, and none came too early."""
        before = self.everything_shown()
        number = len(self.stage.rows())
        rows = [
            Planned(effect(incident.id), f"{incident.ref}/{lane}/again/{number}", f"{incident.ref}/{lane}")
            for incident in self.incidents()
            for lane, effect in SHOWS
            if not (incident.is_private and effect is ShowAnnouncement)
        ]
        self.run(partial(outbox.add, planned=rows, now=self.stage.clock.now))
        self.stage.drain()
        after = self.everything_shown()
        assert after == before, [each for each in after if each not in before]

    def everything_shown(self) -> list[Json]:
        """All that the bot's lasting messages and channels show now."""
        shown: list[Json] = []
        for channel in self.stage.store.workspace.channels.values():
            links = [(each["title"], each["link"]) for each in channel.bookmarks]
            shown.append({"id": channel.id, "topic": channel.topic, "links": links})
            shown += [
                {"id": channel.id, "ts": each.ts, "text": each.text, "blocks": each.blocks}
                for each in channel.messages.values()
                if each.metadata
            ]
        return shown


def key_of(message: Message) -> str:
    """The key that the bot gave its message."""
    return str((message.metadata or {}).get("event_payload", {}).get("key", ""))


def _says(message: Message, *wanted: str) -> None:
    """Check that a message shows these texts, escaped or not."""
    shown = json.dumps([message.text, message.blocks], ensure_ascii=False)
    missing = [each for each in wanted if _quoted(each) not in shown and _quoted(escape(each)) not in shown]
    assert not missing, (missing, shown)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]
