"""Keep a large outbox fast: queues, indexes of unsettled rows, and stored progress."""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op

from storage.migrations.patience import patiently

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_QUEUES = {
    "answers": ("SendAnswer", "PublishHome"),
    "calendar": ("PutIncidentEvent", "PutDueDate", "PutTimeBlock", "ArrangeMeeting", "SyncCalendar"),
    "background": ("ListPeople", "SendDigest", "PostDigest", "Remind", "RemindOfPostmortem"),
    "history": ("CatchUp",),
}
"""The queues as of this revision; an older replica plans everything for the default one."""
_COLUMNS = {
    "outbox": (("queue", "VARCHAR(12) DEFAULT 'people' NOT NULL"), ("progress", "JSON")),
    "incidents": (("caught_up_to", "VARCHAR(32)"),),
    "people": (("direct_channel", "VARCHAR(32)"),),
}
_INDEXES = {
    "ix_outbox_due": ("outbox", "(queue, not_before, id) WHERE state = 'waiting'"),
    "ix_outbox_on_record": (
        "outbox",
        "(kind, created_at) WHERE kind IN ('PublishHome', 'SendAnswer', 'SendExport')",
    ),
    "ix_outbox_running": ("outbox", "(id) WHERE state = 'running'"),
    "ix_outbox_unsettled": ("outbox", "(state, id) WHERE state IN ('waiting', 'running', 'dead')"),
    "ix_inbound_received_at": ("inbound", "(received_at)"),
}
_AND_ON_POSTGRESQL = {
    "ix_outbox_due": " AND not_before IS NOT NULL",
    "ix_outbox_unsettled": " AND id IS NOT NULL",
}
"""True for every row, and keeps the planner from using these indexes where they don't help: the query for a
lane's next row names a state, but neither a time nor a lower bound for the id. SQLite needs no such hint."""
_WORDS_OF_SOURCES = {
    "postgresql": (
        "UPDATE {0} SET metadata = (metadata::jsonb #- '{{source,text}}' #- '{{source,user_id}}')::json"
        " WHERE metadata::jsonb #> '{{source,text}}' IS NOT NULL"
    ),
    "sqlite": (
        "UPDATE {0} SET metadata = json_remove(metadata, '$.source.text', '$.source.user_id')"
        " WHERE json_extract(metadata, '$.source.text') IS NOT NULL"
    ),
}
"""From now on only the location of a message that something was created from is kept, not its text."""
# By default a table is vacuumed and analyzed when a share of its rows has changed. With millions of done rows
# that never happens, and the planner then believes that nothing is waiting:
# https://www.postgresql.org/docs/current/runtime-config-autovacuum.html
_AUTOVACUUM = (
    "autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, "
    "autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 1000, "
    "autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000"
)


def upgrade() -> None:
    """Keep all rows, and move unsettled ones of the outbox to their new queues."""
    if op.get_bind().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            for statement in (*_for_postgresql(), *_changing("postgresql")):
                patiently(statement)
        return
    for table, columns in _COLUMNS.items():
        for name, kind in columns:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    for name, (table, what) in _INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {table} {what}")
    op.execute("DROP INDEX ix_outbox_state_not_before")
    for statement in _changing("sqlite"):
        op.execute(statement)


def _changing(dialect: str) -> Iterator[str]:
    """Updates of stored rows; each may run twice."""
    unsettled = "state IN ('waiting', 'running', 'dead') AND id > 0"
    for queue, kinds in _QUEUES.items():
        names = ", ".join(f"'{kind}'" for kind in kinds)
        yield f"UPDATE outbox SET queue = '{queue}' WHERE {unsettled} AND kind IN ({names})"  # noqa: S608
    yield "UPDATE source_messages SET text = '', user_id = NULL WHERE text <> '' OR user_id IS NOT NULL"
    for table in ("incidents", "action_items"):
        yield _WORDS_OF_SOURCES[dialect].format(table)


def _for_postgresql() -> Iterator[str]:
    """Statements that may run twice: outside a transaction, an earlier attempt may have stopped anywhere.

    An interrupted build leaves an invalid index:
    https://www.postgresql.org/docs/current/sql-createindex.html#SQL-CREATEINDEX-CONCURRENTLY.
    """
    for table, columns in _COLUMNS.items():
        for name, kind in columns:
            yield f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {name} {kind}"
    yield f"ALTER TABLE outbox SET ({_AUTOVACUUM})"
    for name, (table, what) in _INDEXES.items():
        yield f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
        yield f"CREATE INDEX CONCURRENTLY {name} ON {table} {what}{_AND_ON_POSTGRESQL.get(name, '')}"
    yield "DROP INDEX CONCURRENTLY IF EXISTS ix_outbox_state_not_before"
