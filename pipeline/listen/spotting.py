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
from itertools import accumulate

import numpy as np

from pipeline.listen.audio import SAMPLE_RATE, Sound
from pipeline.listen.engines import Engine, Reader
from pipeline.listen.windows import Window, cut_windows
from pipeline.records import Answer, Call, Question, Role, Span, Word, merge_spans
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

WINDOW_MS = 14_000

TAIL_MS = 0

FLOOR = -99.0

SYLLABLE_MS = 220
"""What a syllable of the phrase is taken to last: 4.5 a second, ordinary telephone Mandarin."""

Tokens = tuple[int, ...]


def answer(
    questions: Sequence[Question], call: Call, sound: Sound, engine: Engine
) -> tuple[Answer, ...]:
    """An answer to each question about one call, in their order.

    Questions about one role's speech share its windows wherever their spans overlap: ask all of a
    call together.
    """
    answers: dict[Question, Answer] = {}
    for role in dict.fromkeys(question.role for question in questions):
        searches = [_Search.of(q, engine) for q in dict.fromkeys(questions) if q.role == role]
        best: dict[_Search, _Path] = {}
        asked: set[_Search] = set()
        for text in _texts(role, [search.wide for search in searches], call, sound, engine):
            asked.update(search for search in searches if text.places_in(search.wide))
            for search, path in _likeliest(text, searches):
                best[search] = max(best.get(search, path), path, key=_score)
        for search in searches:
            answers[search.question] = _answer(search, best.get(search), search in asked)
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
    sources: tuple[Span, ...]
    places: tuple[_Place, ...]

    def places_in(self, span: Span) -> tuple[_Place, ...]:
        """Where a phrase within the span may begin: the last place before it if there is none in it."""
        if not any(source.overlap_ms(span) for source in self.sources):
            return ()
        within = tuple(place for place in self.places if span.holds(place.rest.start_ms))
        before = [place for place in self.places if place.rest.start_ms < span.end_ms]
        return within or (before[-1] if before else self.places[0],)


@dataclass(frozen=True, slots=True)
class _Path:
    """The beginning of a wording at a place; ``total`` and ``least`` of its tokens' log probabilities."""

    place: _Place
    node: int
    tokens: Tokens = ()
    total: float = 0.0
    least: float = 0.0

    @property
    def score(self) -> float:
        """How well Whisper can read the wording here, in nat a token: 0 at best."""
        size = len(self.tokens)
        mean = self.total / size
        read = mean + WEAKEST_SHARE * (self.least - mean)
        return read - OWN_SHARE * max(OWN_FLOOR, self.place.own_mean(size))

    def longer(self, token: int, log_prob: float) -> _Path:
        """The path with one more token; its node is still that of the token before."""
        total, least = self.total + log_prob, min(self.least, log_prob)
        return _Path(self.place, self.node, (*self.tokens, token), total, least)


def _score(path: _Path) -> float:
    return path.score


@dataclass(frozen=True, eq=False, slots=True)
class _Search:
    """A question as a tree of tokens: its phrases in both scripts.

    Whisper writes either, and keeps to one in a sentence. ``wordings`` tells the phrase behind whole
    wordings, ``following`` what may follow a beginning, ``longest`` the tokens of its longest wording.
    """

    question: Question
    wide: Span
    wordings: Mapping[Tokens, str]
    following: Mapping[Tokens, tuple[int, ...]]
    longest: Mapping[Tokens, int]

    @classmethod
    def of(cls, question: Question, engine: Engine) -> _Search:
        wordings = {
            engine.encode_text(wording): phrase
            for phrase in question.phrases
            for wording in dict.fromkeys((phrase, normalise(phrase).text))
        }
        following: dict[Tokens, dict[int, None]] = {}
        longest: dict[Tokens, int] = {}
        for wording in wordings:
            for size in range(len(wording)):
                following.setdefault(wording[:size], {})[wording[size]] = None
            for size in range(len(wording) + 1):
                longest[wording[:size]] = max(longest.get(wording[:size], 0), len(wording))
        return cls(
            question,
            question.span.padded(EDGE_MS, EDGE_MS),
            wordings,
            {beginning: tuple(tokens) for beginning, tokens in following.items()},
            longest,
        )

    def hopes(self, path: _Path, floor: float) -> bool:
        """Whether the path can still score more than ``floor``, were the rest of it certain."""
        size, longest = len(path.tokens), self.longest[path.tokens]
        mean = path.total / longest
        read = mean + WEAKEST_SHARE * (path.least - mean)
        if read - OWN_SHARE * OWN_FLOOR <= floor:
            return False
        own = min(path.place.own_mean(n) for n in range(size, longest + 1))
        return read - OWN_SHARE * max(OWN_FLOOR, own) > floor


def _texts(
    role: Role, spans: Iterable[Span], call: Call, sound: Sound, engine: Engine
) -> Iterator[_Text]:
    """The role's speech within the spans, in windows, each with its words read once."""
    heard = [
        (speech.channel, speech.span.clipped(span))
        for span in merge_spans(list(spans))
        for speech in call.speech
        if speech.role == role and speech.span.overlap_ms(span)
    ]
    for channel in sorted({channel for channel, _ in heard}):
        stretches = [stretch for at, stretch in heard if at == channel]
        words = [w for u in call.utterances if u.channel == channel for w in u.words]
        for window in cut_windows(sound.samples[channel], stretches, WINDOW_MS):
            yield _read(window, words, engine)


def _read(window: Window, words: Iterable[Word], engine: Engine) -> _Text:
    """Read a window the way it was transcribed."""
    lead, tail = (np.zeros(ms * SAMPLE_RATE // 1000, np.float32) for ms in (LEAD_MS, TAIL_MS))
    reader = engine.reader(np.concatenate([lead, window.samples, tail]))
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
    return _Text(reader, tuple(piece.source for piece in window.pieces), tuple(places))


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


def _likeliest(text: _Text, searches: Iterable[_Search]) -> Iterator[tuple[_Search, _Path]]:
    """Whole wordings at their likeliest places, and of each search at least one path or its floor.

    A beam search for each question, a token of every wording a round; a round of all questions is
    one step of the reader, and beginnings they share are read once.
    """
    alive = {
        search: [_Path(place, place.node) for place in places]
        for search in searches
        if (places := text.places_in(search.wide))
    }
    floors = dict.fromkeys(alive, FLOOR)
    grown: dict[tuple[int, int], int] = {}
    while any(alive.values()):
        asked = [
            (search, path, token)
            for search, paths in alive.items()
            for path in paths
            for token in search.following[path.tokens]
        ]
        values = text.reader.log_probs(
            [path.node for _, path, _ in asked], [token for _, _, token in asked]
        )
        longer: dict[_Search, list[_Path]] = {search: [] for search in alive}
        for (search, path, token), value in zip(asked, values, strict=True):
            one = path.longer(token, value)
            if search.hopes(one, floors[search]):
                longer[search].append(one)
                if one.tokens in search.wordings and one.score > floors[search]:
                    floors[search] = one.score
                    yield search, one
        for search, paths in longer.items():
            going_on = [
                path
                for path in paths
                if path.tokens in search.following and search.hopes(path, floors[search])
            ]
            alive[search] = sorted(going_on, key=_score, reverse=True)[:WIDTH]
        new = dict.fromkeys(
            (path.node, path.tokens[-1])
            for paths in alive.values()
            for path in paths
            if (path.node, path.tokens[-1]) not in grown
        )
        nodes = text.reader.grow([node for node, _ in new], [token for _, token in new])
        grown.update(zip(new, nodes, strict=True))
        alive = {
            search: [replace(path, node=grown[path.node, path.tokens[-1]]) for path in paths]
            for search, paths in alive.items()
        }


def _answer(search: _Search, best: _Path | None, asked: bool) -> Answer:
    if best is None:
        return Answer(search.question, FLOOR if asked else None)
    phrase = search.wordings[best.tokens]
    start = best.place.rest.start_ms
    spoken = Span(start, start + SYLLABLE_MS * len(normalise(phrase).text))
    score = round(max(FLOOR, best.score), 4)
    return Answer(search.question, score, phrase, spoken.clipped(best.place.rest))
