"""The databases that these tests run on."""

from tests.storage.databases import _migrated_postgresql, _migrated_sqlite, database, patient, postgresql

__all__ = ["_migrated_postgresql", "_migrated_sqlite", "database", "patient", "postgresql"]
