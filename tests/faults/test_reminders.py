"""Reminders at three replicas, one of which is killed; Slack fails in the middle of what action items send.

Promised: each reminder comes once, whichever replica sends it; an item's message and the one to its owner
exist once, and show the item's final state.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, update

from bot.bootstrap import Bot
from bot.domain.action_items.model import NewActionItem
from bot.domain.outbox.effects import PostDigest, SendDigest
from bot.domain.outbox.rows import Planned
from bot.domain.settings import ReminderSettings
from storage import outbox, settings
from storage.tables import action_items, timeline_entries
from tests.support.arena import Arena
from tests.support.asking import incidents_channel, struck
from tests.support.people import Json, eventually, is_action_item, shown

ITEMS = 10
ZONES = {"ben": "Europe/London", "chen": "Asia/Shanghai"}
PLANNED = "SELECT count(*) FROM outbox WHERE kind = 'Remind'"
REMINDED = "SELECT count(*) FROM gathered WHERE rung <> ''"


def somebody_awake(now: datetime) -> tuple[str, datetime]:
    """The person furthest from midnight, and their local time."""
    times = {name: now.astimezone(ZoneInfo(zone)) for name, zone in ZONES.items()}
    return min(times.items(), key=lambda each: abs(each[1].hour - 12))


def overdue_items(arena: Arena, bot: Bot, user: str, hour: int) -> None:
    """Give somebody items that were due three days ago, and set reminders to an hour that has begun."""
    every_day = ReminderSettings(hour=hour, working_days=tuple(range(7)))
    bot.database.run(lambda tx: settings.save(tx, every_day))
    owner = arena.workspace.id_of(user)
    for number in range(ITEMS):
        new = NewActionItem(1, f"Thing {number}", assigned_to=owner)
        bot.services.items.create_action_item(new, by="U0ANA", key=f"test/{number}")
    now = arena.clock()
    values: dict[str, Any] = {
        "due_date": now.astimezone(ZoneInfo(ZONES[user])).date() - timedelta(days=3),
        "planned_after": now - timedelta(days=2),
        "remind_at": now - timedelta(minutes=1),
    }
    bot.database.run(lambda tx: tx.execute(update(action_items).values(**values)))


def reminders(arena: Arena, user: str) -> list[Json]:
    return [each for each in arena.workspace.private(user) if "3 days overdue" in shown(each)]


def lines(message: Json) -> dict[str, Json]:
    """The message's lines about items, by the button on each."""
    return {block["accessory"]["value"]: block for block in message["blocks"] if "accessory" in block}


def test_three_replicas_with_one_killed_remind_once(large: Arena) -> None:
    killed = large.process()
    killed.start()
    bots = large.bots(2)
    incidents_channel(large)
    large.declare()
    large.settle()
    user, there = somebody_awake(large.clock())
    overdue_items(large, bots[0], user, there.hour)
    eventually(lambda: large.rows(PLANNED)[0][0] >= 1, 60)
    killed.kill()
    large.clock.move(timedelta(minutes=1))
    eventually(lambda: large.rows(REMINDED)[0][0] == ITEMS, 90)
    large.settle(60)
    [told] = reminders(large, user)
    assert [shown(told).count(f"Thing {number}* (INC-1)") for number in range(ITEMS)] == [1] * ITEMS


@pytest.mark.parametrize("effect", ["reset_after", "reset_before", "500"])
def test_an_items_message_and_its_owners_message_exist_once(arena: Arena, effect: str) -> None:
    arena.bot()
    incidents_channel(arena)
    arena.declare()
    channel = arena.channel()
    arena.settle()
    methods = ("chat.postMessage", "chat.update")
    arena.workspace.faults(*({"method": method, "effect": effect, "times": 2} for method in methods))
    arena.workspace.command("action Raise the limit @ben", channel=channel)
    arena.settle(60)
    [message] = [each for each in arena.workspace.messages(channel) if is_action_item(each)]
    arena.workspace.click(channel, message["ts"], "item_completed", "ben")
    arena.settle(60)
    assert struck(arena)
    for place in (arena.workspace.messages(channel), arena.workspace.private("ben")):
        [found] = [each for each in place if is_action_item(each)]
        assert "✅ Done" in shown(found)


def test_a_reminder_follows_its_item_and_can_be_snoozed(small: Arena) -> None:
    [bot] = small.bots(1)
    incidents_channel(small)
    small.declare()
    small.settle()
    user, there = somebody_awake(small.clock())
    overdue_items(small, bot, user, there.hour)
    small.settle(60)
    direct = small.workspace.post("open-dm", user=user)["channel"]
    [reminder] = reminders(small, user)
    done, line = next(iter(lines(reminder).items()))
    clicked = {"channel": direct, "message_ts": reminder["ts"], "user": user}
    small.workspace.post("interact", **clicked, action="item_completed", value=done, block=line["block_id"])
    small.settle(60)
    [reminder] = reminders(small, user)
    assert len(lines(reminder)) == ITEMS - 1
    assert "✅ Done" in shown(reminder)
    small.workspace.post("interact", **clicked, action="snooze_items", value=_tomorrow(reminder))
    small.settle(60)
    snoozed = "SELECT count(*) FROM action_items WHERE snoozed_until IS NOT NULL"
    assert small.rows(snoozed)[0][0] == ITEMS - 1
    after = {each["ts"]: shown(each) for each in small.workspace.private(user)}
    assert after[reminder["ts"]].count("Snoozed until") == ITEMS - 1


def _tomorrow(message: Json) -> str:
    """The value of the menu's first option."""
    [actions] = [block for block in message["blocks"] if block["type"] == "actions"]
    [menu] = [each for each in actions["elements"] if each["type"] == "static_select"]
    return str(menu["options"][0]["value"])


def test_digests_list_open_items_for_people_and_for_the_channel(small: Arena) -> None:
    [bot] = small.bots(1)
    incidents_channel(small)
    small.declare()
    channel = small.channel()
    small.workspace.command("action Raise the limit @ben", channel=channel)
    small.workspace.command("action Nobody does this", channel=channel)
    small.settle()
    week = [
        Planned(SendDigest("U0BEN", "2026-W01"), "digest/U0BEN/2026-W01", "digest/U0BEN"),
        Planned(SendDigest("U0CHEN", "2026-W01"), "digest/U0CHEN/2026-W01", "digest/U0CHEN"),
        Planned(PostDigest("2026-W01"), "digest/#/2026-W01", "digest/#"),
    ]
    bot.database.run(lambda tx: outbox.add(tx, week, small.clock()))
    bot.worker.wake()
    small.settle()
    assert any("You have 1 open action item" in shown(each) for each in small.workspace.private("ben"))
    assert not [each for each in small.workspace.private("chen") if "You have" in shown(each)]
    [digest] = [each for each in small.workspace.messages("incidents") if "this week" in shown(each)]
    assert "2 open, 0 overdue, 1 without an owner" in shown(digest)


def test_a_mark_on_a_missed_message_still_makes_an_item(small: Arena) -> None:
    small.expected.unacked.add("events_api")
    [bot] = small.bots(1)
    incidents_channel(small)
    small.declare()
    channel = small.channel()
    small.workspace.post("join", channel=channel, user="ben")
    small.settle()
    small.stop(bot)
    ts = small.workspace.say("Alert on the pool", channel)
    small.workspace.post("reaction", channel=channel, ts=ts, user="ben", name="ballot_box_with_check")
    small.bots(1)
    found = eventually(
        lambda: [each for each in small.workspace.messages(channel) if is_action_item(each)] or None, 20
    )
    small.settle(60)
    assert len(found) == 1
    assert "Alert on the pool" in shown(found[0])


def test_an_unknown_message_that_is_marked_is_looked_up(small: Arena) -> None:
    [bot] = small.bots(1)
    incidents_channel(small)
    small.declare()
    channel = small.channel()
    small.workspace.post("join", channel=channel, user="ben")
    small.settle()
    ts = small.workspace.say("Alert on the pool", channel)
    small.settle()
    bot.database.run(lambda tx: tx.execute(delete(timeline_entries).where(timeline_entries.c.ts == ts)))
    small.workspace.post("reaction", channel=channel, ts=ts, user="ben", name="ballot_box_with_check")
    eventually(lambda: any(map(is_action_item, small.workspace.messages(channel))) or None, 20)
    small.settle()
    small.expected.unrecorded.add(ts)
