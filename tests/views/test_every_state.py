"""Every state that a thing can reach is shown by everything that shows the thing.

To add a surface: a row in ``SURFACES``. To add a state: its label, without which these tests fail.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from itertools import product
from typing import Any

import pytest

from bot.domain.action_items.model import ActionItem, ActionItemPriority, ActionItemStatus
from bot.domain.action_items.notifications import Assigned, Due, Notification
from bot.domain.calendar.time_blocks import BlockStatus
from bot.domain.five_whys.model import AnalysisStatus, FiveWhysAnalysis
from bot.domain.incidents.model import IncidentSeverity, IncidentStatus
from bot.domain.incidents.timeline import EntryKind
from bot.domain.surface.shown import BlockShown, WhysListShown, WhysTrayShown
from bot.views.action_items.messages import item_message, item_tray, told_owner
from bot.views.action_items.reminders import reminders
from bot.views.calendar.time_blocks import block_message
from bot.views.five_whys import answers
from bot.views.five_whys import messages as whys
from bot.views.incidents.card import announcement, card, state, topic
from bot.views.incidents.changes import update
from bot.views.kit.labels import ANALYSIS_STATUS, ITEM_STATUS, PRIORITY, SEVERITY, STATUS
from bot.views.kit.message import Message
from bot.views.postmortems.exports import canvas_markdown, html, markdown
from bot.views.postmortems.messages import postmortem_message, summary_message
from bot.views.postmortems.outline import status_line
from tests.support.examples import (
    NAMES,
    NOW,
    document,
    entry,
    incident,
    item,
    postmortem,
    session,
    time_block,
)
from tests.views.screens import action_ids, check, shown

State = Any
Show = Callable[[State], Message | str]
TODAY = NOW.date()


def analysis(status: AnalysisStatus) -> FiveWhysAnalysis:
    """A session that has ended with findings before it came to this status."""
    return session("The pool ran out", status=status, has_findings=True)


def incident_documents(state: IncidentStatus | IncidentSeverity) -> Any:
    field = "status" if isinstance(state, IncidentStatus) else "severity"
    return document(incident=incident(**{field: state}))


LEAD = Notification(12, 7, "U0BEN", "0", "2026-03-11")


def due(found: ActionItem) -> Due:
    return Due(found, incident(), "0", None, is_late=False, is_snoozed=False, days_overdue=0)


INCIDENT: Mapping[str, Callable[[Any], Message | str]] = {
    "card": card,
    "announcement": announcement,
    "topic": topic,
    "tray and lists": state,
}
ITEM: Mapping[str, Callable[[Any], Message | str]] = {
    "message": lambda found: item_message(found, incident(), TODAY),
    "tray": lambda found: item_tray(found, TODAY),
    "notification": lambda found: told_owner([Assigned(found, incident())], "U0BEN"),
    "notification of several": lambda found: told_owner([Assigned(found, incident())] * 2, "U0BEN"),
    "reminder": lambda found: reminders([due(found)], LEAD),
    "reminders": lambda found: reminders([due(found), due(item(id=8))], LEAD),
    "postmortem": lambda found: markdown(document(items=((found, "Ben"),))),
    "printed postmortem": lambda found: html(document(items=((found, "Ben"),))),
    "canvas": lambda found: canvas_markdown(document(items=((found, "Ben"),))),
}
WHYS: Mapping[str, Callable[[FiveWhysAnalysis], Message | str]] = {
    "session": lambda found: whys.root_message(found, "", NAMES),
    "tray": lambda found: answers.whys_tray(WhysTrayShown(found, None, NAMES)),
    "list": lambda found: answers.whys_list(WhysListShown(incident(), (found,), NAMES)),
}
SURFACES: list[tuple[str, Show, Mapping[Any, str]]] = [
    *((f"incident/{n}", lambda s, v=v: v(incident(status=s)), STATUS) for n, v in INCIDENT.items()),
    *((f"incident/{n}", lambda s, v=v: v(incident(severity=s)), SEVERITY) for n, v in INCIDENT.items()),
    ("incident/postmortem", lambda s: status_line(incident_documents(s)), {**STATUS, **SEVERITY}),
    *((f"item/{n}", lambda s, v=v: v(item_in(s)), ITEM_STATUS) for n, v in ITEM.items()),
    *((f"item/{n}", lambda s, v=v: v(item(priority=s)), PRIORITY) for n, v in ITEM.items()),
    *((f"whys/{n}", lambda s, v=v: v(analysis(s)), ANALYSIS_STATUS) for n, v in WHYS.items()),
]
"""Where a state is shown, how, and the words for each state."""


def item_in(status: ActionItemStatus) -> Any:
    is_done = status is ActionItemStatus.COMPLETED
    return item(status=status, completed_at=NOW if is_done else None)


def text_of(made: Message | str) -> str:
    if isinstance(made, str):
        return made
    check(made)
    return shown(made)


CASES = [(name, show, each, labels[each]) for name, show, labels in SURFACES for each in labels]


@pytest.mark.parametrize(
    ("show", "at", "label"), [case[1:] for case in CASES], ids=[f"{case[0]}-{case[2]}" for case in CASES]
)
def test_a_surface_says_which_state_a_thing_is_in(show: Show, at: State, label: str) -> None:
    assert label in text_of(show(at))


@pytest.mark.parametrize(
    ("labels", "states"),
    [
        (STATUS, IncidentStatus),
        (SEVERITY, IncidentSeverity),
        (ITEM_STATUS, ActionItemStatus),
        (PRIORITY, ActionItemPriority),
        (ANALYSIS_STATUS, AnalysisStatus),
    ],
)
def test_every_state_has_words(labels: Mapping[Any, str], states: type[Enum]) -> None:
    assert set(labels) == set(states)
    assert len(set(labels.values())) == len(labels)


def test_findings_say_what_has_become_of_their_session() -> None:
    told = {each: shown(whys.findings(analysis(each), incident(), "", NAMES)) for each in AnalysisStatus}
    assert len(set(told.values())) == len(AnalysisStatus)
    assert "was resumed, and then abandoned" in told[AnalysisStatus.ABANDONED]
    assert "was resumed:" in told[AnalysisStatus.ACTIVE]
    for status in AnalysisStatus:
        asked = whys.question(analysis(status), 1, NAMES)
        assert asked is not None
        assert (f"is {status.value}." in shown(asked)) is (status is not AnalysisStatus.ACTIVE)


@pytest.mark.parametrize(
    ("completed_at", "in_slack", "said"), [(None, "Draft", "Draft"), (NOW, "✅ Completed", "Completed")]
)
def test_a_postmortem_says_whether_it_is_final(
    completed_at: datetime | None, in_slack: str, said: str
) -> None:
    found = document(postmortem(completed_at=completed_at))
    from_message = shown(postmortem_message(found, ()))
    assert in_slack in from_message and said in status_line(found)
    assert all(said in made(found) for made in (markdown, html, canvas_markdown))
    assert ("reopened" in shown(summary_message(found))) is (said == "Draft")


BLOCKS = {
    BlockStatus.ASKED: "asks you to block",
    BlockStatus.BLOCKED: "Your calendar is blocked",
    BlockStatus.OVER: "no longer blocked",
}


@pytest.mark.parametrize("status", BlockStatus)
def test_a_time_block_says_how_far_along_it_is(status: BlockStatus) -> None:
    block = time_block(status=status)
    assert BLOCKS[status] in shown(block_message(BlockShown(block, incident(), NOW)))
    if status is BlockStatus.BLOCKED:
        later = NOW + timedelta(days=1)
        assert BLOCKS[BlockStatus.OVER] in shown(block_message(BlockShown(block, incident(), later)))


@pytest.mark.parametrize(("status", "can_block"), list(product(IncidentStatus, (True, False))))
def test_time_is_offered_only_if_there_is_a_calendar_to_block(
    status: IncidentStatus, can_block: bool
) -> None:
    change = entry(EntryKind.STATUS, from_value="open", to_value=status.value)
    offered = action_ids(update(replace(incident(), status=status), change, can_block=can_block).blocks)
    assert ("block_hour" in offered) is (can_block and status is IncidentStatus.INVESTIGATING)
