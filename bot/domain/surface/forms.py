"""The forms that people fill in: what each starts with and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bot.domain.action_items.model import ActionItemPriority
from bot.domain.incidents.model import IncidentSeverity


class FormName(StrEnum):
    """Which form; also its ``callback_id``."""

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
    POSTMORTEM_TEXT = "postmortem_text"
    LESSON = "postmortem_lesson"
    CURATE = "postmortem_timeline"
    POSTMORTEM_OWNER = "postmortem_owner"
    COMPLETE = "complete_postmortem"
    WAIVE = "waive_postmortem"
    MEETING = "meeting"
    PICK_TIME = "pick_meeting_time"


@dataclass(frozen=True, slots=True)
class DeclareStart:
    """What the form that declares an incident is prefilled with."""

    title: str = ""
    description: str = ""
    source_channel: str | None = None
    """With ``source_ts``: the message that the incident is declared from."""
    source_ts: str | None = None


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
    """What the form that makes an action item is prefilled with."""

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
    """Which action item the form gives to somebody else."""

    item_id: int


@dataclass(frozen=True, slots=True)
class RedateStart:
    """Of which action item the form moves the date."""

    item_id: int


@dataclass(frozen=True, slots=True)
class SnoozeStart:
    """Of which action item the form puts reminders off."""

    item_id: int


@dataclass(frozen=True, slots=True)
class SettingsStart:
    """The workspace's settings."""


@dataclass(frozen=True, slots=True)
class FiveWhysStart:
    """What the form that starts five whys is prefilled with."""

    incident_id: int
    problem: str = ""
    source_channel: str | None = None
    source_ts: str | None = None


@dataclass(frozen=True, slots=True)
class HandOverStart:
    """Which five-whys session somebody else facilitates from now on."""

    analysis_id: int


@dataclass(frozen=True, slots=True)
class PostmortemTextStart:
    """Which section of an incident's postmortem the form changes."""

    incident_id: int
    section: str
    """A text section of :class:`bot.domain.postmortems.model.Section`."""


@dataclass(frozen=True, slots=True)
class LessonStart:
    """Which lesson the form changes, counted from 1; 0 is a new one."""

    incident_id: int
    number: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class CurateStart:
    """Of which incident's postmortem the form changes the timeline."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PostmortemOwnerStart:
    """Of which incident the form says who writes the postmortem."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class CompleteStart:
    """Which incident's postmortem the form completes."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class WaiveStart:
    """For which incident the form says that no postmortem is needed."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class MeetingStart:
    """For which incident's postmortem the form arranges a meeting, or looks for another time of the one."""

    incident_id: int


@dataclass(frozen=True, slots=True)
class PickTimeStart:
    """For which meeting the form picks a time by hand."""

    meeting_id: int


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
    | PostmortemTextStart
    | LessonStart
    | CurateStart
    | PostmortemOwnerStart
    | CompleteStart
    | WaiveStart
    | MeetingStart
    | PickTimeStart
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
    FormName.POSTMORTEM_TEXT: PostmortemTextStart,
    FormName.LESSON: LessonStart,
    FormName.CURATE: CurateStart,
    FormName.POSTMORTEM_OWNER: PostmortemOwnerStart,
    FormName.COMPLETE: CompleteStart,
    FormName.WAIVE: WaiveStart,
    FormName.MEETING: MeetingStart,
    FormName.PICK_TIME: PickTimeStart,
}


@dataclass(frozen=True, slots=True)
class DeclareInput:
    """What was filled in to declare an incident, as typed."""

    title: str
    severity: IncidentSeverity
    project: str | None
    description: str
    source_channel: str | None
    source_ts: str | None
    is_private: bool = False


@dataclass(frozen=True, slots=True)
class EditInput:
    """What was filled in to change an incident, as typed; ``was_…`` is what the form showed at first."""

    incident_id: int
    title: str
    severity: IncidentSeverity
    why: str
    was_title: str
    was_severity: IncidentSeverity


@dataclass(frozen=True, slots=True)
class ReopenInput:
    """What was filled in to reopen an incident, as typed."""

    incident_id: int
    why: str


@dataclass(frozen=True, slots=True)
class ActionInput:
    """What was filled in to make an action item, as typed."""

    incident_id: int
    title: str
    description: str
    assigned_to: str | None
    due_date: date | None
    priority: ActionItemPriority
    source_channel: str | None = None
    source_ts: str | None = None


@dataclass(frozen=True, slots=True)
class EditItemInput:
    """What was filled in to change an action item; field name -> plain value, as shown at first and now."""

    item_id: int
    was: Mapping[str, str | None]
    now: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class SettingsInput:
    """What was filled in as settings, as typed; ``was`` is what the form showed at first."""

    was: str
    ladder: str
    hour: str
    working_days: tuple[str, ...]
    country: str
    days_off: str
    postmortems_for: tuple[str, ...] = ()
    until: str = "18"


@dataclass(frozen=True, slots=True)
class CurateInput:
    """What was filled in about an event of a postmortem's timeline, as typed; without ``which`` a new one."""

    incident_id: int
    which: str | None
    """See :class:`bot.domain.postmortems.model.EventChoice`."""
    text: str
    at: datetime | None
    is_shown: bool | None


@dataclass(frozen=True, slots=True)
class MeetingInput:
    """What was filled in to arrange a meeting; days are those of whoever filled it in."""

    incident_id: int
    required: tuple[str, ...]
    optional: tuple[str, ...]
    minutes: int
    window_from: date | None
    window_to: date | None
    meeting_id: int | None = None
    """The meeting that the form showed; ``None`` where there was none."""
