"""Migrations bring any database to the schema, once, however many processes start at the same time."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select

from storage.database import Database
from storage.tables import metadata


def migrate(url: str) -> None:
    database = Database(url)
    database.migrate()
    database.close()


def tables_of(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_migrations_produce_exactly_the_tables_of_the_schema(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        missing = compare_metadata(context, metadata)
        assert missing == [], "make migration m='what it does' drafts the revision for storage/tables.py"


def test_migrating_again_changes_nothing_and_keeps_the_data(database: Database) -> None:
    before = tables_of(database)
    with database.engine.begin() as connection:
        connection.execute(metadata.tables["workspace"].insert().values(key="k", value="v"))
    database.migrate()
    assert tables_of(database) == before
    with database.engine.connect() as connection:
        assert connection.execute(select(metadata.tables["workspace"].c.value)).scalar_one() == "v"


def test_threads_that_migrate_simultaneously_wait_for_each_other(database_url: str) -> None:
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(migrate, [database_url] * 3))
    database = Database(database_url)
    assert tables_of(database) == {*metadata.tables, "alembic_version"}
    database.close()


def test_processes_that_migrate_simultaneously_wait_for_each_other(database_url: str) -> None:
    program = "import sys; from storage.database import Database; Database(sys.argv[1]).migrate()"
    processes = [subprocess.Popen([sys.executable, "-c", program, database_url]) for _ in range(2)]
    assert [process.wait(timeout=30) for process in processes] == [0, 0]
    database = Database(database_url)
    assert tables_of(database) == {*metadata.tables, "alembic_version"}
    database.close()


def test_a_migration_that_fails_leaves_nothing_behind(database_url: str) -> None:
    database = Database(database_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE workspace (x INTEGER)")
    with pytest.raises(Exception, match="workspace"):
        database.migrate()
    assert tables_of(database) == {"workspace"}
    database.close()


def test_a_database_migrated_by_a_newer_version_is_left_alone(database_url: str) -> None:
    migrate(database_url)
    database = Database(database_url)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.migrate()
    with database.engine.begin() as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
    assert found == "9999"
    database.close()
