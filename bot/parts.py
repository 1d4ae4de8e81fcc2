"""The parts of a bot: what listeners call, what alarms call, and what performs each effect."""

from __future__ import annotations

from collections.abc import Mapping

from bot.config import Settings
from bot.effects.action_items import ItemPerformers
from bot.effects.briefing import BriefingPerformers
from bot.effects.calendar import CalendarPerformers
from bot.effects.calendars import Calendar
from bot.effects.calls import CallPerformers
from bot.effects.channels import ChannelPerformers
from bot.effects.checklists import ChecklistPerformers
from bot.effects.checkup import CheckupPerformers
from bot.effects.directory import Directory, PeoplePerformers
from bot.effects.five_whys import WhysPerformers
from bot.effects.forms import Forms, Sources
from bot.effects.history import HistoryPerformers
from bot.effects.meetings import MeetingPerformers
from bot.effects.names import NamePerformers
from bot.effects.notices import NoticePerformers
from bot.effects.pages import PagePerformers
from bot.effects.performers import Groups, Performers, performers
from bot.effects.postmortems import PostmortemPerformers
from bot.effects.posts import PostPerformers
from bot.effects.privacy import PrivacyPerformers
from bot.effects.projects import ProjectPerformers
from bot.effects.reports import ReportPerformers
from bot.effects.roles import RolePerformers
from bot.effects.slack import Slack
from bot.effects.updates import UpdatePerformers
from bot.intake.bolt import Whoami
from bot.listeners import EVENTS
from bot.listeners.commands import COMMANDS
from bot.listeners.services import Services
from bot.network import Network
from bot.operations.action_items.manage import ActionItemTracker
from bot.operations.action_items.reads import ItemReads
from bot.operations.action_items.reminders import Reminders
from bot.operations.alarms import Handler
from bot.operations.answers import Answers
from bot.operations.calendar.meetings import PostmortemMeetings
from bot.operations.calendar.reads import CalendarReads
from bot.operations.calendar.sync import CalendarSync
from bot.operations.calendar.time_blocks import TimeBlocks
from bot.operations.checklists.manage import IncidentChecklists
from bot.operations.checklists.reads import ChecklistReads
from bot.operations.checklists.settings import ChecklistTemplates
from bot.operations.checkup import Checkup
from bot.operations.five_whys.manage import FiveWhysFacilitator
from bot.operations.five_whys.reads import WhysReads
from bot.operations.groups import UserGroups
from bot.operations.incidents.briefing import Briefings
from bot.operations.incidents.calls import IncidentCalls
from bot.operations.incidents.channels import Channels
from bot.operations.incidents.comers import Comers
from bot.operations.incidents.manage import IncidentManager
from bot.operations.incidents.roles import IncidentRoles
from bot.operations.incidents.timeline import TimelineRecorder
from bot.operations.incidents.vacancies import VacancyReads
from bot.operations.kit.transaction import Clock
from bot.operations.names import KnownNames
from bot.operations.outbox import Outbox
from bot.operations.pages.manage import IncidentPages
from bot.operations.pages.reads import PageReads
from bot.operations.people import People
from bot.operations.performer_reads import PerformerReads
from bot.operations.postmortems.manage import PostmortemManager
from bot.operations.postmortems.reminders import PostmortemDuties
from bot.operations.privacy.manage import ChannelPrivacy
from bot.operations.privacy.reads import PrivacyReads
from bot.operations.projects.manage import Projects
from bot.operations.settings import WorkspaceSettings
from bot.operations.startup import Startup
from bot.operations.updates.manage import IncidentUpdates
from bot.operations.updates.reads import UpdateReads
from storage.alarms import AlarmKind
from storage.database import Database


def services_of(
    database: Database, clock: Clock, directory: Directory, slack: Slack, network: Network
) -> Services:
    """The operations and forms that listeners use."""
    answers = Answers(database, clock, COMMANDS)
    items, whys = ActionItemTracker(database, clock), FiveWhysFacilitator(database, clock)
    team, postmortems = WorkspaceSettings(database, clock), PostmortemManager(database, clock)
    meetings, updates = PostmortemMeetings(database, clock), IncidentUpdates(database, clock)
    roles, projects = IncidentRoles(database, clock), Projects(database, clock)
    pages, templates = IncidentPages(database, clock), ChecklistTemplates(database, clock)
    sources = Sources(
        answers, items, whys, postmortems, team, meetings, updates, roles, projects, pages, templates
    )
    return Services(
        incidents=IncidentManager(database, clock),
        roles=roles,
        items=items,
        whys=whys,
        postmortems=postmortems,
        duties=PostmortemDuties(database, clock),
        meetings=meetings,
        blocks=TimeBlocks(database, clock),
        settings=team,
        channels=Channels(database, clock),
        privacy=ChannelPrivacy(database, clock),
        updates=updates,
        recorder=TimelineRecorder(database, clock),
        briefings=Briefings(database, clock),
        calls=IncidentCalls(database, clock),
        comers=Comers(database, clock),
        projects=projects,
        pages=pages,
        checklists=IncidentChecklists(database, clock),
        checklist_settings=templates,
        answers=answers,
        people=People(database, clock, directory.look_up),
        names=KnownNames(database, clock),
        groups=UserGroups(database, clock),
        outbox=Outbox(database, clock),
        startup=Startup(database, clock),
        checkup=Checkup(database, clock),
        sync=CalendarSync(database, clock),
        forms=Forms(slack, network, answers, sources),
    )


def alarm_handlers(database: Database, clock: Clock) -> Mapping[AlarmKind, Handler]:
    """What handles each kind of alarm."""
    reminders = Reminders(database, clock)
    return {
        AlarmKind.ITEM_REMINDER: reminders.plan_due,
        AlarmKind.DIGEST: reminders.plan_digests,
        AlarmKind.POSTMORTEM_REMINDER: PostmortemDuties(database, clock).plan,
        AlarmKind.NUDGE: FiveWhysFacilitator(database, clock).plan_nudges,
        AlarmKind.UPDATE_NUDGE: IncidentUpdates(database, clock).plan_nudges,
        AlarmKind.CALENDAR_POLL: CalendarSync(database, clock).plan,
        AlarmKind.MISSING_COMMANDER: IncidentRoles(database, clock).ask_for_commanders,
        AlarmKind.UNSEEN: IncidentPages(database, clock).tell_unseen,
        AlarmKind.CHECKLIST_NUDGE: IncidentChecklists(database, clock).plan_nudges,
    }


def performers_of(
    settings: Settings,
    slack: Slack,
    services: Services,
    directory: Directory,
    whoami: Whoami,
    calendar: Calendar,
) -> Performers:
    """The performer of each effect."""
    database, clock = services.outbox.database, services.outbox.clock
    facts, startup = PerformerReads(database, clock), services.startup
    reads, members, outbox = ItemReads(database, clock), services.channels, services.outbox
    channels = ChannelPerformers(slack, facts, startup, whoami.user_id)
    posts = PostPerformers(
        slack, facts, startup, services.answers, channels, settings.incidents_channel, reads
    )
    place, recorder = posts.announcements_channel, services.recorder
    return performers(
        Groups(
            channels,
            posts,
            ReportPerformers(slack, facts, posts),
            PeoplePerformers(directory, services.people, outbox, lambda: startup.note_scopes(slack.granted)),
            NamePerformers(slack, services.names, services.groups, outbox),
            HistoryPerformers(
                slack, facts, outbox, members, recorder, lambda: whoami.identity, services.items
            ),
            ItemPerformers(slack, facts, posts, services.items, reads, place),
            WhysPerformers(slack, facts, posts, services.whys, WhysReads(database, clock)),
            PostmortemPerformers(slack, facts, posts, services.postmortems, services.duties, place),
            *_on_calendar(calendar, services, slack, posts, facts),
            PrivacyPerformers(
                slack, facts, members, posts, services.privacy, PrivacyReads(database, clock), whoami.user_id
            ),
            UpdatePerformers(slack, facts, posts, UpdateReads(database, clock)),
            NoticePerformers(slack, facts, services.channels, VacancyReads(database, clock)),
            RolePerformers(slack, facts),
            CheckupPerformers(settings, services.checkup, startup, calendar, posts, EVENTS),
            BriefingPerformers(slack, facts),
            CallPerformers(slack, facts, whoami.user_id),
            ProjectPerformers(slack, facts, posts, services.comers),
            PagePerformers(slack, facts, PageReads(database, clock)),
            ChecklistPerformers(facts, posts, ChecklistReads(database, clock)),
        )
    )


def _on_calendar(
    calendar: Calendar, services: Services, slack: Slack, posts: PostPerformers, facts: PerformerReads
) -> tuple[CalendarPerformers, MeetingPerformers]:
    reads = CalendarReads(facts.database, facts.clock)
    events = CalendarPerformers(calendar, reads, services.blocks, services.sync, services.calls)
    return events, MeetingPerformers(slack, facts, posts, services.meetings, calendar)
