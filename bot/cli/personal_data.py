"""The commands about what is stored about an incident or a person. Each returns what to print.

The bot may be running meanwhile.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from bot import config
from bot.bootstrap import utc_now
from bot.domain.incidents.model import ref_of
from bot.domain.kit.errors import (
    DatabaseNewer,
    NotErased,
    NothingToBackUp,
    NotSaved,
    RefNotStored,
    TablesOlder,
)
from bot.operations.erasure import Erasure
from bot.views import personal_data as texts
from storage import exports, whole_file
from storage.backups import rows
from storage.backups.places import file_of, name_of, revision_of
from storage.database import Database
from storage.migrations import HEAD

FORMAT = 1
_REF = re.compile(r"(?:inc-?|#)?([1-9]\d{0,8})", re.IGNORECASE)


def export_incident(ref: str, file: str) -> str:
    """Write everything about the incident to the file; raises a ``BotError`` if that fails."""
    found = _REF.fullmatch(ref.strip())
    if not found:
        raise RefNotStored(ref=ref)
    number = int(found[1])

    def read(connection: Connection) -> Mapping[str, exports.Rows]:
        tables = exports.of_incident(connection, number)
        if not tables:
            raise RefNotStored(ref=ref_of(number))
        return tables

    with _database() as database:
        return _export(database, ref_of(number), read, file)


def export_person(who: str, file: str) -> str:
    """Write everything about the person to the file; raises a ``BotError`` if that fails."""
    with _database() as database:
        subject = Erasure(database, utc_now).find(who).subject
        return _export(database, subject.id, lambda tx: exports.of_person(tx, subject), file)


def erase_person(who: str, ask: Callable[[str], str] | None) -> str:
    """Erase the person, once ``ask`` confirms that if it is given; raises a ``BotError`` if that fails."""
    with _database() as database:
        erasure = Erasure(database, utc_now)
        found = erasure.find(who)
        subject = found.subject
        if ask:
            told = f"{texts.about_to_erase(subject, found.has_roles_in)}\n{texts.question(subject)}"
            if ask(told).strip() != subject.id:
                raise NotErased
        left = erasure.erase(subject)
        return texts.unfinished(subject, left) if left else texts.erased(subject)


def _export(
    database: Database, about: str, read: Callable[[Connection], Mapping[str, exports.Rows]], file: str
) -> str:
    with database.snapshot() as connection:
        rows.prepare(connection)
        tables = read(connection)
        names = exports.names_in(connection, tables)
    content: dict[str, Any] = {
        "format": FORMAT,
        "about": about,
        "made_at": utc_now().astimezone(UTC).isoformat(),
        "people": names,
        "tables": tables,
    }
    with whole_file.writing(Path(file)) as stream:
        stream.write(json.dumps(content, ensure_ascii=False, indent=1).encode() + b"\n")
    return texts.exported(sum(map(len, tables.values())), file)


@contextmanager
def _database() -> Iterator[Database]:
    """The database, if its tables are those of this version; nothing is created or migrated."""
    database = Database(config.load_without_slack().database_url)
    try:
        file = file_of(database)
        if database.is_sqlite and (file is None or not file.exists()):
            raise NothingToBackUp(place=name_of(database))
        _check(database)
        yield database
    except DBAPIError as error:
        raise NotSaved from error
    finally:
        database.close()


def _check(database: Database) -> None:
    revision = database.read(revision_of)
    if revision is None:
        raise NothingToBackUp(place=name_of(database))
    if revision > HEAD:
        raise DatabaseNewer(place=name_of(database))
    if revision < HEAD:
        raise TablesOlder(place=name_of(database))
