"""Databases for the tests of what the bench itself is made of."""

from __future__ import annotations

from tests.support.migrated import _migrated_file, _migrated_template, postgresql_url, sqlite_url

__all__ = ["_migrated_file", "_migrated_template", "postgresql_url", "sqlite_url"]
