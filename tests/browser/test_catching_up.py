"""Somebody who comes late reads what has happened, and what is new when they come back."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect
from sqlalchemy import create_engine, select, update

from sandbox.server import Sandbox
from storage.tables import attendance, incidents, timeline_entries
from tests.browser.window import Window, press
from tests.support.people import Workspace

TIMES = (incidents.c.declared_at, incidents.c.created_at, timeline_entries.c.at, attendance.c.briefed_at)


def let_half_an_hour_go_by(sandbox: Sandbox) -> None:
    """Have everything happened half an hour earlier: newcomers are offered a briefing only after a while."""
    assert sandbox.bot
    engine = create_engine(sandbox.bot.env["DATABASE_URL"])
    with engine.begin() as connection:
        for column in TIMES:
            for known in connection.execute(select(column).where(column.is_not(None))).scalars().all():
                earlier = {column.name: known - timedelta(minutes=30)}
                connection.execute(update(column.table).where(column == known).values(**earlier))
    engine.dispose()


def test_a_latecomer_is_briefed_and_later_reads_only_what_is_new(
    window: Window, workspace: Workspace, sandbox: Sandbox
) -> None:
    channel = workspace.declare("Search is empty")
    workspace.publicly("status investigating the index is gone", channel)
    let_half_an_hour_go_by(sandbox)
    window.visit("ben")
    window.join(channel)
    press(window.answer("Want to catch up?"), "catch_up")
    briefing = window.answer("What has happened so far")
    expect(briefing).to_contain_text("the index is gone")
    expect(briefing.locator('a[href*="?at="]').first).to_be_visible()
    let_half_an_hour_go_by(sandbox)
    workspace.publicly("resolve it is rebuilt", channel)
    window.command("catchup")
    news = window.answer("What has changed since you were last seen here")
    expect(news).to_contain_text("it is rebuilt")
    expect(news).not_to_contain_text("the index is gone")
