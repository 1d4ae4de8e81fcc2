"""The sentence that a user reads about an error: its class's docstring, filled in."""

from __future__ import annotations

import inspect

from bot.domain.kit.errors import BotError
from bot.domain.kit.people import ERASED, ERASED_NAME
from bot.domain.surface.answers import Offers, Sentence
from bot.views.kit.text import escape


def sentence(error: BotError) -> str:
    """The sentence in Slack's markup; user input is escaped, and can't end the backquotes around it."""
    values = {name: escape(value.replace("`", "'")) for name, value in error.values.items()}
    return _template(error).format_map(values).replace(f"<@{ERASED}>", ERASED_NAME)


def answer_to(error: BotError) -> Sentence | Offers:
    """The sentence, with buttons for the commands that the person may have meant."""
    if not error.offers:
        return Sentence(sentence(error))
    return Offers(sentence(error), error.offers, can_cancel=error.is_question)


def plain_sentence(error: BotError) -> str:
    """The sentence as plain text, for a form's field, with people's names if the error carries a ``name``."""
    template = _template(error)
    if "name" in error.values:
        template = template.replace("<@{by}>", "{name}").replace("<@{person}>", "{name}")
    return template.format_map(error.values).replace("`", "")


def _template(error: BotError) -> str:
    return " ".join((inspect.getdoc(type(error)) or "").split())
