"""Views that count the day of listening in UTC, whatever a PostgreSQL server's own zone is."""

from __future__ import annotations

from alembic import op

from pipeline.store.views import create_views

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """The views are made anew; nothing that is kept changes."""
    create_views(op.get_bind())
