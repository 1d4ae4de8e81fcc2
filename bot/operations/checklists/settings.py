"""The checklists of the settings, which admins write."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.checklists.model import check_all, digest, read_checklist
from bot.domain.incidents.model import IncidentSeverity
from bot.domain.incidents.names import clean_project
from bot.domain.incidents.roles import BUILT_IN, key_of
from bot.domain.kit.errors import OutdatedButton, SetByFile
from bot.domain.kit.people import Viewer
from bot.domain.projects.model import chosen_id
from bot.domain.settings import Checklist, ReminderSettings, SettingsGroup, TeamSettings
from bot.domain.surface.answers import ChecklistSettings
from bot.domain.surface.forms import ChecklistInput
from bot.domain.surface.shown import ChecklistFormShown, ChecklistSettingsShown
from bot.operations.kit.gate import begin, require_admin
from bot.operations.kit.transaction import Operations, Tx, reading, transaction
from bot.operations.settings import as_set, changed_by_other
from storage import projects, settings


class ChecklistTemplates(Operations):
    """Reads and changes the checklists of the settings; only admins may."""

    @reading
    def form(self, tx: Tx, key: str, *, by: str) -> ChecklistFormShown:
        """What the form opens with.

        Raises ``NotAdmin``, ``SetByFile``, and ``OutdatedButton`` if no list has this key.
        """
        require_admin(tx, by)
        team = settings.of_team(tx.connection)
        _leave_file(team)
        found = team.effective
        checklist = _with_key(found, key)
        if key and checklist is None:
            raise OutdatedButton
        names = [each.name for each in (*BUILT_IN, *found.roles)]
        if checklist and checklist.role and key_of(checklist.role) not in map(key_of, names):
            names.append(checklist.role)
        return ChecklistFormShown(checklist, tuple(names))

    @transaction
    def save(self, tx: Tx, filled: ChecklistInput, *, by: str, key: str) -> tuple[Checklist, ...]:
        """Check and store a list, or delete it; incidents keep those that they have.

        Raises errors that name their field, ``SetByFile``, and ``SettingsChanged`` if somebody else has
        changed the list since the form was opened.
        """
        is_new = begin(tx, by, key)
        require_admin(tx, by)
        team = settings.lock(tx.connection)
        before = team.own
        if not is_new:
            return before.checklists
        _leave_file(team)
        if digest(_with_key(before, filled.key)) != filled.was:
            raise changed_by_other(tx, SettingsGroup.CHECKLISTS, by)
        wanted = replace(before, checklists=check_all(_with(before, filled, _project(tx, filled.project))))
        settings.save(tx.connection, wanted)
        settings.note_change(tx.connection, SettingsGroup.CHECKLISTS, ["checklists"], by, tx.now)
        return wanted.checklists


def show_checklist_settings(tx: Tx, _asked: ChecklistSettings, viewer: Viewer) -> ChecklistSettingsShown:
    """The checklists for an answer; raises ``NotAdmin``."""
    if isinstance(viewer, str):
        require_admin(tx, viewer)
    return ChecklistSettingsShown(as_set(tx))


def _leave_file(team: TeamSettings) -> None:
    if "checklists" in team.from_file:
        raise SetByFile(file=team.file)


def _with_key(found: ReminderSettings, key: str) -> Checklist | None:
    return next((each for each in found.checklists if key and key_of(each.name) == key), None)


def _project(tx: Tx, chosen: str) -> str:
    """The name of the project that was chosen, or typed; raises ``ProjectTooLong``."""
    number = chosen_id(chosen)
    found = projects.get(tx.connection, number) if number else None
    return found.name if found else clean_project(chosen) or ""


def _with(before: ReminderSettings, filled: ChecklistInput, project: str) -> list[Checklist]:
    """All lists with the one that was filled in, in its place."""
    others = list(before.checklists)
    at = next((n for n, each in enumerate(others) if key_of(each.name) == filled.key), len(others))
    others[at : at + 1] = [] if filled.is_deleted else [_read(filled, project)]
    return others


def _read(filled: ChecklistInput, project: str) -> Checklist:
    severities = tuple(each.value for each in IncidentSeverity if each.value in filled.severities)
    return read_checklist(Checklist(filled.name, (), severities, filled.role, project), filled.lines)
