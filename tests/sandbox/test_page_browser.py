"""The page's script in a real Chromium: what it sends, and that news never disturbs what you are doing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from slack_sdk import WebClient

from sandbox.server import Sandbox
from tests.sandbox.block_examples import actions, button, entry, modal, mrkdwn, option, plain, section
from tests.sandbox.peers import AppSocket, Json, People, eventually

TITLE = {"type": "plain_text_input", "action_id": "title"}
PEOPLE = {"type": "multi_users_select", "action_id": "people"}
FORM = modal(
    section(block_id="intro"),
    entry(TITLE, block_id="t", optional=True),
    entry(PEOPLE, block_id="p", optional=True),
    callback_id="form",
)


def hook(test: str, /, **attributes: str) -> str:
    """The selector of a data-test hook."""
    return f'[data-test="{test}"]' + "".join(f'[data-{key}="{value}"]' for key, value in attributes.items())


@pytest.fixture
def visit(page: Page, sandbox: Sandbox) -> Iterator[Callable[..., Page]]:
    """Opens the page as somebody, in a channel; the page is closed before the sandbox ends."""

    def open_page(user: str = "ana", channel: str = "random") -> Page:
        page.goto(f"{sandbox.url}/as/{user}/{channel}")
        page.wait_for_selector("body[data-ready]")
        return page

    yield open_page
    page.goto("about:blank")


def last_message(page: Page) -> Locator:
    return page.locator(f"main {hook('message')}").last


def choose(page: Page, message: Locator, item: str) -> None:
    """Choose an item in a message's menu."""
    message.hover()
    message.locator(hook("message-menu")).click()
    page.locator(hook(item)).click()


def show_form(page: Page, socket: AppSocket, client: WebClient, view: Json) -> None:
    """Use the global shortcut; the app answers with a form."""
    page.click(hook("shortcut-menu"))
    page.click(hook("shortcut", callback="declare_incident"))
    envelope = socket.frame()
    socket.ack(envelope)
    client.views_open(trigger_id=envelope["payload"]["trigger_id"], view=view)
    page.wait_for_selector(hook("modal"))


def field(page: Page, action: str) -> Locator:
    return page.locator(f'{hook("field", action=action)} [data-action="{action}"]')


def submitted(page: Page, socket: AppSocket, answer: Json | None = None) -> dict[str, Any]:
    """Submit the form; what the app got, to which it answers ``answer``."""
    page.click(hook("modal-submit"))
    envelope = socket.frame()
    socket.ack(envelope, answer)
    values: dict[str, Any] = envelope["payload"]["view"]["state"]["values"]
    return values


def test_a_message_is_written_by_keyboard_alone(visit: Callable[..., Page]) -> None:
    page = visit()
    page.keyboard.type("look @be")
    expect(page.locator(hook("completion"))).to_have_text(["Ben Okafor@ben"])
    page.keyboard.press("Enter")
    page.keyboard.type("at #gene")
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("<b>now</b>")
    page.keyboard.press("Enter")
    expect(last_message(page).locator(hook("message-text"))).to_have_text(
        "look @Ben Okafor at #general \n<b>now</b>", use_inner_text=True
    )
    expect(page.locator(hook("composer"))).to_have_value("")
    expect(page.locator(hook("composer"))).to_be_focused()


def test_a_slash_shows_the_commands_and_a_thread_refuses_them(
    visit: Callable[..., Page], socket: AppSocket, page_problems: list[str]
) -> None:
    page = visit()
    page.fill(hook("composer"), "/inc")
    expect(page.locator(hook("completion"))).to_contain_text("Declare, run and close incidents")
    page.keyboard.press("Tab")
    page.keyboard.type("list")
    page.keyboard.press("Enter")
    envelope = socket.frame()
    socket.ack(envelope, {"text": "None is *open*."})
    assert (envelope["payload"]["command"], envelope["payload"]["text"]) == ("/incident", "list")
    expect(last_message(page)).to_contain_text("None is open.")
    expect(last_message(page)).to_have_attribute("data-ephemeral", "true")
    page.locator(f"main {hook('message')}").first.focus()
    page.keyboard.press("t")
    expect(page.locator(hook("thread-composer"))).to_be_focused()
    page.keyboard.type("/incident list")
    page.keyboard.press("Enter")
    expect(page.locator(hook("thread-composer-error"))).to_contain_text("not supported in threads")
    expect(page.locator(hook("thread-composer"))).to_have_value("/incident list")
    page_problems.clear()


def test_a_thread_a_reaction_an_edit_a_pin_and_a_deletion_by_hand(
    visit: Callable[..., Page], people: People
) -> None:
    page = visit()
    page.fill(hook("composer"), "the pool is full")
    page.click(hook("send"))
    expect(last_message(page)).to_contain_text("the pool is full")
    mine = page.locator(f"#{last_message(page).get_attribute('id')}".replace(".", "\\."))
    mine.hover()
    mine.locator(hook("add-reaction")).click()
    page.click(hook("pick-reaction", name="eyes"))
    expect(mine.locator(hook("reaction", name="eyes"))).to_have_attribute("aria-pressed", "true")
    mine.locator(hook("reaction", name="eyes")).click()
    expect(mine.locator(hook("reaction"))).to_have_count(0)
    page.locator(hook("composer")).press("ArrowUp")
    page.fill(hook("editor"), "the pool was full")
    page.keyboard.press("Enter")
    expect(mine).to_contain_text("the pool was full (edited)")
    choose(page, mine, "menu-pin")
    expect(page.locator(hook("pins"))).to_contain_text("1")
    mine.locator(hook("open-thread")).click()
    page.fill(hook("thread-composer"), "since noon")
    page.click(hook("thread-send"))
    expect(mine.locator(hook("replies"))).to_contain_text("1 reply")
    page.keyboard.press("Escape")
    expect(page.locator(hook("thread-pane"))).to_have_count(0)
    choose(page, mine, "menu-delete")
    page.click(hook("confirm-yes"))
    expect(mine).to_contain_text("This message was deleted.")
    expect(page.locator(hook("pins"))).to_contain_text("0")


def test_a_file_is_attached_by_name(visit: Callable[..., Page], sandbox: Sandbox) -> None:
    page = visit()
    page.click(hook("attach"))
    page.fill(hook("attach-name"), "error.log")
    page.fill(hook("attach-content"), "boom")
    page.click(hook("attach-add"))
    expect(page.locator(hook("composer"))).to_be_focused()
    page.keyboard.type("see")
    page.keyboard.press("Enter")
    expect(last_message(page)).to_contain_text("error.log")
    assert [
        each.files[0]["size"] for each in sandbox.store.channel("random").messages.values() if each.files
    ] == [4]


def test_news_leaves_typing_focus_and_scrolling_alone(visit: Callable[..., Page], people: People) -> None:
    for number in range(40):
        people.say("random", "ben", f"filler {number}")
    page = visit()
    scroller = page.locator('[data-scroller="channel"]')
    expect(last_message(page)).to_be_in_viewport()
    page.fill(hook("composer"), "half a sen")
    people.say("random", "ben", "the newest")
    expect(last_message(page)).to_contain_text("the newest")
    expect(last_message(page)).to_be_in_viewport()
    assert page.evaluate("document.activeElement.dataset.test") == "composer"
    scroller.evaluate("element => { element.scrollTop = 100; }")
    people.say("random", "ben", "even newer")
    expect(page.locator(".to-bottom")).to_be_visible()
    assert scroller.evaluate("element => element.scrollTop") == 100
    expect(page.locator("#announcer")).to_have_text("Ben Okafor: even newer")
    expect(page.locator(hook("composer"))).to_have_value("half a sen")
    page.click(hook("channel", name="general"))
    page.click(hook("channel", name="random"))
    expect(page.locator(hook("composer"))).to_have_value("half a sen")


def test_unread_marks_come_and_go(visit: Callable[..., Page], people: People) -> None:
    page = visit(channel="general")
    people.say("random", "ben", "one")
    people.say("random", "ben", "two")
    mark = page.locator(f"{hook('channel', name='random')} {hook('unread')}")
    expect(mark).to_have_text("2")
    expect(page).to_have_title("(2) general – Acme")
    page.click(hook("channel", name="random"))
    expect(page.locator(".new-line")).to_be_visible()
    expect(mark).to_have_count(0)


def test_text_typed_in_a_form_survives_news_updates_and_views_on_top(
    visit: Callable[..., Page], socket: AppSocket, client: WebClient, people: People
) -> None:
    page = visit()
    show_form(page, socket, client, FORM)
    expect(field(page, "title")).to_be_focused()
    page.keyboard.type("Slow checkout")
    field(page, "people").locator("input").fill("che")
    page.keyboard.press("Enter")
    people.say("random", "ben", "news")
    expect(last_message(page)).to_contain_text("news")
    view_id = page.get_attribute(hook("modal"), "data-view") or ""
    changed = {**FORM, "blocks": [section(block_id="intro", text=mrkdwn("Changed")), *FORM["blocks"][1:]]}
    client.views_update(view_id=view_id, view=changed)
    expect(page.locator(hook("modal"))).to_contain_text("Changed")
    second = modal(entry(TITLE, block_id="t", optional=True), title=plain("Second"))
    submitted(page, socket, {"response_action": "push", "view": second})
    expect(page.locator(hook("modal-title"))).to_have_text("Second")
    expect(field(page, "title")).to_have_value("")
    page.keyboard.press("Escape")
    expect(page.locator(hook("modal-title"))).to_have_text("x")
    expect(field(page, "title")).to_have_value("Slow checkout")
    values = submitted(page, socket)
    assert values["t"]["title"]["value"] == "Slow checkout"
    assert values["p"]["people"]["selected_users"] == ["U0CHEN"]
    expect(page.locator(hook("modal"))).to_have_count(0)


def test_an_error_is_shown_at_its_field_and_takes_the_focus(
    visit: Callable[..., Page], socket: AppSocket, client: WebClient
) -> None:
    page = visit()
    show_form(page, socket, client, FORM)
    field(page, "title").fill("x")
    submitted(page, socket, {"response_action": "errors", "errors": {"t": "Say more."}})
    expect(page.locator(hook("field-error"))).to_have_text("Say more.")
    expect(field(page, "title")).to_be_focused()
    expect(field(page, "title")).to_have_accessible_description("Say more.")
    page.click(hook("modal-close"))
    expect(page.locator(hook("modal"))).to_have_count(0)


def test_an_external_select_asks_the_app_and_sends_the_choice(
    visit: Callable[..., Page], socket: AppSocket, client: WebClient
) -> None:
    page = visit()
    select = {"type": "external_select", "action_id": "project", "min_query_length": 1}
    show_form(page, socket, client, modal(entry(select, block_id="p")))
    field(page, "project").locator("input").fill("pay")
    envelope = socket.frame()
    assert (envelope["payload"]["type"], envelope["payload"]["value"]) == ("block_suggestion", "pay")
    socket.ack(envelope, {"options": [option("p1", "payments"), option("p2", "payroll")]})
    expect(field(page, "project").get_by_role("option")).to_have_text(["payments", "payroll"])
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field(page, "project").locator("input")).to_have_value("payroll")
    assert submitted(page, socket)["p"]["project"]["selected_option"]["value"] == "p2"


def test_a_button_asks_first_and_is_pressed_once(
    visit: Callable[..., Page], socket: AppSocket, client: WebClient
) -> None:
    confirm = {"title": plain("Sure?"), "text": mrkdwn("*All*"), "confirm": plain("Yes"), "deny": plain("No")}
    client.conversations_join(channel="C0RANDOM")
    blocks = [actions(button(action_id="go", value="7", confirm=confirm))]
    client.chat_postMessage(channel="C0RANDOM", text="card", blocks=blocks)
    socket.event()
    socket.event()
    page = visit()
    press = page.locator(hook("action", action="go"))
    press.click()
    page.click(hook("confirm-no"))
    assert socket.is_silent()
    press.click()
    page.click(hook("confirm-yes"))
    envelope = socket.frame()
    expect(press).to_be_disabled()
    press.click(force=True)
    assert envelope["payload"]["actions"][0]["value"] == "7"
    socket.ack(envelope)
    expect(press).to_be_enabled()
    assert socket.is_silent()


def test_the_home_tab_notifies_the_app_and_shows_its_answer(
    visit: Callable[..., Page], socket: AppSocket, client: WebClient
) -> None:
    page = visit()
    page.click(hook("home-tab"))
    assert socket.event()["type"] == "app_home_opened"
    client.views_publish(user_id="U0ANA", view={"type": "home", "blocks": [section(text=mrkdwn("*3* open"))]})
    expect(page.locator(hook("home"))).to_have_text("3 open")


def test_you_can_become_another_person_in_the_same_channel(visit: Callable[..., Page]) -> None:
    page = visit()
    page.click(hook("person-menu"))
    page.click(hook("person", user="ben"))
    page.wait_for_url("**/as/U0BEN/C0RANDOM")


def test_a_channel_is_found_and_joined_by_keyboard(
    visit: Callable[..., Page], people: People, sandbox: Sandbox
) -> None:
    people("create-channel", name="war-room", user="ben")
    page = visit()
    page.keyboard.press("Control+k")
    page.keyboard.type("war")
    page.keyboard.press("Enter")
    page.wait_for_url("**/as/U0ANA/C00*")
    page.click(hook("join"))
    expect(page.locator(hook("composer"))).to_be_visible()
    eventually(lambda: "U0ANA" in sandbox.store.channel("war-room").members)


def test_an_event_is_created_moved_answered_and_deleted_by_hand(
    visit: Callable[..., Page], people: People, sandbox: Sandbox
) -> None:
    page = visit("ana", "calendar")
    page.click(hook("week-after"))
    page.wait_for_selector("body[data-ready]")
    day = page.evaluate("document.body.dataset.day")
    page.click(hook("new-event"))
    page.fill(hook("event-title"), "Dentist")
    page.fill(hook("event-start"), f"{day}T07:00")
    page.fill(hook("event-minutes"), "45")
    page.click(hook("event-add"))
    event = page.locator(hook("event")).filter(has_text="Dentist")
    expect(event).to_have_text("Dentist 7:00 AM – 7:45 AM")
    event.click()
    panel = page.locator(hook("event-panel")).filter(has_text="Dentist")
    panel.locator("input").fill(f"{day}T08:15")
    panel.locator(hook("move-event")).click()
    expect(event).to_have_text("Dentist 8:15 AM – 9:00 AM")
    page.keyboard.press("Escape")
    people("calendar-event", calendar="ben", summary="Talk", attendees=["ana"], **span_of(page, day))
    talk = page.locator(hook("event", kind="unanswered"))
    talk.click()
    page.locator(hook("event-panel")).filter(has_text="Talk").locator(
        hook("respond", response="accepted")
    ).click()
    expect(talk).to_have_count(0)
    page.keyboard.press("Escape")
    event.click()
    panel.locator(hook("delete-event")).click()
    page.click(hook("confirm-yes"))
    expect(event).to_have_count(0)


def span_of(page: Page, day: str) -> dict[str, str]:
    """An hour in the evening of that day, in the time zone of the page's person."""
    return {"start": f"{day}T18:00:00-08:00", "end": f"{day}T19:00:00-08:00"}


def test_a_phone_shows_one_part_at_a_time(visit: Callable[..., Page], people: People) -> None:
    ts = people.say("random", "ben", "a very_long_word_" + "x" * 200)
    people.say("random", "chen", "a reply", thread_ts=ts)
    visit().set_viewport_size({"width": 390, "height": 844})
    page = visit()
    sidebar = page.locator("#sidebar")
    expect(sidebar).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.click("#toggle-sidebar")
    expect(page.locator(hook("channel", name="general"))).to_be_focused()
    page.keyboard.press("Escape")
    expect(sidebar).to_be_hidden()
    page.locator(hook("replies")).click()
    expect(page.locator(hook("thread-pane"))).to_have_js_property("clientWidth", 390)
    page.click(hook("thread-close"))
    expect(page.locator(hook("thread-pane"))).to_have_count(0)


def test_everything_that_can_be_pressed_has_a_name(visit: Callable[..., Page], people: People) -> None:
    people.say("random", "ben", "hello")
    page = visit()
    nameless = """() => [...document.querySelectorAll("button, a[href], input, textarea, select")]
        .filter((each) => !each.textContent.trim() && !each.ariaLabel && !each.labels?.length)
        .map((each) => each.outerHTML)"""
    assert page.evaluate(nameless) == []
    visit("ana", "calendar")
    assert page.evaluate(nameless) == []
