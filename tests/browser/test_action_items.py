"""From a message to an action item, to its owner's direct message, to done."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.window import Window, hook, press
from tests.support import dates
from tests.support.dates import AHEAD
from tests.support.people import Workspace, eventually


def test_a_message_becomes_an_item_that_its_owner_completes(window: Window, workspace: Workspace) -> None:
    channel = workspace.declare("Payments are slow")
    workspace.post("join", channel=channel, user="ben")
    window.page.reload()
    window.go(channel)
    message = window.say("We should alert on the pool before it is full")
    window.choose(message, hook("shortcut", callback="create_action_item"))
    window.form()
    expect(window.field("title")).to_have_value(re.compile("alert on the pool"))
    window.picture("action-item-form")
    window.field("assigned_to").select_option("U0BEN")
    window.field("due_date").fill(str(AHEAD))
    window.submit()
    item = window.message(dates.told(AHEAD))
    expect(item).to_contain_text("Ben Okafor")
    window.picture("action-item")
    window.become("ben")
    told = workspace.told_directly("ben", "alert on the pool")
    direct = workspace.post("open-dm", user="ben")["channel"]
    window.page.goto(re.sub(r"/as/U0BEN/.*", f"/as/U0BEN/{direct}", window.page.url))
    theirs = window.page.locator(f"main {hook('message')}").filter(has_text="alert on the pool").last
    window.picture("action-item-direct")
    press(theirs, "item_completed")
    expect(theirs).to_contain_text("✅ Done")
    eventually(lambda: any("✅ Done" in str(each) for each in workspace.messages(channel)))
    assert told
