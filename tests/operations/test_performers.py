"""Nothing that is planned lacks somebody who does it."""

from __future__ import annotations

from typing import get_args

from bot.bootstrap import build
from bot.config import Settings
from bot.domain.outbox.effects import KINDS, Effect


def test_every_effect_has_exactly_one_performer(sqlite_url: str) -> None:
    bot = build(
        Settings.model_validate(
            {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1", "database_url": sqlite_url}
        )
    )
    table = bot.worker._performers
    bot.database.close()
    for kind in get_args(Effect):
        assert kind in table, f"{kind.__name__} has no row in a performers() of bot/effects"
        assert kind in KINDS, f"{kind.__name__} has no row in KINDS of bot/domain/outbox/effects.py"
    assert set(table) == set(KINDS) == set(get_args(Effect)), "no row is left over"
    assert len(set(table.values())) == len(table)
