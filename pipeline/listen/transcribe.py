"""One channel's speech -> its words, in the time of the call."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.listen.audio import FloatArray
from pipeline.listen.engines import Engine
from pipeline.listen.guard import drop_invented
from pipeline.listen.windows import Window, cut_windows
from pipeline.records import Dropped, Span, Word

UTTERANCE_PAUSE_MS = 600
"""A pause inside one voice that ends an utterance. Conversation analysis puts the usual gap between
turns at 0-0.5 s; a speaker who rests longer begins anew."""

WORTH_A_SECOND_MS = 600
"""Speech of at least this length without a word is listened to again, apart from what stood around
it: Whisper sometimes ends a window early or loops. Shorter than that it is a breath or a 「嗯」."""

BELIEVED = 0.4
"""Mean word probability from which a second try counts. Rightly decoded samples lie above 0.6."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What one channel said: ``words`` in order, and what was thrown away."""

    words: tuple[Word, ...]
    dropped: tuple[Dropped, ...]


def transcribe(
    samples: FloatArray, speech: tuple[Span, ...], engine: Engine, channel: int
) -> Transcript:
    """Words of one channel, shape (n,), 16 kHz, where voice activity found speech; else none.

    Speech that comes back without a word is listened to a second time.
    """
    first = _pass(samples, speech, engine, channel)
    missed = tuple(
        span
        for span in speech
        if span.duration_ms >= WORTH_A_SECOND_MS and not _covered(span, first)
    )
    if not missed:
        return first
    second = _pass(samples, missed, engine, channel)
    believed = second.words if _mean_probability(second.words) >= BELIEVED else ()
    return Transcript(
        tuple(sorted((*first.words, *believed), key=lambda word: word.span)),
        tuple(sorted((*first.dropped, *second.dropped), key=lambda drop: drop.span)),
    )


def _pass(
    samples: FloatArray, speech: tuple[Span, ...], engine: Engine, channel: int
) -> Transcript:
    words: list[tuple[Word, bool]] = []
    for window in cut_windows(samples, speech):
        words.extend(_placed(window, word) for word in engine.transcribe(window.samples))
    kept, dropped = drop_invented(words, speech, channel)
    return Transcript(kept, dropped)


def _covered(span: Span, transcript: Transcript) -> bool:
    return any(word.span.overlap_ms(span) for word in transcript.words)


def _mean_probability(words: tuple[Word, ...]) -> float:
    return sum(word.probability for word in words) / len(words) if words else 0.0


def _placed(window: Window, word: Word) -> tuple[Word, bool]:
    """The word at its time in the call, and whether it lies in sound at all."""
    span = window.to_call(word.span)
    if span is None:
        end = window.pieces[-1].source.end_ms
        return Word(word.text, Span(end, end), word.probability), False
    return Word(word.text, span, word.probability), True


def utterances(words: tuple[Word, ...], speech: tuple[Span, ...]) -> tuple[tuple[Word, ...], ...]:
    """Words grouped at pauses of ``UTTERANCE_PAUSE_MS``.

    Pauses are taken from voice activity, since Whisper lets the word before a pause reach into it.
    """
    groups: list[list[Word]] = []
    last: Word | None = None
    for word in words:
        if last is None or _pause_ms(last, word, speech) >= UTTERANCE_PAUSE_MS:
            groups.append([])
        groups[-1].append(word)
        last = word
    return tuple(tuple(group) for group in groups)


def _pause_ms(before: Word, after: Word, speech: tuple[Span, ...]) -> int:
    """The longest stretch without voice between the middles of two words."""
    between = Span(before.span.middle_ms, max(before.span.middle_ms, after.span.middle_ms))
    longest, at = 0, between.start_ms
    for span in speech:
        if span.overlap_ms(between):
            longest = max(longest, span.start_ms - at)
            at = max(at, span.end_ms)
    return max(longest, between.end_ms - at)
