"""An update from the nudge to everybody who waits for it: each copy once, and corrected in place."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.bootstrap import Bot
from bot.domain.kit.people import SYSTEM
from bot.domain.outbox.rows import Stuck
from sandbox.server import running
from storage import outbox_reads
from storage.database import Database
from tests.support.bots import ROOT, start_here
from tests.support.clocks import MovableClock
from tests.support.people import Json, Workspace, buttons, eventually, shown

ANNOUNCED = "incidents"


@dataclass
class Scene:
    """An incident that Ana declared from a message in #random; Ben isn't in its channel, but subscribed."""

    workspace: Workspace
    bot: Bot
    clock: MovableClock
    channel: str

    def copies(self, wanted: str) -> dict[str, list[Json]]:
        """Every message with these words, by where it is."""
        places = {place: self.workspace.messages(place) for place in (self.channel, ANNOUNCED, "random")}
        places["ben"] = self.workspace.private("ben")
        return {
            place: [each for each in found if wanted in shown(each) and not _is_card(each)]
            for place, found in places.items()
        }

    def everywhere(self, wanted: str) -> dict[str, list[Json]]:
        """The same, once there is something in every place."""

        def look() -> dict[str, list[Json]] | None:
            found = self.copies(wanted)
            return found if all(found.values()) else None

        return eventually(look)

    def press(self, action: str, user: str = "ana", channel: str = "") -> None:
        """Press the newest button with this action."""
        place = channel or self.channel

        def newest() -> str | None:
            found = [each for each in self.workspace.messages(place) if action in buttons(each).values()]
            return str(found[-1]["ts"]) if found else None

        self.workspace.click(place, eventually(newest), action, user)

    def nudged(self, minutes: int) -> None:
        """Let time pass until somebody is asked for an update."""
        self.clock.move(timedelta(minutes=minutes))
        self.bot.worker._plan_what_is_due()
        eventually(lambda: [m for m in self.workspace.messages(self.channel) if _asks(m)])


@pytest.fixture
def scene(sqlite_url: str) -> Iterator[Scene]:
    clock = MovableClock()
    with running(ROOT / "manifest.yml", clock=clock.seconds) as sandbox:
        bot, workspace = start_here(sandbox, sqlite_url, clock=clock), Workspace(sandbox.url)
        ts = workspace.say("Checkout answers 502", "random", "ben")
        workspace.post("shortcut", callback_id="declare_from_message", user="ana", channel="random", ts=ts)
        eventually(lambda: workspace.form("ana"))
        assert not workspace.submit("ana")
        channel = eventually(lambda: next(iter(workspace.incident_channels()), None))
        made = Scene(workspace, bot, clock, channel)
        eventually(lambda: workspace.card(channel) and workspace.announcements())
        eventually(lambda: [each for each in workspace.messages("random") if "*INC-1 · " in shown(each)])
        workspace.post("join", channel=ANNOUNCED, user="ben")
        answer = workspace.answered(
            lambda: made.press("subscribe_incident", "ben", ANNOUNCED), ANNOUNCED, "ben"
        )
        assert "I'll send you a direct message" in shown(answer)
        yield made
        bot.stop()


def _given_up(database: Database) -> list[Stuck]:
    return database.run(lambda tx: outbox_reads.dead(tx, SYSTEM, 1))


def _is_card(message: Json) -> bool:
    return bool(message.get("blocks")) and message["blocks"][0]["type"] == "header"


def _asks(message: Json) -> bool:
    return "no_change_update" in buttons(message).values()


def test_an_update_reaches_everybody_once_and_is_corrected_everywhere(scene: Scene) -> None:
    slack = scene.workspace
    assert "📣" in slack.publicly("update Payments fail", scene.channel)
    found = scene.everywhere("Payments fail")
    assert [len(each) for each in found.values()] == [1, 1, 1, 1]
    [announcement] = [each for each in slack.messages(ANNOUNCED) if "subscribe_incident" in str(each)]
    assert found[ANNOUNCED][0]["thread_ts"] == announcement["ts"]
    assert found["random"][0]["thread_ts"]
    eventually(lambda: "*Latest update*" in shown(slack.card(scene.channel) or {}))
    assert "sent update 1: Payments fail" in slack.timeline(scene.channel, "update 1", everything=False)
    slack.post("join", channel=scene.channel, user="ben")
    refusal = slack.answered(lambda: scene.press("correct_update", "ben"), scene.channel, "ben")
    assert "Only <@U0ANA>" in shown(refusal)
    scene.press("correct_update")
    eventually(lambda: slack.form("ana"))
    assert slack.submit("ana", known="All payments fail", doing="Rolling back") == {}
    scene.everywhere("All payments fail")
    assert not any(scene.copies("Payments fail").values()), "edited in place"


def test_the_copy_of_somebody_who_has_left_is_corrected_too(scene: Scene) -> None:
    slack = scene.workspace
    slack.publicly("update Payments fail", scene.channel)
    scene.everywhere("Payments fail")
    slack.post("person", user="ben", deleted=True)
    scene.press("correct_update")
    eventually(lambda: slack.form("ana"))
    assert slack.submit("ana", known="All payments fail") == {}
    everybodys = (scene.channel, ANNOUNCED, "random")
    eventually(lambda: all("All payments" in str(slack.messages(each)) for each in everybodys))
    slack.post("person", user="ben", deleted=False)
    scene.everywhere("All payments fail")


def test_the_nudge_is_answered_with_no_change_and_the_subscriber_hears_of_it(scene: Scene) -> None:
    slack = scene.workspace
    slack.publicly("lead", scene.channel)
    slack.publicly("update Payments fail", scene.channel)
    scene.everywhere("Payments fail")
    slack.say("still looking", scene.channel)
    scene.nudged(31)
    [asking] = [each for each in slack.messages(scene.channel) if _asks(each)]
    assert "<@U0ANA>, the next update is due" in shown(asking)
    scene.press("no_change_update")
    scene.everywhere("No change.")
    eventually(lambda: not [each for each in slack.messages(scene.channel) if _asks(each)])
    slack.publicly("resolve", scene.channel)
    slack.told_directly("ben", "*Resolved*")
    direct = slack.post("open-dm", user="ben")["channel"]
    answer = slack.answered(lambda: scene.press("unsubscribe_incident", "ben", direct), direct, "ben")
    assert "You're not subscribed" in shown(answer)
    assert scene.copies("Payments fail")["ben"], "what they have stays"
    slack.publicly("update Payments work", scene.channel)
    eventually(lambda: all(scene.copies("Payments work")[each] for each in (ANNOUNCED, "random")))
    assert not scene.copies("Payments work")["ben"]


def test_whoever_was_slower_sees_the_other_update_and_sends_theirs_anyway(scene: Scene) -> None:
    slack = scene.workspace
    slack.post("join", channel=scene.channel, user="ben")
    for user in ("ana", "ben"):
        slack.command("update", user, scene.channel)
        eventually(lambda: slack.form(user))  # noqa: B023 - run at once
    assert slack.submit("ana", known="Payments fail") == {}
    slack.post("view-submit", user="ben", values={"known": "Refunds fail, too"})
    again = eventually(lambda: slack.form("ben"))
    assert "Payments fail" in str(again["blocks"]) and "Refunds fail" in str(again["state"])
    assert slack.submit("ben") == {}
    eventually(lambda: scene.copies("Refunds fail, too")[scene.channel])


def test_lost_answers_and_rate_limits_post_each_copy_once(scene: Scene) -> None:
    slack = scene.workspace
    # Only where the bot is can it look for what it has posted.
    slack.post("join", channel="random", user="muster")
    slack.faults(
        {"method": "chat.postMessage", "effect": "reset_after", "times": 3},
        {"method": "chat.postMessage", "effect": "429", "times": 3},
    )
    slack.command("update INC-1 Payments fail")
    found = scene.everywhere("Payments fail")
    slack.faults()
    eventually(lambda: not scene.bot.services.outbox.look_in(1))
    assert [len(each) for each in found.values()] == [1, 1, 1, 1]
    assert [len(each) for each in scene.copies("Payments fail").values()] == [1, 1, 1, 1]


def test_once_its_channel_is_private_outsiders_have_nothing_and_get_nothing(scene: Scene) -> None:
    slack = scene.workspace
    slack.publicly("update Payments fail", scene.channel)
    scene.everywhere("Payments fail")
    assert slack.post("convert-channel", channel=scene.channel, user="ana", private=True)["changed"]
    eventually(lambda: [k for k, v in scene.copies("Payments fail").items() if v] == [scene.channel])
    slack.publicly("update Cards fail, too", scene.channel)
    slack.publicly("resolve", scene.channel)
    eventually(lambda: not scene.bot.services.outbox.look_in(1))
    assert [k for k, v in scene.copies("Cards fail").items() if v] == [scene.channel]
    assert not scene.copies("*Resolved*")["ben"]


def test_a_nudge_whose_answer_was_lost_is_withdrawn_when_the_incident_is_resolved(scene: Scene) -> None:
    slack = scene.workspace
    slack.publicly("update Payments fail", scene.channel)
    scene.everywhere("Payments fail")
    eventually(lambda: not scene.bot.services.outbox.look_in(1))
    slack.faults(
        {"method": "chat.postMessage", "channel": scene.channel, "effect": "reset_after", "times": 1},
        {"method": "conversations.history", "channel": scene.channel, "effect": "503"},
    )
    scene.nudged(31)
    slack.publicly("resolve", scene.channel)
    slack.faults()
    eventually(lambda: not [each for each in slack.messages(scene.channel) if _asks(each)])
    assert [each for each in slack.messages(scene.channel) if "no update is due" in shown(each)]


@pytest.mark.parametrize("effect", ["reset_after", "delay"])
def test_a_message_that_was_on_its_way_when_the_channel_became_private_is_deleted(
    scene: Scene, effect: str
) -> None:
    slack = scene.workspace
    direct = slack.post("open-dm", user="ben")["channel"]
    slack.faults(
        {"method": "chat.postMessage", "channel": direct, "effect": effect, "seconds": 3, "times": 1},
        {"method": "conversations.history", "channel": direct, "effect": "503", "times": 1},
    )
    slack.publicly("update Payments fail", scene.channel)
    if effect == "reset_after":
        scene.everywhere("Payments fail")
    eventually(lambda: scene.copies("Payments fail")[scene.channel])
    assert slack.post("convert-channel", channel=scene.channel, user="ana", private=True)["changed"]
    eventually(lambda: not scene.bot.services.outbox.look_in(1))
    eventually(lambda: [k for k, v in scene.copies("Payments fail").items() if v] == [scene.channel])
    time.sleep(4 if effect == "delay" else 0)
    eventually(lambda: [k for k, v in scene.copies("Payments fail").items() if v] == [scene.channel])


def test_a_deactivated_person_whose_messages_cannot_be_looked_for_stops_no_other_deletion(
    scene: Scene,
) -> None:
    slack, database = scene.workspace, scene.bot.database
    slack.faults({"method": "conversations.open", "effect": "error:user_disabled"})
    slack.publicly("update Payments fail", scene.channel)
    eventually(lambda: _given_up(database))
    assert slack.post("convert-channel", channel=scene.channel, user="ana", private=True)["changed"]
    eventually(lambda: [k for k, v in scene.copies("Payments fail").items() if v] == [scene.channel])
    eventually(lambda: not scene.bot.services.outbox.look_in(1))
    assert {type(each.effect).__name__ for each in _given_up(database)} == {"TellSubscriber"}


def test_correcting_what_was_written_while_it_was_private_adds_nothing_in_public(scene: Scene) -> None:
    slack = scene.workspace
    assert slack.post("convert-channel", channel=scene.channel, user="ana", private=True)["changed"]
    eventually(lambda: not slack.announcements())
    slack.publicly("update Payments fail", scene.channel)
    slack.publicly("update Cards fail, too", scene.channel)
    assert slack.post("convert-channel", channel=scene.channel, user="ana", private=False)["changed"]
    direct = slack.post("open-dm", user="ana")["channel"]
    scene.press("make_public", "ana", direct)
    eventually(lambda: all(scene.copies("Cards fail, too")[each] for each in (ANNOUNCED, "random")))
    first = next(each for each in slack.messages(scene.channel) if "update 1*" in shown(each).lower())
    slack.click(scene.channel, first["ts"], "correct_update")
    eventually(lambda: slack.form("ana"))
    assert slack.submit("ana", known="All payments fail") == {}
    eventually(lambda: scene.copies("All payments fail")[scene.channel])
    slack.publicly("update It is over", scene.channel)
    eventually(lambda: all(scene.copies("It is over")[each] for each in (ANNOUNCED, "random")))
    assert [place for place, found in scene.copies("ayments fail").items() if found] == [scene.channel]
