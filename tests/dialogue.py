"""Dialogues as their authors write them -> Calls, so that a clause can be tried without audio.

A turn is ``agent: words``, ``customer: words`` or ``unknown: words``, with optional ``voice`` (the
parts of :class:`~pipeline.records.Voice` that differ from calm) and ``gap``; ``silence: 12s`` and
``music: 12s`` stand between turns. Times are reckoned at five syllables a second.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from pipeline.judge.standard import parse_duration
from pipeline.records import (
    Call,
    CallRecord,
    Event,
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
CHANNELS = {"agent": 0, "customer": 1, "unknown": 0}


def call_of(turns: Sequence[Mapping[str, Any]], record: Mapping[str, Any] | None = None) -> Call:
    """The call a dialogue describes, words decoded without error."""
    utterances: list[Utterance] = []
    events: list[Event] = []
    voices: list[Voice] = []
    at = 1000
    for index, turn in enumerate(turns):
        wait = next((turn[kind] for kind in ("silence", "music") if kind in turn), None)
        if wait is not None:
            span = Span(at, at + parse_duration(wait))
            if "music" in turn:
                events.append(Event("music", 0, span))
            at = span.end_ms - GAP_MS
            continue
        role = cast(Role, next(role for role in CHANNELS if role in turn))
        at += parse_duration(turn["gap"]) if "gap" in turn else GAP_MS if index else 0
        words = _words(turn[role], at, turn.get("probability", 0.9))
        utterances.append(Utterance(role, CHANNELS[role], words))
        at = words[-1].span.end_ms
        measured: Any = {**CALM, **turn.get("voice", {})}
        voices.append(Voice(utterance=len(utterances) - 1, **measured))
    return Call(
        recording=Recording(
            "0" * 64, "dialogue.wav", 1, CallRecord("dialogue.wav", **(record or {}))
        ),
        duration_ms=at + 2000,
        channels=len({u.channel for u in utterances}) or 1,
        utterances=tuple(utterances),
        speech=tuple(Speech(u.role, u.channel, u.span) for u in utterances),
        events=tuple(events),
        voices=tuple(voices),
        dropped=(),
        warnings=(),
        provenance=Provenance("test", "test", "test", "0" * 64, "zh"),
    )


def _words(text: str, at: int, probability: float) -> tuple[Word, ...]:
    """One word a character, as Whisper often gives them."""
    return tuple(
        Word(char, Span(at + i * SYLLABLE_MS, at + (i + 1) * SYLLABLE_MS), probability)
        for i, char in enumerate(text)
    )
