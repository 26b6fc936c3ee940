"""The schema of a standard: what ``standard.yaml`` may say.

A standard is a folder with ``standard.yaml`` and its lexicons. What a clause may demand stands in
:mod:`pipeline.judge.rules`; loading lives in :mod:`pipeline.judge.load`.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.judge.grammar import Duration, Model, Names, exactly_one, names_in
from pipeline.judge.rules import Condition
from pipeline.records import Direction, Kind, Line, Role

Region = Literal["CN", "TW", "HK"]


class Applies(Model):
    """The calls a clause is about; an empty list means any.

    ``situation``: any of them is recognised. ``unless``: none of them is. A call of which one of
    these is unclear leaves the clause unjudged. ``since`` and ``until`` are dates, both included.
    """

    kind: tuple[Kind, ...] = ()
    line: tuple[Line, ...] = ()
    direction: tuple[Direction, ...] = ()
    situation: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.since is not None and self.until is not None and self.since > self.until:
            raise ValueError(f"since {self.since} is later than until {self.until}")
        if both := sorted({*self.situation} & {*self.unless}):
            raise ValueError(f"{', '.join(both)} both wanted (situation) and barred (unless)")
        return self


class AsAWhole(Model):
    """What a call as a whole tells of whether a clause was kept in it, beside what was said where.

    ``like``: a likeness of the whole calls (``of: call``) in which it was broken. One that surely is like
    them breaks it too, by that answer of the agent's which has most of the likeness ``shown_by``, where one
    has ``at_least`` so much, and so much of others if several are given; without such an answer there is
    nothing to point at, and a person must listen.
    Whatever words are found to break it in a call that surely is not like them (``clear``) is doubt.
    ``unless``: situations in which the whole tells nothing of it.
    """

    like: str
    shown_by: Names
    at_least: float
    unless: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[str, ...]:
        return names_in(self.shown_by)


class Clause(Model):
    """One clause of the written standard.

    Exactly one of ``require`` (judged), ``manual`` (cannot be heard: what a person must look at) and
    ``not_yet`` (this version does not judge it: what it would take) is given. ``also_manual`` is the
    part of a judged clause that cannot be heard. ``whole`` is what the call as a whole tells of it.
    """

    id: str = Field(pattern=r"^[0-9A-Za-z.\-]+$")
    title: str = Field(min_length=1)
    demands: str = Field(min_length=1)
    dimension: str
    points: float | None = Field(
        default=None,
        gt=0,
        description="what a failure costs; all that its dimension deducts unless given, and never more",
    )
    critical: bool = Field(
        default=False, description="a failure is flagged on the call; it costs no more by that"
    )
    applies: Applies = Applies()
    require: Condition | None = None
    whole: AsAWhole | None = None
    manual: str | None = None
    not_yet: str | None = None
    also_manual: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Clause:
        exactly_one(self, ("require", "manual", "not_yet"), f"what judges clause {self.id}")
        if self.whole is not None and self.require is None:
            raise ValueError(f"whole goes with require: nothing judges clause {self.id}")
        return self


class Dimension(Model):
    """A quality dimension: what a failed clause in it costs, at most."""

    id: str
    clause: str
    title: str
    deduct: float = Field(ge=0, le=100)


class HoldRule(Model):
    """What counts as a hold: a long silence or music in mid-call during which the agent was away."""

    shortest: Duration
    request: str = Field(description="lexicon: polite words before a hold")
    hint: str = Field(description="lexicon: any words that announce one, polite or not")
    back: str = Field(description="lexicon: words on coming back")
    away: str | None = Field(
        default=None,
        description="lexicon: what tells on coming back, civilly or not, that one was away",
    )
    pressed_by: str | None = Field(
        default=None,
        description="lexicon: 「喂？」, with which a customer left alone breaks the silence",
    )
    unanswered: Duration | None = Field(
        default=None,
        description="from how long without an answer to the customer the agent is taken to be away",
    )
    answered_late: Duration | None = Field(
        default=None,
        description="from how long before an answer the agent was away, if the customer told what he needs",
    )
    excused_by: str | None = Field(
        default=None, description="lexicon: words with which a customer asks for time"
    )
    sent_by: str | None = Field(
        default=None,
        description="lexicon: those with which the agent sends the customer to look at something",
    )
    asked_by: tuple[str, ...] = Field(
        default=(),
        description="lexicons: words of the agent's after which it is the customer's turn",
    )
    passed_on: str | None = Field(
        default=None, description="lexicon: what the agent says who puts the call through"
    )


class Cue(Model):
    """A lexicon whose weighted phrases speak for a situation; ``times`` below 0 against it.

    ``then``: a lexicon of what must follow in the same clause for the two to tell something: a thing, and
    what is wrong with it. Such a pair weighs ``times``, whatever its phrases weigh, and once however many
    there are. Its words mostly tell in other lexicons too: the greater counts, pairs or the rest.
    ``answered``: a pair as well, of what the one says and what the other answers soon after.
    """

    lexicon: str
    then: str | None = None
    answered: str | None = None
    by: Role = "customer"
    times: float = 1.0

    @model_validator(mode="after")
    def _speaks_for(self) -> Self:
        if self.then is not None and self.answered is not None:
            raise ValueError("a pair of lexicons has two: then or answered, not both")
        if (self.then or self.answered) and self.times <= 0:
            raise ValueError("a pair of lexicons speaks for a situation: times must be above 0")
        if self.times == 0:
            raise ValueError("times 0: the cue would count for nothing")
        return self


class SituationRule(Model):
    """A kind of call, recognised by what is said in it.

    The weights of the different phrases found are added up: from ``sure`` on the call is of this
    kind, below ``doubt`` it is not, and in between it is unclear. ``needs``: a situation of which it
    is a part, and than which it cannot be clearer (that somebody is out, that he was asked for).

    ``like``, ``unlike``: likenesses of whole calls (``of: call``), which look at everything that is said. One
    that surely is like the first is of this kind, whatever its phrases weigh, one that may be (``doubt``) is
    unclear where no phrases speak for it, and one that surely is not (``clear``) is none; one surely like the
    second is none either.
    """

    id: str = Field(pattern=r"^[a-z\-]+$")
    title: str
    cues: tuple[Cue, ...] = Field(min_length=1)
    sure: float = Field(gt=0)
    doubt: float = Field(gt=0)
    needs: str | None = None
    like: str | None = None
    unlike: str | None = None

    @model_validator(mode="after")
    def _ordered(self) -> SituationRule:
        if self.doubt > self.sure:
            raise ValueError(f"doubt {self.doubt:g} lies above sure {self.sure:g}")
        return self


class LikenessRule(Model):
    """A kind of answer of which no list holds every wording, known by what it has in common with examples.

    ``of: call``: a kind of whole calls, and all that both say counts.
    ``examples`` is a table beside ``standard.yaml`` (:mod:`pipeline.wording.examples`); ``like`` are the
    kinds in it that are looked for, ``than`` those they must not be taken for, all the others unless said.
    An answer scores the natural logarithm of how much likelier it is of that kind than not. From ``sure`` on
    it is, below ``doubt`` it is not, and in between that is unclear; up to ``clear`` it is so surely not
    that no word in it is taken amiss (``cleared_by``). ``called`` is what reports call such answers.
    """

    id: str = Field(pattern=r"^[a-z\-]+$")
    called: str = Field(min_length=1)
    examples: str = Field(pattern=r"^[^/\\.]+$", description="a table's name, without .tsv")
    of: Literal["answer", "call"] = "answer"
    like: tuple[str, ...] = Field(min_length=1)
    than: tuple[str, ...] = ()
    sure: float
    doubt: float
    clear: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.doubt > self.sure:
            raise ValueError(f"doubt {self.doubt:g} lies above sure {self.sure:g}")
        if self.clear is not None and self.clear >= self.doubt:
            raise ValueError(f"clear {self.clear:g} does not lie below doubt {self.doubt:g}")
        return self


LONGEST_MONTH = (
    (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31),
    (30,) * 12,
)
"""Days of each month at most, by the solar and by the lunar calendar."""


class Festival(Model):
    """A day, or several from it, that is wished for: by the solar or the lunar calendar, month-day.

    ``eve`` counts the days before it that belong to it. ``wishes`` are the lexicons that fit.
    """

    title: str
    solar: str | None = Field(default=None, pattern=r"^\d\d-\d\d$")
    lunar: str | None = Field(default=None, pattern=r"^\d\d-\d\d$")
    days: int = Field(default=1, ge=1, le=366)
    eve: int = Field(default=0, ge=0, le=366)
    regions: tuple[Region, ...] = ("CN", "TW", "HK")
    wishes: tuple[str, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one(self) -> Festival:
        exactly_one(self, ("solar", "lunar"), f"the date of {self.title}")
        month, day = month_and_day(self.solar or self.lunar or "")
        if not (1 <= month <= 12 and 1 <= day <= LONGEST_MONTH[bool(self.lunar)][month - 1]):
            raise ValueError(f"{self.solar or self.lunar} is no month-day such as 05-05")
        return self


def month_and_day(text: str) -> tuple[int, int]:
    """``05-05`` as two numbers."""
    month, day = text.split("-")
    return int(month), int(day)


class Festivals(Model):
    """The festivals that are wished for where the front desk stands."""

    region: Region
    days: tuple[Festival, ...]


class Defaults(Model):
    """What a call is taken for when no call record says."""

    kind: Kind = "call"
    line: Line = "front_desk"
    direction: Direction = "inbound"


SlotValue = Annotated[str, Field(min_length=1, pattern=r"^[^|(){}!#*（）｜｛｝！＃＊]+$")]
"""A plain wording, nothing of what has a meaning in lexicons."""


class StandardModel(Model):
    """The whole of ``standard.yaml``."""

    id: str = Field(pattern=r"^[a-z0-9\-]+$")
    title: str
    source: str
    defaults: Defaults = Defaults()
    slots: dict[str, Annotated[tuple[SlotValue, ...], Field(min_length=1)]] = Field(
        default_factory=dict,
        description="names that lexicons write as {name}: what may stand there",
    )
    hold: HoldRule
    situations: tuple[SituationRule, ...] = ()
    likenesses: tuple[LikenessRule, ...] = ()
    festivals: Festivals | None = None
    dimensions: tuple[Dimension, ...] = Field(min_length=1)
    clauses: tuple[Clause, ...] = Field(min_length=1)
