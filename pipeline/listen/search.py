"""Which of these wordings can a window be read as best, and where? A search that looks at few.

A question has up to a few hundred wordings, in two scripts, and a window some sixty places between
words. They are followed token by token from all places at once; what cannot come near any more is
dropped, and what several questions ask is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import accumulate

from pipeline.listen.engines import Engine, Reader
from pipeline.records import Question, Span
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

EDGE_MS = 300
"""Speech beyond the asked span that is listened to as well, lest its edge cuts a phrase in two."""

WIDTH = 8
FIRST_WIDTH = 32
"""Beginnings of phrases followed at once, over all places of a window, and those of a single token: a likely
「請」 fits in many places, and would crowd out the 「稍」 of what was said. Of 71 questions about calls of a
blind set 27 find a reading better by 0.3 nat where 64 are followed throughout than where 8 are, 10 than so,
at the same cost, and 12 than where 16 are."""

FINALISTS = 3
"""Likeliest paths of a question in a window that are read in silence as well."""

FLOOR = -6.0
"""Nat a token. A phrase that cannot come to more, were the rest of it certain, is followed no further;
an answer so low is no measurement. It lies below what the judge takes for absent."""

TREES = 64
"""Sets of phrases whose tokens are kept: a standard has about twenty."""

Tokens = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A gap between words: the node read up to it, and the rest of the window after it.

    ``own`` holds the log probability of each of the transcript's tokens that follow, and of its end.
    """

    node: int
    rest: Span
    own: tuple[float, ...]
    _means: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # asked a hundred thousand times a call, so reckoned once
        means = tuple(total / size for size, total in enumerate(accumulate(self.own), 1))
        object.__setattr__(self, "_means", means)

    def own_mean(self, size: int) -> float:
        """Mean log probability of the transcript's next ``size`` tokens, its end among them."""
        return self._means[min(size, len(self._means)) - 1]

    def worst_mean(self, sizes: range) -> float:
        """The least of them over some sizes, rising by one."""
        return min(self._means[sizes.start - 1 : sizes.stop - 1], default=self._means[-1])


@dataclass(frozen=True, slots=True)
class Text:
    """A window as it was transcribed, held by a reader that can read it otherwise."""

    reader: Reader
    tokens: Tokens
    sources: tuple[Span, ...]
    places: tuple[Place, ...]

    def places_in(self, span: Span) -> tuple[Place, ...]:
        """Where a phrase within the padded span may begin: not in its last padding.

        The last place before it if there is none in it.
        """
        if not any(source.overlap_ms(span) for source in self.sources):
            return ()
        begun = Span(span.start_ms, span.end_ms - EDGE_MS)
        within = tuple(place for place in self.places if begun.holds(place.rest.start_ms))
        before = [place for place in self.places if place.rest.start_ms < span.end_ms]
        return within or (before[-1] if before else self.places[0],)


@dataclass(frozen=True, slots=True)
class Path:
    """The beginning of a wording at a place; ``total`` and ``least`` of its tokens' log probabilities."""

    place: Place
    node: int
    tokens: Tokens = ()
    total: float = 0.0
    least: float = 0.0

    @property
    def score(self) -> float:
        """How well Whisper can read the wording here, in nat a token."""
        size = len(self.tokens)
        mean = self.total / size
        read = mean + WEAKEST_SHARE * (self.least - mean)
        return read - OWN_SHARE * max(OWN_FLOOR, self.place.own_mean(size))

    def longer(self, token: int, log_prob: float) -> Path:
        """The path with one more token; its node is still that of the token before."""
        total, least = self.total + log_prob, min(self.least, log_prob)
        return Path(self.place, self.node, (*self.tokens, token), total, least)

    def best_read(self, log_prob: float, longest: int) -> float:
        """What it can come to, own words aside, by a next token and others that are certain."""
        mean = (self.total + log_prob) / longest
        return mean + WEAKEST_SHARE * (min(self.least, log_prob) - mean)


def _score(path: Path) -> float:
    return path.score


@dataclass(frozen=True, eq=False, slots=True)
class Search:
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
    def of(cls, question: Question, engine: Engine) -> Search:
        wordings, following, longest = _tree(question.phrases, engine.encode_text)
        wide = question.span.padded(EDGE_MS, EDGE_MS)
        return cls(question, wide, wordings, following, longest)

    def hopes(self, path: Path, floor: float) -> bool:
        """Whether the path can still score more than ``floor``, were the rest of it certain."""
        size, longest = len(path.tokens), self.longest[path.tokens]
        mean = path.total / longest
        read = mean + WEAKEST_SHARE * (path.least - mean)
        if read - OWN_SHARE * OWN_FLOOR <= floor:
            return False
        own = path.place.worst_mean(range(size, longest + 1))
        return read - OWN_SHARE * max(OWN_FLOOR, own) > floor


@lru_cache(maxsize=TREES)
def _tree(
    phrases: tuple[str, ...], encode: Callable[[str], Tokens]
) -> tuple[Mapping[Tokens, str], Mapping[Tokens, tuple[int, ...]], Mapping[Tokens, int]]:
    """Phrases as a tree: see :class:`Search`. A standard asks for the same few hundred in every call."""
    wordings = {
        encode(wording): phrase
        for phrase in phrases
        for wording in dict.fromkeys((phrase, normalise(phrase).text))
    }
    following: dict[Tokens, dict[int, None]] = {}
    longest: dict[Tokens, int] = {}
    for wording in wordings:
        for size in range(len(wording)):
            following.setdefault(wording[:size], {})[wording[size]] = None
        for size in range(len(wording) + 1):
            longest[wording[:size]] = max(longest.get(wording[:size], 0), len(wording))
    return (
        wordings,
        {beginning: tuple(tokens) for beginning, tokens in following.items()},
        longest,
    )


def likeliest(text: Text, searches: Iterable[Search]) -> dict[Search, list[Path]]:
    """The likeliest whole wordings of each search that asks about this text: none below ``FLOOR``.

    A beam search for each question, a token of every wording a round; a round of all questions is
    one step of the reader, and beginnings they share are read once.
    """
    alive = {
        search: [Path(place, place.node) for place in places]
        for search in searches
        if (places := text.places_in(search.wide))
    }
    whole: dict[Search, list[Path]] = {search: [] for search in alive}
    floors = dict.fromkeys(alive, FLOOR)
    grown: dict[tuple[int, int], int] = {}
    width = FIRST_WIDTH
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
        longer: dict[Search, list[Path]] = {search: [] for search in alive}
        for (search, path, token), value in zip(asked, values, strict=True):
            best = path.best_read(value, search.longest[path.tokens])
            if best - OWN_SHARE * OWN_FLOOR <= floors[search]:
                continue  # most end here; no wording from this beginning on is longer
            one = path.longer(token, value)
            if search.hopes(one, floors[search]):
                longer[search].append(one)
                if one.tokens in search.wordings and one.score > floors[search]:
                    floors[search] = one.score
                    whole[search].append(one)
        for search, paths in longer.items():
            going_on = [
                path
                for path in paths
                if path.tokens in search.following and search.hopes(path, floors[search])
            ]
            alive[search] = sorted(going_on, key=_score, reverse=True)[:width]
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
        width = WIDTH
    return {search: paths[-FINALISTS:] for search, paths in whole.items()}
