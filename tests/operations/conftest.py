"""The operations on a database of either engine."""

import pytest

from storage.database import Database
from tests.operations.office import Office, open_office
from tests.storage.databases import database, emptied_postgresql_url, migrated_postgresql_url

__all__ = ["database", "emptied_postgresql_url", "migrated_postgresql_url"]


@pytest.fixture
def office(database: Database) -> Office:
    return open_office(database)
