"""The databases that these tests run on."""

from tests.storage.databases import database, emptied_postgresql_url, migrated_postgresql_url, postgresql

__all__ = ["database", "emptied_postgresql_url", "migrated_postgresql_url", "postgresql"]
