"""One column for what a request created, and columns instead of flags in JSON.

Older replicas may run alongside this revision, so nothing is dropped: for one release, the columns and JSON
keys that they read are written as well, and what they write is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from alembic import op

from storage.migrations.patience import patiently

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COLUMNS = {
    # Not filled in, because the table may be large: where it is null, the earlier columns are read.
    "inbound": {"result": "BIGINT"},
    "incidents": {
        "conversion_is_private": "BOOLEAN",
        "conversion_ts": "VARCHAR(32)",
        "conversion_by": "VARCHAR(32)",
        "conversion_asked": "VARCHAR(32)",
        "conversion_question": "VARCHAR(32)",
        "conversion_answered_by": "VARCHAR(32)",
    },
    "five_whys_analyses": {
        "was_nudged": "BOOLEAN DEFAULT {no} NOT NULL",
        "has_findings": "BOOLEAN DEFAULT {no} NOT NULL",
    },
    "postmortems": {"canvas_id": "VARCHAR(32)", "file_id": "VARCHAR(32)"},
}
_NO = {"postgresql": "false", "sqlite": "0"}
_CONVERSION = ("is_private", "ts", "by", "asked", "question", "answered_by")
_FROM_JSON: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "incidents": {f"conversion_{name}": ("conversion", name) for name in _CONVERSION},
    "five_whys_analyses": {"was_nudged": ("was_nudged",), "has_findings": ("has_findings",)},
    "postmortems": {"canvas_id": ("canvas_id",), "file_id": ("file_id",)},
}
"""Where in ``metadata`` each column's value has been so far."""


def upgrade() -> None:
    """Keep all rows, and fill in the columns from the JSON."""
    dialect = op.get_bind().dialect.name
    if dialect == "postgresql":
        with op.get_context().autocommit_block():
            for statement in (*_adding(dialect, "IF NOT EXISTS "), *_filling(dialect)):
                patiently(statement)
        return
    for statement in (*_adding(dialect), *_filling(dialect)):
        op.execute(statement)


def _adding(dialect: str, unless: str = "") -> Iterator[str]:
    for table, columns in _COLUMNS.items():
        for name, kind in columns.items():
            yield f"ALTER TABLE {table} ADD COLUMN {unless}{name} {kind.format(no=_NO[dialect])}"


def _filling(dialect: str) -> Iterator[str]:
    """Updates of only the few rows that have something in their JSON; each may run twice."""
    for table, columns in _FROM_JSON.items():
        for name, path in columns.items():
            found = _value(dialect, path, is_flag="BOOLEAN" in _COLUMNS[table][name])
            yield f"UPDATE {table} SET {name} = {found} WHERE {found} IS NOT NULL"  # noqa: S608


def _value(dialect: str, path: tuple[str, ...], *, is_flag: bool) -> str:
    if dialect == "sqlite":
        return f"json_extract(metadata, '$.{'.'.join(path)}')"
    return f"(metadata #>> '{{{','.join(path)}}}'){'::boolean' if is_flag else ''}"
