"""``make migration`` drafts the next revision from what has changed in the tables."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from storage.database import Database
from storage.migrations import HEAD

ROOT = Path(__file__).parents[2]
NEXT = f"{int(HEAD) + 1:04}"


def test_a_draft_follows_the_last_revision_and_adds_what_is_new_in_the_tables(tmp_path: Path) -> None:
    for package in ("bot", "storage"):
        shutil.copytree(ROOT / package, tmp_path / package)
    with (tmp_path / "storage" / "tables.py").open("a") as tables:
        tables.write('\nworkspace.append_column(Column("seen_by", String(32)))\n')
        tables.write('workspace.append_column(Column("seen_at", UtcDateTime))\n')
    command = [sys.executable, "-m", "storage.migrations", "Note who saw it"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    versions = tmp_path / "storage" / "migrations" / "versions"
    drafted = (versions / f"rev_{NEXT}_note_who_saw_it.py").read_text()
    assert drafted.startswith('"""Note who saw it"""')
    assert f"down_revision = '{HEAD}'" in drafted
    assert "op.add_column('workspace', sa.Column('seen_by'" in drafted
    assert "sa.Column('seen_at', sa.DateTime(timezone=True)" in drafted, "revisions import none of our types"


def test_a_start_with_nothing_to_migrate_does_not_load_alembic(sqlite_url: str) -> None:
    migrated = Database(sqlite_url)
    migrated.migrate()
    migrated.close()
    program = (
        "import sys; from storage.database import Database; Database(sys.argv[1]).migrate();"
        " sys.exit('alembic' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program, sqlite_url], check=True)
