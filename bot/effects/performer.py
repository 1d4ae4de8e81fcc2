"""The type of performers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.outbox.effects import Effect
from bot.domain.outbox.rows import Claimed, Outcome

Performer = Callable[[Any, Claimed], Outcome]
"""Performs the effect; safe to run twice. Raises :class:`bot.effects.failures.CallFailed`."""

Performers = Mapping[type[Effect], Performer]
"""Effect class -> its performer."""
