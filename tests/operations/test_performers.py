"""Nothing that is planned lacks somebody who does it."""

from __future__ import annotations

from typing import get_args

from bot.bootstrap import build
from bot.config import Settings
from bot.domain.outbox.effects import EFFECTS, Effect


def test_every_effect_has_exactly_one_performer(sqlite_url: str) -> None:
    bot = build(
        Settings.model_validate(
            {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1", "database_url": sqlite_url}
        )
    )
    table = bot.worker._attempts._performers
    bot.database.close()
    assert set(table) == set(get_args(Effect)) == set(EFFECTS.values())
    assert len(set(table.values())) == len(table)
