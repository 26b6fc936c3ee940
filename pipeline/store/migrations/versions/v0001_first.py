"""The tables of callqa 0.1 to 0.5."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("value", sa.String, nullable=False),
    )
    op.create_table(
        "calls",
        sa.Column("recording_id", sa.String, primary_key=True),
        sa.Column("file", sa.String, nullable=False, index=True),
        sa.Column("provenance", sa.Text, nullable=False),
        sa.Column("call", sa.Text, nullable=False),
        sa.Column("listened_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "answers",
        sa.Column("recording_id", sa.String, primary_key=True),
        sa.Column("question_sha256", sa.String, primary_key=True),
        sa.Column("answer", sa.Text, nullable=False),
    )
    op.create_table(
        "scorecards",
        sa.Column("recording_id", sa.String, primary_key=True),
        sa.Column("standard", sa.String, primary_key=True),
        sa.Column("standard_sha256", sa.String, nullable=False),
        sa.Column("score", sa.Float),
        sa.Column("scorecard", sa.Text, nullable=False),
        sa.Column("judged_at", sa.DateTime, nullable=False),
    )
