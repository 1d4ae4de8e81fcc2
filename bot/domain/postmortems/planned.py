"""Which effects follow from what happens to a postmortem."""

from __future__ import annotations

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.outbox.effects import (
    AnnouncePostmortem,
    PublishPostmortem,
    RemindOfPostmortem,
    SendExport,
    ShowPostmortem,
    TellWaived,
)
from bot.domain.outbox.rows import Planned


def after_save(incident: Incident, cause: str) -> list[Planned]:
    """Its message and its document follow; ``cause`` is unique."""
    channel = f"{incident.ref}/channel"
    message, document = message_key(incident.id), document_key(incident.id)
    return [
        Planned(ShowPostmortem(incident.id), f"{message}/{cause}", message, needs=channel, coalesce=True),
        Planned(
            PublishPostmortem(incident.id), f"{document}/{cause}", document, needs=channel, coalesce=True
        ),
    ]


def after_completion(incident: Incident, cause: str) -> list[Planned]:
    """Those who were told of the incident are told what came of it, or that it is written on; of a private
    one nobody is.
    """
    return [] if incident.is_private else [announcing(incident.id, cause)]


def announcing(incident_id: int, cause: str) -> Planned:
    """Update what the announcements channel says of the incident's outcome; ``cause`` is unique."""
    lane = summary_key(incident_id)
    return Planned(AnnouncePostmortem(incident_id), f"{lane}/{cause}", lane, coalesce=True)


def after_waiving(incident: Incident, cause: str) -> list[Planned]:
    """Whoever reads the channel sees that there will be none, and why."""
    key = f"{message_key(incident.id)}/waived/{cause}"
    return [Planned(TellWaived(incident.id), key, message_key(incident.id), needs=f"{incident.ref}/channel")]


def exporting(incident_id: int, user_id: str, kind: str, cause: str) -> Planned:
    """Somebody gets the document as a file."""
    key = f"{ref_of(incident_id)}/export/{user_id}/{cause}"
    return Planned(SendExport(incident_id, user_id, kind), key, key)


def reminding(incident_id: int, user_id: str, occurrence: int) -> Planned:
    """Somebody is reminded of the postmortem, for the so-manieth time."""
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
