"""Is this phrase in this stretch of sound? The closer listen behind the judge's questions.

The best transcript holds 再見 in two thirds of the lines that have it; that it lacks the phrase is no
proof. So the phrase is put into the transcript at every place between two words, and Whisper tells
how likely its tokens are there, given the sound and what was said before. Half of what it gave its
own words at that place is taken off: where it is unsure of everything, a phrase it is as unsure of
may well be what was said; where it clearly hears something else, not.

The likeliest few are then read once more, after the same words but in silence. What Whisper expects
of a phrase unheard tells how much hearing it proves: 「有什麼需要」 follows a greeting by itself, and a
threshold that fits it is none for 再會. Part of that is taken off too, so that one pair of thresholds
serves phrases of any length and lexicons of any size.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice
from statistics import fmean

import numpy as np

from pipeline.listen.audio import Sound, silence
from pipeline.listen.engines import Engine
from pipeline.listen.search import FLOOR, Path, Place, Search, Text, likeliest
from pipeline.listen.windows import Window, cut_windows
from pipeline.records import Answer, Call, Question, Role, Span, Word, merge_spans
from pipeline.wording.normalise import normalise

PRIOR_SHARE = 0.3
"""Of the mean log probability of the phrase's tokens in silence, taken off. Chosen on the tuning half
of tests/bench/spotting.py (any from 0.2 to 0.5 does): the area under the curve rises from 0.9972 to
0.9986, and of all questions 7 in 100 are left in doubt where 32 were."""

LEAD_MS = 1_000
"""Silence put before a window. Whisper was trained on windows that begin anywhere and swallows a
first syllable: with it 您好 in first place rose from -4.0 to -1.6 nat a token, and from -5.5 to -3.4,
while what was not said stayed (lines of tests/bench/spotting_lines.tsv, tuning half)."""

MOST_TOKENS = 400
"""Of a window's transcript that are read on; Whisper's text ends at 448, and the phrase needs room. A
second of speech is about six: only a loop is longer."""

WINDOW_MS = 14_000
"""Longest window. Whisper's encoder takes 10 ms a second of sound in short windows, 14 at 15 s and 38 at
30 s, and so do the decoder's glances at it; shorter ones cut more phrases in two."""

SYLLABLE_MS = 220
"""What a syllable of the phrase is taken to last: 4.5 a second, ordinary telephone Mandarin."""


def answer(
    questions: Sequence[Question], call: Call, sound: Sound, engine: Engine
) -> tuple[Answer, ...]:
    """An answer to each question about one call, in their order.

    Questions about one role's speech share its windows wherever their spans overlap: ask all of a
    call together.
    """
    answers: dict[Question, Answer] = {}
    for role in dict.fromkeys(question.role for question in questions):
        searches = [Search.of(q, engine) for q in dict.fromkeys(questions) if q.role == role]
        found: dict[Search, list[_Found]] = {}
        for text in _texts(role, [search.wide for search in searches], call, sound, engine):
            paths_of = likeliest(text, searches)
            finalists = iter(_in_silence(text, [*chain(*paths_of.values())], engine))
            for search, paths in paths_of.items():
                found.setdefault(search, []).extend(islice(finalists, len(paths)))
        answers |= {search.question: _answer(search, found.get(search)) for search in searches}
    return tuple(answers[question] for question in questions)


def spot(question: Question, call: Call, sound: Sound, engine: Engine) -> Answer:
    """The answer to one question: see :func:`answer`."""
    return answer((question,), call, sound, engine)[0]


@dataclass(frozen=True, slots=True)
class _Found:
    """A whole wording at a place, and its mean log probability there in silence."""

    path: Path
    prior: float

    @property
    def score(self) -> float:
        return self.path.score - PRIOR_SHARE * self.prior


def _texts(
    role: Role, spans: Iterable[Span], call: Call, sound: Sound, engine: Engine
) -> Iterator[Text]:
    """The role's speech within the spans, in windows, each with its words read once."""
    heard = [
        (speech.channel, speech.span.clipped(span))
        for span in merge_spans(list(spans))
        for speech in call.speech
        if speech.role == role and speech.span.overlap_ms(span)
    ]
    for channel in sorted({channel for channel, _ in heard}):
        stretches = [stretch for at, stretch in heard if at == channel]
        words = [w for u in call.utterances if u.channel == channel for w in u.words_heard]
        for window in cut_windows(sound.samples[channel], stretches, WINDOW_MS):
            yield _read(window, words, engine)


def _read(window: Window, words: Iterable[Word], engine: Engine) -> Text:
    """Read a window the way it was transcribed."""
    reader = engine.reader(np.concatenate([silence(LEAD_MS), window.samples]))
    within = _within(window, words) or _decoded(window, engine)
    pieces = [engine.encode_text(word.text) for word in within]
    starts = [n for n in accumulate(map(len, pieces), initial=0) if n <= MOST_TOKENS]
    tokens = [token for piece in pieces for token in piece][: starts[-1]]
    nodes = (0, *reader.grow(range(len(tokens)), tokens))
    own = reader.log_probs(nodes, [*tokens, engine.end_of_text])
    last = window.pieces[-1].source.end_ms
    times = [*(word.span.start_ms for word in within), within[-1].span.end_ms if within else last]
    places = (
        Place(nodes[start], Span(min(at_ms, last), last), own[start:])
        for start, at_ms in zip(starts, times, strict=False)
    )
    return Text(
        reader, tuple(tokens), tuple(piece.source for piece in window.pieces), tuple(places)
    )


def _within(window: Window, words: Iterable[Word]) -> tuple[Word, ...]:
    return tuple(
        word
        for word in words
        if any(piece.source.holds(word.span.middle_ms) for piece in window.pieces)
    )


def _decoded(window: Window, engine: Engine) -> tuple[Word, ...]:
    """Words of a window that the call has none for: its words were dropped as unbelievable."""
    (reading,) = engine.transcribe([window.samples])
    placed = ((word, window.to_call(word.span)) for word in reading.words)
    return tuple(Word(word.text, span, word.probability) for word, span in placed if span)


def _in_silence(text: Text, paths: Sequence[Path], engine: Engine) -> list[_Found]:
    """The paths, each with what Whisper expects of it after the same words without sound."""
    if not paths:
        return []
    tokens = [*text.tokens]
    parents = [*range(len(tokens))]
    for path in paths:
        first = len(tokens) + 1
        parents += [path.place.node, *range(first, first + len(path.tokens) - 1)]
        tokens += path.tokens
    reader = engine.silent_reader()
    reader.grow(parents, tokens)
    size = len(text.tokens)
    values = iter(reader.log_probs(parents[size:], tokens[size:]))
    return [_Found(path, fmean(islice(values, len(path.tokens)))) for path in paths]


def _answer(search: Search, found: Sequence[_Found] | None) -> Answer:
    """``None`` of no speech; ``FLOOR`` when nothing comes near."""
    if found is None:
        return Answer(search.question, None)
    if not found:
        return Answer(search.question, FLOOR)
    best = max(found, key=lambda one: one.score)
    phrase, rest = search.wordings[best.path.tokens], best.path.place.rest
    spoken = Span(rest.start_ms, rest.start_ms + SYLLABLE_MS * len(normalise(phrase).text))
    return Answer(search.question, round(best.score, 4), phrase, spoken.clipped(rest))
