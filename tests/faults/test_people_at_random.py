"""Whatever people do, and whatever breaks: in the end Slack shows what is stored, once, and only to members.

See :mod:`tests.support.play` for what they do, and :mod:`tests.support.agreement` for what must be true then.
"""

from __future__ import annotations

import pytest

from storage.database import Database
from tests.support.databases import _migrated_postgresql, _migrated_sqlite, database
from tests.support.play import play

__all__ = ["_migrated_postgresql", "_migrated_sqlite", "database"]

SEED = 19
"""The same for everybody; `make chaos` takes another one each time."""
SECONDS = {"sqlite": 25, "postgresql": 15}


@pytest.mark.timeout(300)
def test_people_do_random_things_on_a_bad_day(database: Database) -> None:
    assert play(database, SEED, SECONDS[database.engine.dialect.name]).workspaces > 0
