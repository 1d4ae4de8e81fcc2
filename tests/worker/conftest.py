"""The worker on a database of either engine."""

from tests.support.databases import _migrated_postgresql, _migrated_sqlite, database
from tests.support.office import office

__all__ = ["_migrated_postgresql", "_migrated_sqlite", "database", "office"]
