"""How agents usually sound: the calm voice of each call that is kept, and what earlier calls amount to.

Of a call whose roles are not known, whose agent is not, in which several people spoke for the agent or
a voice was raised, nothing is kept here.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from pipeline.baseline import call_voice, usual_voice
from pipeline.days import in_utc
from pipeline.records import Call, CallVoice, Recording, UsualVoice
from pipeline.store.schema import VoiceRow


def put_voice(session: Session, call: Call) -> None:
    """Keep the calm voice of a call, in place of what was kept of it before."""
    recording, record = call.recording, call.recording.record
    voice = call_voice(call) if record.agent_id else None
    if voice is None:
        session.execute(delete(VoiceRow).where(VoiceRow.recording_id == recording.id))
        return
    session.merge(
        VoiceRow(
            recording_id=recording.id,
            agent_id=record.agent_id,
            started_at=record.started_at and in_utc(record.started_at),
            utterances=voice.utterances,
            pitch_st=voice.pitch_st,
            flux_db=voice.flux_db,
        )
    )


def usual_voices(session: Session, recordings: Iterable[Recording]) -> dict[str, UsualVoice]:
    """How the agents of some recordings sounded before, by the recording's id; where that is known.

    A call counts if it began before the recording did, as far as both are known, and is not itself one
    of that recording. The latest count, by when they began or else when they were listened to.
    """
    by_agent: dict[str, list[Recording]] = {}
    for one in recordings:
        if one.record.agent_id:
            by_agent.setdefault(one.record.agent_id, []).append(one)
    found = {}
    for agent_id, own in by_agent.items():
        rows = _latest_first(session, agent_id)
        for one in own:
            usual = usual_voice(_before(one, rows))
            if usual is not None:
                found[one.id] = usual
    return found


def _latest_first(session: Session, agent_id: str) -> list[VoiceRow]:
    rows = session.scalars(select(VoiceRow).where(VoiceRow.agent_id == agent_id))
    return sorted(
        rows, key=lambda row: (row.started_at or row.kept_at, row.recording_id), reverse=True
    )


def _before(recording: Recording, latest_first: Iterable[VoiceRow]) -> Iterable[CallVoice]:
    started_at = recording.record.started_at
    began = started_at and in_utc(started_at)
    return (
        CallVoice(row.utterances, row.pitch_st, row.flux_db)
        for row in latest_first
        if row.recording_id != recording.id
        and (began is None or row.started_at is None or row.started_at < began)
    )
