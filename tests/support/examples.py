"""Domain values to start a test from, and hostile texts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bot.domain.action_items.model import ActionItem, ActionItemPriority, ActionItemStatus
from bot.domain.calendar.meetings import Invitee, Meeting, MeetingPlan, MeetingStatus
from bot.domain.calendar.slots import Search
from bot.domain.calendar.time_blocks import BlockStatus, TimeBlock
from bot.domain.checklists.model import PostedChecklist, PostedLine
from bot.domain.five_whys.model import AnalysisStatus, FiveWhysAnalysis, Why
from bot.domain.incidents.model import Incident, IncidentSeverity, IncidentStatus
from bot.domain.incidents.timeline import EntryKind, TimelineEntry
from bot.domain.kit.errors import BotError
from bot.domain.kit.references import Kind, Names
from bot.domain.kit.working_days import WorkingCalendar
from bot.domain.postmortems.documents import Document, ThreadReply
from bot.domain.postmortems.model import LessonCategory, LessonLearned, Postmortem, TimelineEvent
from bot.domain.settings import ReminderSettings
from bot.domain.updates.model import Update

T = TypeVar("T")

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

HOSTILE = (
    "<!channel> <!here|here> <!everyone> <!subteam^S1|@ops>",
    "<@U1> <@U1|ana>",
    "<https://evil.example|ok>",
    "<#C1|general>",
    "'; DROP TABLE incidents; --",
    "&amp;lt;!channel&amp;gt;",
    "`code` ```fence``` *bold* _italic_ ~gone~ > quote",
    "مرحبا بالعالم \u202ereversed",
    "🔥" * 40,
    "👩‍👩‍👧‍👦 🏳️‍🌈 1️⃣",
    "one\ntwo\r\nthree\ttabs",
    "{ref} %s {0} {problem}",
    "a\x00b\ud800c",
    "*zq* _zq_ ~zq~ `zq` ```zq``` (*zq _zq ~zq `zq \u202b\u2067\u202ezq",
)
"""Texts that users may type and that must be shown literally, without any effect."""

KNOWN = {
    (Kind.PERSON, "U0ANA"): "Ana Alvarez",
    (Kind.PERSON, "U0BEN"): "Ben Baker",
    (Kind.CHANNEL, "C0RANDOM"): "random",
    (Kind.CHANNEL, "C0SECRET"): "",
    (Kind.GROUP, "S0ONCALL"): "oncall",
}
NAMES = Names(lambda kind, target: KNOWN.get((kind, target)))
"""The names of a small workspace, with a private channel in it."""

any_text = st.text() | st.sampled_from(HOSTILE) | st.lists(st.sampled_from(HOSTILE)).map(" ".join)


def tried(work: Callable[[], T]) -> T | BotError:
    """What it returns, or the error that the user reads. Any other error fails the test."""
    try:
        return work()
    except BotError as error:
        return error


def incident(**values: Any) -> Incident:
    """An open incident with everything that every incident has."""
    plain = Incident(
        id=12,
        title="Database is slow",
        severity=IncidentSeverity.HIGH,
        status=IncidentStatus.OPEN,
        declared_at=NOW,
        declared_by="U0ANA",
        channel_name="inc-12-database-is-slow",
        created_at=NOW,
        updated_at=NOW,
        channel_id="C0INC",
    )
    return replace(plain, **values)


def entry(kind: EntryKind = EntryKind.MESSAGE, **values: Any) -> TimelineEntry:
    """A timeline entry of that incident."""
    return replace(TimelineEntry(id=1, incident_id=12, kind=kind, at=NOW, by="U0BEN"), **values)


def item(**values: Any) -> ActionItem:
    """An open action item of that incident, with an owner and no due date."""
    plain = ActionItem(
        id=7,
        incident_id=12,
        title="Raise the pool limit",
        description="",
        assigned_to="U0BEN",
        status=ActionItemStatus.OPEN,
        priority=ActionItemPriority.MEDIUM,
        due_date=None,
        completed_at=None,
        created_at=NOW,
        updated_at=NOW,
        created_by="U0ANA",
        assigned_at=NOW,
        planned_after=NOW,
        remind_at=None,
        snoozed_until=None,
    )
    return replace(plain, **values)


def session(*answers: str, **values: Any) -> FiveWhysAnalysis:
    """A five-whys session of that incident, with these answers one below the other."""
    whys = {
        number: Why(
            id=number,
            analysis_id=3,
            parent_id=number - 1 or None,
            question="Why?",
            answer=answer,
            answered_by="U0BEN",
            at=NOW,
            channel_id="C0INC",
            ts=f"17000000{number:02}.000100",
            thread_ts="1700000000.000100",
        )
        for number, answer in enumerate(answers, start=1)
    }
    plain = FiveWhysAnalysis(
        id=3,
        incident_id=12,
        problem="Checkout was down",
        facilitator_id="U0ANA",
        status=AnalysisStatus.ACTIVE,
        created_by="U0ANA",
        created_at=NOW,
        updated_at=NOW,
        current_id=len(answers) or None,
        whys=whys,
    )
    return replace(plain, **values)


def postmortem(**values: Any) -> Postmortem:
    """A complete postmortem of that incident."""
    plain = Postmortem(
        id=1,
        incident_id=12,
        title="Postmortem: Database is slow",
        summary="The pool ran out.",
        impact="A third of all payments failed.",
        root_causes=("No limit was set",),
        lessons_learned=(
            LessonLearned("Alert on the pool", ActionItemPriority.HIGH, LessonCategory.DETECTION),
        ),
        owner_id="U0ANA",
        revision=3,
        created_by="U0ANA",
        created_at=NOW,
        updated_at=NOW,
        timeline=(TimelineEvent(NOW, "Declared by Ana"),),
        action_items=(7,),
    )
    return replace(plain, **values)


def document(found: Postmortem | None = None, **values: Any) -> Document:
    """That postmortem with all the data around it."""
    plain = Document(
        incident=incident(),
        postmortem=found or postmortem(),
        measured={"declared": NOW},
        people=(("Declared by", "Ana"),),
        items=((item(), "Ben"),),
        discussion=(ThreadReply("Ben", "Was it the pool?", "https://acme.slack.com/archives/C0INC/p1"),),
        zone="Europe/Berlin",
        channel_link="https://acme.slack.com/archives/C0INC",
    )
    return replace(plain, **values)


def update(**values: Any) -> Update:
    """Ben's second update on that incident, which promises the next one in half an hour."""
    plain = Update(
        id=5,
        incident_id=12,
        number=2,
        by="U0BEN",
        at=NOW,
        known="A third of all payments fail",
        doing="Rolling back",
        next="We look at the pool",
        due_at=NOW + timedelta(minutes=30),
    )
    return replace(plain, **values)


def checklist(*lines: PostedLine, **values: Any) -> PostedChecklist:
    """A list that was posted when that incident was declared; without ``lines``, with one that is ticked,
    one that is an action item, and one that is open and due in a quarter of an hour.
    """
    some = (
        PostedLine(1, 6, 1, "Tell support", done_at=NOW, done_by="U0BEN"),
        PostedLine(2, 6, 2, "Write to customers", item_id=7),
        PostedLine(3, 6, 3, "Post on the status page", 15, NOW + timedelta(minutes=15)),
    )
    plain = PostedChecklist(6, 12, "first minutes", "First minutes", NOW, lines=lines or some)
    return replace(plain, **values)


def time_block(**values: Any) -> TimeBlock:
    """A time block of an hour in Ben's calendar."""
    plain = TimeBlock(
        id=4,
        incident_id=12,
        user_id="U0BEN",
        status=BlockStatus.BLOCKED,
        minutes=60,
        asked_by="U0BEN",
        created_at=NOW,
        updated_at=NOW,
        starts_at=NOW,
        ends_at=NOW + timedelta(hours=1),
    )
    return replace(plain, **values)


def meeting(**values: Any) -> Meeting:
    """A meeting for which slots are being searched."""
    plain = Meeting(
        id=3,
        incident_id=12,
        status=MeetingStatus.LOOKING,
        required=("U0ANA", "U0BEN"),
        optional=("U0EMI",),
        minutes=30,
        window=(date(2026, 3, 3), date(2026, 3, 9)),
        asked_by="U0ANA",
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(plain, **values)


def meeting_plan(found: Meeting, about: Incident | None = None, **values: Any) -> MeetingPlan:
    """A meeting with all the data around it; Ana in Los Angeles, Ben in London and Emi in Tokyo may come."""
    zones = {"U0ANA": "America/Los_Angeles", "U0BEN": "Europe/London", "U0EMI": "Asia/Tokyo"}
    invitees = tuple(
        Invitee(user, user[2:].lower(), f"{user[2:].lower()}@acme.example", zone, user in found.required)
        for user, zone in zones.items()
    )
    hours = {
        user: WorkingCalendar(ReminderSettings(), ZoneInfo(zone), lambda _day: False)
        for user, zone in zones.items()
    }
    search = Search(found.minutes, NOW + timedelta(days=1), NOW + timedelta(days=8))
    plain = MeetingPlan(
        found,
        about or incident(),
        invitees,
        hours,
        search,
        "0a1b2c",
        "https://acme.example/archives/C1",
        None,
        is_connected=True,
    )
    return replace(plain, **values)
