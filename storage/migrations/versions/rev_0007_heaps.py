"""Keep a large outbox fast: queues, indexes of unsettled rows, and stored progress."""

from __future__ import annotations

from collections.abc import Iterator

from alembic import op
from sqlalchemy.exc import OperationalError
from tenacity import Retrying, retry_if_exception, wait_random

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
_LOCK_NOT_AVAILABLE = "55P03"
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
        # An older replica may be writing at the same time: no statement may hold a lock for long, or wait for
        # one while everybody queues behind it. So each runs in its own transaction.
        with op.get_context().autocommit_block():
            for statement in (*_for_postgresql(), *_changing("postgresql")):
                _patiently(statement)
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


def _patiently(statement: str) -> None:
    """Run the statement, retrying until it gets its lock; others can write between attempts."""
    connection = op.get_bind()
    # What is sent together is one transaction, and behind a pooler only that has one server for certain:
    # https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-MULTI-STATEMENT.
    statements = [f"SET LOCAL lock_timeout = '100ms'; {statement}"]
    if "CONCURRENTLY" in statement:
        # It can't run in a transaction. Building an index waits for all older transactions, but nobody queues
        # behind it.
        statements = ["SET lock_timeout = 0", statement]
    retrying = Retrying(retry=retry_if_exception(_is_lock_timeout), wait=wait_random(0.05, 0.3), reraise=True)
    for each in statements:
        retrying(connection.exec_driver_sql, each)


def _is_lock_timeout(error: BaseException) -> bool:
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", "") == _LOCK_NOT_AVAILABLE
