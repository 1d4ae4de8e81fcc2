"""The settings' home, and a form of it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.window import Window, hook


def test_a_group_of_settings_is_changed(window: Window) -> None:
    window.command("settings")
    home = window.answer("Settings of this workspace")
    expect(home).to_contain_text("More roles: none")
    home.locator(hook("action", action="change_settings")).first.click()
    window.form()
    window.field("roles").fill("Liaison")
    window.page.click(hook("modal-submit"))
    expect(window.form()).to_contain_text("I can't read “Liaison” as a role")
    window.field("roles").fill("Liaison: Talks to support")
    window.submit()
    expect(home).to_contain_text("More roles: Liaison")
    expect(home).to_contain_text("Changed by @Ana Alvarez")
