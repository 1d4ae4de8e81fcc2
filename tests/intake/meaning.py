"""What a click or a submission means to the listeners: the operations they call, and with what."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from slack_bolt import BoltRequest

from bot.bootstrap import build
from bot.config import Settings
from bot.domain.surface.answers import Sentence
from bot.domain.surface.forms import SettingsInput
from bot.domain.surface.originals import Original
from bot.effects.directory import Identity
from bot.intake.bolt import Whoami, bolt
from bot.listeners import register
from bot.listeners.services import AFTER_ACK

Json = dict[str, Any]
ADDED_SINCE: Mapping[str, Mapping[str, Any]] = {
    "DeclareStart": {"is_private": False},
    "DeclareInput": {"newest": None},
    "ActionInput": {"besides": None},
}
"""Fields of later revisions, with the value that means what it meant before they were added."""
CALLED_SINCE = frozenset({("briefings", "note_act"), ("pages", "note_reaction")})
"""Calls of later revisions after the ack of any click, which change nothing about what it means."""
KEYED_SINCE = frozenset({("forms", "replace")})
"""Calls that later revisions also give the request's key."""
PEOPLE = ("U0ANA", "U0BEN")


def as_json(value: Any) -> Any:  # noqa: PLR0911 - a return for each kind
    """The value as JSON, with the names of its classes but not where they live."""
    if isinstance(value, Sentence):
        # Its wording may change.
        return "a sentence"
    if isinstance(value, Original):
        # Where it is was added later.
        return value.response_url
    if isinstance(value, SettingsInput) and value.group is None:
        # Its values used to be fields, when there was one form for all settings.
        return {
            "SettingsInput": {
                "was": value.was,
                **{name: as_json(each) for name, each in value.values.items()},
            }
        }
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        added = ADDED_SINCE.get(type(value).__name__, {})
        every = [each.name for each in dataclasses.fields(value)]
        names = [each for each in every if each not in added or getattr(value, each) != added[each]]
        return {type(value).__name__: {name: as_json(getattr(value, name)) for name in names}}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(each) for each in value]
    if isinstance(value, set | frozenset):
        return sorted(as_json(each) for each in value)
    return value


class Overheard:
    """A group of operations that records its calls. Only calls to ``people`` are really made."""

    def __init__(self, name: str, real: Any, calls: list[Any]) -> None:
        self._name, self._real, self._calls = name, real, calls

    def __getattr__(self, method: str) -> Callable[..., Any]:
        real = getattr(self._real, method)

        def overheard(*args: Any, **kwargs: Any) -> Any:
            if (self._name, method) in CALLED_SINCE:
                return None
            added = {"key"} if (self._name, method) in KEYED_SINCE else set()
            named = {name: each for name, each in kwargs.items() if name not in added}
            self._calls.append([self._name, method, as_json(args), as_json(named)])
            return real(*args, **kwargs) if self._name == "people" else None

        return overheard


class Listening:
    """All listeners on an empty database in which two people are known."""

    def __init__(self, folder: Path) -> None:
        known = {
            "slack_bot_token": "xoxb-1",
            "slack_app_token": "xapp-1",
            "database_url": f"sqlite:///{folder}/muster.db",
        }
        self._bot = build(Settings.model_validate(known))
        self._bot.database.migrate()
        self._bot.services.people.save([{"id": each, "name": each, "updated": 1} for each in PEOPLE])
        self._calls: list[Any] = []
        services = self._bot.services
        names, calls = [each.name for each in dataclasses.fields(services)], self._calls
        overheard: dict[str, Any] = {name: Overheard(name, getattr(services, name), calls) for name in names}
        whoami = Whoami()
        whoami.identity = Identity("T0", "U0BOT", "B0BOT", "https://acme.example/")
        self._app = bolt("http://127.0.0.1:1/api/", whoami)
        register(self._app, dataclasses.replace(services, **overheard))

    def meaning_of(self, body: Json) -> list[Any]:
        """The calls that the request led to, in order, including those after the ack."""
        self._calls.clear()
        request = BoltRequest(mode="socket_mode", body=body)
        response = self._app.dispatch(request)
        for work in request.context.get(AFTER_ACK, ()):
            work()
        assert response.status == 200, response
        return list(self._calls)

    def close(self) -> None:
        """Disconnect from the database."""
        self._bot.database.close()
