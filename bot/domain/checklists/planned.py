"""The effects that follow from checklists."""

from __future__ import annotations

from bot.domain.checklists.model import PostedChecklist
from bot.domain.incidents.model import ref_of
from bot.domain.incidents.planned import card_key
from bot.domain.kit.keys import fitting
from bot.domain.outbox.effects import NudgeChecklist, ShowChecklist
from bot.domain.outbox.rows import Planned


def posting(checklist: PostedChecklist, *, is_at_declaration: bool = False) -> Planned:
    """Post a list in its incident's channel; in a new incident's, below the card."""
    key, incident_id = checklist_key(checklist.incident_id, checklist.id), checklist.incident_id
    needs = card_key(incident_id) if is_at_declaration else f"{ref_of(incident_id)}/channel"
    return Planned(ShowChecklist(incident_id, checklist.id), key, key, needs, coalesce=True)


def showing(checklist: PostedChecklist, cause: str) -> Planned:
    """Bring a list's message up to date; ``cause`` is unique."""
    lane, incident_id = checklist_key(checklist.incident_id, checklist.id), checklist.incident_id
    shows = ShowChecklist(incident_id, checklist.id)
    return Planned(shows, fitting(f"{lane}/{cause}"), lane, f"{ref_of(incident_id)}/channel", coalesce=True)


def nudging(checklist: PostedChecklist, minutes: int, cause: str = "") -> Planned:
    """Nudge about the lines due after ``minutes``; with a unique ``cause``, bring that nudge up to date."""
    incident_id = checklist.incident_id
    lane = nudge_key(incident_id, checklist.id, minutes)
    nudges = NudgeChecklist(incident_id, checklist.id, minutes)
    key = fitting(f"{lane}/{cause}") if cause else lane
    return Planned(nudges, key, lane, checklist_key(incident_id, checklist.id), coalesce=bool(cause))


def checklist_key(incident_id: int, checklist_id: int) -> str:
    """The key of a list's message."""
    return f"{ref_of(incident_id)}/checklist/{checklist_id}"


def nudge_key(incident_id: int, checklist_id: int, minutes: int) -> str:
    """The key of the nudge about a list's lines that are due after ``minutes``."""
    return f"{checklist_key(incident_id, checklist_id)}/nudge/{minutes}"
