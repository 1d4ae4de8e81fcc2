"""Loads what answers about five-whys sessions show."""

from __future__ import annotations

from bot.domain.five_whys.planned import root_key
from bot.domain.incidents.timeline import permalink
from bot.domain.kit.people import Viewer
from bot.domain.surface.answers import WhysList, WhysOver, WhysTray
from bot.domain.surface.shown import Shown, WhysListShown, WhysOverShown, WhysTrayShown
from bot.operations.five_whys.reads import existing_analysis
from bot.operations.kit.access import existing_incident
from bot.operations.kit.names import names_of
from bot.operations.kit.transaction import Tx
from storage import five_whys, messages, workspace


def show_whys(tx: Tx, answer: WhysTray | WhysOver | WhysList, viewer: Viewer) -> Shown:
    """What the answer shows the viewer now; raises ``UnknownAnalysis`` and ``UnknownRef``."""
    match answer:
        case WhysTray():
            analysis = existing_analysis(tx, answer.analysis_id, viewer)
            place = messages.where(tx.connection, root_key(analysis.id))
            team_url = tx.once(workspace.get, workspace.TEAM_URL)
            link = permalink(team_url, *place) if place and team_url else None
            return WhysTrayShown(analysis, link, names_of(tx, analysis))
        case WhysOver():
            return WhysOverShown(existing_analysis(tx, answer.analysis_id, viewer))
        case WhysList():
            incident = existing_incident(tx, answer.incident_id, viewer)
            found = tuple(five_whys.of_incident(tx.connection, incident.id))
            return WhysListShown(incident, found, names_of(tx, *found))
