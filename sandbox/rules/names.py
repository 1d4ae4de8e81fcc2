"""Channel names.

Source: https://docs.slack.dev/reference/methods/conversations.create, "Naming conventions" and its errors.
"""

from __future__ import annotations

import unicodedata

from sandbox.rules.errors import SlackError

NAME_MAX = 80

_LETTERS_AND_DIGITS = {"Ll", "Lo", "Lm", "Mn", "Mc", "Nd"}
"""Unicode's general categories: letters that are lower case or have no case, their marks, and digits."""


def check_channel_name(name: object) -> None:
    """Check for lower-case letters of any script, digits, ``-`` and ``_``; 1 to 80, not only punctuation.

    Raises :class:`SlackError` with ``invalid_name_required``, ``invalid_name_maxlength``,
    ``invalid_name_specials`` or ``invalid_name_punctuation``.
    """
    if not isinstance(name, str) or not name:
        raise SlackError("invalid_name_required")
    if len(name) > NAME_MAX:
        raise SlackError("invalid_name_maxlength")
    if not all(char in "-_" or unicodedata.category(char) in _LETTERS_AND_DIGITS for char in name):
        raise SlackError("invalid_name_specials")
    if not name.strip("-_"):
        raise SlackError("invalid_name_punctuation")
