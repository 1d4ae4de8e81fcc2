"""The answers to commands and clicks, as small values that an outbox row can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of text in Slack's markup, with user input already escaped."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Offers:
    """A sentence, with buttons that run the commands that may have been meant."""

    markdown: str
    commands: Mapping[str, str] = field(default_factory=dict)
    """Label -> a line as one would type it after ``/incident``, in Slack's escaped form."""
    can_cancel: bool = False
    """Whether there is a *Cancel* button as well: the sentence is a question before something is done."""


@dataclass(frozen=True, slots=True)
class Tray:
    """One incident, with buttons for everything that can be done to it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class RolesTray:
    """An incident's roles, with buttons to take them, hand them over and give them up."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class SettingsHome:
    """The workspace's settings, with a button for each group that opens its form; for admins."""


@dataclass(frozen=True, slots=True)
class PeopleTray:
    """Who is in an incident: roles, who was paged and has been seen, and who was invited and hasn't come."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ChecklistsTray:
    """An incident's checklists, with buttons to post those that aren't there yet."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ChecklistSettings:
    """The checklists of the settings, with buttons to add and change them; for admins."""


@dataclass(frozen=True, slots=True)
class IncidentList:
    """A page (from 1) of incidents, newest first."""

    active_only: bool = True
    project_id: str | None = None
    severity: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Timeline:
    """A page (from 1) of an incident's timeline; ``page`` 0 is the last one, which has the newest entries."""

    incident_id: int
    everything: bool = False
    page: int = 0


@dataclass(frozen=True, slots=True)
class Briefing:
    """Where an incident is, and what has changed; for somebody new, what has happened so far."""

    incident_id: int
    since: str = ""
    """When the person was last seen, in ISO format; empty if they never were."""


@dataclass(frozen=True, slots=True)
class ItemTray:
    """One action item, with buttons for everything that can be done to it."""

    item_id: int


@dataclass(frozen=True, slots=True)
class ItemAdded:
    """A new action item, with hints about what stayed in its title."""

    item_id: int
    hints: Mapping[str, str] = field(default_factory=dict)
    """See :func:`bot.domain.action_items.line_left.left_in`."""


@dataclass(frozen=True, slots=True)
class ItemList:
    """Open action items, overdue first: an incident's, or a person's across incidents."""

    incident_id: int | None = None
    assigned_to: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class ItemPicker:
    """The incidents with open action items, to choose one."""


@dataclass(frozen=True, slots=True)
class WhysTray:
    """One five-whys session as it is now."""

    analysis_id: int


@dataclass(frozen=True, slots=True)
class WhysOver:
    """A five-whys session that had ended when somebody answered in its thread, with a button to resume it."""

    analysis_id: int


@dataclass(frozen=True, slots=True)
class WhysList:
    """An incident's five-whys sessions."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PostmortemTray:
    """An incident's postmortem as it is now, or a button that starts it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class BlockTray:
    """One of the person's own time blocks, with buttons for everything that can be done to it."""

    block_id: int


@dataclass(frozen=True, slots=True)
class Revisions:
    """A page (from 1) of an incident's postmortem's revisions: who changed what, newest first.

    With a ``number``, the postmortem as it was in that revision.
    """

    incident_id: int
    number: int = 0
    page: int = 1


@dataclass(frozen=True, slots=True)
class Hint:
    """A hint to somebody about what they have just written."""

    about: str
    """A name of :class:`HintAbout`."""


class HintAbout(StrEnum):
    """The subjects of hints."""

    A_PERSON = "a_person"
    GUESTS = "guests"
    DEEP_ENOUGH = "deep_enough"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Whether the person gets a direct message at each update of an incident, with a button to change it."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ProjectList:
    """A page (from 1) of the projects, for admins."""

    page: int = 1


@dataclass(frozen=True, slots=True)
class Help:
    """All commands."""


@dataclass(frozen=True, slots=True)
class Doctor:
    """The effects that were given up, and those that are late."""

    is_followed: bool = False
    """Whether a second answer follows, about everything else."""


@dataclass(frozen=True, slots=True)
class FormOffer:
    """A button that opens a form, for when none could be opened directly."""

    form: str
    """A name of :class:`bot.domain.surface.forms.FormName`."""
    arguments: Mapping[str, Any] = field(default_factory=dict)


Answer = (
    Sentence
    | Offers
    | Tray
    | RolesTray
    | PeopleTray
    | ChecklistsTray
    | ChecklistSettings
    | IncidentList
    | Timeline
    | Briefing
    | ItemTray
    | ItemAdded
    | ItemList
    | ItemPicker
    | WhysTray
    | WhysOver
    | WhysList
    | PostmortemTray
    | Revisions
    | BlockTray
    | Hint
    | Subscription
    | ProjectList
    | SettingsHome
    | Help
    | Doctor
    | FormOffer
)
