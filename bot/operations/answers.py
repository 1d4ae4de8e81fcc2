"""Loads what an answer shows at the moment it's shown, and sends answers to the people who asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.codec import answer_to_json
from bot.domain.incidents.model import ACTIVE, Incident, IncidentQuery, IncidentSeverity
from bot.domain.incidents.timeline import TimelinePage
from bot.domain.kit.people import Viewer
from bot.domain.outbox.effects import PublishHome, SendAnswer, SendAnswerUnlessShown
from bot.domain.outbox.rows import OVERDUE_AFTER, Planned
from bot.domain.surface.answers import (
    Answer,
    BlockTray,
    Briefing,
    ChecklistSettings,
    ChecklistsTray,
    Doctor,
    FormOffer,
    Help,
    Hint,
    IncidentList,
    ItemAdded,
    ItemList,
    ItemPicker,
    ItemTray,
    Offers,
    PeopleTray,
    PostmortemTray,
    ProjectList,
    Revisions,
    RolesTray,
    Sentence,
    SettingsHome,
    Subscription,
    Timeline,
    Tray,
    WhysList,
    WhysOver,
    WhysTray,
)
from bot.domain.surface.command import Command
from bot.domain.surface.forms import DeclareStart
from bot.domain.surface.shown import (
    DeclareShown,
    DoctorShown,
    HelpShown,
    ListShown,
    Shown,
    TimelineShown,
    TrayShown,
)
from bot.operations.action_items.screen import show_items
from bot.operations.calendar.screen import show_block
from bot.operations.checklists.reads import show_checklists
from bot.operations.checklists.settings import show_checklist_settings
from bot.operations.five_whys.screen import show_whys
from bot.operations.incidents.briefing import show_briefing
from bot.operations.incidents.declaring import opening
from bot.operations.incidents.people import show_people
from bot.operations.incidents.roles import show_roles
from bot.operations.kit.access import existing_incident
from bot.operations.kit.entry_links import linked
from bot.operations.kit.gate import require_member
from bot.operations.kit.names import names_in
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.roles import names_of_roles, roles_in
from bot.operations.kit.transaction import Clock, Operations, Tx, reading, transaction
from bot.operations.postmortems.screen import show_postmortem
from bot.operations.projects.screen import show_projects
from bot.operations.settings import show_settings
from bot.operations.updates.reads import show_subscription
from storage import incidents, outbox_reads, timeline_reads, workspace
from storage.database import Database

LIST_PAGE, TIMELINE_PAGE = 10, 15
HOME_LIMIT = 25


class Answers(Operations):
    """Turns answers, which are plain values, into what is shown and into outbox rows."""

    def __init__(self, database: Database, clock: Clock, commands: tuple[Command, ...]) -> None:
        super().__init__(database, clock)
        self._commands = commands

    def load(self, answer: Answer, viewer: Viewer) -> Shown:
        """What the answer shows the viewer now; raises ``UnknownRef``.

        Answers that need nothing from the database don't touch it: after a commit, nothing may fail.
        """
        match answer:
            case Help():
                return HelpShown(self._commands)
            case Sentence() | Offers() | FormOffer() | Hint():
                return answer
            case _:
                return self._look(answer, viewer)

    @reading
    def _look(self, tx: Tx, answer: Answer, viewer: Viewer) -> Shown:
        return LOOKS[type(answer)](tx, answer, viewer)

    @reading
    def incident(self, tx: Tx, incident_id: int, viewer: Viewer) -> Incident:
        """The incident that a form is about; raises ``UnknownRef``."""
        return existing_incident(tx, incident_id, viewer)

    @reading
    def declaring(self, tx: Tx, start: DeclareStart, viewer: Viewer) -> DeclareShown:
        """What the form that declares an incident opens with."""
        return opening(tx, start, viewer)

    @transaction
    def send(
        self, tx: Tx, answer: Answer, *, to: str, channel_id: str, thread_ts: str | None, key: str
    ) -> None:
        """Show the answer privately where the person asked, once per request: ``key`` is the request's."""
        effect = SendAnswer(to, channel_id, thread_ts, answer_to_json(answer))
        # In a lane of its own: an answer that can't be delivered must not hold up the next.
        row = Planned(effect, key=f"answer/{key}", lane=f"answer/{key}")
        enqueue(tx, [row])

    @transaction
    def send_unless_shown(
        self, tx: Tx, answer: Answer, *, to: str, channel_id: str, key: str, lane: str
    ) -> None:
        """Like :meth:`send`, but only if the channel doesn't soon show what the rows in ``lane`` post."""
        shown_by = outbox_reads.unsettled_in(tx.connection, lane)
        if shown_by:
            effect = SendAnswerUnlessShown(to, channel_id, None, answer_to_json(answer), shown_by)
            enqueue(tx, [Planned(effect, key=f"answer/{key}", lane=f"answer/{key}")])

    @transaction
    def open_home(self, tx: Tx, user_id: str, key: str) -> None:
        """Show somebody their App Home as it is now."""
        row = Planned(PublishHome(user_id), key=f"home/{key}", lane=f"home/{user_id}", coalesce=True)
        enqueue(tx, [row])

    @reading
    def home(self, tx: Tx, user_id: str) -> tuple[tuple[Incident, ...], int, Mapping[int, Sequence[str]]]:
        """The newest active incidents, which somebody's App Home lists, and how many more there are.

        The third value is the names of the person's roles by incident. Raises ``NotAllowed``. Counting
        stops at ``MAX_COUNTED`` incidents.
        """
        require_member(tx, user_id)
        query = IncidentQuery(statuses=ACTIVE, limit=HOME_LIMIT)
        found = tuple(incidents.find(tx.connection, query, user_id))
        more = incidents.count(tx.connection, query, user_id) - len(found) if len(found) == HOME_LIMIT else 0
        return found, more, names_of_roles(tx, found, user_id)


def _list(tx: Tx, asked: IncidentList, viewer: Viewer) -> ListShown:
    query = IncidentQuery(
        statuses=ACTIVE if asked.active_only else frozenset(),
        severity=IncidentSeverity(asked.severity) if asked.severity else None,
        project_id=asked.project_id,
        limit=LIST_PAGE,
    )
    found = incidents.find(tx.connection, query, viewer)
    total = len(found) if len(found) < LIST_PAGE else incidents.count(tx.connection, query, viewer)
    pages = max(1, -(-total // LIST_PAGE))
    page = min(max(asked.page, 1), pages)
    if page > 1:
        found = incidents.find(tx.connection, replace(query, offset=(page - 1) * LIST_PAGE), viewer)
    return ListShown(replace(asked, page=page), tuple(found), pages, total)


def _timeline(tx: Tx, asked: Timeline, viewer: Viewer) -> TimelineShown:
    incident = existing_incident(tx, asked.incident_id, viewer)
    total = timeline_reads.count(tx.connection, incident.id, everything=asked.everything)
    pages = max(1, -(-total // TIMELINE_PAGE))
    page = pages if asked.page < 1 else min(asked.page, pages)
    entries = timeline_reads.find(
        tx.connection,
        incident.id,
        everything=asked.everything,
        limit=TIMELINE_PAGE,
        offset=(page - 1) * TIMELINE_PAGE,
    )
    told = tuple(linked(tx, each) for each in entries)
    shown = TimelinePage(incident.id, told, page, pages, total, asked.everything)
    names = names_in(tx, [each.text for each in entries])
    return TimelineShown(incident, shown, tx.once(workspace.get, workspace.TEAM_URL) or "", names)


def _tray(tx: Tx, asked: Tray, viewer: Viewer) -> TrayShown:
    incident = existing_incident(tx, asked.incident_id, viewer)
    return TrayShown(incident, roles_in(tx, incident).supporting)


def _doctor(tx: Tx, asked: Doctor, viewer: Viewer) -> DoctorShown:
    before = tx.now - OVERDUE_AFTER
    stuck = outbox_reads.dead(tx.connection, viewer)
    overdue = outbox_reads.overdue(tx.connection, before, viewer)
    more_dead = outbox_reads.count_dead(tx.connection, viewer) - len(stuck)
    more_overdue = outbox_reads.count_overdue(tx.connection, before, viewer) - len(overdue)
    return DoctorShown(tuple(stuck), tuple(overdue), asked.is_followed, more_dead, more_overdue)


LOOKS: Mapping[type[Answer], Callable[[Tx, Any, Viewer], Shown]] = {
    Tray: _tray,
    RolesTray: show_roles,
    PeopleTray: show_people,
    ChecklistsTray: show_checklists,
    ChecklistSettings: show_checklist_settings,
    IncidentList: _list,
    Timeline: _timeline,
    Briefing: show_briefing,
    Doctor: _doctor,
    ItemTray: show_items,
    ItemAdded: show_items,
    ItemList: show_items,
    ItemPicker: show_items,
    WhysTray: show_whys,
    WhysOver: show_whys,
    WhysList: show_whys,
    PostmortemTray: show_postmortem,
    Revisions: show_postmortem,
    BlockTray: show_block,
    Subscription: show_subscription,
    ProjectList: show_projects,
    SettingsHome: show_settings,
}
"""How to load each answer that needs the database; a test checks that none is missing."""
