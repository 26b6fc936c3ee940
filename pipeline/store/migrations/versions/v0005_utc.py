"""A view that counts the day of listening in UTC, whatever a PostgreSQL server's own zone is."""

from __future__ import annotations

from alembic import op

from pipeline.store.views import replace_agent_scores

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """That one is made anew; nothing that is kept changes, and views of others may stand on all of them."""
    replace_agent_scores(op.get_bind())
