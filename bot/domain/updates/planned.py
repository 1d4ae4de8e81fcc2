"""The effects that follow from updates and subscriptions: a row for each place where an update is shown."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.incidents.planned import source_key
from bot.domain.incidents.sources import links_back
from bot.domain.incidents.timeline import TimelineEntry
from bot.domain.kit.keys import fitting
from bot.domain.outbox.effects import (
    AnnounceUpdate,
    Effect,
    NudgeUpdate,
    RelayUpdate,
    ShowCard,
    ShowUpdate,
    TellStatus,
    TellSubscriber,
)
from bot.domain.outbox.rows import Planned
from bot.domain.updates.model import Update


def after_update(incident: Incident, update: Update, subscribers: Iterable[str]) -> list[Planned]:
    """Post a new update in the channel, in the public threads and to subscribers, and show it on the card."""
    rows = [_shows(incident, update, ""), _card(incident, f"update/{update.number}")]
    if not incident.is_private:
        rows += in_public(incident, update.number, "")
    return [*rows, *(_tells(incident, update, user_id, "") for user_id in subscribers)]


def after_correction(incident: Incident, update: Update, holders: Iterable[str], cause: str) -> list[Planned]:
    """Edit the update wherever it is; ``cause`` is unique."""
    rows = [_shows(incident, update, cause), _card(incident, f"corrected/{cause}")]
    if not incident.is_private:
        rows += in_public(incident, update.number, cause)
    return [*rows, *(_tells(incident, update, user_id, cause) for user_id in holders)]


def in_public(incident: Incident, number: int, cause: str) -> list[Planned]:
    """Post an update where anybody can read it, edit it there, or delete it if the incident became private.

    The rows run in the lanes of the messages in whose threads it is.
    """
    ref = incident.ref
    rows = [
        _row(
            AnnounceUpdate(incident.id, number),
            announced_key(incident.id, number),
            cause,
            f"{ref}/announcement",
            f"{ref}/channel",
        )
    ]
    if links_back(incident.metadata.get("source"), is_private=False):
        relays, key = RelayUpdate(incident.id, number), relayed_key(incident.id, number)
        rows.append(_row(relays, key, cause, source_key(incident.id), f"{ref}/channel"))
    return rows


def after_status(incident: Incident, entry: TimelineEntry, subscribers: Iterable[str]) -> list[Planned]:
    """Tell subscribers of a change of status."""
    return [
        Planned(
            TellStatus(incident.id, entry.id, user_id),
            f"{incident.ref}/entry/{entry.id}/to/{user_id}",
            _lane_to(incident, user_id),
        )
        for user_id in subscribers
    ]


def nudging(incident_id: int, update: Update, cause: str = "") -> Planned:
    """Nudge somebody to write the next update; with a unique ``cause``, bring that nudge up to date."""
    key = nudge_key(incident_id, update.number, update.nudges)
    nudges = NudgeUpdate(incident_id, update.number, update.nudges)
    return _row(nudges, key, cause, lane_of(incident_id), f"{ref_of(incident_id)}/channel")


def lane_of(incident_id: int) -> str:
    """The lane in which updates and nudges are posted in the incident's channel."""
    return f"{ref_of(incident_id)}/update"


def update_key(incident_id: int, number: int) -> str:
    """The key of an update's message in the incident's channel."""
    return f"{lane_of(incident_id)}/{number}"


def announced_key(incident_id: int, number: int) -> str:
    """The key of an update's message in the announcement's thread."""
    return f"{update_key(incident_id, number)}/announced"


def relayed_key(incident_id: int, number: int) -> str:
    """The key of an update's message in the thread where the incident was declared."""
    return f"{update_key(incident_id, number)}/source"


def told_key(incident_id: int, number: int, user_id: str) -> str:
    """The key of an update's direct message to a subscriber.

    It ends with their id, by which messages to outsiders are found if the incident becomes private.
    """
    return f"{told_prefix(incident_id, number)}{user_id}"


def told_prefix(incident_id: int, number: int) -> str:
    """What the keys of all direct messages with an update begin with."""
    return f"{update_key(incident_id, number)}/to/"


def nudge_key(incident_id: int, number: int, times: int) -> str:
    """The key of nudge number ``times`` to write the update that follows."""
    return f"{update_key(incident_id, number)}/nudge/{times}"


def _shows(incident: Incident, update: Update, cause: str) -> Planned:
    shows, key = ShowUpdate(incident.id, update.number), update_key(incident.id, update.number)
    return _row(shows, key, cause, lane_of(incident.id), f"{incident.ref}/channel")


def _card(incident: Incident, cause: str) -> Planned:
    lane = f"{incident.ref}/card"
    return Planned(
        ShowCard(incident.id), fitting(f"{lane}/{cause}"), lane, f"{incident.ref}/channel", coalesce=True
    )


def _tells(incident: Incident, update: Update, user_id: str, cause: str) -> Planned:
    tells = TellSubscriber(incident.id, update.number, user_id, is_correction=bool(cause))
    return _row(tells, told_key(incident.id, update.number, user_id), cause, _lane_to(incident, user_id))


def _lane_to(incident: Incident, user_id: str) -> str:
    return f"{incident.ref}/subscriber/{user_id}"


def _row(effect: Effect, key: str, cause: str, lane: str, needs: str | None = None) -> Planned:
    return Planned(effect, fitting(f"{key}/{cause}") if cause else key, lane, needs)
