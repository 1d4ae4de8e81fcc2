"""Adds, changes and archives projects; only admins may."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.kit.errors import ProjectChanged, ProjectTwice, UnknownProject
from bot.domain.kit.groups import UserGroup
from bot.domain.projects.model import Project, key_of, read_links, read_name, read_owners
from bot.domain.surface.forms import ProjectInput, ProjectStart
from bot.domain.surface.shown import ProjectFormShown
from bot.operations.consequences import projects as consequences
from bot.operations.kit.comers import check_group, check_person
from bot.operations.kit.gate import begin, require_admin
from bot.operations.kit.names import namer
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from storage import groups, projects, workspace

_CHANGED_BY = "projects_by"
_SUGGESTED = 100
"""Options in a menu: https://docs.slack.dev/reference/block-kit/block-elements/multi-select-menu-element"""


class Projects(Operations):
    """What admins say about projects: who owns them, which links they have, where their home is.

    ``by`` is the person who acts; raises ``NotAllowed`` and ``NotAdmin``. ``key`` is the request's natural
    key: a redelivery changes nothing.
    """

    @reading
    def check_may_change(self, tx: Tx, *, by: str) -> None:
        """Raise an error unless the person may see and change projects."""
        require_admin(tx, by)

    @reading
    def opening(self, tx: Tx, start: ProjectStart, *, by: str) -> ProjectFormShown:
        """What the project's form shows, or that of a new one; raises ``UnknownProject``."""
        require_admin(tx, by)
        project = _existing(tx, start.project_id) if start.project_id else None
        chosen = [groups.get(tx.connection, each) for each in project.groups] if project else []
        kept = tuple(each for each in chosen if each and not each.is_disabled)
        gone = len(chosen) - len(kept)
        return ProjectFormShown(project, kept, gone, bool(groups.all_enabled(tx.connection)))

    @reading
    def offered(self, tx: Tx, typed: str, limit: int) -> list[Project]:
        """The projects whose names contain what was typed, for whoever declares an incident."""
        found = [each for each in projects.offered(tx.connection) if key_of(typed) in key_of(each.name)]
        return found[:limit]

    @reading
    def suggest_groups(self, tx: Tx, typed: str, *, by: str) -> list[UserGroup]:
        """The user groups whose handle or name contains what was typed."""
        require_admin(tx, by)
        wanted = typed.strip().removeprefix("@").casefold()
        found = groups.all_enabled(tx.connection)
        return [each for each in found if wanted in f"{each.handle} {each.name}".casefold()][:_SUGGESTED]

    @transaction
    def save(self, tx: Tx, filled: ProjectInput, *, by: str, key: str) -> None:
        """Add the project in the form, or change it; its open incidents show its new name.

        Raises errors that name their field, ``UnknownProject``, and ``ProjectChanged`` if somebody else got
        there first.
        """
        is_new = begin(tx, by, key)
        require_admin(tx, by)
        if not is_new:
            return
        # Its lock makes admins wait for one another, so that no two of them add the same project.
        workspace.save(tx.connection, _CHANGED_BY, by)
        before = _existing(tx, filled.project_id, lock=True) if filled.project_id else None
        if before and before.updated_at.isoformat() != filled.was:
            raise ProjectChanged(by=before.updated_by, name=namer(tx).person(before.updated_by))
        wanted = _wanted(tx, filled, before, by)
        if before is None:
            projects.add(tx.connection, wanted)
            return
        projects.save(tx.connection, wanted)
        consequences.changed(tx, before, wanted, key)


def _wanted(tx: Tx, filled: ProjectInput, before: Project | None, by: str) -> Project:
    name = read_name(filled.name)
    other = projects.named(tx.connection, name)
    if other and not filled.is_archived and (before is None or other.id != before.id):
        raise ProjectTwice(name=other.name)
    owners = read_owners(filled.people, filled.groups)
    for user_id in owners.people:
        check_person(tx, user_id)
    for group_id in owners.groups:
        check_group(tx, group_id)
    links = read_links(filled.links)
    known = before or Project(0, name, (), (), (), by, tx.now, by, tx.now)
    archived_at = known.archived_at or tx.now if filled.is_archived else None
    return replace(
        known,
        name=name,
        people=owners.people,
        groups=owners.groups,
        links=links,
        home_channel=filled.home_channel,
        updated_by=by,
        updated_at=tx.now,
        archived_at=archived_at,
    )


def _existing(tx: Tx, project_id: int, *, lock: bool = False) -> Project:
    found = projects.get(tx.connection, project_id, lock=lock)
    if found is None:
        raise UnknownProject
    return found
