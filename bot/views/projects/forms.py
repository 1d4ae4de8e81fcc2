"""The form that adds a project or changes it."""

from __future__ import annotations

from bot.domain.incidents.model import PROJECT_LIMIT
from bot.domain.projects.model import LINKS_LIMIT, MAX_LINKS, Project, written_links
from bot.domain.surface.forms import FormName, ProjectInput
from bot.domain.surface.shown import ProjectFormShown
from bot.views.kit.form_parts import (
    State,
    carried,
    field_value,
    input_of,
    modal,
    parser,
    text_input,
    typed,
)
from bot.views.kit.menus import GROUPS_MISSING, groups_menu, people_menu
from bot.views.kit.message import Block, context, plain
from bot.views.kit.text import counted


def project_form(shown: ProjectFormShown) -> Block:
    """The form that changes a project or, without one, adds one."""
    project = shown.project
    people = project.people if project else ()
    links = written_links(project.links) if project else ""
    blocks = [
        text_input("project", "Name", project.name if project else "", PROJECT_LIMIT, optional=False),
        _people(people),
        *_groups(shown),
        text_input(
            "links",
            "Links",
            links,
            LINKS_LIMIT,
            multiline=True,
            hint=f"Up to {MAX_LINKS}, one per line, e.g. Runbook https://wiki.example.com/checkout. They are "
            "on each incident's card and, with the scope bookmarks:write, bookmarks in its channel.",
        ),
        _home(project.home_channel if project else None),
        *([_archived(project)] if project else []),
    ]
    was = project.updated_at.isoformat() if project else None
    kept = {"project_id": project.id if project else None, "was": was}
    return modal(FormName.PROJECT, "Edit the project" if project else "Add a project", "Save", blocks, kept)


@parser
def parse_project(view: State) -> ProjectInput:
    """The input from :func:`project_form`."""
    kept = carried(view)
    groups = field_value(view, "groups").get("selected_options") or ()
    return ProjectInput(
        project_id=int(kept["project_id"]) if "project_id" in kept else None,
        was=str(kept.get("was") or ""),
        name=typed(view, "project"),
        people=tuple(str(each) for each in field_value(view, "people").get("selected_users") or ()),
        groups=tuple(str(each["value"]) for each in groups),
        links=typed(view, "links"),
        home_channel=field_value(view, "home").get("selected_channel"),
        is_archived=bool(field_value(view, "archived").get("selected_options")),
    )


def _people(initial: tuple[str, ...]) -> Block:
    made = input_of("people", "Owners", people_menu("people", initial))
    return {**made, "hint": plain("They are invited to each of its incidents, unless that's private.")}


def _groups(shown: ProjectFormShown) -> list[Block]:
    if not shown.has_groups and not shown.groups:
        return [context(GROUPS_MISSING)]
    made = input_of("groups", "Owners by user group", groups_menu("groups", shown.groups))
    if shown.gone:
        gone = counted(shown.gone, "chosen group no longer exists", "chosen groups no longer exist")
        made["hint"] = plain(f"{gone}, and won't be kept.")
    return [made]


def _home(initial: str | None) -> Block:
    element: Block = {
        "type": "channels_select",
        "action_id": "home",
        "placeholder": plain("Choose a public channel"),
    }
    if initial:
        element["initial_channel"] = initial
    made = input_of("home", "Home channel", element)
    return {**made, "hint": plain("Its incidents are announced here as well, unless they are private.")}


def _archived(project: Project) -> Block:
    only: Block = {
        "text": plain("Archived"),
        "description": plain("No longer offered, and its owners aren't invited. Past incidents keep it."),
        "value": "archived",
    }
    element: Block = {"type": "checkboxes", "action_id": "archived", "options": [only]}
    if project.is_archived:
        element["initial_options"] = [only]
    return input_of("archived", "Archive", element)
