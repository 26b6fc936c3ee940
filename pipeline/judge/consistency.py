"""A standard held against itself: what it names must be there, and what it says must mean something.

The schema looks at one value at a time. What is wrong only beside something else is found here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipeline.errors import StandardError
from pipeline.judge.grammar import Model
from pipeline.judge.references import Loc, Reference, conditions, parts
from pipeline.judge.rules import Choose, Each, Reply, Within
from pipeline.judge.sound_rules import Quarrel, RaisedVoice
from pipeline.judge.source import Source, not_among
from pipeline.judge.standard import StandardModel

NUMBERED = {
    "dimensions": "dimension",
    "situations": "situation",
    "likenesses": "likeness",
    "clauses": "clause",
}
"""Lists of a standard, and what an entry is called: each has an ``id`` that stands once."""


def check_consistency(model: StandardModel, named: Sequence[Reference], source: Source) -> None:
    """Refuse what contradicts itself, leads nowhere, or is named and not there.

    Raises:
        StandardError: the first such thing, with its line
    """
    _check_ids(model, source)
    _check_dimensions(model, source)
    _check_names(named, model, source)
    _check_needs(model, source)
    _check_anchors(model, source)
    _check_wishes(model, source)


def _check_names(named: Iterable[Reference], model: StandardModel, source: Source) -> None:
    """Every lexicon a standard names is a file of its folder, all else it defines itself."""
    known = {
        "lexicon": sorted(file.stem for file in source.path.parent.glob("*.txt")),
        "situation": sorted(rule.id for rule in model.situations),
        "likeness": sorted(rule.id for rule in model.likenesses if rule.of == "answer"),
        "call likeness": sorted(rule.id for rule in model.likenesses if rule.of == "call"),
    }
    for one in named:
        allowed = known[one.kind]
        if one.name in allowed:
            continue
        file = f" (no file {one.name}.txt beside it)" if one.kind == "lexicon" else ""
        hint = f"Add it, or name another {one.kind}."
        raise not_among(source.at(one.loc), one.kind, one.name, allowed, hint, file)


def _check_ids(model: StandardModel, source: Source) -> None:
    """What is there twice would count twice, or hide the other."""
    for key, kind in NUMBERED.items():
        seen: dict[str, int] = {}
        for index, one in enumerate(getattr(model, key)):
            loc = (key, index, "id")
            if one.id in seen:
                raise StandardError(
                    source.at(loc),
                    f"{kind} {one.id} for the second time",
                    f"each {kind} once",
                    f"The first stands on line {seen[one.id]}; remove or renumber one.",
                )
            seen[one.id] = source.line(loc)


def _check_dimensions(model: StandardModel, source: Source) -> None:
    """Every dimension a clause names exists."""
    known = [dimension.id for dimension in model.dimensions]
    for index, clause in enumerate(model.clauses):
        if clause.dimension not in known:
            where = source.at(("clauses", index, "dimension"))
            raise not_among(where, "dimension", clause.dimension, known, "Add the dimension.")


def _check_needs(model: StandardModel, source: Source) -> None:
    """No situation is a part of itself."""
    needs = {rule.id: rule.needs for rule in model.situations}
    for index, rule in enumerate(model.situations):
        way = [rule.id]
        while (further := needs.get(way[-1])) is not None:
            way.append(further)
            if further in way[:-1]:
                raise StandardError(
                    source.at(("situations", index, "needs")),
                    f"situations that need each other: {' needs '.join(way)}",
                    "a situation that is a part of another, and that of no part of it",
                    "Take one `needs` out.",
                )


def _check_anchors(model: StandardModel, source: Source) -> None:
    """What counts from an occurrence stands where there is one."""
    for index, clause in enumerate(model.clauses):
        for loc in _unanchored(clause, ("clauses", index), anchored=False):
            raise StandardError(
                source.at(loc),
                f"{loc[-1]} without anything it counts from",
                "`of` beside it, or an `each`, `some` or `choose` around it",
                "Say before, after or around what: of: {lexicon: …}.",
            )


def _unanchored(model: Model, loc: Loc, *, anchored: bool) -> Iterator[Loc]:
    """The places in a part of a clause that count from an occurrence where there is none.

    An ``each`` gives one to what it requires, a ``choose`` to what is demanded when something happens.
    """
    if not anchored and isinstance(model, Within) and model.of is None:
        given = ("before", "after", "around")
        yield from ((*loc, key) for key in given if getattr(model, key) is not None)
    if not anchored and isinstance(model, RaisedVoice | Quarrel) and model.after is not None:
        yield (*loc, "after")
    for part, key in parts(model):
        gives = (isinstance(model, Each) and key[0] == "require") or (
            isinstance(model, Choose) and key[0] == "then"
        )
        # a reply's own words come after what it is a reply to
        if not (isinstance(model, Reply) and key[0] == "phrase"):
            yield from _unanchored(part, (*loc, *key), anchored=anchored or gives)


def _check_wishes(model: StandardModel, source: Source) -> None:
    """Who demands the wish of the day says which days have one."""
    for index, clause in enumerate(model.clauses):
        if model.festivals is None and any(one.wish for one in conditions(clause)):
            raise StandardError(
                source.at(("clauses", index, "require")),
                "wish, in a standard without festivals",
                "`festivals`, which says on what days one wishes what",
                "Add them, or take the wish out.",
            )
