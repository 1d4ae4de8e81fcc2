"""Run by Alembic, on the connection that :meth:`storage.database.Database.migrate` holds."""

from alembic import context

from storage.tables import metadata

# One transaction per revision: a revision that can't run in a transaction first commits those before it.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transaction_per_migration=True,
)
context.run_migrations()
