"""Changes that people make elsewhere in Slack, and that an incident's people are notified of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.incidents.model import Incident, ref_of
from bot.domain.kit.keys import fitting
from bot.domain.outbox.effects import TellNotice
from bot.domain.outbox.rows import Planned


class Notice(StrEnum):
    """What has happened."""

    SHARED = "shared"
    """The channel is shared with another organization by Slack Connect."""
    DELETED = "deleted"
    """The channel was deleted."""
    VACANT = "vacant"
    """The account of somebody who has something to do was deactivated, or may no longer act."""
    NO_COMMANDER = "no_commander"
    """Nobody has taken command of a severe incident for some minutes."""


@dataclass(frozen=True, slots=True)
class Vacancies:
    """What somebody who can no longer act was to do in an incident; somebody else has to take over."""

    incident: Incident
    user_id: str
    commands: bool
    roles: tuple[tuple[str, str], ...]
    """(key, name) of the other roles that they have."""
    owns_postmortem: bool
    sessions: tuple[tuple[int, str], ...]
    """(id, ref) of the five-whys sessions that they facilitate."""
    items: tuple[tuple[int, str, str], ...]
    """(id, ref, title) of the action items that they own."""

    @property
    def is_any(self) -> bool:
        """Whether there is anything to take over."""
        return self.commands or self.owns_postmortem or bool(self.roles or self.sessions or self.items)


def telling(incident_id: int, notice: Notice, about: str = "", cause: str = "") -> Planned:
    """Tell the incident's people, once; for what may happen again, pass a unique ``cause``."""
    lane = f"{ref_of(incident_id)}/notice/{notice.value}"
    key = fitting("/".join(filter(None, [lane, about, cause])))
    tells = TellNotice(incident_id, notice.value, about)
    return Planned(tells, key, lane, needs=f"{ref_of(incident_id)}/channel")
