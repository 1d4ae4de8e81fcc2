"""What was sent about an incident that has become private, and to whom."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.domain.action_items.model import ActionItem
from bot.domain.calendar.meetings import MeetingStatus
from bot.domain.incidents.model import Incident, ref_of
from bot.domain.incidents.planned import failures_key
from bot.domain.incidents.timeline import permalink, time_of
from bot.domain.kit.people import SYSTEM
from bot.domain.privacy import planned as privacy_planned
from bot.domain.privacy.model import DigestSent, Kept, Trace, names_any
from bot.operations.kit.access import can_see
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import action_items, incidents, meetings, privacy, subscriptions, workspace
from storage.reminders import CHANNEL

_PERSON = re.compile(r"[UW][A-Z0-9]+")


class PrivacyReads(Operations):
    """What performers read to hide an incident that has become private."""

    @reading
    def traces(self, tx: Tx, incident_id: int) -> list[Trace]:
        """Direct messages from the bot about the incident to people who may not see it."""
        incident = incidents.get(tx.connection, incident_id, SYSTEM)
        if incident is None or not incident.is_private:
            return []
        found = [*_by_key(tx, incident), *_answers(tx, incident)]
        return [each for each in found if incidents.get(tx.connection, incident_id, each.user_id) is None]

    @reading
    def written_to(self, tx: Tx, incident_id: int) -> dict[str, bool]:
        """People who may not see the incident and may have been sent something that isn't in :meth:`traces`.

        The value is whether something is being sent to them at this moment.
        """
        found = dict[str, bool]()
        for user_id, is_now in privacy.attempted(tx.connection, incident_id):
            found[user_id] = is_now or found.get(user_id, False)
        return {
            user_id: is_now
            for user_id, is_now in found.items()
            if incidents.get(tx.connection, incident_id, user_id) is None
        }

    @reading
    def exported_to(self, tx: Tx, incident_id: int, *, may_see: bool) -> list[str]:
        """People who were sent the postmortem as a file: those who may see the incident, or the others."""
        found = privacy.exported_to(tx.connection, incident_id)
        return [
            each for each in found if (incidents.get(tx.connection, incident_id, each) is not None) is may_see
        ]

    @reading
    def kept(self, tx: Tx, incident_id: int) -> Kept:
        """What may still mention the incident and can't be retracted; digests have yet to be checked."""
        incident = incidents.get(tx.connection, incident_id, SYSTEM)
        if incident is None:
            return Kept()
        meeting = meetings.last_of(tx.connection, incident_id)
        booking = meeting.booking if meeting and meeting.status is MeetingStatus.BOOKED else None
        outsiders = privacy.exported_to(tx.connection, incident_id)
        return Kept(
            tuple(_digests(tx, incident)),
            tuple(each for each in outsiders if incidents.get(tx.connection, incident_id, each) is None),
            booking.link if booking and booking.is_inviting else None,
        )

    @reading
    def refs(self, tx: Tx, incident_id: int) -> frozenset[str]:
        """The names under which the incident and its action items are known."""
        items = action_items.of_incident(tx.connection, incident_id)
        return frozenset({ref_of(incident_id), *(each.ref for each in items)})

    @reading
    def whom_to_tell(self, tx: Tx, incident: Incident) -> str | None:
        """The commander, else the declarer, else the person who converted the channel, if they may see it."""
        known = incident.conversion
        concerned = (incident.commander_id, incident.declared_by, known.by if known else None)
        return next((each for each in concerned if can_see(tx, incident, each)), None)

    @reading
    def homes(self, tx: Tx, incident_id: int) -> list[str]:
        """People whose App Home was shown since the incident was declared."""
        incident = incidents.get(tx.connection, incident_id, SYSTEM)
        return privacy.homes_since(tx.connection, incident.created_at) if incident else []

    @transaction
    def show_homes_again(self, tx: Tx, user_ids: Sequence[str], cause: str) -> None:
        """Refresh these people's App Homes."""
        enqueue(tx, privacy_planned.homes(user_ids, cause))

    @transaction
    def drop_subscribers(self, tx: Tx, incident_id: int) -> None:
        """End the subscriptions of people who may not see the incident."""
        for user_id in subscriptions.of_incident(tx.connection, incident_id):
            if incidents.get(tx.connection, incident_id, user_id) is None:
                subscriptions.remove(tx.connection, incident_id, user_id)


def _by_key(tx: Tx, incident: Incident) -> Iterator[Trace]:
    """Messages whose keys end with the recipient's id; the declarer's message has another form of key."""
    starts = [
        f"{incident.ref}/",
        *(f"{each.ref}/" for each in action_items.of_incident(tx.connection, incident.id)),
    ]
    for start in starts:
        for key, channel_id, ts in privacy.below(tx.connection, start):
            user_id = incident.declared_by if key == f"{incident.ref}/declarer" else key.rpartition("/")[2]
            is_elsewhere = channel_id != incident.channel_id and key != failures_key(incident.id)
            if is_elsewhere and _PERSON.fullmatch(user_id):
                yield Trace(key, channel_id, ts, user_id)


def _answers(tx: Tx, incident: Incident) -> Iterator[Trace]:
    """Answers that had to be direct messages; the outbox knows what they were about."""
    items = action_items.of_incident(tx.connection, incident.id)
    for place, payload in privacy.answers(tx.connection, incident.created_at):
        if _is_about(payload["answer"], incident, items):
            yield Trace(*place, user_id=str(payload["user_id"]))


def _is_about(answer: Mapping[str, Any], incident: Incident, items: list[ActionItem]) -> bool:
    refs = frozenset({incident.ref, *(each.ref for each in items)})
    is_item = answer.get("item_id") in {each.id for each in items}
    return answer.get("incident_id") == incident.id or is_item or names_any(answer, refs)


def _digests(tx: Tx, incident: Incident) -> Iterator[DigestSent]:
    """The weekly digests since the declaration: the channel's, and those of owners who may not see it."""
    items = action_items.of_incident(tx.connection, incident.id)
    owners = {each.assigned_to for each in items if each.assigned_to}
    outsiders = [each for each in sorted(owners) if incidents.get(tx.connection, incident.id, each) is None]
    team_url = tx.once(workspace.get, workspace.TEAM_URL) or ""
    for user_id in (CHANNEL, *outsiders) if items else ():
        for _, channel_id, ts in privacy.below(tx.connection, f"digest/{user_id}/"):
            if time_of(ts) >= incident.created_at:
                whose = None if user_id == CHANNEL else user_id
                link = permalink(team_url, channel_id, ts)
                yield DigestSent(channel_id, ts, time_of(ts), link, whose)
