"""The same bot against a Slack-compatible server that isn't ours and lacks much."""

from __future__ import annotations

from functools import partial

from bot.bootstrap import build
from bot.config import Settings
from tests.support import lesser
from tests.support.people import eventually


def test_an_incident_goes_from_declared_to_closed_on_a_server_that_lacks_much(sqlite_url: str) -> None:
    with lesser.running() as server:
        bot = build(
            Settings(
                slack_api_url=f"{server.url}/api",
                slack_bot_token="any",
                slack_app_token="thing",
                database_url=sqlite_url,
            )
        )
        bot.start()
        assert bot.connected.wait(15)
        _declare(server)
        channel = eventually(lambda: server.channels.get("inc-1-db-down"))
        eventually(lambda: ("U1", f"INC-1 is open in <#{channel}>") in server.posted)
        eventually(lambda: ("U1", "INC-1: some things couldn't be done") in server.posted)
        for command, told in {"resolve bigger pool": "*Resolved*", "close": "*Closed*"}.items():
            server.command(command, channel)
            eventually(partial(_has_posted, server, told))
        assert "bigger pool" in server.command("timeline", channel)
        assert "pin the live card (http_404" in eventually(lambda: server.command("doctor"))
        eventually(lambda: any("*Closed*" in text for _, text in server.posted))
        bot.stop()
        announced = server.channels["incidents"]
        assert [text for place, text in server.posted if place == announced] == [
            "INC-1 · Db down: 🟠 High · Open"
        ]


def _has_posted(server: lesser.LesserSlack, told: str) -> bool:
    return any(told in text for _, text in server.posted)


def _declare(server: lesser.LesserSlack) -> None:
    server.command("declare Db down")
    form = eventually(lambda: server.forms)[-1]
    values = {"title": {"title": {"type": "plain_text_input", "value": "Db down"}}}
    server.send(
        "interactive",
        {
            "type": "view_submission",
            "team": {"id": "T1"},
            "user": {"id": "U1"},
            "view": {**form, "id": "V1", "state": {"values": values}},
        },
    )
