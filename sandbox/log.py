"""The record of what happened between the app and the workspace: calls, Google's too, and envelopes."""

from __future__ import annotations

import itertools
import re
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from sandbox.workspace.model import Json

KEPT = 20_000
"""The maximum number of entries; the oldest are dropped first."""

_TOKEN = re.compile(r"\b(xox[abeprs]|xapp)-[A-Za-z0-9-]+")
_GOOGLE_TOKEN = re.compile(r"(ya29\.|1//|GOCSPX-)sandbox-[A-Za-z0-9-]+|\b(eyJ)[\w-]+\.[\w-]+\.[\w-]+")


class Log:
    """Entries ``{"n", "kind": "call"|"google"|"delivery", "name", "started", …}``, numbered from 1.

    ``started`` and ``ended`` are by the workspace's clock, which can be set; ``took`` is in real seconds. No
    token is kept: what comes from a request goes through :func:`masked` first.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._numbers = itertools.count(1)
        self._entries: deque[Json] = deque(maxlen=KEPT)
        self._begun: dict[int, float] = {}
        self._awaited: dict[str, list[Callable[[], object]]] = {}

    def begin(self, kind: str, name: str, **fields: Any) -> Json:
        """A new entry that hasn't ended yet; finish it with :meth:`end`."""
        entry: Json = {"n": next(self._numbers), "kind": kind, "name": name, "started": self._clock()}
        entry |= {"ended": None, "took": None, **masked(fields)}
        self._begun[entry["n"]] = time.monotonic()
        self._entries.append(entry)
        return entry

    def end(self, entry: Json, **fields: Any) -> None:
        """Record that the entry ended now, with ``fields`` that say how."""
        begun = self._begun.pop(entry["n"], None)
        took = entry["took"] if begun is None else time.monotonic() - begun
        entry |= {"ended": self._clock(), "took": took, **masked(fields)}
        for act in self._awaited.pop(entry["name"], []):
            act()

    def once_called(self, name: str, act: Callable[[], object]) -> Callable[[], None]:
        """Call ``act`` when the next call of that name has been handled, before it is answered.

        Returns a function that calls this off.
        """
        acts = self._awaited.setdefault(name, [])
        acts.append(act)

        def call_off() -> None:
            if act in acts:
                acts.remove(act)

        return call_off

    def since(self, number: int = 0) -> list[Json]:
        """The entries after that number, oldest first; an entry may still change until it has ended."""
        return [entry for entry in self._entries if entry["n"] > number]


def masked(value: Any) -> Any:
    """The value without the secret part of every token in it."""
    if isinstance(value, str):
        return _GOOGLE_TOKEN.sub(r"\1\2…", _TOKEN.sub(r"\1-…", value))
    if isinstance(value, dict):
        return {key: masked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    return value
