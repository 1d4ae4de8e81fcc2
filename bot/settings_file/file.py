"""Reads the settings file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from bot.domain.settings import ReminderSettings, TeamSettings
from bot.settings_file import nodes, roles
from bot.settings_file.nodes import Problem, Unusable
from bot.settings_file.roles import NamedRole
from bot.settings_file.schema import values_in

MAX_BYTES = 64_000
"""No settings are longer; a file that never ends must not be read to its end."""


@dataclass(frozen=True, slots=True)
class FileSettings:
    """What a file sets."""

    name: str = ""
    """The file's name without its folder; empty for no file."""
    digest: str = ""
    """Changes with the file."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Field of :class:`bot.domain.settings.ReminderSettings` -> value."""
    roles: tuple[NamedRole, ...] = ()
    """The roles that its checklists are for, and that it counts on being set in Slack."""


def load(path: str) -> FileSettings:
    """What the file sets, nothing for an empty path; raises :class:`Unusable`."""
    return parsed(path, content_of(path)) if path else FileSettings()


def content_of(path: str) -> bytes:
    """What is in the file; raises :class:`Unusable` if it can't be read."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except IsADirectoryError as error:
        raise Unusable(Problem("It is a folder, not a file.")) from error
    except OSError as error:
        raise Unusable(Problem(f"It can't be read ({error.strerror}).")) from error
    if len(content) > MAX_BYTES:
        raise Unusable(Problem(f"It is longer than {MAX_BYTES:,} bytes."))
    return content


def parsed(path: str, content: bytes) -> FileSettings:
    """What a file with this content sets; raises :class:`Unusable`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unusable(Problem("It isn't text in UTF-8.")) from error
    read = nodes.read(text)
    values = values_in(read)
    return FileSettings(Path(path).name, digest_of(content), values, tuple(roles.unknown(values, read)))


def digest_of(content: bytes) -> str:
    """The digest that shows whether a file has changed."""
    return sha256(content).hexdigest()[:16]


def is_in_force(found: FileSettings, team: TeamSettings) -> bool:
    """Whether what the file sets is what counts."""
    return (found.name, found.digest) == (team.file, team.digest)


def lacking(found: FileSettings, team: TeamSettings) -> list[Problem]:
    """What is wrong with the roles that the file counts on being set in Slack."""
    return roles.problems(found.roles, team.own.roles)


def with_file(own: ReminderSettings, found: FileSettings) -> TeamSettings:
    """What was set in Slack, with what the file sets."""
    return TeamSettings(replace(own, **found.values), own, frozenset(found.values), found.name, found.digest)
