"""The file with settings: read after the environment, written whole and for its owner only."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest

from bot import env_file


def environment(file: Path, **more: str) -> dict[str, str]:
    return {env_file.NAME: str(file), **more}


def test_the_environment_goes_first(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"A=file\r\nexport B='two words'\r\nC=$A\r\nhalf")
    file.chmod(0o600)
    known = environment(file, A="environment")
    assert env_file.read(known) == ""
    assert (known["A"], known["B"], known["C"]) == ("environment", "two words", "$A")


def test_no_file_and_no_name_add_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for known in (dict[str, str](), {env_file.NAME: ""}):
        before = dict(known)
        assert env_file.read(known) == ""
        assert known == before


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe"], ids=["missing", "a folder", "not UTF-8"])
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "settings"
    if content:
        file.write_bytes(content)
    elif content is not None:
        file.mkdir()
    with pytest.raises(env_file.Unreadable, match=f"{file} can't be read: "):
        env_file.read(environment(file))


def test_a_file_that_others_can_read_is_warned_about(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("A=1\n")
    file.chmod(0o644)
    assert f"chmod 600 {file}" in env_file.read(environment(file))


def test_it_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / ".env"
    env_file.write(file, {"A": "1"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    def full(_number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        env_file.write(file, {"A": "2"})
    assert file.read_text() == "A=1\n"
    assert list(tmp_path.iterdir()) == [file]


def test_a_name_that_the_environment_spells_in_lower_case_goes_first_too(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("HTTPS_PROXY=http://file:1\n")
    known = environment(file, https_proxy="http://environment:1")
    env_file.read(known)
    assert "HTTPS_PROXY" not in known


def test_a_file_from_windows_is_read_and_written(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"\xef\xbb\xbfSLACK_BOT_TOKEN=xoxb-old\r\nexport  A='#1'\r\nA=2 # two\r\nB=x#y\r\n")
    known = environment(file)
    env_file.read(known)
    assert (known["SLACK_BOT_TOKEN"], known["A"], known["B"]) == ("xoxb-old", "2", "x#y")
    env_file.write(file, {"SLACK_BOT_TOKEN": "xoxb-new"})
    assert file.read_bytes() == b"export  A='#1'\nA=2 # two\nB=x#y\nSLACK_BOT_TOKEN=xoxb-new\n"


def test_zeros_that_a_crash_has_left_are_no_settings(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"A=1\nB=" + bytes(512))
    known = environment(file)
    with pytest.raises(env_file.Unreadable, match="isn't text"):
        env_file.read(known)
    assert "A" not in known


def test_a_name_that_no_file_can_have_says_so_even_if_the_file_is_optional(tmp_path: Path) -> None:
    with pytest.raises(env_file.Unreadable, match="can't be read"):
        env_file.read(environment(tmp_path / ("x" * 300)), is_optional=True)
    assert env_file.read(environment(tmp_path / "none"), is_optional=True) == ""


def test_the_command_that_is_advised_can_be_pasted(tmp_path: Path) -> None:
    file = tmp_path / "Application Support" / ".env"
    file.parent.mkdir()
    file.write_text("A=1\n")
    file.chmod(0o644)
    advised = env_file.read(environment(file)).partition("Run: ")[2]
    subprocess.run(["sh", "-c", advised], check=True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_draft_with_secrets_is_not_left_behind_after_ctrl_c(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_number: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        env_file.write(tmp_path / ".env", {"A": "1"})
    assert list(tmp_path.iterdir()) == []


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link, file = tmp_path / ".env", tmp_path / "there" / "env"
    link.symlink_to(file)
    env_file.write(link, {"A": "1"})
    assert link.is_symlink()
    assert file.read_text() == "A=1\n"
