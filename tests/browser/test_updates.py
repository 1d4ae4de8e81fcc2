"""An update from the nudge to somebody who only wants to know."""

from __future__ import annotations

from datetime import UTC, datetime

from playwright.sync_api import expect
from sqlalchemy import create_engine, update

from sandbox.server import Sandbox
from storage.tables import updates
from tests.browser.window import Window, press
from tests.support.people import Workspace


def let_the_promised_time_come(sandbox: Sandbox) -> None:
    """Have the next update been promised for just now: nobody waits for half an hour here."""
    assert sandbox.bot
    engine = create_engine(sandbox.bot.env["DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(update(updates).values(nudge_at=datetime.now(UTC)))
    engine.dispose()


def test_a_nudge_becomes_an_update_that_a_subscriber_gets(
    window: Window, workspace: Workspace, sandbox: Sandbox
) -> None:
    channel = workspace.declare("Checkout is slow", severity="high")
    workspace.post("join", channel="incidents", user="ben")
    window.visit("ben", "incidents")
    press(window.message("Checkout is slow"), "subscribe_incident")
    expect(window.answer("I'll send you a direct message")).to_be_visible()
    window.visit("ana", channel)
    window.command("update We look into the database")
    expect(window.message("We look into the database")).to_be_visible()
    let_the_promised_time_come(sandbox)
    press(window.message("next update is due"), "write_update")
    window.form()
    window.field("known").fill("It is the index")
    window.submit()
    expect(window.message("It is the index")).to_be_visible()
    expect(window.card()).to_contain_text("It is the index")
    window.become("ben")
    window.go_to_the_bot()
    expect(window.message("We look into the database")).to_be_visible()
    told = window.message("It is the index")
    expect(told).to_be_visible()
    press(told, "unsubscribe_incident")
    expect(window.answer("You're not subscribed")).to_be_visible()
