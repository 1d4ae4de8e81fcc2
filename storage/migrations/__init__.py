"""Alembic's revisions, which only go forward."""

from __future__ import annotations

from pathlib import Path

HEAD = max(path.stem.split("_")[1] for path in (Path(__file__).parent / "versions").glob("rev_*.py"))
"""The latest revision, taken from the files' names: a start on an up-to-date database then skips Alembic,
which takes time to import."""
