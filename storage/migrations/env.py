"""Alembic runs this: on the connection that :meth:`storage.database.Database.migrate` holds."""

from alembic import context

from storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
