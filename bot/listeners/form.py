"""A form's row in the listeners' tables: what a submission does, and which buttons open the form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain.surface.answers import Answer
from bot.domain.surface.forms import FormStart
from bot.listeners.services import Services


@dataclass(frozen=True, slots=True)
class Form:
    """A form as listeners know it."""

    submits: Callable[[Services, dict[str, Any], str, str], object]
    """Called with the services, the submitted view, who submitted it, and the submission's key."""
    opened_by: Mapping[str, Callable[[str], FormStart]] = field(default_factory=dict)
    """Action id of a button -> the form's start from the button's value (see :mod:`bot.listeners.parse`)."""
    shown_in: Answer | None = None
    """The answer with those buttons, if it shows what the form changes: a submission refreshes it."""
