"""The databases that these tests run on."""

from tests.support.databases import _migrated_postgresql, _migrated_sqlite, database, patient, postgresql

__all__ = ["_migrated_postgresql", "_migrated_sqlite", "database", "patient", "postgresql"]
