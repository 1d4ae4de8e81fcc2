"""What a setting accepts, wherever it is set: in Slack or in a file."""

from __future__ import annotations

from typing import Any

from bot import public_holidays
from bot.domain.kit.errors import NotAnOption
from bot.domain.kit.text import cut
from bot.domain.settings_fields import Choice, Setting


def checked(setting: Setting, value: Any) -> Any:
    """The value as it is kept; raises an error that names the form's field if it isn't acceptable."""
    if isinstance(setting.typed, Choice):
        for each in value if setting.typed.is_many else (value,):
            if each not in setting.typed.options.values():
                raise not_an_option(setting, each)
    kept = setting.check(value)
    if setting.name == "country" and kept is not None:
        # Only a library knows which countries there are.
        public_holidays.require_known(kept)
    return kept


def not_an_option(setting: Setting, value: Any) -> NotAnOption:
    """The error for a value that isn't among the setting's options; it lists those."""
    options = setting.typed.options.values() if isinstance(setting.typed, Choice) else ()
    return NotAnOption(typed=cut(str(value), 30), options=", ".join(setting.word(each) for each in options))
