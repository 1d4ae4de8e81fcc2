"""Turns requests into calls of handlers, with arguments as in the handler's signature, and errors as JSON."""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.faults import Faults
from sandbox.interactions import Interactions, RefusedError
from sandbox.log import Log
from sandbox.rules import SlackError
from sandbox.workspace.model import Json
from sandbox.workspace.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """Gives handlers everything they need; it is each one's first argument."""

    here: Interactions
    sandbox: Any = field(repr=False)

    @property
    def store(self) -> Store:
        """The workspace."""
        return self.here.store

    @property
    def faults(self) -> Faults:
        """The faults that are set."""
        return typing.cast(Faults, self.sandbox.faults)

    @property
    def log(self) -> Log:
        """The record of what happened between the app and the workspace."""
        return typing.cast(Log, self.sandbox.log)


Handler = Callable[..., Awaitable[Json]]
"""``async handler(desk, *, user: str, …) -> answer``; its keyword arguments are the route's."""


class BadRequestError(Exception):
    """The request itself is wrong: ``code`` and a sentence."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda found: f"_{found.group().lower()}", name)


def _named(given: str, names: set[str]) -> str:
    name = _snake(given)
    return "value" if name.startswith("selected_") and "value" in names else name


_KINDS: dict[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a string"),
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    dict: ((dict,), "an object"),
    list: ((list,), "a list"),
}


def _fits(value: Any, kind: Any) -> str | None:
    """What the argument should have been, or ``None`` if it fits."""
    if typing.get_origin(kind) is types.UnionType:  # of something and None: null was sorted out before
        kind = typing.get_args(kind)[0]
    base = typing.get_origin(kind) or kind
    if base not in _KINDS:
        return None
    fitting, name = _KINDS[base]
    return None if isinstance(value, fitting) else name


def arguments(handler: Handler, given: Json) -> Json:
    """The handler's keyword arguments from a request. Raises :class:`BadRequestError`.

    camelCase and snake_case name the same argument, ``selected_…`` means ``value``, and null counts as
    absent.
    """
    parameters = inspect.signature(handler).parameters.values()
    known = [each for each in parameters if each.kind is each.KEYWORD_ONLY]
    takes_any = any(each.kind is each.VAR_KEYWORD for each in parameters)
    names = {each.name for each in known}
    hints = typing.get_type_hints(handler)
    found = {_named(name, names): value for name, value in given.items()}
    unknown = sorted(set(found) - names)
    if unknown and not takes_any:
        raise BadRequestError("unknown_argument", f"Unknown: {', '.join(unknown)}.")
    for each in known:
        optional = each.default is not each.empty
        if found.get(each.name) is None:
            found.pop(each.name, None)
            if not optional:
                raise BadRequestError("missing_argument", f"`{each.name}` is missing.")
        elif expected := _fits(found[each.name], hints[each.name]):
            raise BadRequestError("bad_argument", f"`{each.name}` must be {expected}.")
    return found


async def _given(request: web.Request) -> Json:
    if request.method == "GET":
        return {**request.query, **request.match_info}
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError as error:
        raise BadRequestError("bad_json", "The body isn't JSON.") from error
    if not isinstance(body, dict):
        raise BadRequestError("bad_json", "The body isn't a JSON object.")
    return body


def _from_elsewhere(request: web.Request) -> bool:
    """Whether another web page sent this: it mustn't act here through the browser of the sandbox's user."""
    origin = request.headers.get("Origin")
    return origin is not None and origin.partition("://")[2] != request.host


def _refused(status: int, code: str, detail: str) -> web.Response:
    return web.json_response({"ok": False, "error": code, "detail": detail}, status=status)


def endpoint(desk: Desk, handler: Handler) -> Callable[[web.Request], Awaitable[web.Response]]:
    """The handler as aiohttp wants it: answers ``{"ok": true, …}``, or 4xx with ``error`` and ``detail``."""

    async def respond(request: web.Request) -> web.Response:
        if _from_elsewhere(request):
            return _refused(
                403, "foreign_origin", "Only the sandbox's own page may call this from a browser."
            )
        try:
            answer = await handler(desk, **arguments(handler, await _given(request)))
        except (BadRequestError, RefusedError) as error:
            return _refused(400, error.code, str(error))
        except SlackError as error:
            return _refused(
                400, error.code, "; ".join(error.messages) or f"Slack refuses this: {error.code}."
            )
        except LookupError as error:
            return _refused(404, "not_found", f"{error.args[0] if error.args else error}.")
        return web.json_response({"ok": True, **answer})

    return respond


async def unknown_route(_request: web.Request) -> web.Response:
    """Answer any other path with 404."""
    return _refused(
        404, "unknown_route", "There is no such route. The documentation of sandbox.control lists them."
    )
