"""What a standard refers to by name: lexicons, situations, likenesses; with the place of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pipeline.judge.grammar import Model
from pipeline.judge.rules import (
    AbsentPhrase,
    Alike,
    Condition,
    LongCall,
    Order,
    RequiredPhrase,
    Said,
    Trigger,
)
from pipeline.judge.sound_rules import Anger, Exchange, LongSilence, Quarrel, Reaction
from pipeline.judge.standard import (
    Applies,
    AsAWhole,
    Cue,
    Festival,
    HoldRule,
    SituationRule,
    StandardModel,
)

Loc = tuple[int | str, ...]

NamedKind = Literal["lexicon", "situation", "likeness", "call likeness"]
"""A call likeness is one of whole calls (``of: call``)."""

WHERE: tuple[tuple[type[Model], tuple[str, ...], NamedKind], ...] = (
    (
        HoldRule,
        (
            *("request", "hint", "back", "away", "pressed_by"),
            *("excused_by", "sent_by", "asked_by", "passed_on"),
        ),
        "lexicon",
    ),
    (Cue, ("lexicon", "then", "answered"), "lexicon"),
    (Said, ("lexicon", "any_of", "then"), "lexicon"),
    (RequiredPhrase, ("lexicon", "any_of", "every", "of", "hint"), "lexicon"),
    (AbsentPhrase, ("lexicon", "objection"), "lexicon"),
    (Order, ("lexicons",), "lexicon"),
    (Festival, ("wishes",), "lexicon"),
    (LongSilence, ("excused_by", "sent_by", "pressed_by"), "lexicon"),
    (Reaction, ("pressed_by",), "lexicon"),
    (Quarrel, ("contradiction", "forbidden"), "lexicon"),
    (Exchange, ("protest",), "lexicon"),
    (Anger, ("words",), "lexicon"),
    (Alike, ("like",), "likeness"),
    (Said, ("cleared_by",), "likeness"),
    (RequiredPhrase, ("spoiled_by", "like"), "likeness"),
    (AbsentPhrase, ("cleared_by",), "likeness"),
    (Quarrel, ("manner",), "likeness"),
    (LongCall, ("situation", "heard_in_it"), "situation"),
    (Trigger, ("situation",), "situation"),
    (Applies, ("situation", "unless"), "situation"),
    (SituationRule, ("needs",), "situation"),
    (SituationRule, ("like", "unlike"), "call likeness"),
    (AsAWhole, ("like",), "call likeness"),
    (AsAWhole, ("shown_by",), "likeness"),
    (AsAWhole, ("unless",), "situation"),
)
"""The fields that hold a name."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A name and where it stands: ``loc`` is the way to it through ``standard.yaml``."""

    kind: NamedKind
    name: str
    loc: Loc


def references(model: StandardModel) -> Iterator[Reference]:
    """Every lexicon, situation and likeness a standard names, in the order of the file."""
    for part, loc in _all_parts(model, ()):
        for owner, fields, kind in WHERE:
            if isinstance(part, owner):
                for field in fields:
                    yield from _named(part, field, kind, loc)


def conditions(model: Model) -> Iterator[Condition]:
    """Every condition of a clause, those inside others too."""
    return (part for part, _ in _all_parts(model, ()) if isinstance(part, Condition))


def parts(model: Model) -> Iterator[tuple[Model, Loc]]:
    """The models that stand directly in a model, with the way from it to each."""
    for name, field in type(model).model_fields.items():
        value, key = getattr(model, name), field.alias or name
        if isinstance(value, Model):
            yield value, (key,)
        elif isinstance(value, tuple):
            for index, item in enumerate(value):
                if isinstance(item, Model):
                    yield item, (key, index)


def _named(part: Model, field: str, kind: NamedKind, loc: Loc) -> Iterator[Reference]:
    value = getattr(part, field)
    here = (*loc, type(part).model_fields[field].alias or field)
    if isinstance(value, str):
        yield Reference(kind, value, here)
    elif value:
        for index, name in enumerate(value):
            yield Reference(kind, name, (*here, index))


def _all_parts(model: Model, loc: Loc) -> Iterator[tuple[Model, Loc]]:
    """A model and every model inside it, with the way to it."""
    yield model, loc
    for part, key in parts(model):
        yield from _all_parts(part, (*loc, *key))
