"""The commands about backups. Each returns what to print; no bot runs in the same process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot import config
from bot.bootstrap import utc_now
from bot.domain.kit.errors import NotSaved
from bot.operations.restored import PastAlarms, Restored
from bot.parts import alarm_handlers
from bot.views import backups as texts
from storage.backups import restoring, saving
from storage.backups.places import name_of
from storage.database import Database


def backup(file: str) -> str:
    """Save the database to the file, also while the bot runs; raises a ``BotError`` if that fails."""
    with _database() as database:
        manifest = saving.save(database, Path(file), utc_now())
    return texts.saved(manifest.rows, file)


def restore(file: str) -> str:
    """Restore the file into an empty database; raises a ``BotError`` if that isn't possible."""
    path = Path(file)
    with _database() as database, restoring.checked(database, path) as reader:
        manifest = restoring.restore(database, reader, path)
        now, leftovers = utc_now(), Restored(database, utc_now)
        PastAlarms(database, partial(alarm_handlers, database)).replay(now)
        leftovers.finish()
        return texts.restored(manifest.rows, name_of(database), leftovers.undecided())


def restored(choice: str) -> str:
    """Show what waits for a decision after a restore, or decide."""
    with _database() as database:
        leftovers = Restored(database, utc_now)
        decisions: Mapping[str, Callable[[], int]] = {"send": leftovers.send, "drop": leftovers.drop}
        if choice in decisions:
            return texts.decided(choice, decisions[choice]())
        return texts.waiting(leftovers.undecided())


@contextmanager
def _database() -> Iterator[Database]:
    database = Database(config.load_without_slack().database_url)
    try:
        yield database
    except DBAPIError as error:
        raise NotSaved from error
    finally:
        database.close()
