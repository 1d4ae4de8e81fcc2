"""Alembic's settings: where revisions are, what their files are called, and which connection they run on."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from sqlalchemy import Connection


def settings(connection: Connection) -> Config:
    """The settings for Alembic's commands; ``env.py`` takes the connection from them."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("file_template", "rev_%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
