"""Dialogues as the author of a standard writes them -> Calls, so that a rule can be tried without audio.

A turn is ``agent: words``, ``customer: words`` or ``unknown: words``, with optional ``voice`` (the
parts of :class:`~pipeline.records.Voice` that differ from calm, or a manner: :data:`MANNERS`), ``gap`` or
``overlap`` (how long before the end of the turn above it begins), ``lasts`` and ``probability``;
``murmur: agent`` is a soft 「嗯」 without words, ``gap`` after what began last, while the other speaks on;
``silence: 12s``, ``music: 12s``, ``ring: 1s``, ``busy: 2s`` and ``dtmf: 100ms`` stand between turns, and
so do ``slam``, ``click`` and ``knock`` with their ``impact`` (see :class:`~pipeline.records.Impact`).
``leg`` tells whose channel such a sound is on (a busy tone the customer's, all else the agent's); with
``under: true`` what follows begins with it, not after it. Times are reckoned at five syllables a
second. ``usual_voice: calm`` is an agent whose earlier calls are known, all of them calm. Agent and
customer have a channel each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from pipeline.days import YEARS
from pipeline.judge.grammar import Duration, Model, exactly_one
from pipeline.records import (
    Call,
    CallRecord,
    Direction,
    Event,
    EventKind,
    Impact,
    Kind,
    Line,
    Loudness,
    Murmurs,
    Party,
    Provenance,
    Recording,
    Role,
    Span,
    Speech,
    UsualVoice,
    Utterance,
    Voice,
    Word,
)

SYLLABLE_MS = 200
GAP_MS = 500
MURMUR_MS = 200
CLEAR_DB = 30.0
"""How far the voices lie above the noise of the lines."""
LEAD_MS = 1_000
"""Before the first words. A dialogue that begins with a ring or a tone begins with it."""
CALM = {
    "level_db": -26.0,
    "f0_median_hz": 200.0,
    "f0_p90_hz": 240.0,
    "tilt_db": -8.0,
    "rate": 5.0,
    "f0_range_st": 9.0,
}
MANNERS: dict[str, dict[str, float]] = {
    "raised": {"level_db": -15.0, "f0_median_hz": 260.0, "f0_p90_hz": 330.0, "tilt_db": -2.0},
    "hasty": {"rate": 7.5},
    "flat": {"f0_range_st": 2.5, "f0_p90_hz": 210.0},
}
"""How somebody may speak otherwise than calmly, by a name that an author can write for ``voice``. Acted anger
lies 7-9 dB and 4-10 semitones above calm (CASIA)."""

UPPER_TILT_DB = -6.0
FLUX_DB = 4.0
"""Of a written voice that does not tell: how far the upper tilt lies from the whole, and a calm flux."""

USUAL = UsualVoice(
    calls=20, utterances=200, pitch_st=93.3, pitch_sd_st=0.8, flux_db=FLUX_DB, flux_sd_db=0.15
)
"""Of an agent who always spoke as :data:`CALM` says."""

LOUDNESS_STEP_MS = 500
LINE_NOISE_DB = -60
"""A line that nobody notices: far under the voice, over the coder's own noise."""

TAIL_MS = 2_000
"""After the last words."""
CHANNELS: dict[Role, int] = {"agent": 0, "customer": 1, "unknown": 0}
BLOWS: dict[str, Impact] = {
    "slam": Impact(15.0, 0.9),
    "click": Impact(-5.0, 0.4),
    "knock": Impact(-5.0, 0.95, blows=2),
}
"""How a blow sounds unless its ``impact`` says otherwise."""
EVENTS: tuple[EventKind, ...] = ("music", "ring", "busy", "dtmf", "slam", "click", "knock")
LEGS: dict[EventKind, Party] = {"busy": "customer"}
"""What the exchange plays when the customer has left arrives at the desk as the customer's voice did."""


VOICED = frozenset(field.name for field in fields(Voice)) - {"utterance"}
STRUCK = frozenset(field.name for field in fields(Impact))


NEEDED = ("level_db", "tilt_db")
"""Parts of a voice without which nothing else of it can be told."""


def _known(value: object, names: frozenset[str]) -> object:
    """A table all of whose keys are among some names, and none of those needed without a value."""
    given = value if isinstance(value, dict) else {}
    if unknown := sorted(set(map(str, given)) - names):
        raise ValueError(f"{', '.join(unknown)}; {', '.join(sorted(names))} are known")
    if bare := [name for name in NEEDED if name in given and given[name] is None]:
        raise ValueError(f"no value for {', '.join(bare)}")
    return value


def _struck(value: object) -> object:
    return _known(value, STRUCK)


def _manner(value: object) -> object:
    """A manner's name as what it means."""
    if not isinstance(value, str):
        return _known(value, VOICED)
    if value not in MANNERS:
        raise ValueError(f"{value!r} is no manner of speaking; one of {', '.join(MANNERS)} is")
    return MANNERS[value]


Words = Annotated[str, Field(min_length=1)]


class Turn(Model):
    """Words of one person, or a stretch without any."""

    agent: Words | None = None
    customer: Words | None = None
    unknown: Words | None = None
    silence: Duration | None = None
    music: Duration | None = None
    ring: Duration | None = None
    busy: Duration | None = None
    dtmf: Duration | None = None
    slam: Duration | None = None
    click: Duration | None = None
    knock: Duration | None = None
    impact: Annotated[dict[str, int | float | None], BeforeValidator(_struck)] = Field(
        default_factory=dict, description="of a blow"
    )
    murmur: Party | None = Field(
        default=None, description="a soft 「嗯」; gap is counted from the start of the turn before"
    )
    leg: Party | None = Field(default=None, description="whose channel a ring, busy tone … is on")
    under: bool = Field(default=False, description="what follows begins with it, not after it")
    voice: Annotated[dict[str, float | None], BeforeValidator(_manner)] = Field(
        default_factory=dict
    )
    gap: Duration | None = Field(default=None, description="before the turn; half a second")
    lasts: Duration | None = Field(default=None, description="else five syllables a second")
    overlap: Duration | None = Field(
        default=None, description="instead: how long before the end of the turn above it begins"
    )
    probability: float = Field(default=0.9, ge=0, le=1, description="of every word")

    @model_validator(mode="after")
    def _one(self) -> Turn:
        exactly_one(self, (*CHANNELS, "silence", "murmur", *EVENTS), "a turn")
        if self.gap is not None and self.overlap is not None:
            raise ValueError("a turn begins after a gap or with an overlap, not both")
        return self


def _in_our_time(moment: datetime) -> datetime:
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError(f"the year {moment.year}, which is not of {YEARS[0]} to {YEARS[1]}")
    return moment


class RecordModel(Model):
    """What the call record says, as in ``calls.csv``."""

    agent_id: str | None = None
    started_at: Annotated[datetime, AfterValidator(_in_our_time)] | None = None
    kind: Kind | None = None
    line: Line | None = None
    direction: Direction | None = None
    rings: int | None = Field(default=None, ge=0)
    released_by: Party | None = None
    agent_channel: int | None = None
    tags: dict[str, str] = Field(default_factory=dict)


class Dialogue(Model):
    """A call in words. ``closer_listen``: what a second listen would say to every question.

    ``noise_db`` is the line's own noise re full scale, on every channel.
    """

    name: str
    record: RecordModel = RecordModel()
    turns: tuple[Turn, ...] = Field(min_length=1)
    closer_listen: Literal["heard", "not_heard"] = "not_heard"
    noise_db: int = LINE_NOISE_DB
    usual_voice: Literal["calm"] | None = Field(
        default=None, description="of the agent in earlier calls; nothing is known of it by default"
    )


def call_of(dialogue: Dialogue) -> Call:
    """The call a dialogue describes, words decoded without error."""
    utterances: list[Utterance] = []
    events: list[Event] = []
    voices: list[Voice] = []
    begins = any(getattr(dialogue.turns[0], kind) for kind in EVENTS)
    at, gap = 0 if begins else LEAD_MS, 0
    murmured: dict[int, list[Span]] = {}
    for turn in dialogue.turns:
        if turn.murmur is not None:
            start = (utterances[-1].span.start_ms if utterances else 0) + (turn.gap or 0)
            spans = murmured.setdefault(CHANNELS[turn.murmur], [])
            spans.append(Span(start, start + MURMUR_MS))
            continue
        kind = next((kind for kind in EVENTS if getattr(turn, kind)), None)
        wait = turn.silence if kind is None else getattr(turn, kind)
        if wait is not None:
            at += turn.gap or 0
            if kind is not None:
                leg = CHANNELS[turn.leg or LEGS.get(kind, "agent")]
                events.append(Event(kind, leg, Span(at, at + wait), _impact(kind, turn)))
            at, gap = at if turn.under else at + wait, 0
            continue
        role = next(role for role in CHANNELS if getattr(turn, role) is not None)
        wait = gap if turn.gap is None else turn.gap
        start = max(0, at - turn.overlap) if turn.overlap else at + wait
        words = _words(getattr(turn, role), start, turn.probability, turn.lasts)
        utterances.append(Utterance(role, CHANNELS[role], words))
        at, gap = max(at, words[-1].span.end_ms), GAP_MS
        voices.append(_voice(len(utterances) - 1, turn))
    channels = len({u.channel for u in utterances}) or 1
    return Call(
        recording=Recording("0" * 64, "dialogue.wav", 1, _record(dialogue.record)),
        duration_ms=at + TAIL_MS,
        channels=channels,
        utterances=tuple(utterances),
        speech=tuple(Speech(u.role, u.channel, u.span) for u in utterances),
        events=tuple(replace(event, channel=event.channel % channels) for event in events),
        voices=tuple(voices),
        dropped=(),
        warnings=(),
        provenance=Provenance("dialogue", "dialogue", "dialogue", "0" * 64, "zh"),
        loudness=_loudness(dialogue, at + TAIL_MS, channels),
        murmurs=tuple(
            Murmurs(channel, tuple(murmured.get(channel, ())), CLEAR_DB)
            for channel in range(channels if channels == 2 else 0)
        ),
        impacts_heard=True,
        usual=USUAL if dialogue.usual_voice else None,
    )


def _voice(utterance: int, turn: Turn) -> Voice:
    """The voice of a turn; what it does not tell follows from what it does."""
    told = cast(Any, {**CALM, **turn.voice})
    effort = {
        "over_floor_db": told["level_db"] - LINE_NOISE_DB,
        "upper_tilt_db": told["tilt_db"] + UPPER_TILT_DB,
        "flux_db": FLUX_DB,
    }
    return Voice(utterance=utterance, **{**effort, **told})


def dialogue(turns: Sequence[Any], record: Any = None, name: str = "dialogue") -> Dialogue:
    """A dialogue from plain values, as YAML gives them."""
    return Dialogue.model_validate({"name": name, "turns": turns, "record": record or {}})


def _loudness(dialogue: Dialogue, duration_ms: int, channels: int) -> Loudness:
    """The line's noise all along: nobody asks how loud a written voice is but of its turn."""
    steps = -(-duration_ms // LOUDNESS_STEP_MS)
    return Loudness(LOUDNESS_STEP_MS, ((dialogue.noise_db,) * steps,) * channels)


def _record(given: RecordModel) -> CallRecord:
    fields = {name: value for name, value in given if name != "tags"}
    return CallRecord("dialogue.wav", **fields, tags=tuple(given.tags.items()))


def _impact(kind: EventKind, turn: Turn) -> Impact | None:
    usual = BLOWS.get(kind)
    return replace(usual, **cast(Any, turn.impact)) if usual else None


def _words(text: str, at: int, probability: float, lasts_ms: int | None) -> tuple[Word, ...]:
    """One word a character, as Whisper often gives them."""
    step_ms = SYLLABLE_MS if lasts_ms is None else lasts_ms // len(text)
    return tuple(
        Word(char, Span(at + i * step_ms, at + (i + 1) * step_ms), probability)
        for i, char in enumerate(text)
    )
