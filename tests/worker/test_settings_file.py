"""A settings file that changes is noticed; one that can't be used changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot.domain.kit.errors import NotSaved
from bot.domain.settings import DEFAULTS, TeamSettings
from bot.operations.checkup import Checkup
from bot.operations.settings import WorkspaceSettings
from bot.worker.settings_file import LOOK_EVERY, SettingsWatch
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
