"""Who sounds when: every sound of a party, and how long a customer waited for one."""

from __future__ import annotations

from pipeline.judge.reading import Reading
from pipeline.judge.silences import calls_out
from pipeline.judge.structure import TURN_EDGE_MS
from pipeline.records import Call, Evidence, Role, Span, merge_spans


def sounds_of(call: Call, *roles: Role) -> tuple[Span, ...]:
    """Whatever voices of those roles uttered, murmurs too, in order and apart from each other."""
    spans = [speech.voice for speech in call.speech if speech.role in roles]
    channels = {speech.channel for speech in call.speech if speech.role in roles}
    spans += [span for one in call.murmurs if one.channel in channels for span in one.spans]
    return merge_spans(spans)


def lasted(span: Span, limit_ms: int) -> Evidence:
    """How long the agent gave no sound, beside how long that may last."""
    return Evidence(span, "agent", None, round(span.duration_ms / 1000, 1), limit_ms / 1000, "s")


def seconds(ms: int) -> str:
    """Milliseconds as a reader of a report has them."""
    return f"{ms / 1000:.1f}"


def waits(reading: Reading, lexicon: str) -> tuple[Span, ...]:
    """How long the customer called out, 「喂？」 「還在嗎？」, and got no answer; in order of time.

    A wait begins where the customer, unanswered, stopped speaking before the first call (or with the
    end of that call), and ends with any other voice or when the customer says something else.
    """
    call = reading.call
    others = sounds_of(call, "agent", "unknown")
    found: list[Span] = []
    start_ms: int | None = None
    ended_ms: int | None = None
    for utterance in (one for one in call.utterances if one.role == "customer"):
        span = utterance.span
        if start_ms is not None and _sound_within(others, Span(start_ms, span.start_ms)):
            found.append(Span(start_ms, _next_ms(others, start_ms, span.start_ms)))
            start_ms = None
        if calls_out(reading, utterance, lexicon):
            if start_ms is None:
                unanswered = ended_ms is not None and not _sound_within(
                    others, Span(ended_ms - TURN_EDGE_MS, span.start_ms)
                )
                start_ms = ended_ms if unanswered else span.end_ms
        elif start_ms is not None:
            found.append(Span(start_ms, max(start_ms, span.start_ms)))
            start_ms = None
        ended_ms = span.end_ms
    if start_ms is not None and ended_ms is not None:
        last_ms = _next_ms(others, start_ms, ended_ms)
        found.append(Span(start_ms, max(start_ms, last_ms)))
    return tuple(found)


def _sound_within(sounds: tuple[Span, ...], span: Span) -> bool:
    return any(sound.overlap_ms(span) for sound in sounds)


def _next_ms(sounds: tuple[Span, ...], after_ms: int, otherwise_ms: int) -> int:
    """When the first sound after a time begins; that time itself while one goes on."""
    following = [max(after_ms, one.start_ms) for one in sounds if one.end_ms > after_ms]
    return min(following, default=otherwise_ms)
