"""Is this phrase in this stretch of sound? The closer listen behind the judge's questions.

The best transcript holds 再見 in two thirds of the lines that have it; that it lacks the phrase is no
proof. So the phrase is put into the transcript at every place between two words, and Whisper tells
how likely its tokens are there, given the sound and what was said before. Half of what it gave its
own words at that place is taken off: where it is unsure of everything, a phrase it is as unsure of
may well be what was said; where it clearly hears something else, not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby

import numpy as np

from pipeline.listen.audio import SAMPLE_RATE, Sound
from pipeline.listen.engines import Engine, Reader
from pipeline.listen.windows import Window, cut_windows
from pipeline.records import Answer, Call, Question, Role, Span, Word
from pipeline.wording.normalise import normalise

OWN_SHARE = 0.5
"""Of the mean log probability of the transcript's own tokens, taken off the phrase's."""

OWN_FLOOR = -1.0
"""Nat a token. A transcript less sure than this is made up, of a cough or a knock, and forgives no
phrase: such a 「呢」 would lift 麻煩您等一會 to -1.3."""

WEAKEST_SHARE = 0.25
"""Weight of the phrase's least likely token against the mean of all. Once 再聯 has been forced 絡 follows
by itself and lifts the mean of what nobody said; the weakest token still tells. Chosen on the
tuning half of tests/bench/spotting.py: the area under the curve is 0.993 without it, 0.997 with it."""

LEAD_MS = 1_000
"""Silence put before a window. Whisper was trained on windows that begin anywhere and swallows a
first syllable: with it 您好 in first place rose from -4.0 to -1.6 nat a token, and from -5.5 to -3.4,
while what was not said stayed (lines of tests/bench/spotting_lines.tsv, tuning half)."""

EDGE_MS = 300
"""Speech beyond the asked span that is listened to as well, lest its edge cuts a phrase in two."""

WIDTH = 32
"""Beginnings of phrases followed at once, over all places of a window: a millisecond or two each."""

MOST_TOKENS = 400
"""Of a window's transcript that are read on; Whisper's text ends at 448, and the phrase needs room. A
second of speech is about six: only a loop is longer."""

SYLLABLE_MS = 220
"""What a syllable of the phrase is taken to last: 4.5 a second, ordinary telephone Mandarin."""

Tokens = tuple[int, ...]


def answer(
    questions: Sequence[Question], call: Call, sound: Sound, engine: Engine
) -> tuple[Answer, ...]:
    """An answer to each question about one call, in their order.

    Questions about the same stretch of sound share its encoding; ask them together.
    """
    answers: dict[Question, Answer] = {}

    def where(question: Question) -> tuple[Role, Span]:
        return question.role, question.span

    for (role, span), asked in groupby(sorted(questions, key=where), where):
        texts = tuple(_texts(role, span, call, sound, engine))
        for question in asked:
            answers[question] = _best(question, texts, engine)
    return tuple(answers[question] for question in questions)


def spot(question: Question, call: Call, sound: Sound, engine: Engine) -> Answer:
    """The answer to one question: see :func:`answer`."""
    return answer((question,), call, sound, engine)[0]


@dataclass(frozen=True, slots=True)
class _Place:
    """A gap between words: the node read up to it, and the rest of the window after it.

    ``own`` holds the log probability of each of the transcript's tokens that follow, and of its end.
    """

    node: int
    rest: Span
    own: tuple[float, ...]

    def own_mean(self, size: int) -> float:
        """Mean log probability of the transcript's next ``size`` tokens, its end among them."""
        return sum(self.own[:size]) / len(self.own[:size])


@dataclass(frozen=True, slots=True)
class _Text:
    """A window as it was transcribed, held by a reader that can read it otherwise."""

    reader: Reader
    places: tuple[_Place, ...]


@dataclass(frozen=True, slots=True)
class _Path:
    """The beginning of a wording at a place, and what each of its tokens scored."""

    place: _Place
    node: int
    tokens: Tokens
    log_probs: tuple[float, ...]

    @property
    def score(self) -> float:
        """How well Whisper can read the wording here, in nat a token: 0 at best."""
        size = len(self.tokens)
        mean = sum(self.log_probs) / size
        read = mean + WEAKEST_SHARE * (min(self.log_probs) - mean)
        return read - OWN_SHARE * max(OWN_FLOOR, self.place.own_mean(size))


def _texts(role: Role, span: Span, call: Call, sound: Sound, engine: Engine) -> Iterator[_Text]:
    """The role's speech within the span, in windows, each with its words read once."""
    wide = span.padded(EDGE_MS, EDGE_MS)
    heard = [s for s in call.speech if s.role == role and s.span.overlap_ms(wide)]
    for channel in sorted({speech.channel for speech in heard}):
        samples = sound.samples[channel]
        stretches = [speech.span.clipped(wide) for speech in heard if speech.channel == channel]
        words = [w for u in call.utterances if u.channel == channel for w in u.words]
        for window in cut_windows(samples, stretches):
            yield _read(window, words, engine)


def _read(window: Window, words: Iterable[Word], engine: Engine) -> _Text:
    """Read a window the way it was transcribed."""
    silence = np.zeros(LEAD_MS * SAMPLE_RATE // 1000, np.float32)
    reader = engine.reader(np.concatenate([silence, window.samples]))
    within = _within(window, words) or _decoded(window, engine)
    pieces = [engine.encode_text(word.text) for word in within]
    starts = [n for n in accumulate(map(len, pieces), initial=0) if n <= MOST_TOKENS]
    tokens = [token for piece in pieces for token in piece][: starts[-1]]
    nodes = (0, *reader.grow(range(len(tokens)), tokens))
    own = reader.log_probs(nodes, [*tokens, engine.end_of_text])
    last = window.pieces[-1].source.end_ms
    times = [*(word.span.start_ms for word in within), within[-1].span.end_ms if within else last]
    places = (
        _Place(nodes[start], Span(min(at_ms, last), last), own[start:])
        for start, at_ms in zip(starts, times, strict=False)
    )
    return _Text(reader, tuple(places))


def _within(window: Window, words: Iterable[Word]) -> tuple[Word, ...]:
    return tuple(
        word
        for word in words
        if any(piece.source.holds(word.span.middle_ms) for piece in window.pieces)
    )


def _decoded(window: Window, engine: Engine) -> tuple[Word, ...]:
    """Words of a window that the call has none for: its words were dropped as unbelievable."""
    placed = ((word, window.to_call(word.span)) for word in engine.transcribe(window.samples))
    return tuple(Word(word.text, span, word.probability) for word, span in placed if span)


def _best(question: Question, texts: Sequence[_Text], engine: Engine) -> Answer:
    if not texts:
        return Answer(question, None)
    wordings = _wordings(question.phrases, engine)
    best = max((path for text in texts for path in _paths(text, wordings)), key=_score)
    phrase = wordings[best.tokens]
    start = best.place.rest.start_ms
    spoken = Span(start, start + SYLLABLE_MS * len(normalise(phrase).text))
    return Answer(question, round(best.score, 4), phrase, spoken.clipped(best.place.rest))


def _score(path: _Path) -> float:
    return path.score


def _wordings(phrases: Iterable[str], engine: Engine) -> dict[Tokens, str]:
    """The phrases' tokens in both scripts: Whisper writes either, and keeps to one in a sentence."""
    return {
        engine.encode_text(wording): phrase
        for phrase in phrases
        for wording in dict.fromkeys((phrase, normalise(phrase).text))
    }


def _paths(text: _Text, wordings: Iterable[Tokens]) -> Iterator[_Path]:
    """Whole wordings at their likeliest places: a beam search, a token of every wording a round."""
    following: dict[Tokens, set[int]] = {}
    for wording in wordings:
        for size in range(len(wording)):
            following.setdefault(wording[:size], set()).add(wording[size])
    whole = frozenset(wordings)
    alive = [_Path(place, place.node, (), ()) for place in text.places]
    while alive:
        longer = _lengthened(alive, following, text.reader)
        yield from (path for path in longer if path.tokens in whole)
        going_on = [path for path in longer if path.tokens in following]
        kept = sorted(going_on, key=_score, reverse=True)[:WIDTH]
        grown = text.reader.grow([p.node for p in kept], [p.tokens[-1] for p in kept])
        alive = [replace(path, node=node) for path, node in zip(kept, grown, strict=True)]


def _lengthened(
    paths: Sequence[_Path], following: Mapping[Tokens, set[int]], reader: Reader
) -> list[_Path]:
    """Every path with every token that may follow it; their nodes are still those of the paths."""
    asked = [(path, token) for path in paths for token in sorted(following[path.tokens])]
    scored = reader.log_probs([path.node for path, _ in asked], [token for _, token in asked])
    return [
        _Path(path.place, path.node, (*path.tokens, token), (*path.log_probs, value))
        for (path, token), value in zip(asked, scored, strict=True)
    ]
