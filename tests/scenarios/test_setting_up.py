"""``python app.py --setup``: every wrong value gets its sentence, and the right ones are proved."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Thread

import pytest

from bot.bootstrap import Bot, utc_now
from bot.cli import setup
from bot.cli.manifest import text
from bot.domain.surface.slack_app import SCOPES
from bot.intake.session import Session
from bot.views import setup as texts
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, start_here
from tests.support.people import Workspace, eventually


@dataclass
class Typist:
    """Somebody who answers from a list; ``on`` says what they do elsewhere once they have read a line."""

    answers: list[str]
    on: dict[str, Callable[[], object]] = field(default_factory=dict)
    read: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.read.append(text)
        if text in self.on:
            Thread(target=self.on[text]).start()

    def ask(self, question: str) -> str:
        self.read.append(question)
        if not self.answers:
            raise EOFError
        return self.answers.pop(0)

    ask_secret = ask


@pytest.fixture
def env(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that is to be written."""
    monkeypatch.setenv("SLACK_API_URL", sandbox.api_url)
    return tmp_path / ".env"


def right(sandbox: Sandbox) -> list[str]:
    return [sandbox.bot_token, sandbox.app_token, "ana@acme.example"]


def proving(sandbox: Sandbox) -> dict[str, Callable[[], object]]:
    """React, then click, as the terminal asks for it."""
    workspace = Workspace(sandbox.url)

    def message() -> tuple[str, str]:
        found = eventually(lambda: workspace.private("ana"))
        return workspace.post("open-dm", user="ana")["channel"], found[-1]["ts"]

    def react() -> None:
        channel, ts = message()
        workspace.post("reaction", channel=channel, ts=ts, user="ana", name="eyes")

    def click() -> None:
        channel, ts = message()
        workspace.click(channel, ts, texts.PROOF, "ana")

    return {texts.WAITING: react, texts.REACTED: click}


def test_right_answers_are_saved_for_their_owner_only_and_proved(sandbox: Sandbox, env: Path) -> None:
    env.write_text("# ours\nLOG_LEVEL=DEBUG\nSLACK_BOT_TOKEN=xoxb-old\n")
    env.chmod(0o644)
    typist = Typist(right(sandbox), proving(sandbox))
    assert setup.run(typist, env, 20) == 0, typist.read
    assert typist.read[-1] == texts.DONE
    assert env.read_text().splitlines() == [
        "# ours",
        "LOG_LEVEL=DEBUG",
        f"SLACK_BOT_TOKEN={sandbox.bot_token}",
        f"SLACK_APP_TOKEN={sandbox.app_token}",
    ]
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    said = " ".join(typist.read)
    assert sandbox.bot_token not in said
    assert sandbox.app_token not in said


def test_what_is_proved_counts_even_if_the_message_cannot_say_so(sandbox: Sandbox, env: Path) -> None:
    Workspace(sandbox.url).faults({"method": "chat.update", "effect": "429"})
    typist = Typist(right(sandbox), proving(sandbox))
    assert setup.run(typist, env, 20) == 0, typist.read
    assert typist.read[-1] == texts.DONE


def test_wrong_answers_are_asked_again_in_any_order(sandbox: Sandbox, env: Path) -> None:
    bot, app = sandbox.bot_token, sandbox.app_token
    answers = ["", app, f"{bot[:9]} {bot[9:]}", "xoxp-1234567890", "xoxb-0000000000", bot]
    answers += [
        bot,
        "xapp-1-A0000-000000",
        app,
        "",
        "nobody@acme.example",
        "U0NOBODY",
        "U0HAL",
        "u0ana",
    ]
    typist = Typist(answers, proving(sandbox))
    assert setup.run(typist, env, 20) == 0, typist.read
    for said in (
        "Nothing was entered.",
        "the app-level token",
        "a space or a line break",
        "a user token",
        "Slack doesn't know this token",
        "the bot token",
        texts.OTHER_APP,
        "nobody with that e-mail",
        "nobody like that",
        texts.NOT_A_PERSON,
    ):
        assert any(said in each for each in typist.read), said


def test_a_wrong_clock_is_reported(sandbox: Sandbox, env: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "utc_now", lambda: utc_now() - timedelta(minutes=10))
    typist = Typist(right(sandbox)[:1])
    with pytest.raises(EOFError):
        setup.run(typist, env)
    assert any("s behind Slack's. Set the clock" in each for each in typist.read), typist.read


def test_nothing_is_saved_if_it_is_stopped_before_the_end(sandbox: Sandbox, env: Path) -> None:
    for count in range(3):
        with pytest.raises(EOFError):
            setup.run(Typist(right(sandbox)[:count]), env)
        assert not env.exists()


def test_it_refuses_while_a_bot_runs_on_the_same_app(sandbox: Sandbox, sqlite_url: str, env: Path) -> None:
    bot: Bot = start_here(sandbox, sqlite_url)
    typist = Typist(right(sandbox))
    assert setup.run(typist, env) == 1
    assert typist.read[-1] == texts.ALREADY_RUNNING
    assert not env.exists()
    bot.stop()


def test_a_refusal_after_the_tokens_is_reported(sandbox: Sandbox, env: Path) -> None:
    Workspace(sandbox.url).faults({"method": "conversations.open", "effect": "error:missing_scope"})
    typist = Typist(right(sandbox))
    assert setup.run(typist, env) == 1
    assert typist.read[-1].startswith("A scope is missing.")


def test_what_does_not_arrive_is_named(sandbox: Sandbox, env: Path) -> None:
    typist = Typist(right(sandbox))
    assert setup.run(typist, env, 0.5) == 1
    assert typist.read[-2:] == [texts.NO_EVENTS, texts.NO_CLICKS]
    assert env.exists(), "the tokens are right"


def test_a_server_that_is_down_is_reported(
    env: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9/")
    typist = Typist([sandbox.bot_token])
    with pytest.raises(EOFError):
        setup.run(typist, env)
    assert any("Slack can't be reached" in each for each in typist.read)


def test_a_socket_that_cannot_be_opened_saves_nothing(
    sandbox: Sandbox, env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_session: Session) -> None:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(Session, "open", refused)
    typist = Typist(right(sandbox))
    assert setup.run(typist, env) == 1
    assert "Slack can't be reached" in typist.read[-1]
    assert not env.exists()


def test_a_folder_that_cannot_be_written_saves_nothing(sandbox: Sandbox, env: Path) -> None:
    typist = Typist(right(sandbox))
    assert setup.run(typist, env.parent / "none" / ".env") == 1
    assert "so nothing was saved" in typist.read[-1]


def test_a_scope_that_is_missing_is_named_before_anything_else_is_asked() -> None:
    required = next(scope for scope in SCOPES if not scope.is_optional)
    typist = Typist([])
    found = setup.Found("Acme", "T0", "muster", "A0", frozenset({"commands"}), [])
    assert not setup._has_scopes(typist, found)
    assert typist.read[-1] == texts.REINSTALL
    assert any(required.enables in each for each in typist.read)


def test_a_workspace_that_grants_no_optional_scope_hears_what_does_not_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    optional = {scope.name: scope.enables for scope in SCOPES if scope.is_optional}
    with running(ROOT / "manifest.yml", declined_scopes=tuple(optional)) as reluctant:
        monkeypatch.setenv("SLACK_API_URL", reluctant.api_url)
        typist = Typist([*right(reluctant), "U0ANA"], proving(reluctant))
        assert setup.run(typist, tmp_path / ".env", 20) == 0, typist.read
    for name, enables in optional.items():
        assert f"scope {name}: Not granted, so the bot can't {enables}." in typist.read
    assert texts.OPTIONAL in typist.read
    assert texts.NO_EMAILS in typist.read, "and not that something has to be reinstalled"
    assert texts.REINSTALL not in typist.read


@pytest.mark.parametrize(
    ("effect", "said"),
    [
        ("non_json", "Slack can't be reached (the answer can't be understood: http_200)."),
        ("503", "Slack can't be reached (the answer can't be understood: http_503)."),
        ("429", "Slack can't answer now (ratelimited)."),
        ("error:internal_error", "Slack can't answer now (internal_error)."),
        ("error:account_inactive", "The app was uninstalled."),
        ("error:never_heard_of", "Slack refuses it: never_heard_of."),
    ],
)
def test_only_slacks_own_refusal_is_one(sandbox: Sandbox, env: Path, effect: str, said: str) -> None:
    Workspace(sandbox.url).faults({"method": "auth.test", "effect": effect, "times": 1})
    typist = Typist(right(sandbox)[:1])
    with pytest.raises(EOFError):
        setup.run(typist, env)
    assert typist.read[2].startswith(said), typist.read


def test_an_app_in_which_socket_mode_is_off_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = tmp_path / "manifest.yml"
    manifest.write_text(text(f"{ADDRESS}/slack/events"))
    with running(manifest) as over_http:
        monkeypatch.setenv("SLACK_API_URL", over_http.api_url)
        typist = Typist(right(over_http)[:2])
        with pytest.raises(EOFError):
            setup.run(typist, tmp_path / ".env")
    assert "Socket Mode is off in this app. Switch it on." in typist.read


def test_somebody_from_another_workspace_or_a_bot_does_not_set_it_up(
    sandbox: Sandbox, env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = {"id": "U0STRANGER", "team_id": "T0OTHER", "name": "stranger"}
    real = setup._looked_up
    monkeypatch.setattr(setup, "_looked_up", lambda *asked: stranger if asked[1] == "x" else real(*asked))
    typist = Typist([*right(sandbox)[:2], "x", "USLACKBOT", "U0MUSTER"])
    with pytest.raises(EOFError):
        setup.run(typist, env)
    assert typist.read.count(texts.NOT_A_PERSON) == 3


ADDRESS = "https://muster.example.com"


def test_the_steps_of_http_mode_fit_how_muster_was_installed() -> None:
    clone, package = (texts.http_steps(".env", ADDRESS, is_clone=each) for each in (True, False))
    assert "`make run`" in clone
    assert f".venv/bin/python app.py --manifest {ADDRESS}" in clone
    assert "make" not in package
    assert f" muster --manifest {ADDRESS}\n" in package


def test_http_mode_asks_for_the_secret_and_says_what_is_left(sandbox: Sandbox, env: Path) -> None:
    env.write_text("SLACK_APP_TOKEN=xapp-old\n")
    typist = Typist([sandbox.bot_token, sandbox.bot_token, "too short", sandbox.signing_secret])
    assert setup.run_http(typist, env, f"{ADDRESS}/") == 0
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    wanted = {f"SLACK_BOT_TOKEN={sandbox.bot_token}", f"SLACK_SIGNING_SECRET={sandbox.signing_secret}"}
    assert set(env.read_text().splitlines()) == {*wanted, "SLACK_APP_TOKEN="}
    said = "\n".join(typist.read)
    assert "That is the bot token" in said
    assert f"--manifest {ADDRESS}" in said
    assert sandbox.signing_secret not in said


@pytest.mark.parametrize("url", ["http://muster.example.com", "muster.example.com", f"{ADDRESS}/slack", "x"])
def test_an_address_that_slack_cannot_post_to_is_refused(env: Path, url: str) -> None:
    typist = Typist([])
    assert setup.run_http(typist, env, url) == 2
    assert typist.read == [texts.NO_ADDRESS]
    assert not env.exists()
