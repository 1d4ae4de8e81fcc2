"""Alembic's revisions, forward only."""

HEAD = "0007"
"""The last of them: a database that is there needs none of Alembic's time at the start."""
