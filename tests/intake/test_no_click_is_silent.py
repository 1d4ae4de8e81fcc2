"""Each click on anything that is still shown changes something, opens something, or is answered.

And none writes more than one message in the channel, or the same line of Slack's twice.

A whole incident is run on a bot whose Slack only takes notes. After each step, every button and menu entry
that people can still see is clicked, each from the same stored state.
"""

from __future__ import annotations

import dataclasses
import itertools
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import BoltRequest

from bot.bootstrap import build
from bot.config import Settings
from bot.domain.action_items.model import NewActionItem
from bot.domain.incidents.model import IncidentSeverity, IncidentStatus, NewIncident
from bot.domain.kit.errors import OutdatedButton
from bot.domain.outbox.queues import Queue
from bot.domain.settings import Checklist, ChecklistLine, ReminderSettings
from bot.domain.surface.answers import (
    Answer,
    Briefing,
    ChecklistSettings,
    ChecklistsTray,
    Doctor,
    Help,
    IncidentList,
    ItemList,
    ItemTray,
    Offers,
    PeopleTray,
    PostmortemTray,
    Revisions,
    RolesTray,
    SettingsHome,
    Timeline,
    Tray,
    WhysTray,
)
from bot.domain.surface.forms import FormStart, MeetingInput, PageInput, UpdateInput
from bot.domain.surface.originals import Original
from bot.effects.directory import Identity
from bot.effects.failures import from_exception
from bot.effects.slack import Slack
from bot.intake.bolt import Whoami, bolt
from bot.listeners import register
from bot.listeners.services import AFTER_ACK
from bot.parts import performers_of
from bot.views.kit.errors import sentence
from storage import settings
from tests.support.clocks import MovableClock

Json = dict[str, Any]
PEOPLE = ("U0ANA", "U0BEN")
SEEN = ("chat.", "views.", "reactions.", "files", "conversations.invite")
"""Calls that show something to somebody."""


LINES = frozenset(
    {
        *("conversations.setTopic", "conversations.setPurpose", "conversations.rename"),
        *("conversations.invite", "pins.add"),
    }
)
"""Calls for which Slack writes a line of its own in the channel."""


class NotingSlack(Slack):
    """Answers every call at once, and notes what people see."""

    def __init__(self, clock: Callable[[], Any]) -> None:
        super().__init__(None, clock)  # type: ignore[arg-type]
        self.shown: dict[tuple[str, str], list[Json]] = {}
        """Where -> the blocks that are there now."""
        self.ephemeral: set[tuple[str, str]] = set()
        self.calls: list[str] = []
        self.posted: list[str] = []
        """The channel of each new message outside threads."""
        self.said: list[str] = []
        """What each call says."""
        self._numbers = itertools.count(1)

    def call(self, method: str, **arguments: Any) -> Json:
        self.calls.append(method)
        if method == "chat.postMessage" and not arguments.get("thread_ts"):
            self.posted.append(arguments["channel"])
        self.said.append(str(arguments.get("text")))
        number = next(self._numbers)
        channel, ts = str(arguments.get("channel") or ""), f"1700000000.{number:06}"
        if method == "conversations.create":
            return {"channel": {"id": f"C{number}", "name": arguments["name"]}}
        if method == "conversations.open":
            return {"channel": {"id": f"D{arguments['users']}"}}
        if method == "views.publish":
            self.shown["home", arguments["user_id"]] = arguments["view"]["blocks"]
        if method == "chat.postEphemeral":
            self.ephemeral.add((channel, ts))
        if method.startswith("chat.post"):
            self.shown[channel, ts] = list(arguments.get("blocks") or ())
        if method == "chat.update":
            self.shown[channel, arguments["ts"]] = list(arguments.get("blocks") or ())
        if method == "chat.delete":
            self.shown.pop((channel, arguments["ts"]), None)
        return {"ok": True, "ts": ts, "message_ts": ts, "messages": [], "members": [], "channels": []}


@dataclass
class NotingForms:
    """Opens nothing, and notes what was to be opened or replaced."""

    noted: list[object] = field(default_factory=list)

    def open(
        self,
        _trigger_id: str,
        start: FormStart,
        *,
        user_id: str,
        channel_id: str,
        home: Original | None = None,
    ) -> None:
        self.noted.append((start, user_id, channel_id))

    def replace(self, _original: Original, answer: object, *, user_id: str, key: str) -> None:
        self.noted.append((answer, user_id, key))

    def close(self) -> None: ...


class Stage:
    """A bot without network, and the people who use it."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "muster.db"
        known = {
            "slack_bot_token": "xoxb-1",
            "slack_app_token": "xapp-1",
            "database_url": f"sqlite:///{self.file}",
        }
        wired = Settings.model_validate(known)
        self.clock = MovableClock()
        made = build(wired, self.clock)
        self.database, self.forms, whoami = made.database, NotingForms(), Whoami()
        self.database.migrate()
        whoami.identity = Identity("T0", "U0BOT", "B0BOT", "https://acme.slack.com/")
        self.services = dataclasses.replace(made.services, forms=self.forms)
        self.slack = NotingSlack(made.services.outbox.clock)
        self._performers = performers_of(
            wired, self.slack, self.services, made.directory, whoami, made.calendar
        )
        self._app = bolt("http://127.0.0.1:1/api/", whoami)
        register(self._app, self.services)
        people = [{"id": each, "name": each, "updated": 1, "is_admin": True} for each in PEOPLE]
        self.services.people.save(people)
        self.services.startup.note_team("T0", "https://acme.slack.com/")
        self.services.startup.note_announcements_channel("incidents", "C0ALL")
        self._numbers = itertools.count(1)
        self.incident = 0

    def drain(self) -> None:
        """Perform everything that is due, as the worker would."""
        outbox, room = self.services.outbox, dict.fromkeys(Queue, 50)
        while True:
            ids = outbox.look("w", [], room).ids
            claimed = outbox.claim("w", ids, [], room)
            if not claimed:
                return
            for row in claimed:
                try:
                    outcome = self._performers[type(row.effect)](row.effect, row)
                except Exception as error:  # noqa: BLE001 - as the worker does
                    outbox.fail(row, from_exception(error))
                else:
                    outbox.finish(row, outcome)

    def click(self, where: tuple[str, str], action: Json, user: str = "U0ANA") -> bool:
        """Click on it and perform what follows; whether anybody sees anything of that."""
        self.slack.calls.clear()
        self.slack.posted.clear()
        self.slack.said.clear()
        self.forms.noted.clear()
        is_ephemeral = where in self.slack.ephemeral
        response = self._dispatch(body(where, action, user, next(self._numbers), is_ephemeral=is_ephemeral))
        self.drain()
        seen = [each for each in self.slack.calls if each.startswith(SEEN)]
        return bool(seen or self.forms.noted or response)

    def say(self, text: str, thread: str | None = None) -> str:
        """Write a message in the incident's channel; its ts."""
        ts = f"1800000000.{next(self._numbers):06}"
        event = {"type": "message", "channel": self.channel, "user": "U0ANA", "text": text, "ts": ts}
        event |= {"channel_type": "channel", "event_ts": ts}
        event |= {"thread_ts": thread} if thread else {}
        self._dispatch({"type": "event_callback", "team_id": "T0", "event_id": f"Ev{ts}", "event": event})
        self.drain()
        return ts

    def noise(self) -> str:
        """What the last click wrote too much of in the incident's channel, or nothing."""
        messages = self.slack.posted.count(self.channel)
        lines = [each for each in self.slack.calls if each in LINES]
        repeated = {each for each in lines if lines.count(each) > 1}
        return f"{messages} messages" if messages > 1 else ", ".join(sorted(repeated))

    def is_refused_as_outdated(self) -> bool:
        """Whether the last click was answered like one on a button that the bot no longer knows."""
        return sentence(OutdatedButton()) in self.slack.said

    @property
    def channel(self) -> str:
        """The incident's channel."""
        return self.services.answers.incident(self.incident, "U0ANA").channel_id or ""

    def ask(self, answer: Answer) -> None:
        """Have the answer shown to Ana in the incident's channel."""
        self.services.answers.send(
            answer, to="U0ANA", channel_id=self.channel, thread_ts=None, key=repr(answer)
        )

    def act(self, action_id: str, user: str = "U0ANA") -> None:
        """Click the newest button with this action id."""
        where, action = [each for each in self.buttons() if each[1]["action_id"] == action_id][-1]
        assert self.click(where, action, user), action_id

    def buttons(self) -> list[tuple[tuple[str, str], Json]]:
        """Everything that can be clicked now, with where it is."""
        return [
            (where, action)
            for where, blocks in self.slack.shown.items()
            for block in blocks
            for element in (*block.get("elements", ()), block.get("accessory", {}))
            for action in clicks_on(element)
        ]

    def _dispatch(self, payload: Json) -> str:
        request = BoltRequest(mode="socket_mode", body=payload)
        response = self._app.dispatch(request)
        for work in request.context.get(AFTER_ACK, ()):
            work()
        assert response.status == 200, response
        return str(response.body or "")


def clicks_on(element: Json) -> Iterator[Json]:
    """What Slack would send for each way to use the element."""
    if "action_id" not in element or "url" in element:
        return
    if "options" not in element:
        yield {"type": element["type"], "action_id": element["action_id"], "value": element.get("value")}
    for option in element.get("options", ()):
        yield {"type": element["type"], "action_id": element["action_id"], "selected_option": option}


def body(where: tuple[str, str], action: Json, user: str, number: int, *, is_ephemeral: bool) -> Json:
    """The payload of a click (https://docs.slack.dev/reference/interaction-payloads/block_actions-payload)."""
    channel, ts = where
    is_home = channel == "home"
    container = {"type": "view", "view_id": "V1"} if is_home else {"type": "message", "message_ts": ts}
    return {
        "type": "block_actions",
        "team": {"id": "T0"},
        "user": {"id": user},
        "trigger_id": f"t{number}",
        "response_url": "http://127.0.0.1:1/respond",
        "container": {**container, "channel_id": channel, "is_ephemeral": is_ephemeral},
        "actions": [{**action, "block_id": "b", "action_ts": f"1900000000.{number:06}"}],
        **({} if is_home else {"channel": {"id": channel}, "message": {"ts": ts}}),
    }


def declares(stage: Stage) -> None:
    new = NewIncident("Checkout is down", IncidentSeverity.HIGH)
    stage.incident = stage.services.incidents.declare_incident(new, by="U0ANA", key="declare").id
    stage.drain()
    stage.say("It began at noon")
    for answer in (Tray(stage.incident), Timeline(stage.incident), IncidentList(), Help(), Doctor()):
        stage.services.answers.send(
            answer, to="U0ANA", channel_id=stage.channel, thread_ts=None, key=repr(answer)
        )


def waits_for_updates(stage: Stage) -> None:
    updates = stage.services.updates
    updates.subscribe(stage.incident, by="U0BEN", key="subscribe")
    updates.write(UpdateInput(stage.incident, "Payments fail"), by="U0ANA", key="update")
    stage.drain()
    stage.clock.move(timedelta(minutes=31))
    assert updates.plan_nudges() == 1


def gets_a_checklist(stage: Stage) -> None:
    lines = (ChecklistLine("Tell support"), ChecklistLine("Write it down", 5), ChecklistLine("Ask", 5))
    known = ReminderSettings(checklists=(Checklist("First", lines), Checklist("Other", lines)))
    stage.database.run(partial(settings.save, settings=known))
    checklists = stage.services.checklists
    checklists.post_named(stage.incident, "first", by="U0ANA", key="list")
    stage.drain()
    stage.act("tick_line", "U0BEN")
    stage.clock.move(timedelta(minutes=5))
    assert checklists.plan_nudges() == 2
    stage.ask(ChecklistsTray(stage.incident))
    stage.ask(ChecklistSettings())


def takes_a_role(stage: Stage) -> None:
    stage.services.roles.take(stage.incident, "scribe", by="U0BEN", key="scribe")
    stage.ask(RolesTray(stage.incident))


def pages_somebody(stage: Stage) -> None:
    pages = stage.services.pages
    pages.page(PageInput(stage.incident, ("U0BEN",), "The pool is full"), by="U0ANA", key="page")
    stage.drain()
    stage.clock.move(timedelta(minutes=6))
    assert pages.tell_unseen() == 1
    stage.drain()
    line = f"page INC-{stage.incident} again <@U0BEN> The pool is full"
    stage.ask(Offers("Page again?", {"Page again": line}, can_cancel=True))
    stage.ask(PeopleTray(stage.incident))


def makes_items(stage: Stage) -> None:
    for name in ("Raise the limit", "Write it down"):
        new = NewActionItem(stage.incident, name, assigned_to="U0BEN")
        stage.services.items.create_action_item(new, by="U0ANA", key=name)


def asks_why(stage: Stage) -> None:
    whys = stage.services.whys
    session = whys.conduct_five_whys(stage.incident, "U0ANA", by="U0ANA", key="whys")
    stage.drain()
    root = next(
        ts for (channel, ts), blocks in stage.slack.shown.items() if "Why did this happen" in repr(blocks)
    )
    stage.say("The pool ran out", root)
    stage.say("Nobody set a limit", root)
    assert len(whys.get_analysis(session.id, viewer="U0ANA").whys) == 2


def comes_late(stage: Stage) -> None:
    stage.clock.move(timedelta(minutes=11))
    stage.services.briefings.offer(stage.channel, "U0BEN", "1.0")
    stage.ask(Briefing(stage.incident))


def looks_around(stage: Stage) -> None:
    for answer in (
        Tray(stage.incident),
        ItemList(incident_id=stage.incident),
        ItemTray(1),
        WhysTray(1),
        PostmortemTray(stage.incident),
        Revisions(stage.incident),
        Timeline(stage.incident, everything=True),
        SettingsHome(),
    ):
        stage.ask(answer)
    stage.services.answers.open_home("U0ANA", "home")


STEPS: dict[str, Callable[[Stage], object]] = {
    "declared": declares,
    "joined by somebody": comes_late,
    "acknowledged": lambda stage: stage.act("take_command"),
    "with somebody paged": pages_somebody,
    "with a checklist": gets_a_checklist,
    "with an update due": waits_for_updates,
    "with action items": makes_items,
    "with an item done": lambda stage: stage.act("item_completed", "U0BEN"),
    "with five whys": asks_why,
    "with a root cause": lambda stage: stage.act("whys_root_cause"),
    "resolved": lambda stage: stage.act("status_resolved"),
    "with a postmortem": lambda stage: stage.act("start_postmortem"),
    "with its meeting": lambda stage: stage.services.meetings.ask(
        MeetingInput(stage.incident, ("U0ANA", "U0BEN"), (), 30, None, None), by="U0ANA", key="meet"
    ),
    "with the postmortem completed": lambda stage: stage.services.postmortems.complete(
        stage.incident, by="U0ANA", key="complete", despite="A drill"
    ),
    "with everything looked at": looks_around,
    "with another role": takes_a_role,
    "closed": lambda stage: stage.services.incidents.update_status(
        stage.incident, IncidentStatus.CLOSED, by="U0ANA", key="close"
    ),
}


# Every click waits for the disk several times.
@pytest.mark.timeout(300)
def test_each_click_is_seen_to_do_something_in_each_state(tmp_path: Path) -> None:
    stage, silent, unheard, noisy, clicked = Stage(tmp_path), set[str](), set[str](), set[str](), 0
    for state, step in STEPS.items():
        step(stage)
        stage.drain()
        # Later than what counts as a double click.
        stage.clock.move(timedelta(minutes=1))
        shown = {where: list(blocks) for where, blocks in stage.slack.shown.items()}
        with sqlite3.connect(":memory:") as kept, sqlite3.connect(stage.file) as file:
            file.backup(kept)
            # The same button in several messages does the same.
            different = {repr(action): (where, action) for where, action in stage.buttons()}
            for (where, action), user in product(different.values(), PEOPLE):
                clicked += 1
                if not stage.click(where, action, user):
                    silent.add(f"{state}: {user} {action}")
                if stage.is_refused_as_outdated():
                    unheard.add(f"{state}: {user} {action}")
                if noise := stage.noise():
                    noisy.add(f"{state}: {user} {action}: {noise}")
                kept.backup(file)
                stage.slack.shown = {place: list(blocks) for place, blocks in shown.items()}
    stage.database.close()
    assert not silent, "\n".join(sorted(silent))
    assert not unheard, "no listener in bot/listeners takes:\n" + "\n".join(sorted(unheard))
    assert not noisy, "\n".join(sorted(noisy))
    assert clicked > 300


@pytest.mark.parametrize("action_id", ["join_incident", "show_item"])
def test_a_click_in_a_form_is_answered_in_a_direct_message(tmp_path: Path, action_id: str) -> None:
    stage = Stage(tmp_path)
    declares(stage)
    makes_items(stage)
    stage.drain()
    button = {"type": "button", "action_id": action_id, "value": "1"}
    assert stage.click(("home", ""), button, "U0BEN")
    assert "DU0BEN" in {channel for channel, _ts in stage.slack.shown}
    assert ("conversations.invite" in stage.slack.calls) is (action_id == "join_incident")
    stage.database.close()
