"""The operations on a database of either engine."""

import pytest

from storage.database import Database
from tests.operations.office import Office, open_office
from tests.storage.databases import _migrated_postgresql, _migrated_sqlite, database

__all__ = ["_migrated_postgresql", "_migrated_sqlite", "database"]


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)
