"""A settings file that changes is noticed; one that can't be used changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.domain.kit.errors import NotSaved
from bot.domain.settings import DEFAULTS, ReminderSettings, Role, TeamSettings
from bot.operations.checkup import Checkup
from bot.operations.settings import WorkspaceSettings
from bot.worker.settings_file import LOOK_EVERY, SettingsWatch
from storage import settings
from storage.database import Database
from tests.support.office import Clock

BROKEN = "channels: {texts_kept_days: 7}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "muster.yaml"


def kept(days: int) -> str:
    return f"channels: {{texts_kept_days: {days}}}"


def watching(database: Database, file: Path | None) -> SettingsWatch:
    return SettingsWatch(str(file or ""), WorkspaceSettings(database, Clock()))


def team(database: Database) -> TeamSettings:
    return Checkup(database, Clock()).settings()


def test_what_the_file_says_counts_and_so_do_its_changes(database: Database, file: Path) -> None:
    file.write_text(kept(90))
    watch = watching(database, file)
    watch.look()
    found = team(database)
    assert (found.effective.texts_kept, found.file) == (90, "muster.yaml")
    assert set(found.from_file) == {"texts_kept"}
    file.write_text(kept(60))
    watch.look()
    assert team(database).effective.texts_kept == 60
    file.write_text("")
    watch.look()
    assert team(database).effective == DEFAULTS


def test_it_is_looked_at_within_a_minute(database: Database, file: Path) -> None:
    assert LOOK_EVERY <= 30
    now = [1000.0]
    file.write_text(kept(90))
    watch = SettingsWatch(str(file), WorkspaceSettings(database, Clock()), lambda: now[0])
    watch()
    file.write_text(kept(60))
    watch()
    assert team(database).effective.texts_kept == 90, "every few seconds would be too often"
    now[0] += LOOK_EVERY
    watch()
    assert team(database).effective.texts_kept == 60


@pytest.mark.parametrize("content", [BROKEN, None], ids=["broken", "gone"])
def test_the_last_good_version_stays_and_the_log_says_once_what_is_wrong(
    database: Database, file: Path, content: str | None
) -> None:
    file.write_text(kept(90))
    watch = watching(database, file)
    watch.look()
    file.unlink() if content is None else file.write_text(content)
    with structlog.testing.capture_logs() as logged:
        watch.look()
        watch.look()
    [warned] = [each for each in logged if each["log_level"] == "warning"]
    assert warned["event"] == "the settings file can't be used"
    wanted = "channels.texts_kept_days: Write a time" if content else "It can't be read (No such file"
    assert wanted in warned["problems"][0]
    assert team(database).effective.texts_kept == 90
    file.write_text(kept(60))
    watch.look()
    assert team(database).effective.texts_kept == 60


def test_every_replica_follows_the_last_change_that_any_has_seen(database: Database, tmp_path: Path) -> None:
    """Each replica has a copy, and they don't all change at the same moment."""
    copies = [tmp_path / name / "muster.yaml" for name in "ab"]
    for each in copies:
        each.parent.mkdir()
        each.write_text(kept(90))
    watches = [watching(database, each) for each in copies]
    for watch in watches:
        watch.look()
    copies[0].write_text(kept(60))
    for watch in watches:
        watch.look()
    assert team(database).effective.texts_kept == 60, "what the other still has is no change"
    copies[1].write_text(kept(60))
    watches[1].look()
    assert team(database).effective.texts_kept == 60


def test_without_a_file_what_was_set_in_slack_counts_again(database: Database, file: Path) -> None:
    file.write_text(kept(90))
    watching(database, file).look()
    watching(database, None).look()
    assert team(database) == TeamSettings(DEFAULTS, DEFAULTS)


FOR_LIAISON = "checklists: {lists: [{name: Ask, lines: [Ask], role: Liaison}]}"


def set_roles(database: Database, *names: str) -> None:
    roles = tuple(Role(each, "Talks") for each in names)
    database.run(lambda tx: settings.save(tx, ReminderSettings(roles=roles)))


def test_a_file_that_counts_on_a_role_is_used_once_slack_has_it(database: Database, file: Path) -> None:
    file.write_text(kept(90))
    watch = watching(database, file)
    watch.look()
    file.write_text(FOR_LIAISON)
    with structlog.testing.capture_logs() as logged:
        watch.look()
        watch.look()
        assert team(database).effective.texts_kept == 90, "the last good version counts"
        set_roles(database, "Liason")
        watch.look()
        set_roles(database, "Liaison")
        watch.look()
    assert [each["event"] for each in logged] == [
        *("the settings file can't be used", "the settings file can't be used", "settings from the file")
    ]
    said = [each["problems"] for each in logged if "problems" in each]
    [first], [second] = said
    assert first.startswith("line 1, checklists.lists[1].role: There is no role “Liaison”. These exist: ")
    assert second.endswith("There is no role “Liaison”. Did you mean Liason?")
    assert [each.role for each in team(database).effective.checklists] == ["Liaison"]


def test_a_file_that_counts_stays_in_force_when_slack_loses_its_role(database: Database, file: Path) -> None:
    set_roles(database, "Liaison")
    file.write_text(FOR_LIAISON)
    watching(database, file).look()
    set_roles(database)
    with structlog.testing.capture_logs() as logged:
        watching(database, file).look()
    assert logged == []
    assert team(database).file == "muster.yaml"


class AwayAtFirst(WorkspaceSettings):
    """Settings whose database can't be reached once."""

    is_away = True

    def use_file(self, name: str, digest: str, values: Mapping[str, Any]) -> bool:
        if self.is_away:
            self.is_away = False
            raise NotSaved
        return super().use_file(name, digest, values)


def test_if_the_database_is_away_the_next_look_tries_again(database: Database, file: Path) -> None:
    file.write_text(kept(90))
    watch = SettingsWatch(str(file), AwayAtFirst(database, Clock()))
    with pytest.raises(NotSaved):
        watch()
    watch()
    assert team(database).effective.texts_kept == 90
