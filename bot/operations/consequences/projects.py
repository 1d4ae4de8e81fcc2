"""What follows when a project is changed: its incidents and its checklists have its name."""

from __future__ import annotations

from bot.domain.incidents import planned as incidents_planned
from bot.domain.projects.model import Project
from bot.operations.consequences import checklists
from bot.operations.kit.outbox import enqueue
from bot.operations.kit.transaction import Tx
from storage import incidents


def changed(tx: Tx, before: Project, after: Project, cause: str) -> None:
    """Give the project's incidents and checklists its new name, and show it in those still worked on."""
    if before.name == after.name:
        return
    checklists.project_renamed(tx, before.name, after.name)
    for incident in incidents.rename_project(tx.connection, after.id, after.name):
        enqueue(tx, incidents_planned.after_another_project_name(incident, f"project/{cause}"))
