"""Demanded phrases.

A phrase is missing only if there was agent speech where it belongs, and characters, words,
syllables and a second, closer listen all miss it. The closer listen is asked for with a Question;
its answer is a log-likelihood margin with two thresholds, and between them is doubt.
"""

from __future__ import annotations

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.situation import ANNOUNCED_WITHIN_MS, TURN_EDGE_MS
from pipeline.judge.standard import RequiredPhrase, Within
from pipeline.records import Answer, Evidence, Question, Reason, Span

HEARD = -1.5
"""As spotting scores. From here up the phrase was said. Chosen on the tuning half of
tests/bench/spotting.py (Whisper base, synthetic voices, 8 kHz G.711, 12 to 25 dB over noise), which
asks eight lexicons about every line: 134 of 137 questions about lines with the phrase score so, 4 of 891
about lines without (0.4 %). On the other half, whose voices Whisper understands less, 97 of 116 and
10 of 911 (1.1 %), none of a lexicon more than 5."""

ABSENT = -2.5
"""From here down the phrase was not said; between the two nothing is ruled: 7 in 100 questions of either
half. On the tuning half no line with the phrase scored so low (the least was -2.24), 92 in 100 without
it did. On the other half 16 of 116 did, 14 of them spoken by zf_xiaoni, whom Whisper writes down as other
words altogether: no threshold tells that."""


def check(case: Case, demand: RequiredPhrase) -> Finding:
    """Whether a demanded phrase was said by the right person in the right place."""
    reading, window = case.reading, _window(case, demand)
    phrase = _name(case, demand)
    surely = reading.said(demand.lexicon, demand.by, window)
    if surely:
        best = max(surely, key=lambda hit: hit.confidence)
        return Finding(
            "pass", Reason.of("phrase_said", phrase=phrase), (best.evidence,), best.confidence
        )
    by_someone = reading.said_by_unknown(demand.lexicon, window)
    if by_someone and demand.agent_only:
        best = max(by_someone, key=lambda hit: hit.confidence)
        reason = Reason.of("phrase_said", phrase=phrase)
        return Finding("pass", reason, (best.evidence,), round(best.confidence * 0.9, 2))
    if by_someone:
        evidence = tuple(hit.evidence for hit in by_someone)
        return Finding("unjudged", Reason.of("said_by_unknown", phrase=phrase), evidence, 0.5)
    speaker = demand.by if reading.call.roles_known else "unknown"
    if not reading.speaks(speaker, window):
        return Finding("unjudged", Reason.of("no_agent_speech", phrase=phrase), confidence=0.0)
    question = Question(case.standard.matcher.lexicon(demand.lexicon).spoken, speaker, window)
    answer = case.answers.get(question)
    if answer is None or answer.score is None:
        reason = Reason.of("phrase_unheard", phrase=phrase)
        asked = (question,) if answer is None else ()
        return Finding("unjudged", reason, confidence=0.0, questions=asked)
    return _closer(answer, phrase, window, certain=speaker == demand.by or demand.agent_only)


def _closer(answer: Answer, phrase: str, window: Span, certain: bool) -> Finding:
    """What the closer listen makes of a phrase the words do not hold."""
    score = answer.score if answer.score is not None else ABSENT
    heard = Evidence(answer.at, answer.question.role, None, round(score, 2), HEARD, "nat/token")
    if score >= HEARD:
        code = "phrase_heard" if certain else "said_by_unknown"
        reason = Reason.of(code, phrase=answer.phrase or phrase)
        return Finding("pass" if certain else "unjudged", reason, (heard,), 0.8 if certain else 0.5)
    if score > ABSENT:
        return Finding("unjudged", Reason.of("phrase_doubtful", phrase=phrase), (heard,), 0.5)
    missing = Evidence(window, answer.question.role, None, round(score, 2), HEARD, "nat/token")
    reason = Reason.of("phrase_missing", phrase=phrase, window=_clock(window))
    return Finding("fail", reason, (missing,), 0.95)


def _name(case: Case, demand: RequiredPhrase) -> str:
    """The lexicon's first phrase: its author puts the standard's own wording there."""
    return case.standard.matcher.lexicon(demand.lexicon).spoken[0]


def _clock(span: Span) -> str:
    return "-".join(f"{ms // 60000}:{ms // 1000 % 60:02d}" for ms in (span.start_ms, span.end_ms))


def _window(case: Case, demand: RequiredPhrase) -> Span:
    """Where in the call the phrase belongs."""
    within = demand.within or Within.model_construct()
    extent = case.reading.extent
    if within.first_turn:
        return case.situation.first_turn
    if within.from_start is not None:
        return Span(extent.start_ms, extent.start_ms + within.from_start)
    if within.from_end is not None:
        return _end_window(case, demand, within.from_end)
    if within.before is not None and case.hold is not None:
        start = case.hold.span.start_ms
        return Span(max(0, start - within.before), start + TURN_EDGE_MS)
    if within.after is not None and case.hold is not None:
        end = case.hold.span.end_ms
        return Span(max(0, end - TURN_EDGE_MS), end + within.after)
    return Span(0, max(extent.end_ms, ANNOUNCED_WITHIN_MS) + TURN_EDGE_MS)


def _end_window(case: Case, demand: RequiredPhrase, length_ms: int) -> Span:
    """The last seconds of speech, reaching back at least to that person's last utterance."""
    end = case.reading.extent.end_ms
    start = end - length_ms
    own = [u.span for u in case.reading.call.utterances if u.role in (demand.by, "unknown")]
    if own:
        start = min(start, own[-1].start_ms)
    return Span(max(0, start), end + TURN_EDGE_MS)
