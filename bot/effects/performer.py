"""What a performer is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.domain.outbox.effects import Effect
from bot.domain.outbox.rows import Claimed, Outcome

Performer = Callable[[Any, Claimed], Outcome]
"""Brings the effect about; safe to run twice. Raises :class:`bot.effects.failures.CallFailed`."""

Performers = Mapping[type[Effect], Performer]
