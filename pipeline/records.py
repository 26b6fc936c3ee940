"""The values that travel from recording to scorecard.

All are frozen, compare by value and survive a round trip through JSON (:func:`to_json`,
:func:`from_json`). Times are integer milliseconds from the start of the recording. A unit that is
not milliseconds stands in the name of its field (``_hz``, ``_db``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any, Literal, TypeVar, cast

import msgspec

from pipeline.measured import Loudness as Loudness
from pipeline.measured import Measures as Measures
from pipeline.outline import ClauseText as ClauseText
from pipeline.outline import DimensionText as DimensionText
from pipeline.outline import Outline as Outline
from pipeline.roles import Party as Party
from pipeline.roles import Role as Role
from pipeline.sounds import CallVoice as CallVoice
from pipeline.sounds import Event as Event
from pipeline.sounds import EventKind as EventKind
from pipeline.sounds import Impact as Impact
from pipeline.sounds import Murmurs as Murmurs
from pipeline.sounds import UsualVoice as UsualVoice
from pipeline.sounds import Voice as Voice
from pipeline.spans import Span as Span
from pipeline.spans import merge_spans as merge_spans

Kind = Literal["call", "visit", "home_visit"]
Line = Literal["front_desk", "office"]
Direction = Literal["inbound", "outbound"]
Status = Literal["pass", "fail", "not_applicable", "unjudged"]

KINDS: tuple[Kind, ...] = ("call", "visit", "home_visit")
LINES: tuple[Line, ...] = ("front_desk", "office")
DIRECTIONS: tuple[Direction, ...] = ("inbound", "outbound")
PARTIES: tuple[Party, ...] = ("agent", "customer")
STATUSES: tuple[Status, ...] = ("pass", "fail", "not_applicable", "unjudged")


@dataclass(frozen=True, slots=True)
class CallRecord:
    """What the telephone system or the QA team knows about a call besides its sound.

    ``None`` means nobody said. ``tags`` keeps the columns of ``calls.csv`` that callqa has no use for.
    """

    file: str
    agent_id: str | None = None
    started_at: datetime | None = None
    kind: Kind | None = None
    line: Line | None = None
    direction: Direction | None = None
    rings: int | None = None
    released_by: Party | None = None
    agent_channel: int | None = None
    tags: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Recording:
    """One sound file of the batch. ``id`` is the SHA-256 of its bytes: the same sound is the same call."""

    id: str
    file: str
    size_bytes: int
    record: CallRecord


@dataclass(frozen=True, slots=True)
class Word:
    """One decoded word; ``probability`` is the engine's mean token probability, 0 to 1."""

    text: str
    span: Span
    probability: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words of one voice without a long pause; ``speaker`` numbers the voices heard on its channel.

    ``heard`` is what the engine wrote, as many characters, where its words have been spelt otherwise since.
    """

    role: Role
    channel: int
    words: tuple[Word, ...]
    speaker: int = 0
    heard: str = ""

    @property
    def span(self) -> Span:
        return Span(self.words[0].span.start_ms, self.words[-1].span.end_ms)

    @property
    def text(self) -> str:
        return "".join(word.text for word in self.words)

    @property
    def words_heard(self) -> tuple[Word, ...]:
        """The words as the engine wrote them."""
        return worded(self.heard, self.words) if self.heard else self.words


def worded(text: str, words: Iterable[Word]) -> tuple[Word, ...]:
    """A text cut into words as long as these, at their times."""
    characters = iter(text)
    return tuple(
        Word("".join(islice(characters, len(word.text))), word.span, word.probability)
        for word in words
    )


@dataclass(frozen=True, slots=True)
class Speech:
    """A stretch of voice activity of one voice, with or without decoded words; see :class:`Utterance`.

    ``tail_ms`` at its end hold no voice any more: voice activity lets go late.
    """

    role: Role
    channel: int
    span: Span
    speaker: int = 0
    tail_ms: int = 0

    @property
    def voice(self) -> Span:
        """The span to the end of the voice and no further."""
        return Span(self.span.start_ms, self.span.end_ms - self.tail_ms)


@dataclass(frozen=True, slots=True)
class Dropped:
    """Decoded words that were thrown away, and why: ``no_speech``, ``loop`` or ``phantom``."""

    why: Literal["no_speech", "loop", "phantom"]
    channel: int
    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """What listened: enough to know whether a kept call must be listened to again."""

    version: str
    engine: str
    model: str
    weights_sha256: str
    language: str


@dataclass(frozen=True, slots=True)
class Call:
    """Everything listening found in one recording. Judging needs nothing else.

    ``loudness`` is ``None`` in calls kept by a version that did not measure it, and ``murmurs``, one
    for each of two channels, empty in those by one that did not look for them, and on mono.
    ``impacts_heard`` tells whether slams and knocks were listened for. ``usual`` is how the agent sounded
    in calls kept before this one was listened to, ``None`` where too little is known of that; it stays as
    it was, so that judging again comes to the same.
    """

    recording: Recording
    duration_ms: int
    channels: int
    utterances: tuple[Utterance, ...]
    speech: tuple[Speech, ...]
    events: tuple[Event, ...]
    voices: tuple[Voice, ...]
    dropped: tuple[Dropped, ...]
    warnings: tuple[str, ...]
    provenance: Provenance
    loudness: Loudness | None = None
    murmurs: tuple[Murmurs, ...] = ()
    impacts_heard: bool = False
    usual: UsualVoice | None = None

    @property
    def roles_known(self) -> bool:
        """Whether every voice is known to be the agent's or the customer's."""
        return all(speech.role != "unknown" for speech in self.speech)


@dataclass(frozen=True, slots=True)
class Question:
    """Were any of ``phrases`` said by ``role`` within ``span``? Asked when words leave it in doubt."""

    phrases: tuple[str, ...]
    role: Role
    span: Span

    def __hash__(self) -> int:
        """Without the phrases, hundreds of them: in a call hardly two questions share voice and stretch."""
        return hash((self.role, self.span))


@dataclass(frozen=True, slots=True)
class Answer:
    """What spotting heard. ``score`` is a log-likelihood margin a token: higher is likelier said.

    ``None`` when nothing of that role sounded in the span. ``phrase`` and ``at`` tell the best match.
    """

    question: Question
    score: float | None
    phrase: str | None = None
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a verdict stands on: a quote with its time, or a measurement with its threshold."""

    span: Span | None = None
    role: Role | None = None
    quote: str | None = None
    measured: float | None = None
    threshold: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict is what it is: a code that the reports put into words, and its details.

    Several reasons of one verdict are the ``parts`` of a reason whose code is ``parts``.
    """

    code: str
    details: tuple[tuple[str, str], ...] = ()
    parts: tuple[Reason, ...] = ()

    @classmethod
    def of(cls, code: str, **details: object) -> Reason:
        return cls(code, tuple((name, str(value)) for name, value in details.items()))


@dataclass(frozen=True, slots=True)
class Verdict:
    """One clause of the standard, ruled on one call. ``confidence`` is 0 to 1."""

    clause: str
    status: Status
    reason: Reason
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points a quality dimension (5.1-5.4) lost, and the failed clauses that cost them."""

    dimension: str
    points: float
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SituationHeard:
    """What a call is about, or (``sure`` false) may be: repair, complaint …, and the words for it."""

    id: str
    title: str
    sure: bool
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Scorecard:
    """One call judged. ``score`` is 100 less the sum of ``deductions``; ``None`` when no clause was judged.

    ``passed`` of ``applicable`` clauses were kept; clauses that are unjudged count in neither.
    """

    recording_id: str
    file: str
    standard: str
    standard_sha256: str
    kind: Kind
    score: float | None
    passed: int
    applicable: int
    flags: tuple[str, ...]
    deductions: tuple[Deduction, ...]
    verdicts: tuple[Verdict, ...]
    situations: tuple[SituationHeard, ...] = ()

    def verdict(self, clause: str) -> Verdict:
        return next(verdict for verdict in self.verdicts if verdict.clause == clause)


@dataclass(frozen=True, slots=True)
class Judged:
    """A call beside its scorecard and its measures: one row of every report."""

    call: Call
    scorecard: Scorecard
    measures: Measures | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A recording that could not be listened to: its place in the results, with the reason.

    ``passing`` tells that its content is not the reason, so that a later run may well hear it.
    """

    file: str
    got: str
    expected: str
    hint: str
    recording_id: str | None = None
    passing: bool = False


T = TypeVar("T")


def to_json(value: object) -> str:
    """The value as JSON text (UTF-8 characters kept as they are)."""
    return msgspec.json.encode(value).decode()


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


def from_json(kind: type[T], text: str | bytes) -> T:
    """The value that :func:`to_json` wrote; raises ``msgspec.DecodeError`` on anything else."""
    return cast(T, _decoder(cast(Any, kind)).decode(text))


def to_plain(value: object) -> Any:
    """The value as plain lists and dictionaries of JSON types."""
    return msgspec.to_builtins(value)
