"""Every effect that can be planned has a performer."""

from __future__ import annotations

from typing import get_args

from bot.bootstrap import build
from bot.config import Settings
from bot.domain.outbox.effects import KINDS, Effect
from bot.domain.surface.forms import STARTS, FormName, FormStart
from bot.effects.forms import OPENED
from bot.listeners.forms import FORMS


def test_every_effect_has_exactly_one_performer(sqlite_url: str) -> None:
    bot = build(
        Settings.model_validate(
            {"slack_bot_token": "xoxb-1", "slack_app_token": "xapp-1", "database_url": sqlite_url}
        )
    )
    table = bot.worker._attempts._performers
    bot.database.close()
    for kind in get_args(Effect):
        assert kind in table, f"{kind.__name__} has no row in a performers() of bot/effects"
        assert kind in KINDS, f"{kind.__name__} has no row in KINDS of bot/domain/outbox/effects.py"
    assert set(table) == set(KINDS) == set(get_args(Effect)), "no row is left over"
    # A report to one person is written like the one to those who lead the incident.
    assert len(set(table.values())) == len(table) - 1


def test_every_form_opens_and_is_submitted() -> None:
    for name, start in STARTS.items():
        assert start in OPENED, f"{start.__name__} has no row in OPENED of bot/effects/forms.py"
        assert name in FORMS, f"{name} has no row in a FORMS of bot/listeners"
    for name in FormName:
        assert name in STARTS, f"{name} has no row in STARTS of bot/domain/surface/forms.py"
    assert set(STARTS.values()) == set(OPENED) == set(get_args(FormStart)), "no row is left over"
    assert set(FORMS) == set(STARTS), "no row is left over"
