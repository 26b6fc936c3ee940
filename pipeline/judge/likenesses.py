"""The likenesses that a standard defines, each learned from its examples."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.errors import StandardError
from pipeline.judge.source import Source, not_among
from pipeline.judge.standard import LikenessRule, StandardModel
from pipeline.wording.compiled import recall_learned
from pipeline.wording.examples import Example, read_examples
from pipeline.wording.lessons import Learned, Lesson, Lessons, learned_apart
from pipeline.wording.likeness import Likenesses


def likenesses_of(model: StandardModel, source: Source) -> Learned:
    """What the examples of each likeness have in common, by its name.

    Raises:
        StandardError: a file of examples is missing or wrong, or has none of a kind that is named.
    """
    if not model.likenesses:
        return Learned(Likenesses({}), Likenesses({}))
    folder = source.path.parent
    _check_files(model, source)
    files = sorted({(rule.examples, rule.of == "call") for rule in model.likenesses})
    examples = {
        name: read_examples(folder / f"{name}.tsv", whole=of_calls) for name, of_calls in files
    }
    lessons: dict[str, Lesson] = {}
    for number, rule in enumerate(model.likenesses):
        others = sorted(_others(rule, examples[rule.examples], source, number))
        lessons[rule.id] = Lesson(rule.examples, rule.like, tuple(others), rule.of == "call")
    return recall_learned(Lessons(examples, lessons), learned_apart)


def _check_files(model: StandardModel, source: Source) -> None:
    """Every table of examples that is named is there."""
    known = sorted(file.stem for file in source.path.parent.glob("*.tsv"))
    for number, rule in enumerate(model.likenesses):
        if rule.examples not in known:
            raise not_among(
                source.at(("likenesses", number, "examples")),
                "examples",
                rule.examples,
                known,
                "Add the file, or correct the name.",
                f" (no file {rule.examples}.tsv beside it)",
            )


def _others(
    rule: LikenessRule, examples: Iterable[Example], source: Source, number: int
) -> set[str]:
    """The kinds that a likeness must not be taken for: the file has some of them, and of its own."""
    known = sorted({kind for example in examples for kind in example.kinds})
    for key in ("like", "than"):
        for place, kind in enumerate(getattr(rule, key)):
            if kind not in known:
                raise not_among(
                    source.at(("likenesses", number, key, place)),
                    "kind",
                    kind,
                    known,
                    "Add some, or name another kind.",
                    f", of which {rule.examples}.tsv has no example",
                )
    others = set(rule.than or known) - set(rule.like)
    kept_apart = any(
        set(one.kinds).isdisjoint(rule.like) and not others.isdisjoint(one.kinds)
        for one in examples
    )
    if not kept_apart:
        raise StandardError(
            source.at(("likenesses", number, "like")),
            f"every kind there is in {', '.join(rule.than) or rule.examples + '.tsv'}"
            if not others
            else f"a kind that every example of {', '.join(sorted(others))} is of as well",
            "examples of some other kind alone, which such answers must not be taken for",
            "Add examples of answers with nothing wrong about them.",
        )
    return others
