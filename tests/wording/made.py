"""Small values for the tests of what is shown: utterances, and a call and a scorecard that hold nothing."""

from __future__ import annotations

from pipeline.records import (
    Call,
    CallRecord,
    Provenance,
    Recording,
    Role,
    Scorecard,
    Span,
    Utterance,
    Word,
)

WORD_MS = 100


def said(role: Role, channel: int, start_ms: int, text: str) -> Utterance:
    """Words of 100 ms each, one after the other; blanks part them and are not theirs."""
    starts = [start_ms + WORD_MS * at for at in range(len(text.split()))]
    words = (
        Word(piece, Span(at_ms, at_ms + WORD_MS), 0.9)
        for piece, at_ms in zip(text.split(), starts, strict=True)
    )
    return Utterance(role, channel, tuple(words))


def recording(tags: tuple[tuple[str, str], ...]) -> Recording:
    record = CallRecord("20250311.wav", agent_id="A01", tags=tags)
    return Recording("ab" * 32, "20250311.wav", 1, record)


CALL = Call(
    recording=recording(()),
    duration_ms=20_000,
    channels=2,
    utterances=(),
    speech=(),
    events=(),
    voices=(),
    dropped=(),
    warnings=(),
    provenance=Provenance("0.5.0", "faster-whisper", "base", "cd" * 32, "zh"),
)

CARD = Scorecard(
    recording_id="ab" * 32,
    file="20250311.wav",
    standard="s",
    standard_sha256="ef" * 32,
    kind="call",
    score=None,
    passed=0,
    applicable=0,
    flags=(),
    deductions=(),
    verdicts=(),
)
