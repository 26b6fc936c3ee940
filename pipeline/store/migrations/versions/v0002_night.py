"""Runs, claims and failures; calls and scorecards say in columns what made them; views.

``meta.schema`` becomes 2, so that callqa 0.5 and earlier, which look there, refuse these tables.
"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from pipeline.store.views import create_views

revision = "0002"
down_revision = "0001"

TOGETHER = 500
"""Calls that are read at a time: their JSON is large."""

TEXTS = ("callqa_version", "engine", "model", "weights_sha256")
NUMBERS = ("size_bytes", "duration_ms")
OPTIONAL = ("agent_id", "started_at", "kind", "line", "direction")
"""Columns that calls get; what no JSON tells is empty, or 0."""


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    if op.get_context().dialect.name == "postgresql":
        for table, column in (("calls", "listened_at"), ("scorecards", "judged_at")):
            op.alter_column(table, column, type_=moment, existing_nullable=False)
        _keep_out_of_statistics()
    for name in TEXTS:
        op.add_column("calls", sa.Column(name, sa.String, nullable=False, server_default=""))
    for name in NUMBERS:
        op.add_column("calls", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    for name in (*OPTIONAL, "run_id"):
        op.add_column("calls", sa.Column(name, sa.String))
    op.add_column("scorecards", sa.Column("callqa_version", sa.String))
    op.add_column("scorecards", sa.Column("run_id", sa.String))
    _fill_calls(op.get_bind())
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String, primary_key=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("callqa_version", sa.String, nullable=False),
        sa.Column("settings", sa.Text, nullable=False),
        sa.Column("standard", sa.String, nullable=False),
        sa.Column("standard_sha256", sa.String, nullable=False),
        sa.Column("host", sa.String, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("process_began", sa.String, nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("seen_at", moment, nullable=False),
        sa.Column("ended_at", moment),
    )
    op.create_table(
        "claims",
        sa.Column("recording_id", sa.String, primary_key=True),
        sa.Column("run_id", sa.String, nullable=False),
        sa.Column("claimed_at", moment, nullable=False),
    )
    op.create_table(
        "failures",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("recording_id", sa.String, index=True),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("folder", sa.String, nullable=False),
        sa.Column("got", sa.Text, nullable=False),
        sa.Column("expected", sa.Text, nullable=False),
        sa.Column("hint", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("callqa_version", sa.String, nullable=False),
        sa.Column("first_at", moment, nullable=False),
        sa.Column("last_at", moment, nullable=False),
        sa.Column("run_id", sa.String, nullable=False),
    )
    op.execute("DELETE FROM meta WHERE name = 'schema'")
    op.execute("INSERT INTO meta (name, value) VALUES ('schema', '2')")
    create_views(op.get_bind())


def _keep_out_of_statistics() -> None:
    """PostgreSQL's planner keeps samples of a column, which would outlive what was deleted there.

    Setting its type again drops those it has; a target of 0 has it take none.
    """
    for table, column in (("calls", "call"), ("answers", "answer"), ("scorecards", "scorecard")):
        op.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" TYPE text')
        op.execute(f'ALTER TABLE {table} ALTER COLUMN "{column}" SET STATISTICS 0')


def _fill_calls(connection: sa.Connection) -> None:
    """What the calls' JSON says, into their new columns."""
    calls = sa.table(
        "calls",
        *(sa.column(name) for name in ("recording_id", "call", "provenance")),
        *(sa.column(name) for name in (*TEXTS, *NUMBERS, *OPTIONAL)),
    )
    last = ""
    some = sa.select(calls.c.recording_id, calls.c.call, calls.c.provenance)
    while rows := connection.execute(
        some.where(calls.c.recording_id > last).order_by(calls.c.recording_id).limit(TOGETHER)
    ).all():
        for recording_id, call, provenance in rows:
            said = _said(json.loads(call), json.loads(provenance))
            row = sa.update(calls).where(calls.c.recording_id == recording_id)
            connection.execute(row.values(**said))
        last = rows[-1].recording_id


def _said(call: dict[str, Any], provenance: dict[str, Any]) -> dict[str, Any]:
    recording = call.get("recording", {})
    record = recording.get("record", {})
    return {
        "callqa_version": provenance.get("version", ""),
        "engine": provenance.get("engine", ""),
        "model": provenance.get("model", ""),
        "weights_sha256": provenance.get("weights_sha256", ""),
        "size_bytes": recording.get("size_bytes", 0),
        "duration_ms": call.get("duration_ms", 0),
        **{name: record.get(name) for name in OPTIONAL},
    }
