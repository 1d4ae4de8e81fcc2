"""Alembic's revisions, forward only."""

from __future__ import annotations

from pathlib import Path

HEAD = max(path.stem.split("_")[1] for path in (Path(__file__).parent / "versions").glob("rev_*.py"))
"""The last one, by its file's name: at a start, a database that has it needs none of Alembic's time."""
