"""Makes an incident private when people make its channel private, and asks before making it public again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.incidents.model import Conversion, Incident
from bot.domain.incidents.planned import after_giving_up, failures_key, offer_key, offering
from bot.domain.incidents.timeline import EntryKind, TimelineEntry, time_of
from bot.domain.kit.errors import PrivacyDecided, PrivacyMoot
from bot.domain.kit.people import SYSTEM
from bot.domain.kit.references import Kind
from bot.domain.postmortems.planned import announcing
from bot.domain.privacy import planned as privacy_planned
from bot.domain.privacy.model import (
    PRIVATE,
    PUBLIC,
    is_exposed,
    is_news,
)
from bot.operations.consequences import calendar as consequences_calendar
from bot.operations.consequences import postmortem
from bot.operations.consequences import updates as consequences_updates
from bot.operations.kit.access import can_see, existing_incident
from bot.operations.kit.gate import begin
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import incident_roles, incidents, members, messages, names, people, postmortems, timeline


class ChannelPrivacy(Operations):
    """What follows when a channel becomes private or public."""

    @transaction
    def converted(
        self, tx: Tx, channel_id: str, *, is_private: bool, by: str | None = None, ts: str = ""
    ) -> None:
        """Handle a channel made private or public; ``ts`` is that of Slack's message about it, if known.

        Repeated or outdated reports change nothing.
        """
        if is_private:
            names.save(tx.connection, Kind.CHANNEL, {channel_id: None}, tx.now)
        here = incidents.by_channel(tx.connection, channel_id, SYSTEM)
        incident = incidents.get(tx.connection, here.id, SYSTEM, lock=True) if here else None
        known = incident.conversion if incident else None
        if incident is None or not is_news(known, is_private, ts):
            return
        ts = ts or f"{tx.now.timestamp():.6f}"
        if known and known.is_private is is_private:
            # It was noticed before Slack's message arrived, or has been undone since: nothing changes.
            _note(tx, incident, replace(known, ts=ts))
            return
        told = _note(tx, incident, Conversion(is_private, ts, by))
        if is_private:
            _follow(tx, incident, told)
        elif told.is_private:
            _ask(tx, told)

    @reading
    def differing(self, tx: Tx, channels: Mapping[str, bool]) -> list[tuple[Incident, bool]]:
        """The incidents whose known privacy differs from these channels', with the channel's privacy."""
        found = incidents.of_channels(tx.connection, list(channels))
        told = [(each, channels[each.channel_id or ""]) for each in found]
        return [
            (each, is_private) for each, is_private in told if is_private is not _is_taken_for_private(each)
        ]

    @transaction
    def decide(self, tx: Tx, incident_id: int, *, is_public: bool, by: str, key: str) -> None:
        """Decide whether a private incident becomes public like its channel.

        Raises ``PrivacyDecided`` if somebody has already decided, and ``PrivacyMoot`` if there is no longer
        anything to decide.
        """
        is_new = begin(tx, by, key)
        incident = existing_incident(tx, incident_id, by, lock=True)
        if not is_new:
            return
        known = incident.conversion
        privacy_now = PRIVATE if incident.is_private else PUBLIC
        if known is None or known.is_private:
            raise PrivacyMoot(ref=incident.ref, privacy=privacy_now)
        if known.answered_by:
            person = tx.once(people.get, known.answered_by)
            name = person.name if person else known.answered_by
            raise PrivacyDecided(ref=incident.ref, privacy=privacy_now, by=known.answered_by, name=name)
        told = _note(tx, incident, replace(known, answered_by=by))
        _refresh_question(tx, told, known, f"answered/{by}")
        if is_public:
            _become(tx, told, by, tx.now, is_private=False)


def _note(tx: Tx, incident: Incident, conversion: Conversion) -> Incident:
    told = replace(incident, conversion=conversion, updated_at=tx.now)
    return incidents.save(tx.connection, told)


def _follow(tx: Tx, before: Incident, told: Incident) -> None:
    known, earlier = told.conversion, before.conversion
    if known and told.is_private:
        # The incident stayed private all along: people who joined the public channel may now see it.
        if earlier:
            _refresh_question(tx, told, earlier, f"moot/{known.ts}")
        enqueue(tx, [privacy_planned.listing(told, f"again/{known.ts}")])
    elif known:
        # Members from when it was last private may have left without our noticing.
        members.forget(tx.connection, told.id)
        played = {each.user_id for each in incident_roles.of_incident(tx.connection, told.id)}
        for user_id in filter(None, {told.commander_id, told.declared_by, known.by, *played}):
            members.see(tx.connection, told.id, user_id)
        _become(tx, told, known.by, time_of(known.ts), is_private=True)


def _become(tx: Tx, told: Incident, by: str | None, at: datetime, *, is_private: bool) -> None:
    before, after = (PUBLIC, PRIVATE) if is_private else (PRIVATE, PUBLIC)
    changed = incidents.save(tx.connection, replace(told, is_private=is_private, updated_at=tx.now))
    change = TimelineEntry(0, told.id, EntryKind.PRIVACY, at, by, from_value=before, to_value=after)
    entry = timeline.add(tx.connection, change)
    cause = f"entry/{entry.id}"
    rows = privacy_planned.after_conversion(changed, entry)
    if postmortems.of_incident(tx.connection, told.id, SYSTEM):
        rows.append(announcing(told.id, cause))
    listed = privacy_planned.listing(changed, f"{entry.id}").key if is_private else None
    if messages.where(tx.connection, failures_key(told.id)):
        rows.append(replace(after_giving_up(told.id, cause), needs=listed))
    if messages.where(tx.connection, offer_key(told.id)):
        rows.append(offering(changed, cause))
    enqueue(tx, rows)
    postmortem.follow(tx, changed, cause)
    consequences_updates.privacy_changed(tx, changed, cause)
    consequences_calendar.privacy_changed(tx, changed, cause, needs=listed)


def _ask(tx: Tx, incident: Incident) -> None:
    """Ask one of the people concerned whether to make it public; until they answer, it stays private."""
    known = incident.conversion
    if known is None:
        return
    concerned = (incident.commander_id, incident.declared_by, known.by)
    to = next((each for each in concerned if each and can_see(tx, incident, each)), None)
    if to:
        told = _note(tx, incident, replace(known, asked=to, question=known.ts))
        enqueue(tx, [privacy_planned.asking(told, known.ts, to)])


def _refresh_question(tx: Tx, incident: Incident, about: Conversion, cause: str) -> None:
    """Update the question about a conversion with its outcome, once the question has been posted."""
    if about.asked:
        row = privacy_planned.asking(incident, about.question, about.asked, cause)
        enqueue(tx, [row])


def _is_taken_for_private(incident: Incident) -> bool:
    """Whether the incident's channel is private, as far as the bot knows."""
    return incident.is_private and not is_exposed(incident)
