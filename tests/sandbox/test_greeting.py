"""The panel that greets newcomers: when a step is ticked, what its button does, what outlasts a restart."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.botprocess import BotProcess
from sandbox.google import TEAM_CALENDAR
from sandbox.google.people import put
from sandbox.google.store import Calendars
from sandbox.greeting.signs import SIGNS
from sandbox.greeting.steps import STEPS, Offer, Situation, offer_of
from sandbox.greeting.watcher import JUST_MADE, Watcher
from sandbox.server import Sandbox, running
from sandbox.workspace.model import Channel, Json, Message
from tests.sandbox.conftest import MANIFEST, client_of
from tests.sandbox.html_tree import Node, parse
from tests.sandbox.peers import People, eventually
from tests.sandbox.world import World, button

SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
CARD = ("status_resolved", "take_command", "show_timeline")
TAKEN = ("status_resolved", "show_timeline")


class Process(BotProcess):
    """The app's process, running or killed as the test says."""

    def __init__(self) -> None:
        super().__init__([])
        self.is_up = True

    @property
    def running(self) -> bool:
        return self.is_up

    @property
    def was_killed(self) -> bool:
        return not self.is_up


class Acme(World):
    """A workspace with an app that has made #inc-1, with Ana in it, and somebody who watches."""

    def __init__(self) -> None:
        super().__init__()
        self.process = Process()
        self.watcher = Watcher(self.store, self.process)
        self.channel = self.make("inc-1")

    def make(self, name: str) -> Channel:
        """The app makes a channel and invites Ana."""
        channel = self.store.create_channel(name, self.store.bot_user.id)
        self.store.join(channel.id, "ana", self.store.bot_user.id)
        return channel

    def show(self, *action_ids: str, ephemeral_to: str | None = None) -> Message:
        """The app posts a message with these buttons in #inc-1."""
        blocks = [{"type": "actions", "elements": [button(each) for each in action_ids]}]
        bot, bot_id = self.store.bot_user.id, self.store.bot_id
        where = self.channel.id
        return self.store.post(where, bot, "", blocks=blocks, bot_id=bot_id, ephemeral_to=ephemeral_to)

    def book(self, **more: object) -> None:
        """The app puts an event in the team's calendar."""
        start = datetime.fromtimestamp(self.now, UTC)
        end = start + timedelta(hours=1)
        put(self.store, Calendars(self.store), TEAM_CALENDAR, "Postmortem", start, end, **more)

    def kill(self, present: bool = True) -> None:
        """Kill the app, or start it again."""
        self.process.is_up = not present
        self.watcher.look({"bot": True, "channels": [], "calendars": []})

    def done(self) -> set[str]:
        """The steps that are ticked after another look at everything."""
        self.watcher.look({"bot": False, "channels": [self.channel.id], "calendars": [TEAM_CALENDAR]})
        return set(self.store.workspace.greeting.done)

    def offer(self, name: str, here: Channel | None = None, user: str = "ana") -> Offer:
        """What the button of a step does for somebody."""
        step = next(each for each in STEPS if each.name == name)
        return offer_of(step, Situation(self.store, self.store.person(user), here, self.process))


def a_person_marks_a_message(acme: Acme) -> None:
    said = acme.store.post(acme.channel.id, "ana", "The pool is full")
    acme.store.react(acme.channel.id, said.ts, "ben", "pushpin", True)


def it_is_killed_before_it_posts_the_card(acme: Acme) -> None:
    acme.channel = acme.make("inc-2")
    acme.kill()
    acme.kill(present=False)
    acme.show(*CARD)


def it_is_killed_after_it_has_posted_the_card(acme: Acme) -> None:
    acme.kill()
    acme.kill(present=False)
    acme.show(*CARD)


DONE_BY: dict[str, Callable[[Acme], object]] = {
    "declare": lambda acme: acme.show(*CARD),
    "command": lambda acme: acme.show(*TAKEN),
    "mark": a_person_marks_a_message,
    "action": lambda acme: acme.show("item_completed", "reassign_item"),
    "whys": lambda acme: acme.show("whys_finish", "whys_abandon"),
    "meeting": lambda acme: acme.book(conferenceData={}),
    "kill": it_is_killed_before_it_posts_the_card,
}
LOOKS_ALIKE: dict[str, Callable[[Acme], object]] = {
    "a command that only one person sees": lambda acme: acme.show(*TAKEN, ephemeral_to="ana"),
    "a resolved incident without a commander": lambda acme: acme.show("reopen_incident", "show_timeline"),
    "what the app has marked itself": lambda acme: acme.store.react(
        acme.channel.id, acme.show().ts, acme.store.bot_user.id, "pushpin", True
    ),
    "a button that begins five whys": lambda acme: acme.show("start_whys", "create_action"),
    "an event without a call": lambda acme: acme.book(),
    "a meeting that was cancelled": lambda acme: acme.book(conferenceData={}, status="cancelled"),
    "a kill after the card was posted": it_is_killed_after_it_has_posted_the_card,
}
"""What leaves an incident that has been declared as it was."""


def test_every_step_has_a_sign_and_every_sign_a_step() -> None:
    assert [each.name for each in STEPS] == list(SIGNS) == list(DONE_BY)


@pytest.mark.parametrize("name", DONE_BY)
def test_a_step_is_ticked_once_its_sign_can_be_seen(name: str) -> None:
    acme = Acme()
    assert acme.done() == set()
    if name not in ("declare", "command"):
        acme.show(*CARD)
        assert acme.done() == {"declare"}
    DONE_BY[name](acme)
    assert acme.done() == {"declare", name}


@pytest.mark.parametrize("name", LOOKS_ALIKE)
def test_nothing_is_ticked_for_what_only_looks_alike(name: str) -> None:
    acme = Acme()
    acme.show(*CARD)
    LOOKS_ALIKE[name](acme)
    assert acme.done() == {"declare"}


def test_nothing_is_ticked_outside_an_incidents_channel() -> None:
    acme = Acme()
    for name in set(DONE_BY) - {"declare", "command", "kill"}:
        DONE_BY[name](acme)
    acme.kill()
    assert acme.done() == set()


def test_a_channel_that_the_app_made_long_before_it_was_killed_is_not_unfinished() -> None:
    acme = Acme()
    acme.now += JUST_MADE + 1
    acme.kill()
    acme.kill(present=False)
    acme.show(*CARD)
    assert acme.done() == {"declare"}


def test_a_tick_stays_when_its_sign_is_gone() -> None:
    acme = Acme()
    card = acme.show(*CARD)
    assert acme.done() == {"declare"}
    acme.store.delete(acme.channel.id, card.ts, "ana")
    assert acme.done() == {"declare"}


@pytest.mark.parametrize("name", [each for each in DONE_BY if each not in ("declare", "kill")])
def test_a_step_that_needs_an_incident_says_so(name: str) -> None:
    assert Acme().offer(name) == Offer(why_not="declare first")


def test_a_step_works_in_the_incident_on_screen_or_else_in_the_newest() -> None:
    acme = Acme()
    acme.show(*CARD)
    older, acme.channel = acme.channel, acme.make("inc-2")
    acme.show(*CARD)
    assert acme.offer("action").place == acme.channel.id
    assert acme.offer("action", older).place == older.id
    assert acme.offer("action", older, user="ben").why_not == "join one first"
    assert acme.offer("action", user="gus").why_not == "declare first"


def test_command_is_taken_once() -> None:
    acme = Acme()
    card = acme.show(*CARD)
    where = {"user": "U0ANA", "channel": acme.channel.id, "message_ts": card.ts}
    assert acme.offer("command").calls == (("interact", {**where, "action": "take_command"}),)
    acme.store.edit(acme.channel.id, card.ts, blocks=acme.show(*TAKEN).blocks, user=acme.store.bot_user.id)
    assert acme.offer("command").why_not == "already taken"
    acme.store.edit(acme.channel.id, card.ts, blocks=acme.show(CARD[-1]).blocks, user=acme.store.bot_user.id)
    assert acme.offer("command").why_not == "incident is over"


def test_the_newest_message_that_a_person_wrote_is_marked() -> None:
    acme = Acme()
    card = acme.show(*CARD)
    assert [route for route, _ in acme.offer("mark").calls] == ["message", "reaction"]
    acme.store.post(acme.channel.id, "ben", "Looking")
    newest = acme.store.post(acme.channel.id, "ben", "The pool is full")
    acme.store.post(acme.channel.id, "ben", "in a thread", thread_ts=card.ts)
    [(route, about)] = acme.offer("mark").calls
    assert (route, about["ts"]) == ("reaction", newest.ts)
    acme.store.react(acme.channel.id, newest.ts, "ana", "pushpin", True)
    assert acme.offer("mark").calls[0][1]["ts"] != newest.ts


def test_without_the_bot_the_only_step_is_to_start_it_again() -> None:
    acme = Acme()
    acme.kill()
    acme.app.connected = False
    start = acme.offer("kill")
    assert (start.calls, start.place) == ((("bot", {"action": "start"}),), acme.channel.id)
    assert "#inc-1 was just made" in start.hint
    assert acme.offer("kill", user="gus").place == ""
    acme.show(*CARD)
    assert "#inc-1" not in acme.offer("kill").hint
    assert {acme.offer(each.name).why_not for each in STEPS[:-1]} == {"bot is off"}
    acme.kill(present=False)
    assert {acme.offer(each.name).why_not for each in STEPS} == {"bot is starting"}


def shown(sandbox: Sandbox, channel: str = "general") -> Node:
    with urllib.request.urlopen(f"{sandbox.url}/as/ana/{channel}", timeout=5) as answer:
        return parse(answer.read().decode())


def test_a_sandbox_greets_only_if_it_is_asked_to(sandbox: Sandbox) -> None:
    assert not shown(sandbox).all("greeting")


def test_what_was_ticked_folded_and_dismissed_outlasts_a_restart(tmp_path: Path) -> None:
    with running(MANIFEST, data_dir=tmp_path, greets=True) as sandbox:
        client = client_of(sandbox)
        channel = client.conversations_create(name="inc-1")["channel"]["id"]
        blocks: list[Json] = [{"type": "actions", "elements": [button("show_timeline")]}]
        client.chat_postMessage(channel=channel, text="card", blocks=blocks)
        eventually(lambda: shown(sandbox).one("greeting").attrs["data-done"] == "1")
        People(sandbox)("greeting", folded=True)
    with running(MANIFEST, data_dir=tmp_path, greets=True) as sandbox:
        panel = shown(sandbox, "home").one("greeting")
        assert panel.one("step", data_step="declare").attrs["data-done"] == "true"
        assert "data-folded" in panel.attrs
        People(sandbox)("greeting", dismissed=True)
        assert not shown(sandbox).all("greeting")
    with running(MANIFEST, data_dir=tmp_path, greets=True) as sandbox:
        assert not shown(sandbox).all("greeting")
        People(sandbox)("reset")
        assert shown(sandbox).one("greeting").attrs["data-done"] == "0"


def test_everybody_is_explained_in_a_line(start: Callable[..., Sandbox]) -> None:
    page = shown(start(greets=True))
    lines = [each.tags("small")[0].text for each in page.one("who-panel").tags("li")]
    assert len(lines) == len(set(lines)) == 9
    assert all(lines)
    assert "Admin in Los Angeles" in page.one("person", data_user="ana").text


def test_people_get_titles_in_a_workspace_that_was_saved_without(tmp_path: Path) -> None:
    with running(MANIFEST, data_dir=tmp_path) as sandbox:
        title = sandbox.store.person("ana").title
    saved = json.loads((tmp_path / "workspace.json").read_text())
    for person in saved["people"].values():
        del person["title"]
    del saved["greeting"]
    (tmp_path / "workspace.json").write_text(json.dumps(saved))
    with running(MANIFEST, data_dir=tmp_path, greets=True) as sandbox:
        assert sandbox.store.person("ana").title == title != ""
        assert shown(sandbox).one("greeting").attrs["data-done"] == "0"


def test_the_app_is_killed_after_a_call_before_it_gets_the_answer(start: Callable[..., Sandbox]) -> None:
    bot = BotProcess(SLEEPS)
    sandbox = start(bot=bot)
    people, client = People(sandbox), client_of(sandbox)
    people("bot", action="kill", after="conversations.create")
    client.auth_test()
    assert bot.running
    client.conversations_create(name="inc-1")
    eventually(lambda: bot.was_killed)
    people("bot", action="start")
    client.conversations_create(name="inc-2")
    assert bot.running
    with pytest.raises(AssertionError, match="Only `kill` can wait for a call"):
        people("bot", action="stop", after="auth.test")
