"""The performers of all effects, merged from one table per group."""

from __future__ import annotations

from dataclasses import dataclass, fields

from bot.effects.action_items import ItemPerformers
from bot.effects.briefing import BriefingPerformers
from bot.effects.calendar import CalendarPerformers
from bot.effects.calls import CallPerformers
from bot.effects.channels import ChannelPerformers
from bot.effects.checklists import ChecklistPerformers
from bot.effects.checkup import CheckupPerformers
from bot.effects.directory import PeoplePerformers
from bot.effects.five_whys import WhysPerformers
from bot.effects.history import HistoryPerformers
from bot.effects.meetings import MeetingPerformers
from bot.effects.names import NamePerformers
from bot.effects.notices import NoticePerformers
from bot.effects.pages import PagePerformers
from bot.effects.performer import Performers
from bot.effects.postmortems import PostmortemPerformers
from bot.effects.posts import PostPerformers
from bot.effects.privacy import PrivacyPerformers
from bot.effects.projects import ProjectPerformers
from bot.effects.reports import ReportPerformers
from bot.effects.roles import RolePerformers
from bot.effects.updates import UpdatePerformers

__all__ = ["Groups", "Performers", "performers"]


@dataclass(frozen=True, slots=True)
class Groups:
    """Performers, grouped by what they concern."""

    channels: ChannelPerformers
    posts: PostPerformers
    reports: ReportPerformers
    people: PeoplePerformers
    names: NamePerformers
    history: HistoryPerformers
    items: ItemPerformers
    whys: WhysPerformers
    postmortems: PostmortemPerformers
    calendar: CalendarPerformers
    meetings: MeetingPerformers
    privacy: PrivacyPerformers
    updates: UpdatePerformers
    notices: NoticePerformers
    roles: RolePerformers
    checkup: CheckupPerformers
    briefings: BriefingPerformers
    calls: CallPerformers
    projects: ProjectPerformers
    pages: PagePerformers
    checklists: ChecklistPerformers


def performers(groups: Groups) -> Performers:
    """All groups' tables merged into one."""
    tables = (getattr(groups, each.name).performers() for each in fields(groups))
    return {kind: perform for table in tables for kind, perform in table.items()}
