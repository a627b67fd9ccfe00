"""Where Alembic begins: it runs the migrations in the connection and the transaction of whoever called it."""

from __future__ import annotations

from alembic import context

from sinks.history import schema

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=schema.metadata,
    transactional_ddl=True,
)
context.run_migrations()
