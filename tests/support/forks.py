"""Processes of their own that begin with everything loaded, which takes longer than most tests.

One process loads it, and is forked for each of them. Python has one list of what that process loads, however
many contexts there are: whoever sets another list replaces this one.
"""

from __future__ import annotations

import multiprocessing

FORKS = multiprocessing.get_context("forkserver")
LOADED = (
    "alembic.autogenerate",
    "bot.cli.arguments",
    "bot.cli.backups",
    "bot.cli.doctor",
    "bot.cli.google",
    "bot.cli.personal_data",
    "bot.cli.team_settings",
    "bot.cli.upgrades",
    "bot.effects.google.calendar",
    "bot.intake.http.metrics",
    "bot.intake.http.server",
    "bot.intake.http.wiring",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite",
    "storage.migrations.patience",
    "tests.support.bots",
    "tests.support.commands",
    "tests.support.revisions",
)
"""What tests start in processes of their own, and what that imports only when it needs it."""
FORKS.set_forkserver_preload(list(LOADED))
