"""Faults on demand: what goes wrong with which calls, envelopes or sockets, and how often.

A fault is a JSON object of one of four kinds, distinguished by its key:

``{"method": "chat.postMessage" | "response_url" | "*", "effect": …, "channel"?, "seconds"?, "retry_after"?}``
    ``429`` (with ``Retry-After``, 1 s unless ``retry_after`` says otherwise), ``500``, ``503``,
    ``error:<code>``, ``non_json``, ``delay`` (by ``seconds``, then as usual), ``reset_before`` and
    ``reset_after`` (the connection is cut before or after the call is applied), ``hang_before`` and
    ``hang_after`` (no answer until the faults change or the client disconnects).
``{"google": "events.insert" | "freebusy.query" | "token" | "*", "effect": …}``
    The same effects on Google's methods, but ``error:<status>:<reason>`` with a status; also
    ``conference_pending`` (a video call that takes a while), ``conference_failed`` (one that doesn't come)
    and, for free/busy, ``calendar_error:<reason>``, of one ``calendar`` or of all.
``{"envelope": "events_api" | "interactive" | "slash_commands" | "*", "effect": …}``
    ``duplicate`` (``copies`` more, 1 by default; with ``new_ids``, under other envelope and event ids; with
    ``late``, the last copy is sent only when the faults change, and the log shows it),
    ``drop``, ``reorder`` (arrives after the next one, or after a second if there is none), ``delay``.
``{"socket": "disconnect" | "silence" | "no_pong" | "refuse", "seconds"?}``
    In this order: the app is asked to reconnect, and its connections are closed after ``seconds``;
    connections stay open but dead; pings go unanswered; new connections are refused. All but ``disconnect``
    last ``seconds``, or until the faults change; all but ``refuse`` affect only the connections that are open
    now.

All but the last kind take ``skip`` (let the first n pass), ``every`` (then strike only each n-th) and
``times`` (at most n).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sandbox.workspace.model import Json

_METHOD_EFFECTS = frozenset(
    ["429", "500", "503", "non_json", "delay", "reset_before", "reset_after", "hang_before", "hang_after"]
)
_GOOGLE_EFFECT = re.compile(r"error:[45]\d\d:\w+|conference_(pending|failed)|calendar_error:\w+")
_ENVELOPE_EFFECTS = frozenset(["duplicate", "drop", "reorder", "delay"])
_ENVELOPES = frozenset(["events_api", "interactive", "slash_commands", "*"])
_SOCKET_EFFECTS = frozenset(["disconnect", "silence", "no_pong", "refuse"])

_NUMBERS = ("seconds", "retry_after", "times", "skip", "every", "copies")


@dataclass(slots=True)
class Fault:
    """One fault with its counts; ``since`` is when it was set (monotonic seconds)."""

    spec: Json
    seen: int = 0
    struck: int = 0
    since: float = field(default_factory=time.monotonic)

    def strikes(self) -> bool:
        """Count one more thing that the fault matches; returns whether it strikes this one."""
        self.seen += 1
        beyond = self.seen - int(self.spec.get("skip", 0))
        if beyond <= 0 or beyond % int(self.spec.get("every", 1)):
            return False
        if "times" in self.spec and self.struck >= self.spec["times"]:
            return False
        self.struck += 1
        return True

    def lasts(self) -> bool:
        """Whether a socket's fault is still in effect."""
        seconds = self.spec.get("seconds")
        return seconds is None or time.monotonic() - self.since < seconds


class Faults:
    """The faults that are set; normally none."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._changed = asyncio.Event()
        self.on_change: Callable[[], object] = lambda: None

    def replace(self, specs: list[Json]) -> None:
        """Set these faults instead of the earlier ones. Raises ``ValueError`` if one is invalid."""
        for spec in specs:
            _check(spec)
        self._faults = [Fault(spec) for spec in specs]
        self._changed.set()
        self._changed = asyncio.Event()
        self.on_change()

    def listing(self) -> list[Json]:
        """The faults as given, each with how often it matched (``seen``) and acted (``struck``)."""
        return [{**fault.spec, "seen": fault.seen, "struck": fault.struck} for fault in self._faults]

    async def changed(self) -> None:
        """Wait until the faults are replaced."""
        await self._changed.wait()

    def for_call(self, method: str, channels: Iterable[str]) -> Json | None:
        """The fault that strikes this call, if any; it concerns the channels with these ids and names."""
        concerned = set(channels)
        return self._strike(
            lambda spec: (
                spec.get("method") in (method, "*")
                and ("channel" not in spec or spec["channel"].removeprefix("#") in concerned)
            )
        )

    def for_google(self, method: str) -> Json | None:
        """The fault that strikes this call to Google, if any."""
        return self._strike(lambda spec: spec.get("google") in (method, "*"))

    def for_envelope(self, kind: str) -> Json | None:
        """The fault that strikes this envelope, if any."""
        return self._strike(lambda spec: spec.get("envelope") in (kind, "*"))

    def on_sockets(self, effect: str) -> list[Fault]:
        """The socket faults with this effect that are still on."""
        return [fault for fault in self._faults if fault.spec.get("socket") == effect and fault.lasts()]

    def _strike(self, fits: Callable[[Json], bool]) -> Json | None:
        for fault in self._faults:
            if fits(fault.spec) and fault.strikes():
                return fault.spec
        return None


def _check(spec: Json) -> None:
    kinds = [kind for kind in ("method", "google", "envelope", "socket") if kind in spec]
    if len(kinds) != 1:
        raise ValueError(f"a fault names one of method, google, envelope and socket: {spec}")
    kind = kinds[0]
    effect = str(spec.get("effect", ""))
    known = {
        "method": effect in _METHOD_EFFECTS or effect.startswith("error:"),
        "google": effect in _METHOD_EFFECTS or bool(_GOOGLE_EFFECT.fullmatch(effect)),
        "envelope": effect in _ENVELOPE_EFFECTS and spec.get("envelope") in _ENVELOPES,
        "socket": spec.get("socket") in _SOCKET_EFFECTS,
    }
    if not known[kind]:
        raise ValueError(f"unknown fault: {spec}")
    for name in _NUMBERS:
        value = spec.get(name, 1)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ValueError(f"{name} must be a number, not negative: {spec}")
    if spec.get("every", 1) < 1:
        raise ValueError(f"every must be at least 1: {spec}")
