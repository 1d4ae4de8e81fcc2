"""What the doctor says about the settings file while the bot runs."""

from __future__ import annotations

from pathlib import Path

from bot.domain.settings import DEFAULTS, ReminderSettings, Role, TeamSettings
from bot.domain.surface.checkup import Light
from bot.effects.checkup import settings_file
from bot.settings_file import file

UNSET = TeamSettings(DEFAULTS, DEFAULTS)


def test_a_file_that_counts_is_green_and_one_that_broke_since_is_red(tmp_path: Path) -> None:
    path = tmp_path / "muster.yaml"
    path.write_text("channels: {texts_kept_days: 90}")
    in_force = file.with_file(DEFAULTS, file.load(str(path)))
    found = settings_file(str(path), in_force)
    assert (found.light, found.found) == (Light.GREEN, "It sets 1 of the settings.")
    path.write_text("channels:\n  texts_kept: 90")
    broken = settings_file(str(path), in_force)
    assert broken.light is Light.RED
    assert (
        "line 2, channels.texts_kept: There is no such setting. Did you mean texts_kept_days?" in broken.found
    )


def test_a_file_for_a_role_that_slack_lacks_is_red_until_it_counts_and_then_amber(tmp_path: Path) -> None:
    path = tmp_path / "muster.yaml"
    path.write_text("checklists:\n  lists: [{name: Ask, lines: [Ask], role: Liaison}]")
    lacks = "line 2, checklists.lists[1].role: There is no role “Liaison”."
    refused = settings_file(str(path), UNSET)
    assert (refused.light, lacks in refused.found) == (Light.RED, True)
    found = file.load(str(path))
    lost = settings_file(str(path), file.with_file(DEFAULTS, found))
    assert (lost.light, lacks in lost.found) == (Light.AMBER, True)
    with_it = ReminderSettings(roles=(Role("Liaison", "Talks"),))
    assert settings_file(str(path), file.with_file(with_it, found)).light is Light.GREEN


def test_a_file_that_does_not_count_yet_is_amber_and_so_is_one_that_only_another_replica_has(
    tmp_path: Path,
) -> None:
    path = tmp_path / "muster.yaml"
    path.write_text("channels: {texts_kept_days: 90}")
    theirs = file.with_file(DEFAULTS, file.load(str(path)))
    assert settings_file(str(path), UNSET).light is Light.AMBER
    assert settings_file("", theirs).light is Light.AMBER
    assert settings_file("", UNSET).light is Light.GREEN
