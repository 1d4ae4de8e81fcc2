"""Block Kit as the page shows it: every block, with its hooks, and hostile text in all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.page import html, parts
from sandbox.page.screen import Screen
from sandbox.page.viewer import Viewer
from sandbox.workspace.manifest import load_manifest
from sandbox.workspace.model import Json, View
from sandbox.workspace.store import Store
from tests.sandbox.block_examples import (
    GOOD_BLOCKS,
    GOOD_ELEMENTS,
    actions,
    button,
    entry,
    modal,
    mrkdwn,
    option,
    plain,
    section,
)
from tests.sandbox.html_tree import Node, parse

NOW = 1764072000.0
MANIFEST = load_manifest(Path(__file__).parents[2] / "manifest.yml")
UNKNOWN_BLOCKS = {
    *("alert", "auth_provider", "card", "carousel", "container", "context_actions"),
    *("data_table", "data_visualization", "plan", "task_card"),
}
UNKNOWN_ELEMENTS = {"feedback_buttons", "file_input", "icon_button", "rich_text_input"}


def drawn(name: str, store: Store, user: str = "ana", channel: str = "general") -> Node:
    screen = Screen(store, Viewer(store, store.person(user)), store.channel(channel))
    return parse(html.render(name, parts.part(screen, name)))


def posted(*blocks: Json) -> Node:
    store = Store(MANIFEST, lambda: NOW)
    numbered = [{"block_id": f"b{index}", **block} for index, block in enumerate(blocks)]
    store.post("general", store.bot_user.id, "fallback", blocks=numbered, bot_id=store.bot_id)
    return drawn("messages", store).all("message")[-1]


def opened(*blocks: Json, **more: Any) -> Node:
    store = Store(MANIFEST, lambda: NOW)
    payload = modal(*blocks, callback_id="declare", **more.pop("payload", {}))
    store.workspace.modals["U0ANA"] = [View("V1", "U0ANA", "modal", payload, "hash", "V1", **more)]
    return drawn("modal", store).one("modal")


@pytest.mark.parametrize("kind", sorted(GOOD_BLOCKS))
def test_every_block_is_shown_or_reported_as_unknown(kind: str) -> None:
    message = posted({"type": kind, **GOOD_BLOCKS[kind]})
    unknown = [node.text for node in message.all("unknown-block")]
    assert unknown == ([f"unknown block: {kind}"] if kind in UNKNOWN_BLOCKS else [])
    assert "unknown element" not in message.text


@pytest.mark.parametrize("kind", sorted(GOOD_ELEMENTS))
def test_every_element_is_shown_or_reported_as_unknown(kind: str) -> None:
    field = opened(entry({"type": kind, "action_id": "act", **GOOD_ELEMENTS[kind]}, block_id="blk"))
    assert bool(field.all("unknown-element")) is (kind in UNKNOWN_ELEMENTS)
    assert field.one("field").attrs["data-block"] == "blk"
    assert field.one("field").attrs["data-action"] == "act"


@pytest.mark.parametrize("kind", sorted(set(GOOD_ELEMENTS) - UNKNOWN_ELEMENTS - {"image", "workflow_button"}))
def test_an_element_outside_of_a_form_can_be_acted_on(kind: str) -> None:
    acting = posted(actions({"type": kind, "action_id": "act", **GOOD_ELEMENTS[kind]}))
    controls = acting.all("action", data_action="act", data_block="b0")
    assert len(controls) == (2 if kind == "overflow" else 1)
    assert all(control.attrs["data-element"] == kind for control in controls)


def test_buttons_have_their_style_their_value_and_their_confirmation() -> None:
    confirm = {
        "title": plain("Sure?"),
        "text": mrkdwn("*All* of it"),
        "confirm": plain("Yes"),
        "deny": plain("No"),
    }
    message = posted(actions(button(action_id="go", value="7", style="danger", confirm=confirm)))
    shown = message.one("action")
    assert (shown.tag, shown.attrs["data-value"]) == ("button", "7")
    assert "danger" in shown.attrs["class"]
    asked = message.tags("template")[0]
    assert asked.tags("h2")[0].text == "Sure?"
    assert asked.tags("b")[0].text == "All"


def test_a_link_button_is_a_link_unless_it_is_a_script() -> None:
    message = posted(
        actions(
            button(action_id="a", url="https://acme.example/runbook"),
            button(action_id="b", url="javascript:x"),
        )
    )
    first, second = message.all("action")
    assert (first.tag, first.attrs["href"]) == ("a", "https://acme.example/runbook")
    assert second.tag == "button"


def test_plain_text_is_verbatim_and_mrkdwn_is_not() -> None:
    message = posted(
        {"type": "header", "text": plain("*a* <!channel> &amp; <b>")}, section(text=mrkdwn("*a* <!channel>"))
    )
    assert message.tags("h3")[0].text == "*a* <!channel> &amp; <b>"
    assert message.one("ping").text == "@channel"
    assert [node.text for node in message.one("message-text").tags("b")] == ["a"]


def test_a_message_with_blocks_shows_them_instead_of_its_text() -> None:
    assert "fallback" not in posted(section(text=mrkdwn("the blocks"))).text


def test_options_have_their_descriptions_and_the_initial_one_is_chosen() -> None:
    options = [option("high", "High") | {"description": plain("Bad")}, option("low", "Low")]
    radio = {"type": "radio_buttons", "action_id": "r", "options": options, "initial_option": options[1]}
    menu = {"type": "static_select", "action_id": "s", "options": options, "initial_option": options[0]}
    form = opened(entry(radio), entry(menu))
    assert form.tags("small")[0].text == "Bad"
    assert [box.attrs["value"] for box in form.tags("input") if "checked" in box.attrs] == ["low"]
    assert [each.text for each in form.tags("option") if "selected" in each.attrs] == ["High — Bad"]


def test_a_users_select_offers_the_active_people() -> None:
    form = opened(entry({"type": "users_select", "action_id": "who", "initial_user": "U0BEN"}))
    people = {each.attrs["value"]: each for each in form.tags("option")}
    assert "selected" in people["U0BEN"].attrs
    assert "U0GUS" in people
    assert "U0HAL" not in people


def test_a_form_shows_labels_hints_errors_and_a_notice() -> None:
    text_input = {"type": "plain_text_input", "action_id": "title", "initial_value": "<slow>"}
    block = entry(text_input, block_id="t", label=plain("Title"), hint=plain("Short"), optional=True)
    form = opened(block, errors={"t": "Too <long>"}, notice="The app did not answer.")
    field = form.one("field", data_block="t")
    control = form.one(data_action="title", data_element="plain_text_input")
    assert field.tags("label")[0].text == "Title (optional)"
    assert control.attrs["value"] == "<slow>"
    assert form.one("field-error").text == "Too <long>"
    assert control.attrs["aria-invalid"] == "true"
    described = [form.one(id=each).text for each in control.attrs["aria-describedby"].split()]
    assert described == ["Short", "Too <long>"]
    assert form.one("modal-notice").text == "The app did not answer."
    assert form.one("modal-submit").text == "x"


def test_a_view_on_top_of_another_can_go_back() -> None:
    assert opened(section(), previous_view_id="V0").one("modal-close").text == "Back"
    assert opened(section(), payload={"close": plain("Never mind")}).one("modal-close").text == "Never mind"


def test_the_home_tab_shows_its_blocks_or_says_that_there_are_none() -> None:
    store = Store(MANIFEST, lambda: NOW)
    assert "hasn't shown you anything" in drawn("home", store).text
    payload = {"type": "home", "blocks": [section(text=mrkdwn("*2* open incidents"))]}
    store.workspace.homes["U0ANA"] = View("VH", "U0ANA", "home", payload, "hash", "VH")
    home = drawn("home", store).one("home")
    assert home.text == "2 open incidents"
    assert home.attrs["data-view"] == "VH"


def poisoned(value: Any, poison: str, key: str = "") -> Any:
    """The JSON with every string replaced, except those that say what a thing is."""
    if isinstance(value, dict):
        return {name: poisoned(each, poison, name) for name, each in value.items()}
    if isinstance(value, list):
        return [poisoned(each, poison, key) for each in value]
    return poison if isinstance(value, str) and key not in {"type", "indent"} else value


POISON = '"><evil onclick="x" style="y">\'<!channel>&lt;evil&gt; {{ 7 * 6 }} javascript:evil \ud800\x00'


@pytest.mark.parametrize("kind", sorted(GOOD_BLOCKS))
def test_hostile_text_anywhere_in_a_block_stays_text(kind: str) -> None:
    check_harmless(posted({"type": kind, **poisoned(GOOD_BLOCKS[kind], POISON)}))


@pytest.mark.parametrize("kind", sorted(GOOD_ELEMENTS))
def test_hostile_text_anywhere_in_an_element_stays_text(kind: str) -> None:
    element = poisoned(GOOD_ELEMENTS[kind] | {"action_id": "a", "placeholder": plain()}, POISON)
    check_harmless(
        opened(entry({"type": kind, **element}, **poisoned({"label": plain(), "hint": plain()}, POISON)))
    )


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_any_text_in_a_header_is_shown_character_by_character(text: str) -> None:
    shown = posted({"type": "header", "text": plain(text)}).tags("h3")[0]
    assert "".join(str(child) for child in shown.children) == text


def check_harmless(node: Node) -> None:
    for each in node.walk():
        assert each.tag != "evil"
        assert not {name for name in each.attrs if name.startswith("on") or name == "style"}
        assert not each.attrs.get("href", "").startswith("javascript")
        assert not each.attrs.get("src", "").startswith("javascript")
    assert "42" not in node.text
