"""Loading what an answer shows, at the moment in which it is shown; and sending answers to whoever asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from bot.codec import answer_to_json
from bot.domain.incidents.model import ACTIVE, Incident, IncidentQuery, IncidentSeverity, ref_of
from bot.domain.incidents.timeline import TimelinePage
from bot.domain.kit.errors import UnknownRef
from bot.domain.kit.people import Viewer
from bot.domain.outbox.effects import PublishHome, SendAnswer
from bot.domain.outbox.rows import Planned
from bot.domain.surface.answers import (
    Answer,
    BlockTray,
    Doctor,
    FormOffer,
    Help,
    Hint,
    IncidentList,
    ItemList,
    ItemPicker,
    ItemTray,
    PostmortemTray,
    Revisions,
    Sentence,
    Timeline,
    Tray,
    WhysList,
    WhysTray,
)
from bot.domain.surface.grammar import Command
from bot.domain.surface.shown import DoctorShown, HelpShown, ListShown, Shown, TimelineShown, TrayShown
from bot.operations.action_items.screen import show_items
from bot.operations.calendar.time_blocks import show_block
from bot.operations.five_whys.reads import show_whys
from bot.operations.kit.gate import require_member
from bot.operations.kit.transaction import Clock, Operations, reading, transaction
from bot.operations.postmortems.screen import show_postmortem
from storage import incidents, outbox, timeline, workspace
from storage.database import Database

LIST_PAGE, TIMELINE_PAGE = 10, 15
HOME_LIMIT = 25
OVERDUE_AFTER = timedelta(minutes=2)


class Answers(Operations):
    """Answers are values; these turn them into what is shown, and into outbox rows."""

    def __init__(self, database: Database, clock: Clock, commands: tuple[Command, ...]) -> None:
        super().__init__(database, clock)
        self._commands = commands

    def load(self, answer: Answer, viewer: Viewer) -> Shown:
        """What the answer shows the viewer now; raises ``UnknownRef``.

        What needs no look into the database takes none: after a commit nothing may fail any more.
        """
        match answer:
            case Help():
                return HelpShown(self._commands)
            case Sentence() | FormOffer() | Hint():
                return answer
            case _:
                return self._look(answer, viewer)

    @reading
    def _look(self, tx: Connection, answer: Answer, viewer: Viewer) -> Shown:
        return LOOKS[type(answer)](tx, answer, viewer, self.clock())

    @reading
    def incident(self, tx: Connection, incident_id: int, viewer: Viewer) -> Incident:
        """The incident that a form is about; raises ``UnknownRef``."""
        return _existing(tx, incident_id, viewer)

    @transaction
    def send(
        self, tx: Connection, answer: Answer, *, to: str, channel_id: str, thread_ts: str | None, key: str
    ) -> None:
        """Show the answer privately where the person asked; ``key`` is the request's, so once per request."""
        effect = SendAnswer(to, channel_id, thread_ts, answer_to_json(answer))
        # In a separate lane: one that can't be delivered must not hold up the next.
        row = Planned(effect, key=f"answer/{key}", lane=f"answer/{key}")
        outbox.add(tx, [row], self.clock())

    @transaction
    def open_home(self, tx: Connection, user_id: str, key: str) -> None:
        """Show somebody their App Home as it is now."""
        row = Planned(PublishHome(user_id), key=f"home/{key}", lane=f"home/{user_id}", coalesce=True)
        outbox.add(tx, [row], self.clock())

    @reading
    def home(self, tx: Connection, user_id: str) -> tuple[Incident, ...]:
        """What somebody's App Home lists: the open incidents, newest first; raises ``NotAllowed``."""
        require_member(tx, user_id)
        return tuple(incidents.find(tx, IncidentQuery(statuses=ACTIVE, limit=HOME_LIMIT), user_id))


def _existing(tx: Connection, incident_id: int, viewer: Viewer) -> Incident:
    incident = incidents.get(tx, incident_id, viewer)
    if incident is None:
        raise UnknownRef(ref=ref_of(incident_id))
    return incident


def _list(tx: Connection, asked: IncidentList, viewer: Viewer, _now: datetime) -> ListShown:
    query = IncidentQuery(
        statuses=ACTIVE if asked.active_only else frozenset(),
        severity=IncidentSeverity(asked.severity) if asked.severity else None,
        project_id=asked.project_id,
        limit=LIST_PAGE,
    )
    total = incidents.count(tx, query, viewer)
    pages = max(1, -(-total // LIST_PAGE))
    page = min(max(asked.page, 1), pages)
    found = incidents.find(tx, replace(query, offset=(page - 1) * LIST_PAGE), viewer)
    return ListShown(replace(asked, page=page), tuple(found), pages, total)


def _timeline(tx: Connection, asked: Timeline, viewer: Viewer, _now: datetime) -> TimelineShown:
    incident = _existing(tx, asked.incident_id, viewer)
    total = timeline.count(tx, incident.id, everything=asked.everything)
    pages = max(1, -(-total // TIMELINE_PAGE))
    page = pages if asked.page < 1 else min(asked.page, pages)
    entries = timeline.find(
        tx,
        incident.id,
        everything=asked.everything,
        limit=TIMELINE_PAGE,
        offset=(page - 1) * TIMELINE_PAGE,
    )
    shown = TimelinePage(incident.id, tuple(entries), page, pages, total, asked.everything)
    return TimelineShown(incident, shown, workspace.get(tx, workspace.TEAM_URL) or "")


def _tray(tx: Connection, asked: Tray, viewer: Viewer, _now: datetime) -> TrayShown:
    return TrayShown(_existing(tx, asked.incident_id, viewer))


def _doctor(tx: Connection, _asked: Doctor, viewer: Viewer, now: datetime) -> DoctorShown:
    stuck, overdue = outbox.dead(tx, viewer), outbox.overdue(tx, now - OVERDUE_AFTER, viewer)
    return DoctorShown(tuple(stuck), tuple(overdue))


LOOKS: Mapping[type[Answer], Callable[[Connection, Any, Viewer, datetime], Shown]] = {
    Tray: _tray,
    IncidentList: _list,
    Timeline: _timeline,
    Doctor: _doctor,
    ItemTray: show_items,
    ItemList: show_items,
    ItemPicker: show_items,
    WhysTray: lambda tx, asked, viewer, _now: show_whys(tx, asked, viewer),
    WhysList: lambda tx, asked, viewer, _now: show_whys(tx, asked, viewer),
    PostmortemTray: lambda tx, asked, viewer, _now: show_postmortem(tx, asked, viewer),
    Revisions: lambda tx, asked, viewer, _now: show_postmortem(tx, asked, viewer),
    BlockTray: show_block,
}
"""What each answer shows that needs a look into the database; a test walks the answers."""
