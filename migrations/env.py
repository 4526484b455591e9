"""Alembic's entry: runs on the connection that ``mentorlink.core.schema`` opened, inside its transaction."""

from alembic import context

from mentorlink.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transactional_ddl=True,
    transaction_per_migration=False,
    compare_type=True,
)
context.run_migrations()
