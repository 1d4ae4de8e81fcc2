"""The server becomes read-only while the bot is connected to it, as in a failover.

Promised: people are told that nothing was saved, and once there is a server that accepts changes, the bot
uses it without a restart. (That server is emulated: new sessions may write, and existing ones may not.)
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.conftest import checked
from tests.support import postgres
from tests.support.arena import Arena
from tests.support.arena import arena as make
from tests.support.people import eventually
from tests.support.postgres import make_new_sessions_writable, make_read_only
from tests.support.promises import declared_once

NOTHING_SAVED = "Nothing was saved"


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Arena]:
    """A PostgreSQL for this test alone, and a Slack that soon redelivers."""
    with (
        postgres.private_server() as url,
        make(url, "http", tmp_path, retry_after=(0.3, 0.5, 1.0, 1.0, 2.0, 2.0)) as made,
    ):
        made.expected.unacked |= {"events_api"}
        yield from checked(made)


def test_a_bot_whose_server_becomes_read_only_writes_again_without_a_restart(own_server: Arena) -> None:
    slack = own_server.workspace
    own_server.bot()
    assert own_server.declare()
    channel = declared_once(slack)
    slack.open_form("declare")
    make_read_only(own_server.database_url)
    assert NOTHING_SAVED in str(slack.submit(title="Another"))
    assert NOTHING_SAVED in slack.command("severity INC-1 critical")
    assert "INC-1" in slack.command("list")
    slack.say("written during the failover", channel)
    make_new_sessions_writable(own_server.database_url)
    assert own_server.submit(title="Another")
    declared_once(slack, 2)
    for level in ("critical", "low", "medium"):
        assert NOTHING_SAVED not in slack.command(f"severity INC-1 {level}")
    written = "SELECT count(*) FROM timeline_entries WHERE text = 'written during the failover'"
    eventually(lambda: own_server.rows(written)[0][0] == 1, 20)
