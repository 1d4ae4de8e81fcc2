"""Who hears that an effect failed: the person who asked for it, or those who lead the incident."""

from __future__ import annotations

from enum import Enum


class Hearer(Enum):
    """Whose wish an effect fulfils."""

    INCIDENT = "incident"
    """The commander, else the declarer: it belongs to the incident, or its recipient can't be reached."""
    ASKER = "asker"
    """The person that the effect names."""
    ITEM = "item"
    """The person who created the action item."""
    FACILITATOR = "facilitator"
    OWNER = "owner"
    """The postmortem's owner, else the person who started it."""
    WAIVER = "waiver"
    """The person who decided that there will be no postmortem."""
    MEETING = "meeting"
    """The person who asked for the meeting."""
    BLOCK = "block"
    """The person who asked for the time block."""
    PAGE = "page"
    """The person who paged somebody."""
    DOCTOR = "doctor"
    """Nobody in particular: ``/incident doctor`` shows it."""
