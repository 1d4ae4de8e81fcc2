"""What follows when a project is changed: its incidents and its checklists have its name."""

from __future__ import annotations

from bot.domain.incidents import planned as incidents_planned
from bot.domain.projects.model import Project
from bot.operations.consequences import checklists
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import incidents


def changed(tx: Tx, before: Project, after: Project, cause: str) -> None:
    """Give the project's incidents and checklists its new name, and show it in those still worked on.

    Their cards show its new links as well; bookmarks belong to the people in the channel once they are there.
    """
    is_renamed = before.name != after.name
    if not is_renamed and before.links == after.links:
        return
    if is_renamed:
        checklists.project_renamed(tx, before.name, after.name)
        incidents.rename_project(tx.connection, after.id, after.name)
    follows = (
        incidents_planned.after_another_project_name if is_renamed else incidents_planned.after_other_links
    )
    for incident in incidents.active_of_project(tx.connection, after.id):
        enqueue(tx, follows(incident, f"project/{cause}"))
