"""``python -m storage.migrations "what it does"`` drafts the next revision from changes to the tables."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command

from storage.database import Database
from storage.migrations import HEAD
from storage.migrations.scripts import settings


def main(message: str) -> None:
    """Write the file, by comparing a new database at the latest revision with :mod:`storage.tables`."""
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'draft.db'}")
        database.migrate()
        with database.engine.connect() as connection:
            command.revision(
                settings(connection), message=message, autogenerate=True, rev_id=f"{int(HEAD) + 1:04}"
            )
        database.close()


if __name__ == "__main__":
    main(sys.argv[1])
