"""Files that appear as a whole or not at all, and that only their owner can read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from bot.domain.kit.errors import NotWritten


@contextmanager
def writing(path: Path) -> Iterator[IO[bytes]]:
    """Write the file; it replaces an earlier one once it is complete, and not at all if something is raised.

    Raises ``NotWritten``.
    """
    try:
        draft = NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)  # noqa: SIM115
        try:
            with draft:
                yield draft
                draft.flush()
                os.fsync(draft.fileno())
            Path(draft.name).replace(path)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
        _make_durable(path.parent)
    except OSError as error:
        raise NotWritten(path=path, why=error.strerror or type(error).__name__) from error


def _make_durable(folder: Path) -> None:
    """Have the file's new name survive a power failure (https://man7.org/linux/man-pages/man2/fsync.2.html)."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
