"""What a person can be shown in answer to a command or a click: small values that an outbox row can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Sentence:
    """A line of the bot's own, ready to be shown: what came from users is escaped in it already."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Tray:
    """One incident with everything that can be done to it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class IncidentList:
    """Incidents, newest first, a page at a time from 1."""

    active_only: bool = True
    project_id: str | None = None
    severity: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Timeline:
    """An incident's timeline; ``page`` 0 is the last one, where the newest entries are."""

    incident_id: int
    everything: bool = False
    page: int = 0


@dataclass(frozen=True, slots=True)
class ItemTray:
    """One action item with everything that can be done to it."""

    item_id: int


@dataclass(frozen=True, slots=True)
class ItemList:
    """Action items that are to be done, overdue first: an incident's, or a person's across incidents."""

    incident_id: int | None = None
    assigned_to: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class ItemPicker:
    """The incidents that have something to do, to choose one of."""


@dataclass(frozen=True, slots=True)
class WhysTray:
    """One five-whys session, as far as it has come."""

    analysis_id: int


@dataclass(frozen=True, slots=True)
class WhysList:
    """An incident's five-whys sessions."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PostmortemTray:
    """An incident's postmortem, as far as it has come; where there is none, the way to start it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class BlockTray:
    """A time block of one's own, with everything that can be done to it."""

    block_id: int


@dataclass(frozen=True, slots=True)
class Revisions:
    """Who changed what of an incident's postmortem, last first, a page at a time from 1.

    With a ``number`` it is how the postmortem read then.
    """

    incident_id: int
    number: int = 0
    page: int = 1


@dataclass(frozen=True, slots=True)
class Hint:
    """Something that somebody may want to know about what they have just written."""

    about: str
    """A name of :class:`HintAbout`."""


class HintAbout(StrEnum):
    """What there are hints about."""

    A_PERSON = "a_person"
    GUESTS = "guests"
    DEEP_ENOUGH = "deep_enough"


@dataclass(frozen=True, slots=True)
class Help:
    """All commands."""


@dataclass(frozen=True, slots=True)
class Doctor:
    """What could not be done for good, and what waits."""


@dataclass(frozen=True, slots=True)
class FormOffer:
    """A button that opens a form, for when none could be opened directly."""

    form: str
    """A name of :class:`bot.domain.surface.forms.FormName`."""
    arguments: Mapping[str, Any] = field(default_factory=dict)


Answer = (
    Sentence
    | Tray
    | IncidentList
    | Timeline
    | ItemTray
    | ItemList
    | ItemPicker
    | WhysTray
    | WhysList
    | PostmortemTray
    | Revisions
    | BlockTray
    | Hint
    | Help
    | Doctor
    | FormOffer
)
