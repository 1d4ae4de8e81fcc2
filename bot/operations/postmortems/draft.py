"""A postmortem's first draft: what is known about the incident, and nothing guessed."""

from __future__ import annotations

from bot.domain.incidents.model import Incident
from bot.domain.incidents.timeline import EntryKind
from bot.domain.kit.text import cut, one_line, one_line_but_code, plain_from_markup
from bot.domain.postmortems.model import (
    CAUSE_LIMIT,
    MAX_CAUSES,
    TEXT_LIMIT,
    TITLE_LIMIT,
    NewPostmortem,
    Postmortem,
    Section,
    default_title,
)
from bot.operations.kit.names import namer
from bot.operations.kit.transaction import Tx
from bot.operations.postmortems.saves import save
from storage import five_whys, postmortems, timeline_reads

_NOTED = frozenset({EntryKind.STATUS, EntryKind.SEVERITY})


def start(tx: Tx, incident: Incident, new: NewPostmortem, by: str) -> Postmortem:
    """Save the first draft; what isn't given is filled in from what is known."""
    made = postmortems.add(tx.connection, _draft(tx, incident, new, by))
    return save(tx, incident, made, by, Section.CREATED)


def _draft(tx: Tx, incident: Incident, new: NewPostmortem, by: str) -> Postmortem:
    return Postmortem(
        id=0,
        incident_id=incident.id,
        title=cut(one_line(new.title), TITLE_LIMIT) if new.title else default_title(incident.title),
        summary=_summary(tx, incident) if new.summary is None else new.summary,
        impact=new.impact or "",
        root_causes=_causes(tx, incident) if new.root_causes is None else new.root_causes,
        lessons_learned=new.lessons_learned,
        owner_id=new.owner_id,
        revision=0,
        created_by=by,
        created_at=tx.now,
        updated_at=tx.now,
    )


def _summary(tx: Tx, incident: Incident) -> str:
    """The description, the notes on changes of status and severity, and the key events, one per line."""
    names = namer(tx)
    lines = [incident.description or ""]
    for entry in timeline_reads.find(tx.connection, incident.id, everything=False):
        if entry.kind in _NOTED and entry.text:
            lines.append(f"{(entry.to_value or '').capitalize()}: {entry.text}")
        elif entry.kind is EntryKind.MESSAGE and entry.is_key and not entry.is_deleted:
            lines.append(one_line_but_code(plain_from_markup(entry.text, names)))
    return cut("\n".join(line.strip() for line in lines if line.strip()), TEXT_LIMIT)


def _causes(tx: Tx, incident: Incident) -> tuple[str, ...]:
    names, analyses = namer(tx), five_whys.of_incident(tx.connection, incident.id)
    found = (cause for each in analyses for cause in each.root_causes(names))
    return tuple(dict.fromkeys(cut(one_line(each), CAUSE_LIMIT) for each in found))[:MAX_CAUSES]
