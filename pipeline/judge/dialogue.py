"""Dialogues as the author of a standard writes them -> Calls, so that a rule can be tried without audio.

A turn is ``agent: words``, ``customer: words`` or ``unknown: words``, with optional ``voice`` (the
parts of :class:`~pipeline.records.Voice` that differ from calm), ``gap`` and ``probability``;
``silence: 12s``, ``music: 12s``, ``ring: 1s``, ``busy: 2s`` and ``dtmf: 100ms`` stand between turns, and
so do ``slam``, ``click`` and ``knock`` with their ``impact`` (see :class:`~pipeline.records.Impact`).
``leg`` tells whose channel such a sound is on (a busy tone the customer's, all else the agent's); with
``under: true`` what follows begins with it, not after it. Times are reckoned at five syllables a
second. Agent and customer have a channel each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, cast

from pydantic import Field, model_validator

from pipeline.judge.grammar import Duration, Model, exactly_one
from pipeline.records import (
    Call,
    CallRecord,
    Direction,
    Event,
    EventKind,
    Impact,
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
LEAD_MS = 1_000
"""Before the first words. A dialogue that begins with a ring or a tone begins with it."""
CALM = {"level_db": -26.0, "f0_median_hz": 200.0, "f0_p90_hz": 240.0, "tilt_db": -8.0, "rate": 5.0}
CHANNELS: dict[Role, int] = {"agent": 0, "customer": 1, "unknown": 0}
BLOWS: dict[str, Impact] = {
    "slam": Impact(15.0, 0.9),
    "click": Impact(-5.0, 0.4),
    "knock": Impact(-5.0, 0.95, blows=2),
}
"""How a blow sounds unless its ``impact`` says otherwise."""
EVENTS: tuple[EventKind, ...] = ("music", "ring", "busy", "dtmf", "slam", "click", "knock")
LEGS: dict[EventKind, Party] = {"busy": "customer"}
"""What the exchange plays when the customer has left arrives at the desk as the customer's voice did."""


class Turn(Model):
    """Words of one person, or a stretch without any."""

    agent: str | None = None
    customer: str | None = None
    unknown: str | None = None
    silence: Duration | None = None
    music: Duration | None = None
    ring: Duration | None = None
    busy: Duration | None = None
    dtmf: Duration | None = None
    slam: Duration | None = None
    click: Duration | None = None
    knock: Duration | None = None
    impact: dict[str, float | None] = Field(default_factory=dict, description="of a blow")
    leg: Party | None = Field(default=None, description="whose channel a ring, busy tone … is on")
    under: bool = Field(default=False, description="what follows begins with it, not after it")
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
    agent_channel: int | None = None
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
    begins = any(getattr(dialogue.turns[0], kind) for kind in EVENTS)
    at, gap = 0 if begins else LEAD_MS, 0
    for turn in dialogue.turns:
        kind = next((kind for kind in EVENTS if getattr(turn, kind)), None)
        wait = turn.silence if kind is None else getattr(turn, kind)
        if wait is not None:
            at += turn.gap or 0
            if kind is not None:
                leg = CHANNELS[turn.leg or LEGS.get(kind, "agent")]
                events.append(Event(kind, leg, Span(at, at + wait), _impact(kind, turn)))
            at, gap = at if turn.under else at + wait, 0
            continue
        role = next(role for role in CHANNELS if getattr(turn, role) is not None)
        at, gap = at + (gap if turn.gap is None else turn.gap), GAP_MS
        words = _words(getattr(turn, role), at, turn.probability)
        utterances.append(Utterance(role, CHANNELS[role], words))
        at = words[-1].span.end_ms
        voices.append(Voice(utterance=len(utterances) - 1, **cast(Any, {**CALM, **turn.voice})))
    channels = len({u.channel for u in utterances}) or 1
    return Call(
        recording=Recording("0" * 64, "dialogue.wav", 1, _record(dialogue.record)),
        duration_ms=at + 2000,
        channels=channels,
        utterances=tuple(utterances),
        speech=tuple(Speech(u.role, u.channel, u.span) for u in utterances),
        events=tuple(replace(event, channel=event.channel % channels) for event in events),
        voices=tuple(voices),
        dropped=(),
        warnings=(),
        provenance=Provenance("dialogue", "dialogue", "dialogue", "0" * 64, "zh"),
        impacts_heard=True,
    )


def dialogue(turns: Sequence[Any], record: Any = None, name: str = "dialogue") -> Dialogue:
    """A dialogue from plain values, as YAML gives them."""
    return Dialogue.model_validate({"name": name, "turns": turns, "record": record or {}})


def _record(given: RecordModel) -> CallRecord:
    fields = {name: value for name, value in given if name != "tags"}
    return CallRecord("dialogue.wav", **fields, tags=tuple(given.tags.items()))


def _impact(kind: EventKind, turn: Turn) -> Impact | None:
    usual = BLOWS.get(kind)
    return replace(usual, **cast(Any, turn.impact)) if usual else None


def _words(text: str, at: int, probability: float) -> tuple[Word, ...]:
    """One word a character, as Whisper often gives them."""
    return tuple(
        Word(char, Span(at + i * SYLLABLE_MS, at + (i + 1) * SYLLABLE_MS), probability)
        for i, char in enumerate(text)
    )
