"""A workspace that declined every optional scope: everything else works, and nothing counts as failed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.bootstrap import Bot
from bot.domain.surface.slack_app import SCOPES
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, start_here
from tests.support.people import Workspace, eventually, shown

DECLINED = tuple(scope.name for scope in SCOPES if scope.is_optional)


@pytest.fixture
def reluctant() -> Iterator[Sandbox]:
    """A workspace whose admin has granted no optional scope."""
    with running(ROOT / "manifest.yml", declined_scopes=DECLINED) as found:
        yield found


@pytest.fixture
def _bot(reluctant: Sandbox, sqlite_url: str) -> Iterator[Bot]:
    started = start_here(reluctant, sqlite_url)
    yield started
    started.stop()


@pytest.mark.usefixtures("_bot")
def test_an_incident_with_five_whys_and_a_postmortem_leaves_nothing_failed(reluctant: Sandbox) -> None:
    people = Workspace(reluctant.url)
    channel = people.declare()
    people.open_form("whys Checkout was down", "ana", channel)
    assert people.submit("ana") == {}
    root = eventually(lambda: next((m for m in people.messages(channel) if "· Why did" in shown(m)), None))
    people.say("The pool ran out", channel, "ana", thread_ts=root["ts"])
    people.publicly("call https://meet.example.com/room", channel)
    told = people.asked("postmortem", channel)
    people.click(channel, told["ts"], "start_postmortem")
    eventually(lambda: any("the document is a file" in shown(each) for each in people.messages(channel)))
    refused = {"bookmarks.list", "conversations.canvases.create", "reactions.add", "usergroups.list"}
    eventually(lambda: refused == {each["name"] for each in calls_without_scope(reluctant)})
    assert "All is well" in people.command("doctor")


def calls_without_scope(sandbox: Sandbox) -> list[dict[str, str]]:
    """The bot's calls that needed a scope it doesn't have."""
    return [each for each in sandbox.log.since() if each.get("error") == "missing_scope"]
