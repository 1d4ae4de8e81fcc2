"""The effects that follow from what happens to a postmortem."""

from __future__ import annotations

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.outbox.effects import (
    AnnouncePostmortem,
    PublishPostmortem,
    RemindOfPostmortem,
    SendExport,
    ShowPostmortem,
    TellPostmortemOwner,
    TellWaived,
)
from bot.domain.outbox.rows import Planned


def after_save(incident: Incident, cause: str) -> list[Planned]:
    """Update its message and its document; ``cause`` is unique."""
    channel = f"{incident.ref}/channel"
    message, document = message_key(incident.id), document_key(incident.id)
    return [
        Planned(ShowPostmortem(incident.id), f"{message}/{cause}", message, needs=channel, coalesce=True),
        Planned(
            PublishPostmortem(incident.id), f"{document}/{cause}", document, needs=channel, coalesce=True
        ),
    ]


def after_giving(incident: Incident, owner: str | None, by: str, cause: str) -> list[Planned]:
    """Notify the owner, unless they took it themselves; ``cause`` is unique."""
    if owner is None or owner == by:
        return []
    lane = f"{message_key(incident.id)}/owner"
    tells = TellPostmortemOwner(incident.id, owner, by)
    return [Planned(tells, f"{lane}/{cause}/{owner}", lane, needs=f"{incident.ref}/channel")]


def after_completion(incident: Incident, cause: str) -> list[Planned]:
    """Announce the incident's outcome, or that its postmortem was reopened; nothing if it is private."""
    return [] if incident.is_private else [announcing(incident.id, cause)]


def announcing(incident_id: int, cause: str) -> Planned:
    """Update the incident's outcome in the announcements channel; ``cause`` is unique."""
    lane = summary_key(incident_id)
    return Planned(AnnouncePostmortem(incident_id), f"{lane}/{cause}", lane, coalesce=True)


def after_waiving(incident: Incident, cause: str) -> list[Planned]:
    """Post in the channel that there will be no postmortem, and why."""
    key = f"{message_key(incident.id)}/waived/{cause}"
    return [Planned(TellWaived(incident.id), key, message_key(incident.id), needs=f"{incident.ref}/channel")]


def exporting(incident_id: int, user_id: str, kind: str, cause: str) -> Planned:
    """Send somebody the document as a file."""
    key = f"{ref_of(incident_id)}/export/{user_id}/{cause}"
    return Planned(SendExport(incident_id, user_id, kind), key, key)


def reminding(incident_id: int, user_id: str, occurrence: int) -> Planned:
    """Remind somebody of the postmortem; ``occurrence`` is the reminder's number, from 1."""
    lane = f"{ref_of(incident_id)}/postmortem/reminder/{occurrence}"
    return Planned(RemindOfPostmortem(incident_id, user_id, occurrence), f"{lane}/{user_id}", lane)


def message_key(incident_id: int) -> str:
    """The key of the postmortem's message in the channel."""
    return f"{ref_of(incident_id)}/postmortem"


def document_key(incident_id: int) -> str:
    """The lane of the postmortem's document."""
    return f"{ref_of(incident_id)}/postmortem/document"


def summary_key(incident_id: int) -> str:
    """The key of the summary in the announcements channel."""
    return f"{ref_of(incident_id)}/postmortem/summary"
