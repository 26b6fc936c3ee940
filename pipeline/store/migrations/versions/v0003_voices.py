"""The calm voice of each call whose agent is known, those that are kept already included."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from msgspec import DecodeError

from pipeline.baseline import call_voice
from pipeline.days import in_utc
from pipeline.records import Call, from_json

revision = "0003"
down_revision = "0002"

TOGETHER = 500
"""Calls that are read at a time: their JSON is large."""


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    voices = op.create_table(
        "voices",
        sa.Column("recording_id", sa.String, primary_key=True),
        sa.Column("agent_id", sa.String, nullable=False, index=True),
        sa.Column("started_at", moment),
        sa.Column("kept_at", moment, nullable=False),
        sa.Column("utterances", sa.Integer, nullable=False),
        sa.Column("pitch_st", sa.Float, nullable=False),
        sa.Column("flux_db", sa.Float, nullable=False),
    )
    _fill(op.get_bind(), voices)


def _fill(connection: sa.Connection, voices: sa.Table) -> None:
    """What the calls' JSON tells; calls that were purged or are of an odd form tell nothing."""
    calls = sa.table(
        "calls",
        *(sa.column(name) for name in ("recording_id", "call", "agent_id")),
        sa.column("listened_at", sa.DateTime(timezone=True)),
    )
    told = sa.select(calls.c.recording_id, calls.c.call, calls.c.listened_at)
    told = told.where(calls.c.agent_id.is_not(None), calls.c.call != "")
    last = ""
    while rows := connection.execute(
        told.where(calls.c.recording_id > last).order_by(calls.c.recording_id).limit(TOGETHER)
    ).all():
        found = [row for one in rows if (row := _row(*one)) is not None]
        if found:
            connection.execute(sa.insert(voices), found)
        last = rows[-1].recording_id


def _row(recording_id: str, text: str, listened_at: datetime) -> dict[str, Any] | None:
    with suppress(DecodeError):
        call = from_json(Call, text)
        record, voice = call.recording.record, call_voice(call)
        if voice is not None:
            return {
                "recording_id": recording_id,
                "agent_id": record.agent_id,
                "started_at": record.started_at and in_utc(record.started_at),
                "kept_at": listened_at,
                "utterances": voice.utterances,
                "pitch_st": voice.pitch_st,
                "flux_db": voice.flux_db,
            }
    return None
