"""Settings from a file: ``.env`` in Muster's folder, or the one that ``MUSTER_ENV_FILE`` names."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path

from dotenv import dotenv_values

from bot import places

NAME = "MUSTER_ENV_FILE"


class Unreadable(Exception):
    """The file is there and can't be read; the text says why."""


def path(environment: Mapping[str, str]) -> Path | None:
    """The file to read or write; ``None`` if the setting is there and empty."""
    name = environment.get(NAME)
    if name is None:
        return places.folder() / ".env"
    return Path(name) if name else None


def read(environment: MutableMapping[str, str]) -> str:
    """Add to the environment what only the file sets; returns a warning, or an empty text.

    Raises :class:`Unreadable`, also if ``MUSTER_ENV_FILE`` names a file that isn't there.
    """
    file = path(environment)
    if file is None or (NAME not in environment and not file.exists()):
        return ""
    for name, value in _values(file).items():
        if value is not None:
            environment.setdefault(name, value)
    if file.stat().st_mode & 0o077:
        return f"Others on this machine can read {file}, which holds secrets. Run: chmod 600 {file}"
    return ""


def _values(file: Path) -> dict[str, str | None]:
    try:
        with file.open(encoding="utf-8") as stream:
            return dotenv_values(stream=stream, interpolate=False)
    except UnicodeDecodeError as error:
        raise Unreadable(f"{file} can't be read: it isn't text in UTF-8. Save it as that.") from error
    except OSError as error:
        raise Unreadable(f"{file} can't be read: {error.strerror}. Fix that, or remove the file.") from error


def write(file: Path, values: Mapping[str, str]) -> None:
    """Write these settings to the file, readable by its owner only; its other lines stay.

    Either the whole new file is there afterwards, or the old one; raises ``OSError``.
    """
    old = file.read_text("utf-8").splitlines() if file.is_file() else []
    kept = [line for line in old if line.partition("=")[0].removeprefix("export ").strip() not in values]
    lines = [*kept, *(f"{name}={value}" for name, value in values.items())]
    # In the same folder, because only there a rename replaces the file at once; such files are made for
    # their owner only.
    number, draft = tempfile.mkstemp(prefix=f"{file.name}-", dir=file.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            stream.write("\n".join(lines) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).replace(file)
    except OSError:
        with suppress(OSError):
            Path(draft).unlink()
        raise
