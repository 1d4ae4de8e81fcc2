"""Settings from the environment and from files: all problems are named at once, and no secret is shown."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot import config
from bot.config import SECRETS, Settings
from tests.support.bots import ROOT

GOOD = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "hush",
    "SLACK_APP_TOKEN": "xapp-1",
    "DATABASE_URL": "postgresql://u:hunter2@h/d",
    "HTTPS_PROXY": "http://u:hunter3@proxy.corp:3128",
    "HTTP_PROXY": "http://u:hunter4@proxy.corp:3128",
}
"""A value for each secret; a test walks them."""


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is set but what the test sets."""
    for name in os.environ:
        if name.removesuffix("_FILE").lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def problems(monkeypatch: pytest.MonkeyPatch, **environment: str) -> list[str]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(config.SettingsError) as refused:
        config.load()
    return str(refused.value).splitlines()


def test_the_secrets_are_those_that_are_never_shown() -> None:
    assert {name.upper() for name in SECRETS} == set(GOOD)
    shown = repr(Settings.model_validate({name.lower(): value for name, value in GOOD.items()}))
    assert [value for value in GOOD.values() if value in shown] == []


def test_space_around_a_value_such_as_half_a_line_end_of_windows_does_not_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given = {
        **GOOD,
        "DEFAULT_TIMEZONE": "Europe/Berlin",
        "PORT": "3001",
        "GOOGLE_SUBJECT": "ana@acme.example",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, f" {value} \r")
    settings = config.load()
    assert {name: str(getattr(settings, name.lower())) for name in given} == given


def test_nothing_but_space_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    found = problems(monkeypatch, **{**GOOD, "SLACK_BOT_TOKEN": "  ", "SLACK_APP_TOKEN": " "})
    assert [each.partition(" ")[0] for each in found] == ["SLACK_BOT_TOKEN"]


def test_every_secret_may_come_from_a_file_whose_last_newline_is_cut(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in map(str.upper, SECRETS):
        path = tmp_path / name
        path.write_text(f"{GOOD[name]}\n")
        monkeypatch.setenv(f"{name}_FILE", str(path))
    settings = config.load()
    assert {name.upper(): getattr(settings, name) for name in SECRETS} == GOOD
    assert set(settings.secrets) == set(GOOD.values())


def test_a_file_named_in_lower_case_counts_too_and_an_empty_name_does_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_bytes(b"xoxb-2\r\n")
    monkeypatch.setenv("slack_bot_token_file", "token")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("SLACK_APP_TOKEN_FILE", "")
    assert config.load().slack_bot_token == "xoxb-2"


FILES: dict[str, tuple[bytes | None, str]] = {
    "missing": (None, "the file can't be read (No such file or directory)"),
    "empty": (b"", "the file is empty"),
    "blank": (b" \n", "the file is empty"),
    "binary": (b"\xff\xfe\x00", "the file isn't one short line of text"),
    "zeros": (b"xoxb-\x00", "the file isn't one short line of text"),
    "two-lines": (b"xoxb-1\nxoxb-2\n", "the file isn't one short line of text"),
    "endless": (b"x" * 100_000, "the file isn't one short line of text"),
}


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("kind", FILES)
def test_a_file_without_a_secret_is_named_by_its_setting_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, secret: str, kind: str
) -> None:
    content, why = FILES[kind]
    if content is not None:
        (tmp_path / kind).write_bytes(content)
    name = secret.upper()
    others = {each: value for each, value in GOOD.items() if each != name}
    found = problems(monkeypatch, **others, **{f"{name}_FILE": kind})
    assert found == [f"{name}_FILE can't be used: {why}"]


def test_a_folder_and_a_secret_instead_of_a_path_are_problems_that_reveal_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = problems(
        monkeypatch, SLACK_BOT_TOKEN_FILE="xoxb-oops", SLACK_APP_TOKEN_FILE=str(tmp_path), LOG_LEVEL="LOUD"
    )
    assert found == [
        "SLACK_BOT_TOKEN_FILE can't be used: the file can't be read (No such file or directory)",
        "SLACK_APP_TOKEN_FILE can't be used: it names a folder, not a file",
        "LOG_LEVEL can't be used: choose one of DEBUG, INFO, WARNING, ERROR",
    ]


@pytest.mark.parametrize("name", GOOD)
def test_a_secret_that_is_set_twice_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").write_text(GOOD[name])
    found = problems(monkeypatch, **GOOD, **{f"{name}_FILE": "file"})
    assert found == [f"{name} and {name}_FILE are both set: remove one of them"]


def test_the_database_is_checked_with_the_other_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    found = problems(monkeypatch, DATABASE_URL="mysql://u:hunter2@h/d", SLACK_APP_TOKEN="x", PORT="0")
    assert [line.partition(" ")[0] for line in found] == ["SLACK_BOT_TOKEN", "PORT", "DATABASE_URL"]
    assert found[2].startswith("DATABASE_URL can't be used: mysql:// isn't supported; write sqlite:///")


def test_a_default_database_that_cannot_be_there_is_a_problem_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "muster.db").mkdir()
    found = problems(monkeypatch, SLACK_BOT_TOKEN="x", SLACK_APP_TOKEN="x")
    assert found == ["DATABASE_URL can't be used: muster.db is a folder"]


def test_a_url_from_a_file_is_checked_like_any_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgres://u:hunter2@h/d?pgbouncer=true\n")
    found = problems(monkeypatch, SLACK_BOT_TOKEN="x", SLACK_APP_TOKEN="x", DATABASE_URL_FILE="url")
    assert found == ["DATABASE_URL can't be used: PostgreSQL's client has no option pgbouncer"]


def test_the_process_ends_with_code_2_and_no_traceback(tmp_path: Path) -> None:
    environment = {"DATABASE_URL": "sqlite:muster.db", "SLACK_BOT_TOKEN_FILE": "x"}
    ended = subprocess.run(
        [sys.executable, str(ROOT / "app.py")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 2
    heading, *lines = ended.stderr.splitlines()
    assert heading == "Muster can't start:"
    names = ["SLACK_BOT_TOKEN_FILE", "SLACK_APP_TOKEN", "DATABASE_URL"]
    assert [line.partition(" ")[0] for line in lines] == names
