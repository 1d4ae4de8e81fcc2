"""What the bot may do at Google: what it needs, less, or as much as earlier versions asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.typing import EventDict

from bot.config import Settings
from bot.domain.calendar.events import CalendarEvent
from bot.effects.failures import CallFailed
from bot.effects.google.calendar import GoogleCalendar, connect
from bot.effects.google.scopes import EVENTS, FREE_BUSY, WIDE
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, calendar
from tests.support.examples import NOW
from tests.support.people import Workspace
from tests.support.records import recorded

ANA = "ana@acme.example"
NARROW, OLD = [EVENTS, FREE_BUSY], [WIDE]
EVENT = CalendarEvent("abcde", "A", "", NOW, NOW + timedelta(hours=1), is_busy=False, changed_at=NOW)
USER, DELEGATED = ("user", ""), ("service", ANA)

Connect = Callable[..., GoogleCalendar]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running(ROOT / "manifest.yml", busy=False) as found:
        yield found


@pytest.fixture
def log() -> Iterator[list[EventDict]]:
    with recorded() as found:
        yield found


@pytest.fixture
def connected(sandbox: Sandbox, tmp_path: Path) -> Iterator[Connect]:
    """Grants these scopes, and connects to the calendar."""
    made: list[GoogleCalendar] = []

    def act(granted: list[str], account: Any = "user", subject: str = "") -> GoogleCalendar:
        Workspace(sandbox.url).post("google-grant", scopes=granted)
        slack = {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1"}
        settings = Settings.model_validate({**slack, **calendar(sandbox, tmp_path, account, subject)})
        found = connect(settings, lambda: NOW)
        assert isinstance(found, GoogleCalendar)
        made.append(found)
        return found

    yield act
    for each in made:
        each.close()


def works(google: GoogleCalendar) -> bool:
    """Whether an event can be written, read and deleted."""
    google.show(EVENT)
    found = google.find(EVENT.id, None)
    changes = list(google.changes(None, NOW, lambda ids: ids))
    google.hide(EVENT.id)
    return found is not None and bool(changes)


def busy(google: GoogleCalendar) -> object:
    return google.busy([ANA], NOW, NOW + timedelta(days=1))[ANA]


def problems(log: list[EventDict]) -> set[object]:
    return {each["problem"] for each in log if "problem" in each}


@pytest.mark.parametrize("account", [USER, DELEGATED])
def test_two_scopes_suffice(connected: Connect, log: list[EventDict], account: tuple[str, str]) -> None:
    google = connected(NARROW, *account)
    assert works(google) and busy(google) == ()
    assert problems(log) == set()


@pytest.mark.parametrize("account", [USER, DELEGATED])
def test_without_the_scope_for_it_everybodys_busy_times_are_unknown(
    connected: Connect, log: list[EventDict], account: tuple[str, str]
) -> None:
    google = connected([EVENTS], *account)
    assert works(google) and busy(google) is None
    assert problems(log) == {"no right to see when people are busy"}


@pytest.mark.parametrize("account", [USER, DELEGATED])
def test_what_an_earlier_version_was_granted_keeps_working_and_is_reported(
    connected: Connect, log: list[EventDict], account: tuple[str, str]
) -> None:
    google = connected(OLD, *account)
    assert works(google) and busy(google) == ()
    assert problems(log) == {"wider rights than needed"}


def test_a_delegation_that_is_narrowed_is_used_from_the_next_token_on(
    connected: Connect, log: list[EventDict], sandbox: Sandbox
) -> None:
    google = connected(OLD, *DELEGATED)
    assert works(google)
    log.clear()
    Workspace(sandbox.url).post("google-grant", scopes=NARROW)
    assert works(google) and busy(google) == ()
    assert problems(log) == set()


def test_without_any_delegation_the_failure_says_so(connected: Connect) -> None:
    google = connected([FREE_BUSY], *DELEGATED)
    with pytest.raises(CallFailed) as told:
        google.show(EVENT)
    assert told.value.code == "google_token_refused"


def test_a_refreshed_token_is_saved_with_the_rights_that_its_file_names(
    connected: Connect, tmp_path: Path
) -> None:
    """The next start still knows that they are too wide, even if Google refused the call."""
    google, path = connected(OLD), tmp_path / "token.json"
    assert google.find("00000", None) is None
    kept = json.loads(path.read_text())
    assert kept["token"] and kept["scopes"] == OLD
