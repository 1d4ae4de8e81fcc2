"""Changes a postmortem's timeline; the incident's own timeline stays as it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.incidents.model import Incident
from bot.domain.kit.errors import EventMissing, EventNotHidden, EventOutOfTime
from bot.domain.kit.text import clean_text, is_blank
from bot.domain.postmortems.model import TEXT_LIMIT, AddedEvent, Curated, Postmortem, added_name
from bot.operations.kit.transaction import Tx
from storage import timeline_reads


def with_curated(tx: Tx, incident: Incident, found: Postmortem, entry_id: int, how: Curated) -> Postmortem:
    """The postmortem, showing an entry as ``how`` says; raises ``EventMissing`` and ``EventOutOfTime``."""
    entry = timeline_reads.get(tx.connection, entry_id)
    if entry is None or entry.incident_id != incident.id:
        raise EventMissing
    if how.at:
        _check_time(tx, incident, how.at)
    told = clean_text(how.text, TEXT_LIMIT, "text") if how.text is not None else None
    before = found.curated.get(entry_id, Curated())
    is_shown = before.is_shown if how.is_shown is None else how.is_shown
    wanted = Curated(is_shown, told or before.text, how.at or before.at)
    return replace(found, curated={**found.curated, entry_id: wanted})


def with_added(tx: Tx, incident: Incident, found: Postmortem, event: AddedEvent) -> Postmortem:
    """The postmortem with an event added; raises ``EventMissing`` and ``EventOutOfTime``."""
    if is_blank(event.text):
        raise EventMissing
    _check_time(tx, incident, event.at)
    made = replace(event, text=clean_text(event.text, TEXT_LIMIT, "text"))
    return replace(found, added=(*found.added, made))


def with_added_changed(tx: Tx, incident: Incident, found: Postmortem, which: str, how: Curated) -> Postmortem:
    """The postmortem with an added event changed, or removed instead of hidden.

    Raises the same as :func:`with_curated`, and ``EventNotHidden`` if it is to be both hidden and changed.
    """
    event = next((each for each in found.added if added_name(each) == which), None)
    if event is None:
        raise EventMissing
    if how.is_shown is False and (how.text or how.at):
        raise EventNotHidden
    if how.at:
        _check_time(tx, incident, how.at)
    text = clean_text(how.text or event.text, TEXT_LIMIT, "text")
    changed = replace(event, at=how.at or event.at, text=text)
    left = [each for each in found.added if each is not event]
    return replace(found, added=tuple(left if how.is_shown is False else [*left, changed]))


def _check_time(tx: Tx, incident: Incident, at: datetime) -> None:
    if not incident.declared_at <= at <= tx.now:
        raise EventOutOfTime(ref=incident.ref)
