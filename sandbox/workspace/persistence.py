"""The workspace on disk: one JSON file that is always replaced as a whole."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any, TypeVar

from sandbox.workspace.model import Channel, Greeting, Json, Message, Person, UserGroup, View, Workspace
from sandbox.workspace.store import Store

SAVE_AFTER = 1.0
"""Seconds between a change and saving it; changes made in between are saved with it."""

Record = TypeVar("Record")


class UnreadableError(Exception):
    """The file of an earlier run can't be read."""


class Saver:
    """Saves the store's workspace to a file soon after each change; :meth:`save` does so at once."""

    def __init__(self, store: Store, path: Path) -> None:
        self._store, self._path = store, path
        self._planned: asyncio.TimerHandle | None = None

    def plan(self) -> None:
        """Plan to save soon, because something changed."""
        if self._planned is None:
            self._planned = asyncio.get_running_loop().call_later(SAVE_AFTER, self.save)

    def save(self) -> None:
        """Write the file now."""
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None
        write_json(self._path, dump(self._store.workspace))


def dump(workspace: Workspace) -> str:
    """The workspace as JSON."""
    return json.dumps(workspace, default=_plain)


def load(path: Path) -> Workspace | None:
    """The workspace in the file, or ``None`` if there is no file. Raises :class:`UnreadableError`."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return _workspace(found)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnreadableError(f"{path} can't be read ({error}); remove it to start afresh.") from error


def tokens(data_dir: Path | None) -> tuple[str, str, str]:
    """Bot token, app token and signing secret: those of earlier runs in ``data_dir``, or else new ones.

    Raises :class:`UnreadableError`.
    """
    path = data_dir / "tokens.json" if data_dir else None
    found = {
        "bot": f"xoxb-sandbox-{secrets.token_hex(12)}",
        "app": f"xapp-1-sandbox-{secrets.token_hex(24)}",
        "signing_secret": secrets.token_hex(16),
    }
    if path is not None:
        if path.exists():
            found |= _saved_tokens(path)
        write_json(path, json.dumps(found))
    return found["bot"], found["app"], found["signing_secret"]


def _saved_tokens(path: Path) -> dict[str, str]:
    try:
        return {str(name): str(value) for name, value in json.loads(path.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError) as error:
        raise UnreadableError(f"{path} can't be read ({error}); remove it to start afresh.") from error


def write_json(path: Path, text: str) -> None:
    """Replace the file's content in one step, even if others do, too; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=".new", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, set):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no place in a workspace")


def _record(kind: type[Record], found: Json, **parts: Any) -> Record:
    """A record with the fields that exist today; fields that an older version lacked get their defaults."""
    known = {field.name for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in (found | parts).items() if name in known})


def _workspace(found: Json) -> Workspace:
    return _record(
        Workspace,
        found,
        people={key: _record(Person, each) for key, each in found["people"].items()},
        channels={key: _channel(each) for key, each in found["channels"].items()},
        groups={key: _record(UserGroup, each) for key, each in found.get("groups", {}).items()},
        modals={key: [_record(View, view) for view in stack] for key, stack in found["modals"].items()},
        homes={key: _record(View, each) for key, each in found["homes"].items()},
        greeting=_record(Greeting, found.get("greeting", {})),
    )


def _channel(found: Json) -> Channel:
    messages = {ts: _record(Message, each) for ts, each in found["messages"].items()}
    return _record(Channel, found, members=set(found["members"]), messages=messages)
