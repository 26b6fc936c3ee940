"""Small values for the tests of show: a standard of four clauses, and calls judged by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pipeline.measured import Overlap, PartyMeasures
from pipeline.records import (
    Call,
    CallRecord,
    ClauseText,
    Deduction,
    DimensionText,
    Event,
    Evidence,
    Judged,
    Loudness,
    Measures,
    Outline,
    Provenance,
    Reason,
    Recording,
    Role,
    Scorecard,
    Span,
    Speech,
    Utterance,
    Verdict,
    Word,
)

OUTLINE = Outline(
    id="property-reception",
    title="客戶來電來訪接待工作規範",
    sha256="5ca1ab1e" * 8,
    dimensions=(
        DimensionText("conduct", "5.1", "規範性", 10.0),
        DimensionText("calm", "5.3", "靈活性", 10.0),
    ),
    clauses=(
        ClauseText("4.1.2.2", "前台問候", "您好！xx物業管理處", "conduct", "phrase"),
        ClauseText("4.1.7.1", "道別", "向來電人說再見", "conduct", "phrase"),
        ClauseText(
            "4.1.8.2", "不發脾氣", "不得用過高的語調", "calm", "phrase, raised_voice", critical=True
        ),
        ClauseText("4.2.5.1", "制服", "穿統一制服", "conduct", "manual"),
    ),
)

PROVENANCE = Provenance("0.1.0", "faster-whisper", "base", "ab" * 32, "zh")

GREETING = Verdict(
    "4.1.2.2",
    "pass",
    Reason.of("phrase_said", phrase="您好"),
    (Evidence(Span(1_000, 1_400), "agent", "您好"),),
    0.93,
)
NO_FAREWELL = Verdict(
    "4.1.7.1",
    "fail",
    Reason.of("phrase_missing", phrase="再見", window="最後 20 秒"),
    (Evidence(Span(4_000, 9_000)),),
    0.88,
)
RAISED = Verdict(
    "4.1.8.2",
    "fail",
    Reason.of("voice_raised", count=1),
    (Evidence(Span(3_000, 3_400), "agent", "什麼", 8.5, 6.0, "dB"),),
    0.7,
)
UNIFORM = Verdict("4.2.5.1", "unjudged", Reason.of("manual", what="制服"))


MEASURES = Measures(
    agent=PartyMeasures("agent", 1_400, 0.7778, 2, 1, 0, 0, 5.0, 400),
    customer=PartyMeasures("customer", 400, 0.2222, 1, 0, 0, 1, None, None),
    longest_silence=Span(2_600, 3_000),
    holds=0,
    hold_ms=0,
    overlaps=(
        Overlap(Span(1_800, 2_300), "interruption", "agent", "customer", 0),
        Overlap(Span(3_100, 3_300), "backchannel", "customer", "agent", 1),
    ),
    holds_told=0,
)
UNTOLD = Measures(None, None, None, 1, 7_000, None)
"""Of a mono call whose voices are not told apart."""


def utterance(role: Role, start_ms: int, text: str, probability: float = 0.9) -> Utterance:
    """Words of one character, 200 ms each."""
    words = tuple(
        Word(char, Span(start_ms + 200 * index, start_ms + 200 * (index + 1)), probability)
        for index, char in enumerate(text)
    )
    return Utterance(role, 1 if role == "customer" else 0, words)


TALK = (
    utterance("agent", 1_000, "您好物業處"),
    utterance("customer", 2_200, "漏水"),
    utterance("agent", 3_000, "什麼", probability=0.3),
)


def judged(
    file: str = "0001.wav",
    score: float | None = 80.0,
    verdicts: Sequence[Verdict] = (GREETING, NO_FAREWELL, RAISED, UNIFORM),
    flags: tuple[str, ...] = ("critical",),
    talk: Sequence[Utterance] = TALK,
    agent_id: str | None = "A07",
    tags: tuple[tuple[str, str], ...] = (),
    measures: Measures | None = None,
    loudness: Loudness | None = None,
) -> Judged:
    """A nine-second call that began politely, rose in voice and broke off."""
    record = CallRecord(
        file,
        agent_id=agent_id,
        started_at=datetime(2026, 3, 2, 9, 30),
        line="front_desk",
        tags=tags,
    )
    call = Call(
        recording=Recording(f"{sum(map(ord, file)):064x}", file, 288_000, record),
        duration_ms=9_000,
        channels=2,
        utterances=tuple(talk),
        speech=tuple(Speech(one.role, one.channel, one.span) for one in talk),
        events=(Event("ring", 0, Span(0, 900)),),
        voices=(),
        dropped=(),
        warnings=(),
        provenance=PROVENANCE,
        loudness=loudness,
    )
    failed = {
        one.id: tuple(
            v.clause
            for v in verdicts
            if v.status == "fail" and OUTLINE.clause(v.clause).dimension == one.id
        )
        for one in OUTLINE.dimensions
    }
    card = Scorecard(
        recording_id=call.recording.id,
        file=file,
        standard=OUTLINE.id,
        standard_sha256=OUTLINE.sha256,
        kind="call",
        score=score,
        passed=sum(v.status == "pass" for v in verdicts),
        applicable=sum(v.status in ("pass", "fail") for v in verdicts),
        flags=flags,
        deductions=tuple(
            Deduction(one, 10.0, clauses) for one, clauses in failed.items() if clauses
        ),
        verdicts=tuple(verdicts),
    )
    return Judged(call, card, measures)
