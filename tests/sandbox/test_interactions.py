"""Commands, shortcuts, clicks and response URLs: what reaches the app, and what its answer does."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.interactions import RefusedError, Triggers, commands, modals, respond
from sandbox.interactions.composer import composed
from sandbox.rules import SlackError
from sandbox.workspace.model import Json
from tests.sandbox.world import SEVERITY, World, button, option, plain


@pytest.fixture
def world() -> World:
    return World()


def test_a_command_has_the_fields_that_slack_documents(world: World) -> None:
    world.command("declare database is slow")
    kind, payload = world.app.got[0]
    assert kind == "slash_commands"
    assert world.here.triggers.use(payload.pop("trigger_id")) == "U0ANA"
    assert payload.pop("response_url").startswith(f"{world.store.team_url}response/")
    assert payload == {
        "token": "sandbox",
        "team_id": "T0ACME",
        "team_domain": "acme",
        "channel_id": "C0GENERAL",
        "channel_name": "general",
        "user_id": "U0ANA",
        "user_name": "ana",
        "command": "/incident",
        "text": "declare database is slow",
        "api_app_id": "A0MUSTER",
        "is_enterprise_install": "false",
    }


def test_a_command_with_should_escape_names_people_and_channels_by_id(world: World) -> None:
    world.command("lead @ben in #random <now> & here")
    assert world.app.last["text"] == "lead <@U0BEN|ben> in <#C0RANDOM|random> &lt;now&gt; &amp; here"
    world.command("lead @ben", command="/raw")
    assert world.app.last["text"] == "lead @ben"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"thread_ts": "1.2"}, "not_in_thread"),
        ({"command": "/incidents"}, "unknown_command"),
        ({"user": "gus", "channel": "random"}, "not_in_channel"),
        ({"user": "hal"}, "account_inactive"),
        ({"user": "nobody"}, "user_not_found"),
        ({"channel": "nowhere"}, "channel_not_found"),
    ],
)
def test_a_command_that_slack_refuses_never_reaches_the_app(world: World, asked: Json, code: str) -> None:
    with pytest.raises(RefusedError) as caught:
        world.command("list", **asked)
    assert caught.value.code == code
    assert world.app.got == []


@pytest.mark.parametrize("answer", ["Nothing is open.", {"text": "Nothing is open."}])
def test_the_answer_to_a_command_is_seen_only_by_its_sender(world: World, answer: Any) -> None:
    world.app.answer = answer
    assert world.command("list") == {"response": {"text": "Nothing is open."}}
    assert world.seen_by("U0ANA") == ["Nothing is open."]
    assert world.seen_by("U0BEN") == []


def test_an_answer_in_channel_is_seen_by_everyone(world: World) -> None:
    world.app.answer = {"response_type": "in_channel", "text": "Hello"}
    world.command("hello")
    newest = list(world.store.channel("general").messages.values())[-1]
    assert (newest.text, newest.ephemeral_to, newest.bot_id) == ("Hello", None, "B0MUSTER")


def test_an_empty_answer_shows_nothing(world: World) -> None:
    before = len(world.store.channel("general").messages)
    assert world.command("list") == {"response": None}
    assert len(world.store.channel("general").messages) == before


def test_an_answer_with_invalid_blocks_is_reported_to_the_person(world: World) -> None:
    world.app.answer = {"text": "x", "blocks": [{"type": "nope"}]}
    assert "invalid_command_response" in world.command("list")["problem"]
    assert "invalid_command_response" in world.seen_by("U0ANA")[0]


@pytest.mark.parametrize("error", ["timeout", "not_connected", "socket_closed"])
def test_a_command_without_an_ack_is_reported_to_the_person_by_slackbot(world: World, error: str) -> None:
    world.app.error = error
    assert world.command("list")["problem"]
    newest = list(world.store.channel("general").messages.values())[-1]
    assert (newest.username, newest.ephemeral_to) == ("Slackbot", "U0ANA")
    assert newest.text.startswith('/incident failed with the error "dispatch_failed"')


def test_a_trigger_works_once_and_for_three_seconds(world: World) -> None:
    triggers = Triggers(lambda: world.now)
    first, second = triggers.issue("U0ANA"), triggers.issue("U0BEN")
    world.now += 3.0
    assert triggers.use(first) == "U0ANA"
    with pytest.raises(SlackError, match="exchanged_trigger_id"):
        triggers.use(first)
    world.now += 0.01
    with pytest.raises(SlackError, match="expired_trigger_id"):
        triggers.use(second)
    with pytest.raises(SlackError, match="invalid_trigger_id"):
        triggers.use("1.2.three")


def response_id(payload: Json) -> str:
    return str(payload["response_url"]).rpartition("/")[2]


def test_a_response_url_works_five_times(world: World) -> None:
    world.command("list")
    url = response_id(world.app.last)
    for number in range(5):
        respond(world.here, url, {"text": f"{number}"})
    assert world.seen_by("U0ANA") == ["0", "1", "2", "3", "4"]
    with pytest.raises(SlackError, match="used_url"):
        respond(world.here, url, {"text": "6"})


def test_a_response_url_expires_after_half_an_hour(world: World) -> None:
    world.command("list")
    world.now += 30 * 60 + 1
    with pytest.raises(SlackError, match="expired_url"):
        respond(world.here, response_id(world.app.last), {"text": "late"})
    with pytest.raises(SlackError, match="invalid_url"):
        respond(world.here, "unknown", {"text": "x"})


def test_a_clicks_response_url_replaces_or_deletes_its_message(world: World) -> None:
    card = world.card(button())
    world.click(card, "go")
    url = response_id(world.app.last)
    respond(world.here, url, {"replace_original": True, "text": "done"})
    assert (card.text, card.blocks) == ("done", [])
    respond(world.here, url, {"delete_original": True})
    assert card.ts not in world.store.channel("general").messages


def test_a_click_has_the_fields_that_slack_documents(world: World) -> None:
    card = world.card(button(value="INC-1", style="danger"))
    assert world.click(card, "go") == {"dispatched": True}
    payload = world.app.last
    assert world.app.got[-1][0] == "interactive"
    assert payload["type"] == "block_actions"
    assert payload["user"] == {"id": "U0ANA", "username": "ana", "name": "ana", "team_id": "T0ACME"}
    assert payload["team"] == {"id": "T0ACME", "domain": "acme"}
    assert payload["api_app_id"] == "A0MUSTER"
    assert payload["container"] == {
        "type": "message",
        "message_ts": card.ts,
        "channel_id": "C0GENERAL",
        "is_ephemeral": False,
    }
    assert payload["channel"] == {"id": "C0GENERAL", "name": "general"}
    assert payload["message"]["blocks"] == card.blocks
    assert payload["state"] == {"values": {}}
    assert world.here.triggers.use(payload["trigger_id"]) == "U0ANA"
    [action] = payload["actions"]
    assert float(action.pop("action_ts")) >= world.now
    assert action == {
        "type": "button",
        "action_id": "go",
        "block_id": "buttons",
        "text": plain("Go"),
        "value": "INC-1",
        "style": "danger",
    }


def test_a_choice_in_a_message_sends_its_option_and_stays_in_the_state(world: World) -> None:
    card = world.card(button(), {"type": "static_select", "action_id": "severity", **SEVERITY})
    world.click(card, "severity", "high")
    assert world.app.last["actions"][0]["selected_option"] == option("high")
    world.click(card, "go")
    chosen = {"type": "static_select", "selected_option": option("high")}
    assert world.app.last["state"]["values"] == {"buttons": {"severity": chosen}}
    world.click(card, "go", user="ben")
    assert world.app.last["state"]["values"]["buttons"]["severity"]["selected_option"] is None


def test_an_overflow_menu_sends_its_option(world: World) -> None:
    card = world.card({"type": "overflow", "action_id": "more", **SEVERITY})
    world.click(card, "more", "Low")
    assert world.app.last["actions"][0]["selected_option"] == option("low")


def test_a_click_on_an_ephemeral_message_has_no_message_and_only_its_reader_can_make_it(world: World) -> None:
    card = world.card(button(), ephemeral_to="U0ANA")
    world.click(card, "go")
    assert world.app.last["container"]["is_ephemeral"] is True
    assert "message" not in world.app.last
    with pytest.raises(RefusedError, match="There is no message"):
        world.click(card, "go", user="ben")


@pytest.mark.parametrize(("action", "value"), [("nope", None), ("severity", "medium")])
def test_elements_that_are_not_on_screen_cannot_be_clicked(world: World, action: str, value: Any) -> None:
    card = world.card({"type": "static_select", "action_id": "severity", **SEVERITY})
    with pytest.raises(RefusedError):
        world.click(card, action, value)
    assert world.app.got == []


def test_only_clicks_on_the_apps_own_messages_reach_the_app(world: World) -> None:
    foreign = world.store.post("general", "ana", "hello")
    with pytest.raises(RefusedError, match="own messages"):
        world.click(foreign, "go")


def test_a_click_without_an_ack_is_reported_by_slackbot_in_the_channel(world: World) -> None:
    card = world.card(button())
    world.app.error = "timeout"
    assert "3 seconds" in world.click(card, "go")["problem"]
    assert "3 seconds" in world.seen_by("U0ANA")[0]


def test_shortcuts_carry_their_callback_and_message_shortcuts_their_message(world: World) -> None:
    world.do(commands.run_shortcut(world.here, user="ana", callback_id="declare"))
    assert (world.app.last["type"], world.app.last["callback_id"]) == ("shortcut", "declare")
    assert world.here.triggers.use(world.app.last["trigger_id"]) == "U0ANA"
    message = world.store.post("general", "ben", "It is slow")
    asked = {"user": "ana", "callback_id": "from_message", "channel": "general", "ts": message.ts}
    world.do(commands.run_shortcut(world.here, **asked))
    payload = world.app.last
    assert (payload["type"], payload["message_ts"]) == ("message_action", message.ts)
    assert (payload["message"]["text"], payload["message"]["user"]) == ("It is slow", "U0BEN")
    assert payload["response_url"]
    for refused in ({"callback_id": "nope"}, {"callback_id": "from_message"}, {**asked, "ts": "1.2"}):
        with pytest.raises(RefusedError):
            world.do(commands.run_shortcut(world.here, **{"user": "ana", **refused}))


def test_a_click_in_app_home_says_so(world: World) -> None:
    blocks = [{"type": "section", "text": plain("Hi"), "accessory": button()}]
    modals.publish_home(world.store, "U0ANA", {"type": "home", "blocks": blocks})
    world.in_view("go", view="home")
    assert world.app.last["view"]["type"] == "home"
    world.app.error = "not_connected"
    world.in_view("go", view="home")
    assert "not connected" in (world.store.workspace.homes["U0ANA"].notice or "")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a < b & c", "a &lt; b &amp; c"),
        ("hi @ana and @Ben Okafor!", "hi <@U0ANA> and <@U0BEN>!"),
        ("@muster list", "<@U0MUSTER> list"),
        ("@analyst is not ana@acme.example", "@analyst is not ana@acme.example"),
        ("see #ops-alerts, not #ops", "see <#C0OPSALERTS|ops-alerts>, not #ops"),
        ("look: https://a.example/x?a=1&b=2.", "look: <https://a.example/x?a=1&amp;b=2>."),
        ("@here @channel", "<!here> <!channel>"),
        (
            "<!channel> <@U0ANA> <https://evil|ok>",
            "&lt;!channel&gt; &lt;@U0ANA&gt; &lt;<https://evil>|ok&gt;",
        ),
        ("`@ana < b`", "`@ana &lt; b`"),
    ],
)
def test_typed_text_is_stored_as_slack_stores_it(world: World, typed: str, stored: str) -> None:
    assert composed(world.store, typed) == stored
