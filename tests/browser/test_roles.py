"""A role from the card to its holder, and on to somebody else."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.window import Window, hook, press
from tests.support.people import Workspace


def test_a_role_is_taken_and_handed_over(window: Window, workspace: Workspace) -> None:
    channel = workspace.declare("Search is empty")
    window.page.reload()
    window.go(channel)
    press(window.card(), "show_roles")
    roles = window.answer("Roles in INC-1")
    roles.locator(hook("action", action="take_role")).last.click()
    expect(window.card()).to_contain_text(re.compile(r"Scribe · @Ana Alvarez"))
    expect(roles.locator(hook("action", action="give_up_role"))).to_have_count(1)
    window.go_to_the_bot()
    duty = window.message("You took the role Scribe")
    expect(duty).to_contain_text("Keeps the timeline complete")
    press(duty, "hand_over_role")
    window.form()
    window.field("assigned_to").select_option("U0BEN")
    window.submit()
    window.go(channel)
    expect(window.card()).to_contain_text(re.compile(r"Scribe · @Ben Okafor"))
    expect(window.message("gave the role Scribe to")).to_be_visible()
