"""``python app.py --migrate``: brings the tables up to date without starting the bot."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from bot import config
from bot.domain.kit.errors import DatabaseUnusable, NotSaved
from bot.views import upgrades as texts
from storage.backups import places
from storage.database import Database
from storage.migrations import HEAD
from storage.reasons import reason


def migrate() -> str:
    """Bring the tables up to date, as a start does; returns what to print. Raises a ``BotError``.

    No bot may be using a SQLite file. On PostgreSQL, replicas may be running, and only one process migrates
    at a time.
    """
    database = Database(config.load_without_slack().database_url)
    try:
        database.hold_alone()
        before = database.read(places.revision_of)
        database.migrate()
        return texts.migrated(places.name_of(database), before, HEAD)
    except (DBAPIError, NotSaved) as error:
        if why := reason(error):
            raise DatabaseUnusable(why=why) from error
        raise
    finally:
        database.close()
