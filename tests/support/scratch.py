"""Where tests keep their files."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 - we make names that nobody can guess
ENOUGH = 2 * 2**30
"""Bytes that must be free: each process of the tests has a PostgreSQL, and files of its own."""


def keep_in_memory() -> None:
    """Have temporary files of this process and its children kept in memory, unless TMPDIR names a place.

    Nothing of them outlives the tests, so nothing needs to reach the disk: a disk takes ten times as long to
    create and drop a PostgreSQL database, and makes every commit of SQLite's wait.
    """
    if "TMPDIR" not in os.environ and _is_fit(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None


def _is_fit(folder: Path) -> bool:
    """Whether it exists, has room, and lets programs run: PostgreSQL's may be copied there."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    return shutil.disk_usage(folder).free >= ENOUGH and not os.statvfs(folder).f_flag & os.ST_NOEXEC
