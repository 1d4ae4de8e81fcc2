"""A backup's file: a ZIP archive with a member for each table and, last, the manifest that describes them.

A ZIP archive has its directory at the end, so one that was cut short can't even be opened
(https://docs.python.org/3/library/zipfile.html).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from bot.codec import dump, load
from bot.domain.kit.errors import BackupDamaged, BackupNewer, NotABackup
from storage import whole_file

FORMAT = 1
MANIFEST = "manifest.json"
BLOCK = 64 * 1024
"""Bytes that are read at once."""
_FAST = 1
"""Faster compression levels than the default make files that are hardly larger."""
_UNREADABLE = (BadZipFile, zlib.error, EOFError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Content:
    """What a table held."""

    columns: tuple[str, ...]
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself."""

    format: int
    engine: str
    revision: str
    made_at: datetime
    """Nothing that was saved after this moment is certain to be in the backup."""
    tables: Mapping[str, Content]
    """In an order in which no row comes before a row that it refers to."""

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(each.rows for each in self.tables.values())

    @property
    def bytes(self) -> int:
        """How many bytes all tables take when they aren't compressed."""
        return sum(each.bytes for each in self.tables.values())


class Digest:
    """Counts and digests the rows that pass through it."""

    def __init__(self) -> None:
        self._sum, self.rows, self.bytes = sha256(), 0, 0

    def add(self, block: bytes) -> None:
        """Take in some more bytes. Every row ends with a line feed, and there are no others."""
        self._sum.update(block)
        self.rows += block.count(b"\n")
        self.bytes += len(block)

    def content(self, columns: Iterable[str]) -> Content:
        """What has passed through so far."""
        return Content(tuple(columns), self.rows, self.bytes, self._sum.hexdigest())


class Writer:
    """Writes an archive, one table after the other."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        self._tables: dict[str, Content] = {}

    def add(self, table: str, columns: Iterable[str], rows: Iterable[bytes]) -> None:
        """Write a table."""
        digest = Digest()
        with self._archive.open(table, "w", force_zip64=True) as member:
            for block in rows:
                digest.add(block)
                member.write(block)
        self._tables[table] = digest.content(columns)

    def finish(self, engine: str, revision: str, made_at: datetime) -> Manifest:
        """Write the manifest, without which the archive isn't a backup."""
        manifest = Manifest(FORMAT, engine, revision, made_at, self._tables)
        self._archive.writestr(MANIFEST, json.dumps(dump(manifest), indent=1))
        return manifest


class Reader:
    """Reads an archive, one table after the other."""

    def __init__(self, path: Path, archive: ZipFile) -> None:
        self._path, self._archive = path, archive
        self.manifest = self._read_manifest()

    def open(self, table: str) -> IO[bytes]:
        """A table's rows, one per line."""
        return self._archive.open(table)

    def check(self) -> None:
        """Read everything once; raises ``BackupDamaged`` if it isn't what was written."""
        for table, expected in self.manifest.tables.items():
            found = Digest()
            with _readable(BackupDamaged(path=self._path, what=table)), self.open(table) as member:
                while block := member.read(BLOCK):
                    found.add(block)
            if found.content(expected.columns) != expected:
                raise BackupDamaged(path=self._path, what=table)

    def _read_manifest(self) -> Manifest:
        try:
            with _readable(NotABackup(path=self._path)):
                said = json.loads(self._archive.read(MANIFEST))
            if said["format"] > FORMAT:
                raise BackupNewer(path=self._path)
            return load(Manifest, said)
        except (KeyError, TypeError, ValueError) as error:
            raise NotABackup(path=self._path) from error


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write the archive as a whole or, if something is raised, not at all; only its owner can read it."""
    with (
        whole_file.writing(path) as draft,
        ZipFile(draft, "w", ZIP_DEFLATED, compresslevel=_FAST) as archive,
    ):
        yield Writer(archive)


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Open the archive; raises ``NotABackup`` if there is none or it is incomplete."""
    try:
        archive = ZipFile(path)
    except (OSError, *_UNREADABLE) as error:
        raise NotABackup(path=path) from error
    with archive:
        yield Reader(path, archive)


@contextmanager
def _readable(otherwise: Exception) -> Iterator[None]:
    try:
        yield
    except (KeyError, OSError, *_UNREADABLE) as error:
        raise otherwise from error
