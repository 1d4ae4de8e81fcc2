"""Settings from a file: ``.env`` in Muster's folder, or the one that ``MUSTER_ENV_FILE`` names."""

from __future__ import annotations

import os
import shlex
import tempfile
from collections.abc import Mapping, MutableMapping
from io import StringIO
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


def read(environment: MutableMapping[str, str], *, is_optional: bool = False) -> str:
    """Add to the environment what only the file sets; returns a warning, or an empty text.

    Raises :class:`Unreadable`, also if ``MUSTER_ENV_FILE`` names a file that isn't there, unless that
    ``is_optional``.
    """
    file = path(environment)
    if file is None:
        return ""
    try:
        with file.open(encoding="utf-8") as stream:
            content, mode = stream.read(), os.fstat(stream.fileno()).st_mode
    except FileNotFoundError as error:
        if is_optional or NAME not in environment:
            return ""
        raise _unreadable(file, error) from error
    except UnicodeDecodeError as error:
        raise Unreadable(f"{file} can't be read: {_NOT_TEXT}") from error
    except OSError as error:
        raise _unreadable(file, error) from error
    _add(environment, file, content)
    if mode & 0o077:
        told = f"Others on this machine can read {file}, which holds secrets."
        return f"{told} Run: chmod 600 {shlex.quote(str(file))}"
    return ""


def _add(environment: MutableMapping[str, str], file: Path, content: str) -> None:
    if "\0" in content:
        # A disk leaves such characters in a file that was being written when the power failed.
        raise Unreadable(f"{file} can't be read: {_NOT_TEXT}")
    # The environment may spell a name in either case, as with https_proxy.
    given = {name.upper() for name in environment}
    for name, value in dotenv_values(stream=StringIO(content), interpolate=False).items():
        if value is not None and name.upper() not in given:
            environment[name] = value


_NOT_TEXT = "it isn't text in UTF-8. Save it as that."


def _unreadable(file: Path, error: OSError) -> Unreadable:
    return Unreadable(f"{file} can't be read: {error.strerror}. Fix that, or remove the file.")


def write(file: Path, values: Mapping[str, str]) -> None:
    """Write these settings to the file, readable by its owner only; its other lines stay.

    Either the whole new file is there afterwards, or the old one; raises ``OSError``.
    """
    # A link stays one.
    file = Path(os.path.realpath(file))
    old = file.read_text("utf-8-sig").splitlines() if file.is_file() else []
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
    finally:
        # It holds secrets, so it mustn't be left behind, not even after Ctrl-C.
        Path(draft).unlink(missing_ok=True)
