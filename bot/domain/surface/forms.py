"""The forms that people fill in: what each one is opened with, and what it returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bot.domain.action_items.model import ActionItemPriority
from bot.domain.incidents.model import IncidentSeverity
from bot.domain.settings import SettingsGroup
from bot.domain.settings_fields import Typed


class FormName(StrEnum):
    """The name of a form, which is also its ``callback_id``."""

    DECLARE = "declare"
    EDIT = "edit"
    REOPEN = "reopen"
    ACTION = "action_item"
    EDIT_ITEM = "edit_item"
    REASSIGN = "reassign_item"
    REDATE = "redate_item"
    SNOOZE = "snooze_item"
    SETTINGS = "settings"
    WHYS = "five_whys"
    HAND_OVER = "hand_over_whys"
    HAND_OVER_ROLE = "hand_over_role"
    POSTMORTEM_TEXT = "postmortem_text"
    LESSON = "postmortem_lesson"
    CURATE = "postmortem_timeline"
    POSTMORTEM_OWNER = "postmortem_owner"
    COMPLETE = "complete_postmortem"
    WAIVE = "waive_postmortem"
    MEETING = "meeting"
    PICK_TIME = "pick_meeting_time"
    UPDATE = "write_update"
    CORRECTION = "correct_update"
    PROJECT = "project_form"
    PAGE = "page_people"
    CHECKLIST = "checklist"


@dataclass(frozen=True, slots=True)
class DeclareStart:
    """The initial values of the form that declares an incident."""

    title: str = ""
    description: str = ""
    source_channel: str | None = None
    """With ``source_ts``: the message that the incident is declared from."""
    source_ts: str | None = None
    is_private: bool = False
    """Whether that message is in a conversation that only some people can read."""


@dataclass(frozen=True, slots=True)
class EditStart:
    """Which incident the form changes."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ReopenStart:
    """Which incident the form reopens."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ActionStart:
    """The initial values of the form that creates an action item."""

    incident_id: int
    title: str = ""
    description: str = ""
    source_channel: str | None = None
    source_ts: str | None = None


@dataclass(frozen=True, slots=True)
class EditItemStart:
    """Which action item the form changes."""

    item_id: int


@dataclass(frozen=True, slots=True)
class ReassignStart:
    """Which action item the form reassigns."""

    item_id: int


@dataclass(frozen=True, slots=True)
class RedateStart:
    """Which action item's due date the form changes."""

    item_id: int


@dataclass(frozen=True, slots=True)
class SnoozeStart:
    """Which action item's reminders the form snoozes."""

    item_id: int


@dataclass(frozen=True, slots=True)
class SettingsStart:
    """Which of the workspace's settings the form changes."""

    group: str = SettingsGroup.REMINDERS.value
    """A :class:`bot.domain.settings.SettingsGroup`. Buttons of earlier versions name none."""


@dataclass(frozen=True, slots=True)
class FiveWhysStart:
    """The initial values of the form that starts five whys."""

    incident_id: int
    problem: str = ""
    source_channel: str | None = None
    source_ts: str | None = None


@dataclass(frozen=True, slots=True)
class HandOverStart:
    """Which five-whys session the form hands over."""

    analysis_id: int


@dataclass(frozen=True, slots=True)
class HandOverRoleStart:
    """Which role in which incident the form hands over."""

    incident_id: int
    role: str
    """Its key."""


@dataclass(frozen=True, slots=True)
class PostmortemTextStart:
    """Which section of an incident's postmortem the form changes."""

    incident_id: int
    section: str
    """A text section of :class:`bot.domain.postmortems.model.Section`."""


@dataclass(frozen=True, slots=True)
class LessonStart:
    """Which lesson the form changes, counted from 1; 0 for a new one."""

    incident_id: int
    number: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class CurateStart:
    """The incident whose postmortem's timeline the form changes."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PostmortemOwnerStart:
    """The incident whose postmortem the form assigns to an owner."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class CompleteStart:
    """Which incident's postmortem the form completes."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class WaiveStart:
    """The incident for which the form records that no postmortem is needed."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class MeetingStart:
    """Which incident's postmortem meeting the form arranges or reschedules."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PickTimeStart:
    """Which meeting's time the form picks by hand."""

    meeting_id: int


@dataclass(frozen=True, slots=True)
class UpdateStart:
    """The incident that the form writes an update about."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class CorrectionStart:
    """Which update of an incident the form corrects."""

    incident_id: int
    number: int


@dataclass(frozen=True, slots=True)
class ProjectStart:
    """Which project the form changes; ``None`` adds one."""

    project_id: int | None = None


@dataclass(frozen=True, slots=True)
class PageStart:
    """Into which incident the form calls people."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class ChecklistStart:
    """Which checklist of the settings the form changes; empty for a new one."""

    key: str = ""
    """See :func:`bot.domain.incidents.roles.key_of`."""


FormStart = (
    DeclareStart
    | EditStart
    | ReopenStart
    | ActionStart
    | EditItemStart
    | ReassignStart
    | RedateStart
    | SnoozeStart
    | SettingsStart
    | FiveWhysStart
    | HandOverStart
    | HandOverRoleStart
    | PageStart
    | PostmortemTextStart
    | LessonStart
    | CurateStart
    | PostmortemOwnerStart
    | CompleteStart
    | WaiveStart
    | MeetingStart
    | PickTimeStart
    | UpdateStart
    | CorrectionStart
    | ProjectStart
    | ChecklistStart
)


STARTS: Mapping[FormName, type[FormStart]] = {
    FormName.DECLARE: DeclareStart,
    FormName.EDIT: EditStart,
    FormName.REOPEN: ReopenStart,
    FormName.ACTION: ActionStart,
    FormName.EDIT_ITEM: EditItemStart,
    FormName.REASSIGN: ReassignStart,
    FormName.REDATE: RedateStart,
    FormName.SNOOZE: SnoozeStart,
    FormName.SETTINGS: SettingsStart,
    FormName.WHYS: FiveWhysStart,
    FormName.HAND_OVER: HandOverStart,
    FormName.HAND_OVER_ROLE: HandOverRoleStart,
    FormName.PAGE: PageStart,
    FormName.POSTMORTEM_TEXT: PostmortemTextStart,
    FormName.LESSON: LessonStart,
    FormName.CURATE: CurateStart,
    FormName.POSTMORTEM_OWNER: PostmortemOwnerStart,
    FormName.COMPLETE: CompleteStart,
    FormName.WAIVE: WaiveStart,
    FormName.MEETING: MeetingStart,
    FormName.PICK_TIME: PickTimeStart,
    FormName.UPDATE: UpdateStart,
    FormName.CORRECTION: CorrectionStart,
    FormName.PROJECT: ProjectStart,
    FormName.CHECKLIST: ChecklistStart,
}


@dataclass(frozen=True, slots=True)
class DeclareInput:
    """Input of the form that declares an incident, as typed."""

    title: str
    severity: IncidentSeverity
    project: str | None
    description: str
    source_channel: str | None
    source_ts: str | None
    is_private: bool = False
    newest: int | None = None
    """The latest incident that was known when the form was shown, or 0; ``None`` if the form doesn't say."""


@dataclass(frozen=True, slots=True)
class EditInput:
    """Input of the form that changes an incident, as typed; ``was_…`` is what the form showed at first."""

    incident_id: int
    title: str
    severity: IncidentSeverity
    why: str
    was_title: str
    was_severity: IncidentSeverity


@dataclass(frozen=True, slots=True)
class ReopenInput:
    """Input of the form that reopens an incident, as typed."""

    incident_id: int
    why: str


@dataclass(frozen=True, slots=True)
class ActionInput:
    """Input of the form that creates an action item, as typed."""

    incident_id: int
    title: str
    description: str
    assigned_to: str | None
    due_date: date | None
    priority: ActionItemPriority
    source_channel: str | None = None
    source_ts: str | None = None
    besides: int | None = None
    """The item that the message has already become, if the form has said so."""


@dataclass(frozen=True, slots=True)
class EditItemInput:
    """Input of the form that changes an action item: field name -> plain value, before (``was``) and now."""

    item_id: int
    was: Mapping[str, str | None]
    now: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class SettingsInput:
    """Input of a settings form, as typed; ``was`` is the fingerprint of the settings that it showed."""

    group: SettingsGroup | None
    """``None`` for the one form for all settings, which earlier versions opened."""
    was: str
    values: Mapping[str, Typed]
    """Field -> what was typed or chosen, for those that the form had."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """Field -> the fingerprint of what the form showed in it; forms of earlier versions don't say."""


@dataclass(frozen=True, slots=True)
class HandOverRoleInput:
    """Input of the form that hands a role over."""

    incident_id: int
    role: str
    """Its key."""
    user_id: str
    was: str | None
    """The person who had it when the form was opened."""


@dataclass(frozen=True, slots=True)
class CurateInput:
    """Input of the form that changes a postmortem's timeline, as typed; without ``which``, a new event."""

    incident_id: int
    which: str | None
    """See :class:`bot.domain.postmortems.model.EventChoice`."""
    text: str
    at: datetime | None
    is_shown: bool | None


@dataclass(frozen=True, slots=True)
class MeetingInput:
    """Input of the form that arranges a meeting; days are in the time zone of the person who filled it in."""

    incident_id: int
    required: tuple[str, ...]
    optional: tuple[str, ...]
    minutes: int
    window_from: date | None
    window_to: date | None
    meeting_id: int | None = None
    """The meeting that the form showed; ``None`` if there was none."""


@dataclass(frozen=True, slots=True)
class UpdateInput:
    """Input of the form that writes an update, as typed."""

    incident_id: int
    known: str
    doing: str = ""
    next: str = ""
    minutes: int | None = None
    """Until the next update; 0 promises none, and ``None`` leaves it to the severity."""
    seen: int | None = None
    """The latest update that there was when the form was shown, or 0; ``None`` if nobody saw a form."""


@dataclass(frozen=True, slots=True)
class CorrectionInput:
    """Input of the form that corrects an update, as typed."""

    incident_id: int
    number: int
    known: str
    doing: str
    next: str
    was_corrected: str
    """When it was last corrected before the form was shown, in ISO format; empty if never."""


@dataclass(frozen=True, slots=True)
class ProjectInput:
    """Input of the form that adds a project or changes it, as typed."""

    project_id: int | None
    was: str
    """When it was last changed before the form was shown, in ISO format; empty for a new one."""
    name: str
    people: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    links: str = ""
    home_channel: str | None = None
    is_archived: bool = False


@dataclass(frozen=True, slots=True)
class PageInput:
    """Whom to call into an incident, and why, as typed."""

    incident_id: int
    people: tuple[str, ...]
    why: str
    groups: tuple[str, ...] = ()
    """The ids of user groups."""
    again: bool = False
    """Whether to page people again who were paged minutes ago."""
    invites: bool = False
    """Whether people may be invited who can't see the incident, because it's private."""


@dataclass(frozen=True, slots=True)
class ChecklistInput:
    """Input of the form that adds, changes or deletes a checklist of the settings, as typed."""

    key: str
    """The key of the list that the form showed; empty for a new one."""
    was: str
    """The digest of that list."""
    name: str
    severities: tuple[str, ...]
    role: str
    project: str
    lines: str
    is_deleted: bool = False
