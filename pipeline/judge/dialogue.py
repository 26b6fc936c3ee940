"""Dialogues as the author of a standard writes them -> Calls, so that a rule can be tried without audio.

A turn is ``agent: words``, ``customer: words`` or ``unknown: words``, with optional ``voice`` (the
parts of :class:`~pipeline.records.Voice` that differ from calm), ``gap`` and ``probability``;
``silence: 12s``, ``music: 12s``, ``ring: 1s`` and ``busy: 2s`` stand between turns. Times are reckoned
at five syllables a second. Agent and customer have a channel each.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, cast

from pydantic import Field, model_validator

from pipeline.judge.rules import Duration, Model, exactly_one
from pipeline.records import (
    Call,
    CallRecord,
    Direction,
    Event,
    EventKind,
    Kind,
    Line,
    Party,
    Provenance,
    Recording,
    Role,
    Span,
    Speech,
    Utterance,
    Voice,
    Word,
)

SYLLABLE_MS = 200
GAP_MS = 500
CALM = {"level_db": -26.0, "f0_median_hz": 200.0, "f0_p90_hz": 240.0, "tilt_db": -8.0, "rate": 5.0}
CHANNELS: dict[Role, int] = {"agent": 0, "customer": 1, "unknown": 0}
EVENTS: tuple[EventKind, ...] = ("music", "ring", "busy")


class Turn(Model):
    """Words of one person, or a stretch without any."""

    agent: str | None = None
    customer: str | None = None
    unknown: str | None = None
    silence: Duration | None = None
    music: Duration | None = None
    ring: Duration | None = None
    busy: Duration | None = None
    voice: dict[str, float | None] = Field(default_factory=dict)
    gap: Duration | None = Field(default=None, description="before the turn; half a second")
    probability: float = Field(default=0.9, ge=0, le=1, description="of every word")

    @model_validator(mode="after")
    def _one(self) -> Turn:
        exactly_one(self, (*CHANNELS, "silence", *EVENTS), "a turn")
        return self


class RecordModel(Model):
    """What the call record says, as in ``calls.csv``."""

    agent_id: str | None = None
    started_at: datetime | None = None
    kind: Kind | None = None
    line: Line | None = None
    direction: Direction | None = None
    rings: int | None = None
    released_by: Party | None = None
    tags: dict[str, str] = Field(default_factory=dict)


class Dialogue(Model):
    """A call in words. ``closer_listen``: what a second listen would say to every question."""

    name: str
    record: RecordModel = RecordModel()
    turns: tuple[Turn, ...] = Field(min_length=1)
    closer_listen: Literal["heard", "not_heard"] = "not_heard"


def call_of(dialogue: Dialogue) -> Call:
    """The call a dialogue describes, words decoded without error."""
    utterances: list[Utterance] = []
    events: list[Event] = []
    voices: list[Voice] = []
    at = 1000
    for index, turn in enumerate(dialogue.turns):
        wait = turn.silence or turn.music or turn.ring or turn.busy
        if wait is not None:
            kind = next((kind for kind in EVENTS if getattr(turn, kind)), None)
            if kind is not None:
                events.append(Event(kind, 0, Span(at, at + wait)))
            at += wait - GAP_MS
            continue
        role = next(role for role in CHANNELS if getattr(turn, role) is not None)
        at += turn.gap if turn.gap is not None else GAP_MS if index else 0
        words = _words(getattr(turn, role), at, turn.probability)
        utterances.append(Utterance(role, CHANNELS[role], words))
        at = words[-1].span.end_ms
        voices.append(Voice(utterance=len(utterances) - 1, **cast(Any, {**CALM, **turn.voice})))
    return Call(
        recording=Recording("0" * 64, "dialogue.wav", 1, _record(dialogue.record)),
        duration_ms=at + 2000,
        channels=len({u.channel for u in utterances}) or 1,
        utterances=tuple(utterances),
        speech=tuple(Speech(u.role, u.channel, u.span) for u in utterances),
        events=tuple(events),
        voices=tuple(voices),
        dropped=(),
        warnings=(),
        provenance=Provenance("dialogue", "dialogue", "dialogue", "0" * 64, "zh"),
    )


def dialogue(turns: Sequence[Any], record: Any = None, name: str = "dialogue") -> Dialogue:
    """A dialogue from plain values, as YAML gives them."""
    return Dialogue.model_validate({"name": name, "turns": turns, "record": record or {}})


def _record(given: RecordModel) -> CallRecord:
    fields = {name: value for name, value in given if name != "tags"}
    return CallRecord("dialogue.wav", **fields, tags=tuple(given.tags.items()))


def _words(text: str, at: int, probability: float) -> tuple[Word, ...]:
    """One word a character, as Whisper often gives them."""
    return tuple(
        Word(char, Span(at + i * SYLLABLE_MS, at + (i + 1) * SYLLABLE_MS), probability)
        for i, char in enumerate(text)
    )
