"""Acts of people: the payload that reaches the app, and what its answer does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

import pytest

from sandbox.interactions import (
    Interactions,
    RefusedError,
    Triggers,
    clicks,
    commands,
    forms,
    modals,
    respond,
)
from sandbox.interactions.composer import composed
from sandbox.interactions.targets import on_message, on_view
from sandbox.manifest import Command, Manifest, Shortcut
from sandbox.model import Json, Message
from sandbox.rules import SlackError
from sandbox.store import Delivery, Store

T = TypeVar("T")

MANIFEST = Manifest(
    name="Muster",
    display_name="Muster",
    scopes=frozenset({"commands", "chat:write"}),
    bot_events=frozenset(),
    commands={
        "/incident": Command("/incident", "", "", should_escape=True),
        "/raw": Command("/raw", "", "", False),
    },
    shortcuts={
        "declare": Shortcut("Declare", "global", "declare", ""),
        "from_message": Shortcut("Declare", "message", "from_message", ""),
    },
    interactive=True,
    socket_mode=True,
    home_tab=True,
)


class App:
    """The app's end of the line: it keeps what it gets and answers what the test wants."""

    def __init__(self) -> None:
        self.got: list[tuple[str, Json]] = []
        self.answer: Any = None
        self.suggestions: Any = None
        self.error: str | None = None
        self.connected = True

    def deliver(self, kind: str, payload: Json, timeout: float) -> Awaitable[Delivery]:
        self.got.append((kind, payload))
        return self._acked(payload.get("type"))

    async def _acked(self, kind: str | None) -> Delivery:
        answer = self.suggestions if kind == "block_suggestion" else self.answer
        return Delivery(False, None, self.error) if self.error else Delivery(True, answer)

    @property
    def last(self) -> Json:
        return self.got[-1][1]


class World:
    """A store with an app at the other end and a clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_764_000_000.0
        self.app = App()
        self.store = Store(MANIFEST, lambda: self.now)
        self.store.transport = self.app
        self.here = Interactions(self.store)

    def do(self, act: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(act)

    def command(self, text: str = "", **more: Any) -> Json:
        asked = {"user": "ana", "channel": "general", "command": "/incident", "text": text, **more}
        return self.do(commands.run_command(self.here, **asked))

    def card(self, *elements: Json, ephemeral_to: str | None = None) -> Message:
        """A message of the app with these elements."""
        blocks = [{"type": "actions", "block_id": "buttons", "elements": list(elements)}]
        bot = self.store.bot_user.id
        return self.store.post(
            "general", bot, "card", blocks=blocks, bot_id=self.store.bot_id, ephemeral_to=ephemeral_to
        )

    def click(self, message: Message, action: str, value: Any = None, user: str = "ana") -> Json:
        async def act() -> Json:
            target = on_message(self.here, user=user, channel="general", ts=message.ts)
            return await clicks.act(self.here, target, action=action, value=value)

        return self.do(act())

    def in_view(self, action: str, value: Any = None, view: str = "modal") -> Json:
        async def act() -> Json:
            target = on_view(self.here, user="ana", view=view)
            return await clicks.act(self.here, target, action=action, value=value)

        return self.do(act())

    def open(self, *blocks: Json, **more: Any) -> Any:
        return modals.open_modal(self.store, "U0ANA", form(*blocks, **more))

    def submit(self, values: Json | None = None) -> Json:
        return self.do(forms.submit(self.here, user="ana", values=values or {}))

    def seen_by(self, user: str, channel: str = "general") -> list[str]:
        messages = self.store.channel(channel).messages.values()
        return [each.text for each in messages if each.ephemeral_to == user]

    @property
    def stack(self) -> list[str]:
        return [view.payload["callback_id"] for view in self.store.workspace.modals.get("U0ANA", [])]


@pytest.fixture
def world() -> World:
    return World()


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def option(value: str) -> Json:
    return {"text": plain(value.title()), "value": value}


def form(*blocks: Json, **more: Any) -> Json:
    view = {"type": "modal", "callback_id": "first", "title": plain("Form"), "submit": plain("Go")}
    return {**view, "blocks": list(blocks), **more}


def field(action_id: str, kind: str = "plain_text_input", *, optional: bool = False, **more: Any) -> Json:
    element = {"type": kind, "action_id": action_id, **more}
    block = {"type": "input", "block_id": f"{action_id}-block", "label": plain(action_id), "element": element}
    return {**block, "optional": True} if optional else block


def button(action_id: str = "go", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain("Go"), **more}


SEVERITY: dict[str, Any] = {"options": [option("high"), option("low")]}


def test_a_command_brings_the_fields_that_slack_documents(world: World) -> None:
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
def test_the_answer_to_a_command_is_seen_by_its_person_alone(world: World, answer: Any) -> None:
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


def test_an_answer_with_broken_blocks_is_told_to_the_person(world: World) -> None:
    world.app.answer = {"text": "x", "blocks": [{"type": "nope"}]}
    assert "invalid_command_response" in world.command("list")["problem"]
    assert "invalid_command_response" in world.seen_by("U0ANA")[0]


@pytest.mark.parametrize("error", ["timeout", "not_connected", "socket_closed"])
def test_a_command_without_an_ack_is_told_to_the_person_by_slackbot(world: World, error: str) -> None:
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


def test_a_response_url_of_a_click_replaces_or_deletes_its_message(world: World) -> None:
    card = world.card(button())
    world.click(card, "go")
    url = response_id(world.app.last)
    respond(world.here, url, {"replace_original": True, "text": "done"})
    assert (card.text, card.blocks) == ("done", [])
    respond(world.here, url, {"delete_original": True})
    assert card.ts not in world.store.channel("general").messages


def test_a_click_brings_what_slack_documents(world: World) -> None:
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


def test_a_choice_in_a_message_is_its_option_and_stays_in_the_state(world: World) -> None:
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


def test_a_click_on_an_ephemeral_message_has_no_message_and_is_for_its_person(world: World) -> None:
    card = world.card(button(), ephemeral_to="U0ANA")
    world.click(card, "go")
    assert world.app.last["container"]["is_ephemeral"] is True
    assert "message" not in world.app.last
    with pytest.raises(RefusedError, match="There is no message"):
        world.click(card, "go", user="ben")


@pytest.mark.parametrize(("action", "value"), [("nope", None), ("severity", "medium")])
def test_what_is_not_on_screen_cannot_be_clicked(world: World, action: str, value: Any) -> None:
    card = world.card({"type": "static_select", "action_id": "severity", **SEVERITY})
    with pytest.raises(RefusedError):
        world.click(card, action, value)
    assert world.app.got == []


def test_only_the_apps_own_messages_lead_to_the_app(world: World) -> None:
    foreign = world.store.post("general", "ana", "hello")
    with pytest.raises(RefusedError, match="own messages"):
        world.click(foreign, "go")


def test_a_click_without_an_ack_is_told_by_slackbot_in_the_channel(world: World) -> None:
    card = world.card(button())
    world.app.error = "timeout"
    assert "3 seconds" in world.click(card, "go")["problem"]
    assert "3 seconds" in world.seen_by("U0ANA")[0]


def test_shortcuts_bring_their_callback_and_a_message_shortcut_its_message(world: World) -> None:
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


def test_a_submission_carries_the_state_of_every_element(world: World) -> None:
    view = world.open(
        field("title"),
        field("severity", "static_select", initial_option=option("low"), **SEVERITY),
        field("people", "multi_users_select", optional=True),
        field("day", "datepicker", optional=True),
        field("flags", "checkboxes", optional=True, **SEVERITY),
    )
    assert (
        world.submit({"title": "Slow", "people-block": {"people": ["ben", "@chen"]}, "flags": "High"}) == {}
    )
    payload = world.app.last
    assert payload["type"] == "view_submission"
    assert (payload["view"]["id"], payload["view"]["hash"]) == (view.id, view.hash)
    assert payload["view"]["state"]["values"] == {
        "title-block": {"title": {"type": "plain_text_input", "value": "Slow"}},
        "severity-block": {"severity": {"type": "static_select", "selected_option": option("low")}},
        "people-block": {"people": {"type": "multi_users_select", "selected_users": ["U0BEN", "U0CHEN"]}},
        "day-block": {"day": {"type": "datepicker", "selected_date": None}},
        "flags-block": {"flags": {"type": "checkboxes", "selected_options": [option("high")]}},
    }
    assert world.stack == []


@pytest.mark.parametrize(
    ("block", "value", "error"),
    [
        (field("a"), "", "Please complete this required field."),
        (field("a", min_length=3), "ab", "This entry must be at least 3 characters."),
        (field("a", max_length=3), "abcd", "This entry must be at most 3 characters."),
        (field("a"), "x" * 3001, "This entry must be at most 3000 characters."),
        (field("a", "static_select", **SEVERITY), None, "Please complete this required field."),
        (field("a", "number_input", is_decimal_allowed=False), "1.5", "Please enter a whole number."),
        (
            field("a", "number_input", is_decimal_allowed=True, max_value="2"),
            2.5,
            "This entry must be at most 2.",
        ),
        (field("a", "email_text_input"), "nope", "Please enter a valid email address."),
        (field("a", "url_text_input"), "nope", "Please enter a valid URL."),
        (field("a", "checkboxes", **SEVERITY), [], "Please complete this required field."),
    ],
)
def test_slacks_client_checks_a_form_before_the_app_hears_of_it(
    world: World, block: Json, value: Any, error: str
) -> None:
    view = world.open(block)
    assert world.submit({"a": value}) == {"errors": {"a-block": error}}
    assert view.errors == {"a-block": error}
    assert world.app.got == []


def test_an_optional_field_may_stay_empty(world: World) -> None:
    world.open(field("a", optional=True, min_length=3))
    assert world.submit({"a": ""}) == {}
    assert world.app.last["view"]["state"]["values"]["a-block"]["a"]["value"] is None


@pytest.mark.parametrize(
    "values", [{"nope": "x"}, {"severity": "medium"}, {"who": "nobody"}, {"day": "tomorrow"}]
)
def test_a_value_that_does_not_fit_is_refused(world: World, values: Json) -> None:
    world.open(
        field("severity", "static_select", **SEVERITY),
        field("who", "users_select", optional=True),
        field("day", "datepicker", optional=True),
    )
    with pytest.raises(RefusedError):
        world.submit(values)
    assert world.app.got == []


def test_errors_of_the_app_appear_at_their_fields_and_the_entries_stay(world: World) -> None:
    view = world.open(field("title"))
    world.app.answer = {"response_action": "errors", "errors": {"title-block": "Taken"}}
    assert world.submit({"title": "Slow"}) == {"errors": {"title-block": "Taken"}}
    assert (world.stack, view.errors) == (["first"], {"title-block": "Taken"})
    world.app.answer = None
    assert world.submit() == {}
    assert world.app.last["view"]["state"]["values"]["title-block"]["title"]["value"] == "Slow"


@pytest.mark.parametrize(
    "answer",
    [
        {"response_action": "errors", "errors": {"nope": "x"}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "nope"},
        {"response_action": "update", "view": {"type": "modal"}},
        {"response_action": "push"},
        "text",
    ],
)
def test_an_answer_that_makes_no_sense_is_a_notice_over_the_form(world: World, answer: Any) -> None:
    view = world.open(field("title"))
    world.app.answer = answer
    assert "trouble connecting" in world.submit({"title": "x"})["problem"]
    assert "trouble connecting" in (view.notice or "")
    assert world.stack == ["first"]


def test_a_submission_without_an_ack_leaves_the_form_with_a_notice(world: World) -> None:
    view = world.open(field("title"))
    world.app.error = "timeout"
    assert "3 seconds" in world.submit({"title": "x"})["problem"]
    assert (world.stack, view.state["title-block"]["title"]["value"]) == (["first"], "x")
    assert "3 seconds" in (view.notice or "")


def test_an_answer_may_push_update_or_clear(world: World) -> None:
    world.open(field("title"))
    world.app.answer = {"response_action": "push", "view": form(callback_id="second")}
    world.submit({"title": "x"})
    assert world.stack == ["first", "second"]
    world.app.answer = {"response_action": "update", "view": form(callback_id="third")}
    world.submit()
    assert world.stack == ["first", "third"]
    world.app.answer = {"response_action": "clear"}
    world.submit()
    assert world.stack == []


def test_an_empty_answer_closes_the_topmost_view_only(world: World) -> None:
    world.open()
    modals.push_modal(world.store, "U0ANA", form(callback_id="second"))
    world.submit()
    assert world.stack == ["first"]


def test_a_fourth_view_is_too_deep(world: World) -> None:
    world.open()
    modals.push_modal(world.store, "U0ANA", form())
    third = modals.push_modal(world.store, "U0ANA", form())
    assert third.previous_view_id != third.root_view_id
    with pytest.raises(SlackError, match="push_limit_reached"):
        modals.push_modal(world.store, "U0ANA", form())


def test_an_update_keeps_entries_whose_element_stays_and_needs_the_right_hash(world: World) -> None:
    view = world.open(field("title"), field("note", optional=True))
    world.in_view("title", "Slow")
    before = view.hash
    modals.update_view(
        world.store, view, form(field("title"), field("other", optional=True)), expected_hash=before
    )
    values = world.here.view_state(view)
    assert values["title-block"]["title"]["value"] == "Slow"
    assert set(values) == {"title-block", "other-block"}
    with pytest.raises(SlackError, match="hash_conflict"):
        modals.update_view(world.store, view, form(), expected_hash=before)


def test_an_external_id_names_one_view(world: World) -> None:
    view = world.open(external_id="mine")
    assert modals.find_view(world.store, external_id="mine") is view
    with pytest.raises(SlackError, match="duplicate_external_id"):
        modals.push_modal(world.store, "U0ANA", form(external_id="mine"))
    modals.close_view(world.store, view)
    with pytest.raises(SlackError, match="not_found"):
        modals.find_view(world.store, external_id="mine")


def test_an_input_tells_the_app_only_with_dispatch_action(world: World) -> None:
    view = world.open(field("quiet"), {**field("loud"), "dispatch_action": True})
    assert world.in_view("quiet", "a") == {"dispatched": False}
    assert world.in_view("loud", "b") == {"dispatched": True}
    payload = world.app.last
    assert payload["container"] == {"type": "view", "view_id": view.id}
    assert payload["actions"][0]["value"] == "b"
    assert payload["view"]["state"]["values"]["quiet-block"]["quiet"]["value"] == "a"
    assert "response_url" not in payload
    assert "channel" not in payload


def test_a_click_in_app_home_says_so(world: World) -> None:
    blocks = [{"type": "section", "text": plain("Hi"), "accessory": button()}]
    modals.publish_home(world.store, "U0ANA", {"type": "home", "blocks": blocks})
    world.in_view("go", view="home")
    assert world.app.last["view"]["type"] == "home"
    world.app.error = "not_connected"
    world.in_view("go", view="home")
    assert "not connected" in (world.store.workspace.homes["U0ANA"].notice or "")


def test_closing_tells_the_app_only_where_the_view_asks_for_it(world: World) -> None:
    world.open()
    world.do(forms.close(world.here, user="ana"))
    assert (world.app.got, world.stack) == ([], [])
    view = world.open(notify_on_close=True)
    world.do(forms.close(world.here, user="ana"))
    assert world.app.last["type"] == "view_closed"
    assert (world.app.last["view"]["id"], world.app.last["is_cleared"]) == (view.id, False)
    assert "trigger_id" not in world.app.last


def test_closing_everything_takes_the_stack_and_says_that_it_is_cleared(world: World) -> None:
    world.open(notify_on_close=True)
    modals.push_modal(world.store, "U0ANA", form(notify_on_close=True))
    world.do(forms.close(world.here, user="ana", everything=True))
    assert world.stack == []
    assert [payload["is_cleared"] for _, payload in world.app.got] == [True, True]


def test_a_menu_that_asks_the_app_offers_what_it_suggests_and_nothing_else(world: World) -> None:
    world.open(field("project", "external_select", min_query_length=2))
    world.app.suggestions = {"options": [option("payments")]}

    async def ask(value: str) -> Json:
        return await clicks.suggest(
            world.here, on_view(world.here, user="ana", view="modal"), action="project", value=value
        )

    assert world.do(ask("p")) == {"options": []}
    assert world.app.got == []
    assert world.do(ask("pay")) == {"options": [option("payments")]}
    payload = world.app.last
    assert (payload["type"], payload["action_id"], payload["block_id"], payload["value"]) == (
        "block_suggestion",
        "project",
        "project-block",
        "pay",
    )
    with pytest.raises(RefusedError):
        world.submit({"project": "unknown"})
    asked = len(world.app.got)
    assert world.submit({"project": "payments"}) == {}
    assert len(world.app.got) == asked + 1, "what was offered already is not asked for again"
    chosen = world.app.last["view"]["state"]["values"]["project-block"]["project"]["selected_option"]
    assert chosen == option("payments")


def test_a_script_gets_its_choice_suggested_as_a_person_would(world: World) -> None:
    world.open(field("project", "external_select", min_query_length=2))
    world.app.suggestions = {"options": [option("payments"), option("payroll")]}
    assert world.submit({"project": "Payroll"}) == {}
    assert [payload["type"] for _, payload in world.app.got] == ["block_suggestion", "view_submission"]
    chosen = world.app.last["view"]["state"]["values"]["project-block"]["project"]["selected_option"]
    assert chosen == option("payroll")


def test_suggestions_that_break_slacks_rules_are_not_shown(world: World) -> None:
    world.open(field("project", "external_select", min_query_length=0))
    world.app.suggestions = {"options": [option("x" * 76)]}

    async def ask() -> Json:
        return await clicks.suggest(
            world.here, on_view(world.here, user="ana", view="modal"), action="project", value=""
        )

    answer = world.do(ask())
    assert answer["options"] == []
    assert "76 characters" in answer["problem"]


def test_somebody_else_cannot_use_a_persons_form(world: World) -> None:
    view = world.open(field("title"))
    with pytest.raises(RefusedError):
        on_view(world.here, user="ben", view=view.id)
    with pytest.raises(RefusedError):
        on_view(world.here, user="ben", view="modal")


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
