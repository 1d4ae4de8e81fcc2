"""The file with settings: read after the environment, written whole and for its owner only."""

from __future__ import annotations

import os
import stat
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
