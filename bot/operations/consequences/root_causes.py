"""Adds the root causes found by five whys to a postmortem that is being written."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.five_whys.model import FiveWhysAnalysis
from bot.domain.kit.people import SYSTEM
from bot.domain.kit.text import cut, one_line
from bot.domain.postmortems.model import CAUSE_LIMIT, MAX_CAUSES, Section
from bot.operations.kit.names import namer
from bot.operations.kit.transaction import Tx
from bot.operations.postmortems.saves import save
from storage import incidents, postmortems


def found_by(tx: Tx, analysis: FiveWhysAnalysis, by: str) -> None:
    """Add the root causes that the draft doesn't name yet; a final postmortem stays as it is."""
    incident = incidents.get(tx.connection, analysis.incident_id, SYSTEM)
    draft = postmortems.of_incident(tx.connection, analysis.incident_id, SYSTEM, lock=True)
    if incident is None or draft is None or draft.is_final:
        return
    found = (cut(one_line(each), CAUSE_LIMIT) for each in analysis.root_causes(namer(tx)))
    causes = tuple(dict.fromkeys((*draft.root_causes, *found)))[:MAX_CAUSES]
    if causes != draft.root_causes:
        save(tx, incident, replace(draft, root_causes=causes), by, Section.ROOT_CAUSES)
