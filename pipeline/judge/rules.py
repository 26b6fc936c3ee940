"""The rule language: what a clause of a standard may demand of a call.

A :class:`Condition` is one demand, or several joined by ``all``, ``any``, ``not``, ``each``, ``some``
and ``choose``. Every demand is answered with pass, fail, not applicable, or unjudged: a rule may say
"I cannot tell", and what it is joined with carries that on. Durations are written ``20s``, ``1.5m``
or ``500ms``. Every key not named here is an error.

Two ways of looking for words, and they are not the same:

* a **demand** (``phrase``, ``order``) accuses when it misses, so that nothing counts as missing
  before a closer listen to the sound has missed it too;
* a **trigger** (:class:`Trigger`) only decides whether a rule has anything to say, so that the
  transcript alone is asked.
"""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field, model_validator

from pipeline.judge.grammar import Duration, Model, Names, exactly_one, names_in
from pipeline.judge.record_rules import Comparison
from pipeline.judge.sound_rules import (
    Anger,
    Backchannel,
    Delivery,
    Knocks,
    LongSilence,
    Quarrel,
    RaisedVoice,
    Reaction,
    Released,
    Rings,
    Slam,
)
from pipeline.records import Role

SlotKind = Literal["name", "address", "home", "phone", "time"]


class Within(Model):
    """Where in the call words must stand; exactly one place.

    ``before``, ``after`` and ``around`` count from the occurrence that an enclosing ``each``, ``some`` or
    ``choose`` looks at, or from where ``of`` is said. Times of words are true to some tenths of a second, so
    that what stands up to a second on the other side of the edge counts as well, the words themselves too.
    """

    first_turns: int | None = Field(default=None, ge=1, description="the speaker's first n turns")
    from_start: Duration | None = Field(default=None, description="from the first voice on")
    from_end: Duration | None = Field(
        default=None, description="back from the end of the last voice"
    )
    before: Duration | None = None
    after: Duration | None = None
    around: Duration | None = Field(default=None, description="as long before as after")
    of: Said | None = Field(
        default=None, description="the words that before, after, around are about"
    )

    @model_validator(mode="after")
    def _one(self) -> Within:
        places = ("first_turns", "from_start", "from_end", "before", "after", "around")
        exactly_one(self, places, "a place in the call")
        if self.of is not None and (self.before, self.after, self.around) == (None, None, None):
            raise ValueError("`of` goes with before, after or around")
        return self


class Said(Model):
    """Words that a role says, found in the transcript. Several lexicons: any of them.

    ``then``: a lexicon of what must follow in the same clause for them to count, letter by letter both, and
    no question: 「應該」 and 「吧」 in 「應該在門口那邊吧。」 ``cleared_by``: a likeness; words in an answer
    that as a whole is clear of it count for nothing: 「不清楚」 in 「價錢我不清楚，錶箱上有電話，您打去問」.
    """

    lexicon: str | None = None
    any_of: tuple[str, ...] = Field(default=(), alias="any")
    then: str | None = None
    cleared_by: str | None = None
    by: Role = "agent"
    within: Within | None = None

    @model_validator(mode="after")
    def _one(self) -> Said:
        exactly_one(self, ("lexicon", "any_of"), "words")
        return self

    @property
    def lexicons(self) -> tuple[str, ...]:
        return (self.lexicon,) if self.lexicon else self.any_of


class Slot(Model):
    """A name, an address, a telephone number or a definite time that a role says.

    ``home``: an address where somebody lives; ``address`` is also a place such as 「B棟電梯」.
    """

    kind: SlotKind
    by: Role = "customer"
    within: Within | None = None


class Alike(Model):
    """Answers of a role, all that is said in one turn each, that have a likeness, or all of several."""

    like: Names
    by: Role = "agent"
    within: Within | None = None

    @property
    def names(self) -> tuple[str, ...]:
        return names_in(self.like)


class Trigger(Model):
    """Something that happens in a call, perhaps several times; exactly one of these.

    ``event: hold`` is a silence or music in mid-call while the agent is away; ``situation`` what the
    call is about (one of several, given several), once, where the words for it are; ``anger`` the
    customer's.
    """

    event: Literal["hold", "music", "ring", "busy", "dtmf"] | None = None
    said: Said | None = None
    slot: Slot | None = None
    answer: Alike | None = None
    situation: Names | None = None
    anger: Anger | None = None

    @model_validator(mode="after")
    def _one(self) -> Trigger:
        exactly_one(self, ("event", "said", "slot", "answer", "situation", "anger"), "a trigger")
        return self


class RequiredPhrase(Model):
    """A wording that must be heard: of one lexicon, of any, of all, or of ``at_least`` n of several.

    ``agent_only``: nobody else says it, so whoever did was the agent. ``or_silently``: what a person
    may do instead without a word (a nod), so that a missing phrase is a matter for eyes, not a fail.
    ``hint``: a lexicon of single words that the demand would hold however it is put. No list holds every
    wording; where a hint stands, a missing phrase may have been said in other words, and is doubt.
    ``like``: a likeness that answers have in which the phrase is said, in whatever words: one that surely has
    it keeps the demand, one that may have it is doubt.
    ``spoiled_by``: a likeness; words in an answer that surely has it do not count: 「您有空再來問問看」 is no
    promise to ask.
    ``if_written``: one way among others (in ``any``) to keep a demand, which nobody owes: where the
    transcript holds nothing of the phrase, it does not apply, and nothing is listened for.
    """

    lexicon: str | None = None
    any_of: tuple[str, ...] = Field(default=(), alias="any")
    every: tuple[str, ...] = Field(default=(), alias="all")
    of: tuple[str, ...] = Field(default=(), description="with at_least: n of these lexicons")
    at_least: int | None = Field(default=None, ge=1)
    by: Role = "agent"
    within: Within | None = None
    agent_only: bool = False
    or_silently: str | None = None
    hint: str | None = None
    like: str | None = None
    spoiled_by: str | None = None
    if_written: bool = False

    @model_validator(mode="after")
    def _one(self) -> RequiredPhrase:
        exactly_one(self, ("lexicon", "any_of", "every", "of"), "a phrase")
        if (self.at_least is None) != (not self.of):
            raise ValueError("at_least and of go together")
        if len(set(self.of)) < len(self.of):
            raise ValueError("the same lexicon twice in `of`: one saying would count for two")
        if self.at_least is not None and self.at_least > len(self.of):
            raise ValueError(f"at_least {self.at_least} of only {len(self.of)} lexicons")
        if self.like is not None and (self.every or self.of):
            raise ValueError("like tells of one phrase: it goes with lexicon or any")
        if self.if_written and (self.hint or self.or_silently):
            raise ValueError(
                "if_written leaves no doubt: it goes with neither hint nor or_silently"
            )
        return self

    @property
    def lexicons(self) -> tuple[str, ...]:
        return (self.lexicon,) if self.lexicon else self.any_of or self.every or self.of


class AbsentPhrase(Model):
    """A wording that must not be heard (none of a lexicon's phrases).

    ``called`` is what reports call such words, 服務忌語; else the lexicon's first phrase stands for all.
    ``objection``: a lexicon of what the other says who was spoken to so. No list holds every such wording;
    where somebody objects (「你這什麼態度」) and none is found, that is doubt. ``cleared_by``: as of words
    that are said.
    """

    lexicon: str
    called: str | None = None
    objection: str | None = None
    cleared_by: str | None = None
    by: Role = "agent"
    within: Within | None = None


class Order(Model):
    """Wordings that must be heard one after the other."""

    lexicons: tuple[str, ...] = Field(min_length=2)
    by: Role = "agent"
    within: Within | None = None


class Each(Model):
    """A demand on occurrences of something; without an occurrence it does not apply."""

    of: Trigger
    require: Condition


class Reply(Model):
    """Words that must follow within a time whenever somebody says ``to``."""

    to: Said
    phrase: RequiredPhrase
    soon: Duration = Field(alias="within")

    @model_validator(mode="after")
    def _once(self) -> Reply:
        if self.phrase.within is not None:
            raise ValueError("a reply says how soon beside its phrase: no within inside it")
        return self


class Choose(Model):
    """One demand when something happens, another when it does not; a missing one does not apply."""

    if_: Trigger = Field(alias="if")
    then: Condition | None = None
    otherwise: Condition | None = Field(default=None, alias="else")


class Wish(Model):
    """The wish that fits the festival of the day; on other days it does not apply."""

    by: Role = "agent"
    within: Within | None = None


class LongCall(Model):
    """The longest a call of some situation may last.

    ``heard_in_it`` are situations whose words turn up in such talk as well: a friend asked what dinner costs
    is no enquiry.
    """

    situation: str
    longest: Duration
    heard_in_it: tuple[str, ...] = ()
    doubt: Duration = 0


class Condition(Model):
    """What a clause demands: exactly one of these.

    ``called``: what reports say was not done where it fails, instead of each part of it that was missed; of
    alternatives that all fail, those that are called something speak for the others.
    """

    called: str | None = Field(default=None, min_length=1)
    all_of: tuple[Condition, ...] | None = Field(default=None, alias="all", min_length=1)
    any_of: tuple[Condition, ...] | None = Field(default=None, alias="any", min_length=1)
    not_: Condition | None = Field(default=None, alias="not")
    each: Each | None = None
    some: Each | None = None
    choose: Choose | None = None
    reply: Reply | None = None
    phrase: RequiredPhrase | None = None
    absent: AbsentPhrase | None = None
    unlike: Alike | None = None
    order: Order | None = None
    slot: Slot | None = None
    record: Comparison | None = None
    rings: Rings | None = None
    released: Released | None = None
    wish: Wish | None = None
    duration: LongCall | None = None
    silence: LongSilence | None = None
    backchannel: Backchannel | None = None
    reaction: Reaction | None = None
    raised_voice: RaisedVoice | None = None
    quarrel: Quarrel | None = None
    delivery: Delivery | None = None
    impact: Slam | None = None
    knocks: Knocks | None = None

    @model_validator(mode="after")
    def _one(self) -> Condition:
        exactly_one(self, DEMANDS, "a demand")
        return self

    @cached_property
    def family(self) -> str:
        """The key that is given, as the author writes it."""
        given = next(name for name in DEMANDS if getattr(self, name) is not None)
        return type(self).model_fields[given].alias or given


DEMANDS = tuple(name for name in Condition.model_fields if name != "called")
"""The keys of a condition of which exactly one is given."""


# rules inside rules were not known yet where they are first named; errors look for the keys of all
for _model in (Within, Said, Each, Choose, Condition):
    _model.model_rebuild(force=True)
