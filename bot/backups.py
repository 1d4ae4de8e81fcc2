"""The commands about backups. Each returns what to print; nothing else of the bot runs meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bot import config
from bot.bootstrap import alarm_handlers, utc_now
from bot.domain.alarms import AlarmKind
from bot.domain.kit.errors import NotSaved
from bot.operations.action_items.reminders import Reminders
from bot.operations.alarms import Handler
from bot.operations.calendar.sync import CalendarSync
from bot.operations.five_whys.manage import FiveWhysFacilitator
from bot.operations.kit.transaction import Clock
from bot.operations.postmortems.reminders import PostmortemDuties
from bot.operations.restored import PastAlarms, Restored
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
        PastAlarms(database, partial(handlers_at, database)).replay(now)
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


def handlers_at(database: Database, clock: Clock) -> Mapping[AlarmKind, Handler]:
    """What handles alarms by that clock."""
    return alarm_handlers(
        Reminders(database, clock),
        PostmortemDuties(database, clock),
        FiveWhysFacilitator(database, clock),
        CalendarSync(database, clock),
    )


@contextmanager
def _database() -> Iterator[Database]:
    database = Database(config.load_without_slack().database_url)
    try:
        yield database
    except DBAPIError as error:
        raise NotSaved from error
    finally:
        database.close()
