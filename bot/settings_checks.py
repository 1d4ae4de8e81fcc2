"""What a setting accepts, wherever it is set: in Slack or in a file."""

from __future__ import annotations

from typing import Any

from bot import public_holidays
from bot.domain.settings_fields import Setting


def checked(setting: Setting, value: Any) -> Any:
    """The value as it is kept; raises an error that names the form's field if it isn't acceptable."""
    kept = setting.check(value)
    if setting.name == "country" and kept is not None:
        # Which countries there are, only a library knows.
        public_holidays.require_known(kept)
    return kept
