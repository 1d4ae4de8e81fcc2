"""Who gets mail from Google about which kind of event.

Google advises against notifying nobody: some users might lose the event altogether, and calendars elsewhere
learn of it only by mail. It also advises against answering for guests: they might not see the event.
https://developers.google.com/workspace/calendar/api/v3/reference/events/insert (`sendUpdates`)
https://developers.google.com/workspace/calendar/api/concepts/inviting-attendees-to-events
`docs/google.md` says what follows for each kind of event.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SendUpdates = Literal["all", "externalOnly"]
"""All guests, or only those who don't use Google Calendar."""


@dataclass(frozen=True, slots=True)
class Mails:
    """Which guests get mail about an event."""

    invitation: SendUpdates
    """When it's created or restored, or somebody new is invited."""
    change: SendUpdates
    """When it changes otherwise, or is deleted. Google's own calendars follow even without mail."""


OF_SHOWN = Mails("externalOnly", "externalOnly")
"""Incidents, which have no guests, and due dates: the bot reminds their owners in Slack, which is enough."""
OF_BLOCKS = Mails("all", "externalOnly")
"""Time blocks. Those who add invitations to their calendar by answering them need one, even within Google."""
OF_MEETINGS = Mails("all", "all")
