"""The list of projects, for admins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.domain.kit.groups import UserGroup
from bot.domain.projects.model import Project
from bot.domain.surface.answers import ProjectList
from bot.domain.surface.shown import ProjectsShown, Shown
from bot.views.incidents.card import links_line
from bot.views.kit.answers import pager
from bot.views.kit.message import Block, Message, actions, button, section
from bot.views.kit.text import counted, escape, local_time, mention

_PEOPLE_SHOWN, _LINKS_SHOWN = 10, 400
_NOTHING_YET = (
    "There are no projects yet. A project says who is invited to its incidents, which links they have, and "
    "where else they are announced."
)


def project_list(shown: ProjectsShown) -> Message:
    """The projects, each with a button that changes it."""
    title = counted(shown.total, "project") if shown.total else "No projects"
    blocks: list[Block] = [section(f"*{title}*")]
    if not shown.projects:
        blocks.append(section(_NOTHING_YET))
    for each in shown.projects:
        changes = button("Edit", "edit_project", str(each.id))
        blocks.append(section(_project(each, shown.groups), accessory=changes))
    pages = pager(shown.pages, shown.asked.page, lambda page: replace(ProjectList(), page=page))
    adds = button("Add a project", "add_project", "add", "primary")
    return Message(title, (*blocks, actions(adds, *pages)))


def _project(project: Project, groups: Mapping[str, UserGroup | None]) -> str:
    """The project in a few lines."""
    state = " (archived)" if project.is_archived else ""
    lines = [f"*{escape(project.name)}*{state}"]
    owners = [*map(mention, project.people[:_PEOPLE_SHOWN])]
    more = len(project.people) - _PEOPLE_SHOWN
    if more > 0:
        owners.append(counted(more, "more person", "more people"))
    owners += [_group(groups.get(each)) for each in project.groups]
    lines.append(f"Owners: {', '.join(owners) or 'nobody yet'}")
    if project.links:
        lines.append(f"Links: {links_line(project.links, _LINKS_SHOWN)}")
    if project.home_channel:
        lines.append(f"Home: <#{project.home_channel}>")
    lines.append(f"_Changed by {mention(project.updated_by)} {local_time(project.updated_at)}_")
    return "\n".join(lines)


def _group(group: UserGroup | None) -> str:
    if group is None:
        return "⚠️ a group that no longer exists"
    size = counted(len(group.member_ids), "person", "people") if group.member_ids else "⚠️ nobody is in it"
    return f"@{escape(group.handle)} ({size})"


VIEWS: Mapping[type[Shown], Callable[[Any], Message]] = {ProjectsShown: project_list}
