"""Alembic's revisions, forward only."""
