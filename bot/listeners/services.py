"""What listeners may use: the operations, and a way to open forms. Wired in :mod:`bot.parts`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from slack_bolt import BoltContext

from bot.domain.surface.answers import Answer
from bot.domain.surface.forms import FormStart
from bot.domain.surface.originals import Original
from bot.operations.action_items.manage import ActionItemTracker
from bot.operations.answers import Answers
from bot.operations.calendar.meetings import PostmortemMeetings
from bot.operations.calendar.sync import CalendarSync
from bot.operations.calendar.time_blocks import TimeBlocks
from bot.operations.checklists.manage import IncidentChecklists
from bot.operations.checklists.settings import ChecklistTemplates
from bot.operations.checkup import Checkup
from bot.operations.five_whys.manage import FiveWhysFacilitator
from bot.operations.groups import UserGroups
from bot.operations.incidents.briefing import Briefings
from bot.operations.incidents.calls import IncidentCalls
from bot.operations.incidents.channels import Channels
from bot.operations.incidents.comers import Comers
from bot.operations.incidents.manage import IncidentManager
from bot.operations.incidents.roles import IncidentRoles
from bot.operations.incidents.timeline import TimelineRecorder
from bot.operations.names import KnownNames
from bot.operations.outbox import Outbox
from bot.operations.pages.manage import IncidentPages
from bot.operations.people import People
from bot.operations.postmortems.manage import PostmortemManager
from bot.operations.postmortems.reminders import PostmortemDuties
from bot.operations.privacy.manage import ChannelPrivacy
from bot.operations.projects.manage import Projects
from bot.operations.settings import WorkspaceSettings
from bot.operations.startup import Startup
from bot.operations.updates.manage import IncidentUpdates

AFTER_ACK = "after_ack"
"""Where Bolt's context holds the work that :func:`after_ack` defers."""


class FormOpener(Protocol):
    """Opens forms and turns pages, soon, on other threads."""

    def open(
        self,
        trigger_id: str,
        start: FormStart,
        *,
        user_id: str,
        channel_id: str,
        home: Original | None = None,
    ) -> None:
        """Open the form, or send a button that opens it.

        ``home`` is the answer to refresh after a submission, which carries it.
        """

    def replace(self, original: Original, answer: Answer, *, user_id: str, key: str) -> None:
        """Replace the answer that has the clicked button with another one, or send that as a new message.

        ``key`` is the request's.
        """

    def close(self) -> None:
        """Finish what has been started."""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that listeners may use."""

    incidents: IncidentManager
    roles: IncidentRoles
    items: ActionItemTracker
    whys: FiveWhysFacilitator
    postmortems: PostmortemManager
    duties: PostmortemDuties
    meetings: PostmortemMeetings
    blocks: TimeBlocks
    settings: WorkspaceSettings
    channels: Channels
    privacy: ChannelPrivacy
    updates: IncidentUpdates
    recorder: TimelineRecorder
    briefings: Briefings
    calls: IncidentCalls
    comers: Comers
    projects: Projects
    pages: IncidentPages
    checklists: IncidentChecklists
    checklist_settings: ChecklistTemplates
    answers: Answers
    people: People
    names: KnownNames
    groups: UserGroups
    outbox: Outbox
    startup: Startup
    checkup: Checkup
    sync: CalendarSync
    forms: FormOpener


def after_ack(context: BoltContext, work: Callable[[], None]) -> None:
    """Defer ``work`` until Slack has its ack: nothing touches the network before."""
    context.setdefault(AFTER_ACK, []).append(work)
