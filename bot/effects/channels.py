"""The incident's channel: creates or adopts it, names and describes it, and invites people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.domain.incidents.model import Incident
from bot.domain.incidents.names import CHANNEL_ID, channel_name, other_channel_name
from bot.domain.incidents.planned import first_topic_key
from bot.domain.kit.json import Json
from bot.domain.outbox.effects import (
    CreateChannel,
    InvitePeople,
    PrepareAnnouncements,
    RenameChannel,
    SetPurpose,
    SetTopic,
)
from bot.domain.outbox.refusals import Meaning, meaning_of
from bot.domain.outbox.retry import FailureKind
from bot.domain.outbox.rows import PUT_OFF, AnnouncementsPlaced, ChannelMade, Claimed, Outcome
from bot.effects.channel_search import ChannelSearch, kinds_for
from bot.effects.failures import CallFailed, Moot, accepting, final, not_yet
from bot.effects.performer import Performers
from bot.effects.slack import Slack
from bot.operations.performer_reads import PerformerReads
from bot.operations.startup import Startup
from bot.views.incidents.card import is_same_topic, purpose, topic

NAME_ATTEMPTS = 6
"""How many names that contain the title are tried; two without it follow."""
MAX_INVITED = 100
"""Users per call: https://docs.slack.dev/reference/methods/conversations.invite"""
MAX_NAMED = 15
"""How many of the people who couldn't be invited are named: as many as fit in the outbox row."""
TOPIC_INTERVAL = timedelta(minutes=1)
"""The least time between two topics, because Slack posts a line in the channel for each."""


class ChannelPerformers:
    """Performs the effects that concern channels."""

    def __init__(
        self, slack: Slack, facts: PerformerReads, startup: Startup, bot_user_id: Callable[[], str]
    ) -> None:
        self._slack = slack
        self._facts, self._startup = facts, startup
        self._search = ChannelSearch(slack, bot_user_id)

    def performers(self) -> Performers:
        """The performer of each effect in this group."""
        return {
            CreateChannel: self.create,
            RenameChannel: self.rename,
            InvitePeople: self.invite,
            SetTopic: self.set_topic,
            SetPurpose: self.set_purpose,
            PrepareAnnouncements: self.prepare_announcements,
        }

    def create(self, effect: CreateChannel, row: Claimed) -> Outcome:
        """Create the channel, or adopt the one that an earlier attempt created, never somebody else's."""
        incident = existing(self._facts, effect.incident_id)
        if incident.channel_id:
            return None
        # Not every server refuses a second channel with the same name: if an earlier attempt got no answer,
        # look first for the channel that it created.
        if row.look_first and (made := self._made_before(incident, row)):
            return made

        def make(name: str) -> str | None:
            # Leave `is_private` out for public channels: some servers take the form value "False" for true.
            private = {"is_private": True} if incident.is_private else {}
            try:
                made = self._slack.call("conversations.create", name=name, **private)
                return self._search.accepted(made["channel"], incident)
            except CallFailed as error:
                if error.meaning is not Meaning.FALL_BACK:
                    raise
            return self._search.made_by_us(name, incident)

        # The name from the declaration, not from the current title: otherwise an earlier attempt's channel
        # wouldn't be found. If the title has changed, a rename waits behind this row in its lane.
        return _first_free(incident, incident.channel_name, make)

    def _made_before(self, incident: Incident, row: Claimed) -> ChannelMade | None:
        """The channel that an earlier attempt created; since a backup, it may also be renamed or archived."""
        names, plain = _names(incident.id, incident.channel_name), channel_name(incident.id, "")
        found = self._search.made_among(names.__contains__, incident)
        if found or not row.is_restored:
            return found
        every = self._search.listed("conversations.list", kinds_for(incident), exclude_archived=False)
        return self._search.made_in(
            every, lambda name: name == plain or name.startswith(f"{plain}-"), incident
        )

    def rename(self, effect: RenameChannel, row: Claimed) -> Outcome:
        """Rename the channel after the current title, unless people have named it themselves."""
        incident = existing(self._facts, effect.incident_id)
        wanted = channel_name(incident.id, incident.title)
        channel_id = incident.channel_id
        if channel_id is None or incident.channel_name == wanted:
            return None
        # Only at the first attempt: a failed one may have given the channel a name that we didn't save.
        if row.attempt == 1 and self._search.name_of(channel_id) not in {incident.channel_name, ""}:
            return None

        def take(name: str) -> str | None:
            try:
                self._slack.call("conversations.rename", channel=channel_id, name=name)
            except CallFailed as error:
                if error.meaning is not Meaning.FALL_BACK:
                    raise
                # The channel already has this name if an earlier attempt was applied but its answer lost.
                return channel_id if self._search.name_of(channel_id) == name else None
            return channel_id

        return _first_free(incident, wanted, take)

    def invite(self, effect: InvitePeople, _row: Claimed) -> Outcome:
        """Invite everybody who can be invited; raises at the end with those who can't, and why.

        If the channel has become private since, only those who belong in it are invited.
        """
        incident = existing(self._facts, effect.incident_id)
        channel_id, user_ids = channel_of(incident), effect.user_ids
        if incident.is_private:
            user_ids = self._facts.belonging(incident, user_ids)
        refused: dict[str, str] = {}
        for start in range(0, len(user_ids), MAX_INVITED):
            refused |= self._invite(channel_id, user_ids[start : start + MAX_INVITED])
        told = {user_id: code for user_id, code in refused.items() if _is_refusal(code)}
        if told:
            raise _not_invited(told)
        return None

    def _invite(self, channel_id: str, user_ids: tuple[str, ...]) -> dict[str, str]:
        """Invite them in one call; returns user id -> Slack's code for those who couldn't be invited.

        Raises :class:`CallFailed` for a failure that isn't final.
        """
        try:
            answer = self._slack.call(
                "conversations.invite", channel=channel_id, users=list(user_ids), force=True
            )
        except CallFailed as error:
            if error.failure.kind is not FailureKind.FINAL:
                raise
            if len(user_ids) == 1:
                return {user_ids[0]: error.code}
            # Either nobody can be invited, or the server ignores `force` and refuses all because of one.
            refused: dict[str, str] = {}
            for user_id in user_ids:
                refused |= self._invite(channel_id, (user_id,))
            return refused
        return {str(each.get("user")): str(each.get("error")) for each in answer.get("errors") or ()}

    def set_topic(self, effect: SetTopic, row: Claimed) -> Outcome:
        """Show the incident's state in the channel's topic, if that changes it, and at most once a minute.

        Slack posts a line in the channel each time a topic is set, even if it is the same again.
        """
        incident = existing(self._facts, effect.incident_id)
        channel_id, wanted = channel_of(incident), topic(incident)
        # A channel that was just created has no topic yet, and needn't be asked for it.
        if row.look_first or row.key != first_topic_key(incident.id):
            now = self._facts.clock()
            current = self._search.described(channel_id).get("topic") or {}
            if is_same_topic(str(current.get("value") or ""), wanted):
                return None
            if again_at := _next_topic_at(current, now):
                raise not_yet(PUT_OFF, again_at)
        self._slack.call("conversations.setTopic", channel=channel_id, topic=wanted)
        return None

    def set_purpose(self, effect: SetPurpose, _row: Claimed) -> Outcome:
        """Say in the channel's purpose what it is for."""
        incident = existing(self._facts, effect.incident_id)
        self._slack.call("conversations.setPurpose", channel=channel_of(incident), purpose=purpose(incident))
        return None

    def prepare_announcements(self, effect: PrepareAnnouncements, row: Claimed) -> Outcome:
        """Make sure that there is an announcements channel."""
        if self.known_for_announcements(effect.name):
            return None
        if row.look_first and (made := self._search.named(effect.name)):
            return AnnouncementsPlaced(effect.name, made)
        return AnnouncementsPlaced(effect.name, self._make_for_announcements(effect.name))

    def announcements_channel(self, name: str) -> str:
        """The id of the announcements channel; if it isn't known yet, create it, or find and join it."""
        known = self.known_for_announcements(name)
        if known:
            return known
        channel_id = self._make_for_announcements(name)
        self._startup.note_announcements_channel(name, channel_id)
        return channel_id

    def known_for_announcements(self, name: str) -> str | None:
        """The id of the announcements channel, or ``None`` if it isn't known yet."""
        return name if CHANNEL_ID.fullmatch(name) else self._startup.announcements_channel(name)

    def _make_for_announcements(self, name: str) -> str:
        try:
            # Creating it takes one call; searching a large workspace for it first could take hundreds.
            return str(self._slack.call("conversations.create", name=name)["channel"]["id"])
        except CallFailed as error:
            if error.meaning is not Meaning.FALL_BACK:
                raise
        return self._search.named(name) or self._join_public(name)

    def _join_public(self, name: str) -> str:
        """Join the public channel with that name; raises if that channel is archived or hidden from us."""
        channel = next(
            (each for each in self._search.listed("conversations.list") if each.get("name") == name), None
        )
        if channel is None:
            raise final("name_taken")
        channel_id = str(channel["id"])
        if not channel.get("is_member"):
            with accepting(Meaning.FALL_BACK):
                self._slack.call("conversations.join", channel=channel_id)
        return channel_id


def _next_topic_at(current: Json, now: datetime) -> datetime | None:
    """When a topic may be set after ``current``; ``None`` if that is now."""
    age = now - datetime.fromtimestamp(int(current.get("last_set") or 0), UTC)
    # Slack's clock may be a little ahead of ours. One that is far ahead must not keep the old topic.
    return now - age + TOPIC_INTERVAL if abs(age) < TOPIC_INTERVAL else None


def existing(facts: PerformerReads, incident_id: int) -> Incident:
    """The incident as it is now; raises a final failure if there is none."""
    incident = facts.incident(incident_id)
    if incident is None:
        raise final("no_such_incident")
    return incident


def channel_of(incident: Incident) -> str:
    """The id of the incident's channel, which rows that need it wait for; raises if it was deleted."""
    if incident.channel_id is None:
        raise Moot
    return incident.channel_id


def _first_free(incident: Incident, wanted: str, take: Callable[[str], str | None]) -> ChannelMade:
    """The channel with the first name that ``take`` gets; the wanted name is tried first.

    The last names contain nothing of the title: a server may refuse letters that Slack accepts.
    """
    for name in _names(incident.id, wanted):
        channel_id = take(name)
        if channel_id:
            return ChannelMade(incident.id, channel_id, name)
    raise final("name_taken")


def _names(incident_id: int, wanted: str) -> list[str]:
    """Possible names for the incident's channel, the preferred one first."""
    plain = channel_name(incident_id, "")
    ways_out = [other_channel_name(wanted, attempt) for attempt in range(1, NAME_ATTEMPTS)]
    return list(dict.fromkeys([wanted, *ways_out, plain, other_channel_name(plain, 1)]))


def _not_invited(refused: dict[str, str]) -> CallFailed:
    """The failure that says who couldn't be invited, and why; its code is the first reason."""
    people: dict[str, list[str]] = {}
    for user_id, code in list(refused.items())[:MAX_NAMED]:
        people.setdefault(code, []).append(user_id)
    (first, named), *others = ((code, " ".join(user_ids)) for code, user_ids in people.items())
    more = f", and {len(refused) - MAX_NAMED} more" if len(refused) > MAX_NAMED else ""
    return final(first, ", ".join([named, *(f"{code}: {ids}" for code, ids in others)]) + more)


def _is_refusal(code: str) -> bool:
    """Whether this code means that the person still isn't in the channel."""
    return meaning_of("conversations.invite", code) is not Meaning.DONE
