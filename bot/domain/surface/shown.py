"""What answers show: the loaded data behind each one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.domain.action_items.model import ActionItem
from bot.domain.calendar.time_blocks import TimeBlock
from bot.domain.checklists.model import PostedChecklist
from bot.domain.five_whys.model import FiveWhysAnalysis
from bot.domain.incidents.model import Incident
from bot.domain.incidents.roles import Roles
from bot.domain.incidents.timeline import TimelineEntry, TimelinePage
from bot.domain.kit.groups import UserGroup
from bot.domain.kit.references import Names
from bot.domain.outbox.rows import Stuck
from bot.domain.pages.model import Page
from bot.domain.postmortems.documents import Document
from bot.domain.postmortems.model import Missing, Revision
from bot.domain.projects.model import Project
from bot.domain.settings import Checklist, Role, SettingsGroup, TeamSettings
from bot.domain.surface.answers import FormOffer, Hint, IncidentList, ItemList, Offers, ProjectList, Sentence
from bot.domain.surface.command import Command
from bot.domain.surface.forms import DeclareStart
from bot.domain.updates.model import Update


@dataclass(frozen=True, slots=True)
class DeclareShown:
    """What the form that declares an incident opens with."""

    start: DeclareStart
    recent: tuple[Incident, ...] = ()
    """What has just been declared, latest first."""
    newest: int | None = None
    """The latest incident, or 0 if there is none."""


@dataclass(frozen=True, slots=True)
class TrayShown:
    """An incident to act on."""

    incident: Incident
    supporting: tuple[tuple[Role, str], ...] = ()
    """See :attr:`bot.domain.incidents.roles.Roles.supporting`."""


@dataclass(frozen=True, slots=True)
class RolesShown:
    """An incident's roles, for somebody who may take and give them."""

    incident: Incident
    roles: Roles
    viewer: str


@dataclass(frozen=True, slots=True)
class PeopleShown:
    """Who is in an incident."""

    incident: Incident
    roles: Roles
    paged: tuple[tuple[str, Page], ...]
    """Everybody who was paged, with their latest page; those who haven't been seen come first."""
    absent: tuple[str, ...]
    """Who else was invited and has never been seen."""


@dataclass(frozen=True, slots=True)
class PageFormShown:
    """What the form that pages people opens with."""

    incident: Incident
    groups: tuple[UserGroup, ...] = ()
    """The user groups that can be paged."""


@dataclass(frozen=True, slots=True)
class ChecklistsShown:
    """An incident's checklists, each with the URL of its message once that is posted."""

    incident: Incident
    there: tuple[tuple[PostedChecklist, str | None], ...]
    others: tuple[str, ...]
    """The names of lists that it doesn't have."""


@dataclass(frozen=True, slots=True)
class ChecklistSettingsShown:
    """The checklists of the settings, as an admin sees them."""

    settings: TeamSettings


@dataclass(frozen=True, slots=True)
class ChecklistFormShown:
    """What the form for a checklist opens with; ``checklist`` is ``None`` for a new one."""

    checklist: Checklist | None
    roles: tuple[str, ...]
    """The names of the roles that a list can be for."""


@dataclass(frozen=True, slots=True)
class HandOverRoleShown:
    """What the form that hands a role over opens with."""

    incident: Incident
    role: Role
    holder: str | None


@dataclass(frozen=True, slots=True)
class UpdateFormShown:
    """What the form that writes an update opens with."""

    incident: Incident
    latest: Update | None
    minutes: int
    """Until the next update, if nobody chooses; 0 promises none."""


@dataclass(frozen=True, slots=True)
class SettingsShown:
    """The workspace's settings, as an admin sees them."""

    settings: TeamSettings


@dataclass(frozen=True, slots=True)
class FieldChange:
    """Who last changed a field of the settings in Slack, and when."""

    by: str | None
    """Their name; ``None`` if nobody knows it, or they were erased."""
    day: date
    """In the reader's time zone."""


@dataclass(frozen=True, slots=True)
class SettingsFormShown:
    """What the form for a group of settings opens with."""

    group: SettingsGroup
    settings: TeamSettings
    groups: tuple[UserGroup, ...] = ()
    """The user groups that can be chosen."""
    makes_calls: bool = True
    """Whether the connected calendar can set up calls."""
    changed: Mapping[str, FieldChange] = field(default_factory=dict)
    """Field -> who last changed it; fields of which nobody knows are left out."""


@dataclass(frozen=True, slots=True)
class ListShown:
    """A page of incidents; ``asked`` is the answer with the number of this page."""

    asked: IncidentList
    incidents: tuple[Incident, ...]
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class TimelineShown:
    """A page of an incident's timeline."""

    incident: Incident
    page: TimelinePage
    team_url: str
    names: Names
    """The names in the page's messages."""


@dataclass(frozen=True, slots=True)
class BriefingShown:
    """Where an incident is, and the latest of what has changed, oldest first."""

    incident: Incident
    since: datetime | None
    """When the reader was last seen, or ``None`` if they never were."""
    noted: TimelineEntry | None
    """The latest update or, without one, the latest change that somebody explained."""
    key_event: TimelineEntry | None
    """The latest key event."""
    changes: tuple[TimelineEntry, ...]
    total: int
    """How many changes there are, with those that are left out."""
    messages: int
    """How many messages people have written in the meantime."""
    team_url: str
    names: Names
    """The names in the entries."""
    supporting: tuple[tuple[Role, str], ...] = ()
    """(role, person) for each role that somebody has, without the commander."""


@dataclass(frozen=True, slots=True)
class DoctorShown:
    """The effects that were given up, and those that are late."""

    dead: tuple[Stuck, ...]
    overdue: tuple[Stuck, ...]
    is_followed: bool = False
    """Whether everything else is being checked, too."""
    more_dead: int = 0
    """How many more there are than those in ``dead``."""
    more_overdue: int = 0


@dataclass(frozen=True, slots=True)
class HelpShown:
    """All commands."""

    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True)
class ItemTrayShown:
    """An action item to act on."""

    item: ActionItem
    today: date


@dataclass(frozen=True, slots=True)
class ItemAddedShown:
    """A new action item, with hints about what stayed in its title."""

    item: ActionItem
    hints: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ItemListShown:
    """A page of action items; ``asked`` is the answer with the number of this page."""

    asked: ItemList
    items: tuple[ActionItem, ...]
    pages: int
    total: int
    today: date
    """The date in the viewer's time zone."""


@dataclass(frozen=True, slots=True)
class ItemPickerShown:
    """Incidents with open action items, latest first."""

    incidents: tuple[Incident, ...]


@dataclass(frozen=True, slots=True)
class WhysTrayShown:
    """A five-whys session; ``link`` leads to its thread, once that has been posted."""

    analysis: FiveWhysAnalysis
    link: str | None
    names: Names
    """The names in the session."""


@dataclass(frozen=True, slots=True)
class WhysOverShown:
    """A five-whys session that had ended when somebody answered."""

    analysis: FiveWhysAnalysis


@dataclass(frozen=True, slots=True)
class WhysListShown:
    """An incident's sessions, oldest first."""

    incident: Incident
    analyses: tuple[FiveWhysAnalysis, ...]
    names: Names
    """The names in the sessions."""


@dataclass(frozen=True, slots=True)
class PostmortemShown:
    """A postmortem with everything it shows, or an incident that has none yet."""

    incident: Incident
    document: Document | None
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class RevisionsShown:
    """A page of revisions, newest first; ``chosen`` is the one to look at."""

    incident: Incident
    revisions: tuple[Revision, ...]
    chosen: Revision | None
    page: int = 1
    pages: int = 1


@dataclass(frozen=True, slots=True)
class BlockShown:
    """A time block to act on, as it is at ``now``."""

    block: TimeBlock
    incident: Incident
    now: datetime


@dataclass(frozen=True, slots=True)
class SubscriptionShown:
    """An incident, and whether the viewer is subscribed to it."""

    incident: Incident
    is_subscribed: bool


@dataclass(frozen=True, slots=True)
class ProjectFormShown:
    """What the form of a project opens with."""

    project: Project | None
    """``None`` for a new one."""
    groups: tuple[UserGroup, ...] = ()
    """Those of its groups that still exist."""
    gone: int = 0
    """How many of its groups no longer do."""
    has_groups: bool = False
    """Whether any user groups are known, to choose from."""


@dataclass(frozen=True, slots=True)
class ProjectsShown:
    """A page of projects; ``asked`` is the answer with the number of this page."""

    asked: ProjectList
    projects: tuple[Project, ...]
    groups: Mapping[str, UserGroup | None]
    """Id -> group, for those of these projects; ``None`` if it no longer exists."""
    pages: int
    total: int


Shown = (
    SubscriptionShown
    | ProjectsShown
    | BlockShown
    | PostmortemShown
    | RevisionsShown
    | WhysTrayShown
    | WhysOverShown
    | WhysListShown
    | Hint
    | ItemTrayShown
    | ItemAddedShown
    | ItemListShown
    | ItemPickerShown
    | Sentence
    | Offers
    | FormOffer
    | HelpShown
    | TrayShown
    | RolesShown
    | SettingsShown
    | PeopleShown
    | ChecklistsShown
    | ChecklistSettingsShown
    | ListShown
    | TimelineShown
    | BriefingShown
    | DoctorShown
)
