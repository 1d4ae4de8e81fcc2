"""What the list of projects shows."""

from __future__ import annotations

from bot.domain.kit.people import Viewer
from bot.domain.surface.answers import ProjectList
from bot.domain.surface.shown import ProjectsShown
from bot.operations.kit.gate import require_admin
from bot.operations.kit.transaction import Tx
from storage import groups, projects

_PAGE = 10


def show_projects(tx: Tx, asked: ProjectList, viewer: Viewer) -> ProjectsShown:
    """A page of the projects for an answer; raises ``NotAllowed`` and ``NotAdmin``."""
    if isinstance(viewer, str):
        require_admin(tx, viewer)
    found = projects.everything(tx.connection)
    pages = max(1, -(-len(found) // _PAGE))
    page = min(max(asked.page, 1), pages)
    shown = tuple(found[(page - 1) * _PAGE : page * _PAGE])
    named = {each for project in shown for each in project.groups}
    known = {each: groups.get(tx.connection, each) for each in sorted(named)}
    enabled = {group_id: None if each and each.is_disabled else each for group_id, each in known.items()}
    return ProjectsShown(ProjectList(page), shown, enabled, pages, len(found))
