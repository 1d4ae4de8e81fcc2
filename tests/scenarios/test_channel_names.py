"""Whatever the title, the channel has a valid, readable name, and other people's channels aren't touched."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.bootstrap import Bot
from sandbox.server import Sandbox
from tests.support.bots import start_here
from tests.support.people import Workspace, eventually, shown

TITLES = [
    pytest.param("🔥🔥🔥", "", id="emoji alone"),
    pytest.param("🔥 Database 🔥 down", "-database-down", id="emoji between words"),
    pytest.param("قاعدة البيانات بطيئة", "-قاعدة-البيانات-بطيئة", id="right to left"),
    pytest.param("数据库连接超时", "-数据库连接超时", id="Chinese"),
    pytest.param("Überraschung: ÄÖÜ & Straße", "-überraschung-äöü-straße", id="umlauts"),
    pytest.param("down\nsince\r\nten", "-down-since-ten", id="newlines"),
    pytest.param("word " * 40, "-" + "-".join(["word"] * 12), id="200 characters"),
    pytest.param("x" * 200, "-" + "x" * 60, id="one word of 200 characters"),
    pytest.param("<!channel> & <@U0ANA|ana>", "-channel-u0ana-ana", id="markup"),
    pytest.param("-_- ../etc/passwd #general", "-etc-passwd-general", id="punctuation"),
]


@pytest.mark.parametrize(("title", "slug"), TITLES)
def test_a_title_gives_a_name_when_it_is_declared_and_when_it_is_changed(
    acme: Workspace, title: str, slug: str
) -> None:
    declared = acme.declare(title)
    assert declared == f"{_number(declared)}{slug}"
    renamed = acme.declare("Something else")
    acme.command(f"rename {title}", channel=renamed)
    wanted = f"{_number(renamed)}{slug}"
    eventually(lambda: wanted in acme.incident_channels())


def test_foreign_and_archived_channels_of_that_name_are_left_alone(
    workspace: Workspace, sqlite_bot: Bot
) -> None:
    for name in ("inc-1-database-is-slow", "inc-2-database-is-slow", "inc-2-cache-is-cold"):
        workspace.post("create-channel", name=name, user="ben")
    workspace.post("archive", channel="inc-2-database-is-slow", user="ben")
    assert workspace.declare("Database is slow") == "inc-1-database-is-slow-2"
    assert workspace.declare("Database is slow") == "inc-2-database-is-slow-2"
    workspace.command("rename INC-2 Cache is cold")
    eventually(lambda: "inc-2-cache-is-cold-2" in workspace.incident_channels())
    foreign = workspace.channel("inc-1-database-is-slow")
    assert (foreign["members"], foreign["topic"], foreign["creator"]) == (["U0BEN"], "", "U0BEN")
    assert workspace.channel("inc-2-database-is-slow")["is_archived"]


def test_an_existing_announcements_channel_is_joined(
    sandbox: Sandbox, workspace: Workspace, sqlite_url: str
) -> None:
    made = workspace.post("create-channel", name="incidents", user="ben")["channel"]
    bot = start_here(sandbox, sqlite_url)
    eventually(lambda: "U0MUSTER" in workspace.channel(made)["members"])
    workspace.declare()
    eventually(workspace.announcements)
    bot.stop()


def test_ten_simultaneous_declarations_with_one_title_make_ten_incidents(
    workspace: Workspace, sqlite_bot: Bot
) -> None:
    people = ["ana", "ben", "chen", "dara", "emi", "farid"]
    for name in ("gil", "hana", "ines", "joao"):
        workspace.post("person", user=name, add=True)
        people.append(name)
    for name in people:
        workspace.open_form("declare", name)

    def declare(name: str) -> dict[str, str]:
        errors = workspace.submit(name, title="Database is slow")
        while workspace.form(name) and not errors:
            # Others were faster: their incidents are shown, and this person declares anyway.
            errors = workspace.submit(name)
        return errors

    with ThreadPoolExecutor(10) as crowd:
        errors = list(crowd.map(declare, people))
    assert errors == [{}] * 10
    wanted = {f"inc-{number}-database-is-slow" for number in range(1, 11)}
    eventually(lambda: set(workspace.incident_channels()) == wanted)
    for name in wanted:
        eventually(lambda: workspace.card(name))  # noqa: B023 - run at once
        assert len(workspace.cards(name)) == 1
    refs = {shown(workspace.card(name) or {}).split(" · ")[0] for name in wanted}
    assert len(refs) == 10


def _number(channel: str) -> str:
    """`inc-12-database-is-slow` -> `inc-12`."""
    return "-".join(channel.split("-")[:2])
