"""Reminders at three replicas, one of which is killed; Slack fails in the middle of what action items send.

Promised: each reminder comes once, whoever sends it; an item's message and what its owner is told stand once,
and show the item as it is in the end.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from bot.bootstrap import Bot
from bot.domain.action_items import NewActionItem
from bot.domain.reminders import ReminderSettings
from storage import settings
from storage.tables import action_items
from tests.faults.arena import Arena
from tests.faults.people import incidents_channel, struck
from tests.support.people import Json, eventually, shown

ITEMS = 10
ZONES = {"ben": "Europe/London", "chen": "Asia/Shanghai"}
SENT = "SELECT count(*) FROM outbox WHERE kind = 'Remind' AND state = 'done'"


def somebody_awake(now: datetime) -> tuple[str, datetime]:
    """Who is far from midnight now, and their time."""
    times = {name: now.astimezone(ZoneInfo(zone)) for name, zone in ZONES.items()}
    return min(times.items(), key=lambda each: abs(each[1].hour - 12))


def overdue_items(arena: Arena, bot: Bot, user: str, hour: int) -> None:
    """Items of somebody's that were due three days ago, and reminders at an hour that has begun."""
    every_day = ReminderSettings(hour=hour, working_days=tuple(range(7)))
    bot.database.run(lambda tx: settings.put(tx, every_day))
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


def test_three_replicas_with_one_killed_remind_once(large: Arena) -> None:
    killed = large.process()
    killed.start()
    bots = large.bots(2)
    incidents_channel(large)
    large.declare()
    large.settle()
    user, there = somebody_awake(large.clock())
    overdue_items(large, bots[0], user, there.hour)
    eventually(lambda: large.rows(SENT)[0][0] >= 2, 60)
    killed.kill()
    large.clock.move(timedelta(minutes=1))
    eventually(lambda: large.rows(SENT)[0][0] == ITEMS, 90)
    large.settle(60)
    told = [shown(each) for each in reminders(large, user)]
    assert sorted(f"Thing {number}" for number in range(ITEMS) for text in told if f"Thing {number}" in text)
    assert len(told) == ITEMS


@pytest.mark.parametrize("effect", ["reset_after", "reset_before", "500"])
def test_an_item_and_what_its_owner_is_told_stand_once(arena: Arena, effect: str) -> None:
    arena.bot()
    incidents_channel(arena)
    arena.declare()
    channel = arena.channel()
    arena.settle()
    methods = ("chat.postMessage", "chat.update")
    arena.workspace.faults(*({"method": method, "effect": effect, "times": 2} for method in methods))
    arena.workspace.command("action Raise the limit @ben", channel=channel)
    arena.settle(60)
    [message] = [each for each in arena.workspace.messages(channel) if "☑️" in shown(each)]
    arena.workspace.click(channel, message["ts"], "item_completed", "ben")
    arena.settle(60)
    assert struck(arena)
    for place in (arena.workspace.messages(channel), arena.workspace.private("ben")):
        [found] = [each for each in place if "☑️" in shown(each)]
        assert "✅ Done" in shown(found)
