"""The speech of a call's channels -> their words, in the time of the call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from pipeline.listen.audio import FloatArray, SoundArray
from pipeline.listen.engines import Engine, Reading
from pipeline.listen.guard import drop_invented, has_loop
from pipeline.listen.windows import Window, cut_windows
from pipeline.records import Dropped, Span, Word

UTTERANCE_PAUSE_MS = 600
"""A pause inside one voice that ends an utterance. Conversation analysis puts the usual gap between
turns at 0-0.5 s; a speaker who rests longer begins anew."""

WORTH_A_SECOND_MS = 600
"""Speech of at least this length without a word is listened to again, apart from what stood around
it: Whisper sometimes ends a window early or loops. Shorter than that it is a breath or a 「嗯」."""

WORTH_THE_REST_MS = 2_000
"""Of speech with words, a stretch of at least this length without any is listened to again. Nobody draws a
syllable out so long, and word times are exact to about 0.2 s. Of 5,534 stretches of twelve blind sets three
had one; in one of them 「您家裡留人等他一下」 had become a single 「好」, and the agent was accused.
In place of a loop ``WORTH_A_SECOND_MS`` is enough: something was said there."""

DOUBTFUL = -0.5
"""Mean log probability of a reading's tokens below which it is read again with care. At -0.33, with careful
windows as short as the others, 0.6 % fewer characters of the samples and of CASIA's neutral and happy
sentences on a line were wrong, at a fifth more time, but 2 % more in calls of other synthetic voices."""

BELIEVED = 0.4
"""Mean word probability from which a second try counts. Rightly decoded samples lie above 0.6."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """What one channel said: ``words`` in order, and what was thrown away."""

    words: tuple[Word, ...]
    dropped: tuple[Dropped, ...]


def transcribe(
    samples: SoundArray, speech: Sequence[tuple[Span, ...]], engine: Engine
) -> tuple[Transcript, ...]:
    """Words of each channel where voice activity found speech; else none.

    Windows of all channels go to the engine together: decoding costs less for many than one by one.
    Those that look wrong are read again the careful way, and speech that comes back without a word, or with
    none for long, is listened to a second time.

    Args:
        samples: shape (channels, n), 16 kHz
        speech: stretches of it, for each channel
        engine: what reads
    """
    first = _pass(samples, speech, engine)
    missed = [
        tuple(rest for span in spans for rest in _wordless(span, transcript))
        for spans, transcript in zip(speech, first, strict=True)
    ]
    if not any(missed):
        return first
    second = _pass(samples, missed, engine, careful=True)
    return tuple(map(_both, first, second, missed))


@dataclass(frozen=True, slots=True)
class _Sounds(Sequence[FloatArray]):
    """The sound of windows, cut out as it is asked for."""

    windows: Sequence[Window]

    def __len__(self) -> int:
        return len(self.windows)

    @overload
    def __getitem__(self, index: int) -> FloatArray: ...

    @overload
    def __getitem__(self, index: slice) -> _Sounds: ...

    def __getitem__(self, index: int | slice) -> FloatArray | _Sounds:
        if isinstance(index, slice):
            return _Sounds(self.windows[index])
        return self.windows[index].samples


def _both(first: Transcript, second: Transcript, missed: Sequence[Span]) -> Transcript:
    """What a second listen adds, stretch by stretch, where it is believed."""
    heard = (
        tuple(word for word in second.words if span.holds(word.span.middle_ms)) for span in missed
    )
    believed = [word for words in heard if _mean_probability(words) >= BELIEVED for word in words]
    return Transcript(
        tuple(sorted((*first.words, *believed), key=lambda word: word.span)),
        tuple(sorted((*first.dropped, *second.dropped), key=lambda drop: drop.span)),
    )


def _pass(
    samples: SoundArray,
    speech: Sequence[tuple[Span, ...]],
    engine: Engine,
    *,
    careful: bool = False,
) -> tuple[Transcript, ...]:
    windows = [
        (channel, window)
        for channel, spans in enumerate(speech)
        for window in cut_windows(samples[channel], spans)
    ]
    sounds = _Sounds([window for _, window in windows])
    readings = engine.transcribe(sounds, careful=careful)
    if not careful:
        readings = _with_care(sounds.windows, readings, engine)
    words: list[list[tuple[Word, bool]]] = [[] for _ in speech]
    for (channel, window), reading in zip(windows, readings, strict=True):
        words[channel].extend(_placed(window, word, speech[channel]) for word in reading.words)
    return tuple(
        Transcript(*drop_invented(said, spans, channel))
        for channel, (said, spans) in enumerate(zip(words, speech, strict=True))
    )


def _with_care(
    windows: Sequence[Window], readings: Sequence[Reading], engine: Engine
) -> tuple[Reading, ...]:
    """The readings, each that looks wrong replaced by a careful one if that looks better."""
    doubtful = [index for index, reading in enumerate(readings) if _looks_wrong(reading)]
    if not doubtful:
        return tuple(readings)
    again = engine.transcribe(_Sounds([windows[index] for index in doubtful]), careful=True)
    better = {
        index: reading
        for index, reading in zip(doubtful, again, strict=True)
        if not _is_looped(reading)
        and (reading.log_prob > readings[index].log_prob or _is_looped(readings[index]))
    }
    return tuple(better.get(index, reading) for index, reading in enumerate(readings))


def _looks_wrong(reading: Reading) -> bool:
    return reading.log_prob < DOUBTFUL or _is_looped(reading)


def _is_looped(reading: Reading) -> bool:
    return has_loop("".join(word.text for word in reading.words))


def _wordless(span: Span, transcript: Transcript) -> Iterator[Span]:
    """Stretches of speech in which there should be words and are none."""
    said = [word.span for word in transcript.words if word.span.overlap_ms(span)]
    loops = [drop.span for drop in transcript.dropped if drop.why == "loop"]
    at_ms = span.start_ms
    for one in (*said, Span(span.end_ms, span.end_ms)):
        rest = Span(at_ms, max(at_ms, one.start_ms))
        looped = any(rest.overlap_ms(loop) for loop in loops)
        if rest.duration_ms >= (WORTH_THE_REST_MS if said and not looped else WORTH_A_SECOND_MS):
            yield rest
        at_ms = max(at_ms, one.end_ms)


def _mean_probability(words: tuple[Word, ...]) -> float:
    return sum(word.probability for word in words) / len(words) if words else 0.0


def _placed(window: Window, word: Word, speech: tuple[Span, ...]) -> tuple[Word, bool]:
    """The word at its time in the call, and whether it lies in sound at all."""
    span = window.to_call(word.span)
    if span is None:
        end = window.pieces[-1].source.end_ms
        return Word(word.text, Span(end, end), word.probability), False
    return Word(word.text, _voiced(span, speech), word.probability), True


def _voiced(span: Span, speech: tuple[Span, ...]) -> Span:
    """The part of a word's time in which there is voice: Whisper lets words reach into pauses."""
    voice = max(speech, key=span.overlap_ms)
    return span.clipped(voice) if span.overlap_ms(voice) else span


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
