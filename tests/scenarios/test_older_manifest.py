"""A workspace whose app was made from a manifest of an earlier release: it runs with less, and says what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bot.domain.surface.slack_app import SCOPES
from sandbox.server import Sandbox, running
from tests.support.bots import ROOT, start_here
from tests.support.people import Json, Workspace, eventually, shown

KEPT = {"chat:write", "commands", "users:read", "channels:manage", "channels:read", "im:write"}
"""Without these there would be no bot to speak of."""
REQUIRED = [scope.name for scope in SCOPES if not scope.is_optional]
LACKING = [name for name in REQUIRED if name not in KEPT][::2]
GRANTED = [name for name in REQUIRED if name not in LACKING]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Sandbox]:
    """It grants about half of the scopes, and sends only the events that those allow."""
    document = yaml.safe_load((ROOT / "manifest.yml").read_text("utf-8"))
    document["oauth_config"]["scopes"] = {"bot": GRANTED}
    document["settings"]["event_subscriptions"]["bot_events"] = ["app_home_opened"]
    file = tmp_path / "manifest.yml"
    file.write_text(yaml.safe_dump(document), "utf-8")
    with running(file) as found:
        yield found


def warnings(people: Workspace) -> list[Json]:
    """Ana's direct messages about what isn't granted."""
    return [each for each in people.private("ana") if "I need permissions" in shown(each)]


def test_an_incident_goes_on_and_admins_hear_what_does_not_work(workspace: Sandbox, sqlite_url: str) -> None:
    people = Workspace(workspace.url)
    first = start_here(workspace, sqlite_url)
    channel = people.declare()
    assert people.cards(channel)
    people.command("resolve Fixed", channel=channel)
    eventually(lambda: "Resolved" in shown(people.cards(channel)[0]))
    people.command("doctor", "ana")
    [report] = eventually(lambda: [text for text in people.only_for("ana", "general") if "🔴" in text])
    for name in LACKING:
        assert f"scope {name}" in report
    assert "reinstall the app" in report
    [told] = eventually(lambda: warnings(people))
    for name in LACKING:
        assert name in shown(told)
    first.stop()
    second = start_here(workspace, sqlite_url)
    # Rows are performed in order, so this answer comes after a warning that was planned at the start.
    people.command("doctor", "ana")
    eventually(lambda: len([text for text in people.only_for("ana", "general") if "🔴" in text]) == 2)
    second.stop()
    assert len(warnings(people)) == 1, "another start repeats nothing"
