"""``python app.py --setup``: asks for what connects a workspace, then checks, saves and proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any, Protocol

from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.request import SocketModeRequest
from websocket import WebSocketException

from bot import config, env_file, places
from bot.bootstrap import utc_now
from bot.config import Settings
from bot.domain.kit.people import person_from_slack
from bot.domain.surface import checkup, tokens
from bot.domain.surface.checkup import Check, Light
from bot.effects.checkup import clock_check
from bot.effects.clients import Web, granted_scopes
from bot.effects.failures import from_call, is_busy, is_refused, obstacle_in_words
from bot.intake.session import Session
from bot.views import setup as texts
from bot.views.setup import PROOF

_TIMEOUT = 10
"""Seconds for one call to Slack."""
_BY_MAIL = "users:read.email"
PROOF_SECONDS = 300.0
"""How long somebody has for the reaction and the click."""


class Terminal(Protocol):
    """Where the questions are asked."""

    def say(self, text: str) -> None:
        """Show a line."""

    def ask(self, question: str) -> str:
        """The answer without surrounding space; raises ``EOFError`` at the end of the input."""

    def ask_secret(self, question: str) -> str:
        """The same, without showing what is typed."""


@dataclass
class Found:
    """What Slack said about the bot token."""

    team: str
    team_id: str
    bot: str
    app_id: str
    scopes: frozenset[str]
    clock: list[Check]
    """What there is to say about this machine's clock."""


@dataclass
class _Proof:
    """What has arrived from Slack."""

    channel: str = ""
    ts: str = ""
    reacted: Event = field(default_factory=Event)
    clicked: Event = field(default_factory=Event)


def run(terminal: Terminal, file: Path, seconds: float = PROOF_SECONDS) -> int:
    """Ask, check, save and prove; returns the exit code. Raises ``SettingsError`` and ``EOFError``."""
    settings = config.load_without_slack()
    terminal.say(texts.BEGIN)
    bot_token, found = _bot_token(terminal, settings)
    app_token = _app_token(terminal, settings, found)
    person = _person(terminal, _web(settings, bot_token), found)
    try:
        return _save_and_prove(terminal, file, seconds, settings, (bot_token, app_token), person)
    except (SlackApiError, OSError, WebSocketException) as error:
        terminal.say(_why(error))
    return 1


def run_http(terminal: Terminal, file: Path, url: str) -> int:
    """The same for HTTP mode, where Slack posts to ``url``: ask, check and save; returns the exit code.

    Only requests from Slack can prove the rest, so it ends by saying what makes Slack send the first ones.
    """
    address = tokens.address_in(url)
    if not address:
        terminal.say(texts.NO_ADDRESS)
        return 2
    settings = config.load_without_slack()
    bot_token, _found = _bot_token(terminal, settings)
    secret = _signing_secret(terminal)
    try:
        # Without an app-level token, the bot is in HTTP mode.
        values = {"SLACK_BOT_TOKEN": bot_token, "SLACK_SIGNING_SECRET": secret, "SLACK_APP_TOKEN": ""}
        env_file.write(file, values)
    except OSError as error:
        terminal.say(texts.not_written(str(file), error.strerror or type(error).__name__))
        return 1
    terminal.say(texts.http_steps(str(file), address, is_clone=places.IS_CHECKOUT))
    return 0


def _signing_secret(terminal: Terminal) -> str:
    while True:
        secret = terminal.ask_secret(texts.ASK_SIGNING_SECRET)
        problem = tokens.problem_with_secret(secret)
        if not problem:
            return secret
        terminal.say(problem)


def _save_and_prove(
    terminal: Terminal, file: Path, seconds: float, settings: Settings, both: tuple[str, str], person: str
) -> int:
    bot_token, app_token = both
    web, proof = _web(settings, bot_token), _Proof()
    with _listening(settings, app_token, proof) as session:
        if session.connections > 1:
            terminal.say(texts.ALREADY_RUNNING)
            return 1
        try:
            env_file.write(file, {"SLACK_BOT_TOKEN": bot_token, "SLACK_APP_TOKEN": app_token})
        except OSError as error:
            terminal.say(texts.not_written(str(file), error.strerror or type(error).__name__))
            return 1
        terminal.say(texts.written(str(file)))
        return _prove(terminal, web, person, proof, seconds)


def _bot_token(terminal: Terminal, settings: Settings) -> tuple[str, Found]:
    while True:
        token = terminal.ask_secret(texts.ASK_BOT_TOKEN)
        problem = tokens.problem_with(token, tokens.BOT)
        found = None if problem else _try(lambda token=token: _who(_web(settings, token)))  # type: ignore[misc]
        if isinstance(found, Found):
            terminal.say(texts.connected(found.bot, found.team))
            for each in found.clock:
                if each.light is not Light.GREEN:
                    terminal.say(f"{each.found} {each.remedy}")
            if _has_scopes(terminal, found):
                return token, found
            continue
        terminal.say(problem or str(found))


def _who(web: Web) -> Found:
    before = utc_now()
    answer = web.auth_test()
    bot: dict[str, Any] = {}
    # Without users:read, or on another server, nothing says which app it is.
    with suppress(SlackApiError):
        bot = web.bots_info(bot=answer.get("bot_id")).get("bot") or {}
    return Found(
        str(answer.get("team") or "?"),
        str(answer.get("team_id") or ""),
        str(answer.get("user") or "?"),
        str(bot.get("app_id") or ""),
        granted_scopes(answer),
        clock_check(answer, before),
    )


def _has_scopes(terminal: Terminal, found: Found) -> bool:
    """Whether every required scope is granted; says what isn't, and what to do."""
    checks = checkup.scopes(found.scopes) if found.scopes else []
    lacking = [each for each in checks if each.light is Light.RED]
    declined = [each for each in checks if each.light is Light.AMBER]
    for each in lacking or declined:
        terminal.say(f"{each.name}: {each.found}")
    if lacking:
        terminal.say(texts.REINSTALL)
    elif declined:
        terminal.say(texts.OPTIONAL)
    return not lacking


def _app_token(terminal: Terminal, settings: Settings, found: Found) -> str:
    terminal.say(texts.MAKE_APP_TOKEN)
    while True:
        token = terminal.ask_secret(texts.ASK_APP_TOKEN)
        problem = tokens.problem_with(token, tokens.APP)
        other = tokens.app_id_in(token)
        if not problem and other and found.app_id and other != found.app_id:
            problem = texts.OTHER_APP
        if not problem:
            problem = _try(lambda token=token: _opens(settings, token), is_app_token=True) or ""  # type: ignore[misc]
        if not problem:
            return token
        terminal.say(problem)


def _opens(settings: Settings, app_token: str) -> None:
    _web(settings, None).apps_connections_open(app_token=app_token)


def _person(terminal: Terminal, web: Web, bot: Found) -> str:
    """The member ID of the person who sets it up; no token contains it."""
    while True:
        typed = terminal.ask(texts.ASK_PERSON)
        found = _try(lambda typed=typed: _looked_up(web, typed, bot)) if typed else texts.NOBODY  # type: ignore[misc]
        if isinstance(found, dict):
            person = person_from_slack(found, bot.team_id)
            if not (person.is_bot or person.is_deleted or person.is_stranger):
                return person.id
            found = texts.NOT_A_PERSON
        terminal.say(str(found))


def _looked_up(web: Web, typed: str, bot: Found) -> dict[str, Any] | str:
    """Slack's user, or a sentence about why there can't be one."""
    if "@" not in typed:
        return dict(web.users_info(user=typed.upper())["user"])
    if bot.scopes and _BY_MAIL not in bot.scopes:
        return texts.NO_EMAILS
    return dict(web.users_lookupByEmail(email=typed)["user"])


def _try(call: Callable[[], Any], *, is_app_token: bool = False) -> Any:
    """What the call returns, or a sentence about why it failed."""
    try:
        return call()
    except Exception as error:  # noqa: BLE001 - every failure is reported
        return _why(error, is_app_token=is_app_token)


def _why(error: Exception, *, is_app_token: bool = False) -> str:
    failure = from_call(error, utc_now())
    if is_refused(failure):
        return texts.refused(failure.code, is_app_token=is_app_token)
    return texts.busy(failure.code) if is_busy(failure) else texts.unreachable(obstacle_in_words(failure))


def _web(settings: Settings, token: str | None) -> Web:
    return Web(settings.network, settings.slack_api_url, _TIMEOUT, token)


@contextmanager
def _listening(settings: Settings, app_token: str, proof: _Proof) -> Iterator[Session]:
    def receive(session: Session, request: SocketModeRequest) -> None:
        if _is_of(proof, request):
            session.ack([request.envelope_id])
        # Anything else is left to the bot: without an ack, Slack sends it again.
        session.settled()

    session = Session(app_token, _web(settings, None), receive, lambda _session: None)
    session.open()
    try:
        yield session
    finally:
        session.close(everything=False)


def _is_of(proof: _Proof, request: SocketModeRequest) -> bool:
    """Whether this is the reaction or the click that we wait for; if so, notes that it has arrived."""
    event, payload = request.payload.get("event") or {}, request.payload
    if event.get("type") == "reaction_added" and (event.get("item") or {}).get("ts") == proof.ts:
        proof.reacted.set()
        return True
    if any(each.get("action_id") == PROOF for each in payload.get("actions") or ()):
        proof.clicked.set()
        return True
    return False


def _prove(terminal: Terminal, web: Web, person: str, proof: _Proof, seconds: float) -> int:
    # There may be no database yet, so these are calls, not rows of the outbox. A message that is posted
    # twice, because the command is run again, does no harm.
    proof.channel = str(web.conversations_open(users=person)["channel"]["id"])
    proof.ts = str(web.chat_postMessage(channel=proof.channel, **texts.proof_message().arguments())["ts"])
    terminal.say(texts.WAITING)
    has_reacted = proof.reacted.wait(seconds)
    if has_reacted:
        terminal.say(texts.REACTED)
    has_clicked = proof.clicked.wait(seconds if has_reacted else 0)
    problems = [*([] if has_reacted else [texts.NO_EVENTS]), *([] if has_clicked else [texts.NO_CLICKS])]
    for problem in problems:
        terminal.say(problem)
    if not problems:
        # Everything has been proved, whether or not the message says so.
        with suppress(SlackApiError, OSError):
            web.chat_update(channel=proof.channel, ts=proof.ts, **texts.proved_message().arguments())
        terminal.say(texts.DONE)
    return int(bool(problems))
