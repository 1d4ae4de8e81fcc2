"""What performers and answers read of five-whys sessions."""

from __future__ import annotations

from bot.domain.five_whys.model import whys_ref
from bot.domain.five_whys.planned import root_key
from bot.domain.incidents.model import ref_of
from bot.domain.incidents.timeline import permalink
from bot.domain.kit.errors import UnknownAnalysis, UnknownRef
from bot.domain.kit.people import SYSTEM, Viewer
from bot.domain.surface.answers import WhysList, WhysTray
from bot.domain.surface.shown import Shown, WhysListShown, WhysTrayShown
from bot.operations.kit.transaction import Operations, Tx, reading
from storage import five_whys, incidents, messages, workspace


class WhysReads(Operations):
    """Each answers as it is now."""

    @reading
    def is_taken(self, tx: Tx, channel_id: str, ts: str) -> bool:
        """Whether the message stands in a tree as an answer."""
        found = five_whys.by_answer(tx.connection, channel_id, ts)
        analysis = five_whys.get(tx.connection, found[0], SYSTEM) if found else None
        return found is not None and analysis is not None and analysis.whys[found[1]].is_taken

    @reading
    def former_root(self, tx: Tx, analysis_id: int) -> tuple[str, str] | None:
        """(channel, ts) of the session's message that was deleted last, if one was."""
        return messages.last_below(tx.connection, root_key(analysis_id))


def show_whys(tx: Tx, answer: WhysTray | WhysList, viewer: Viewer) -> Shown:
    """What the answer shows the viewer now; raises ``UnknownAnalysis`` and ``UnknownRef``."""
    match answer:
        case WhysTray():
            analysis = five_whys.get(tx.connection, answer.analysis_id, viewer)
            if analysis is None:
                raise UnknownAnalysis(ref=whys_ref(answer.analysis_id))
            place = messages.where(tx.connection, root_key(analysis.id))
            team_url = workspace.get(tx.connection, workspace.TEAM_URL)
            return WhysTrayShown(analysis, permalink(team_url, *place) if place and team_url else None)
        case WhysList():
            incident = incidents.get(tx.connection, answer.incident_id, viewer)
            if incident is None:
                raise UnknownRef(ref=ref_of(answer.incident_id))
            return WhysListShown(incident, tuple(five_whys.of_incident(tx.connection, incident.id)))
