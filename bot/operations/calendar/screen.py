"""Loads what answers about time blocks show."""

from __future__ import annotations

from bot.domain.kit.errors import UnknownBlock
from bot.domain.kit.people import Viewer
from bot.domain.surface.answers import BlockTray
from bot.domain.surface.shown import BlockShown
from bot.operations.kit.transaction import Tx
from storage import incidents, time_blocks


def show_block(tx: Tx, answer: BlockTray, viewer: Viewer) -> BlockShown:
    """What the answer shows the viewer now; raises ``UnknownBlock``."""
    block = time_blocks.get(tx.connection, answer.block_id, viewer)
    incident = incidents.get(tx.connection, block.incident_id, viewer) if block else None
    if block is None or incident is None:
        raise UnknownBlock
    return BlockShown(block, incident, tx.now)
