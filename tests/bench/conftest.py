"""Databases for the tests of the bench's own parts."""

from __future__ import annotations

from tests.support.migrated import _migrated_file, _migrated_template, postgresql_url, sqlite_url

__all__ = ["_migrated_file", "_migrated_template", "postgresql_url", "sqlite_url"]
