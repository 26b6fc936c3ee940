"""Where each call's recording was last met, and when: of several under one name, the last bears it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Of calls that are kept already nobody knows the folder, and when they were met only from hearing."""
    op.add_column("calls", sa.Column("folder", sa.String))
    op.add_column("calls", sa.Column("met_at", sa.DateTime(timezone=True)))
    op.execute("UPDATE calls SET met_at = listened_at")
