"""A standard's folder -> a :class:`Standard` ready to judge with, or an error that names the line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from pipeline.errors import StandardError
from pipeline.judge.standard import Clause, Condition, Model, StandardModel
from pipeline.records import ClauseText, DimensionText, Outline
from pipeline.wording.lexicon import Lexicon, read_lexicon
from pipeline.wording.match import Matcher

FILE = "standard.yaml"
Loc = tuple[int | str, ...]


@dataclass(frozen=True)
class Standard:
    """A standard with its lexicons read and compiled. ``sha256`` covers every file of the folder."""

    model: StandardModel
    lexicons: dict[str, Lexicon]
    matcher: Matcher
    sha256: str

    @property
    def outline(self) -> Outline:
        """The standard as a reader needs it."""
        return Outline(
            id=self.model.id,
            title=self.model.title,
            sha256=self.sha256,
            dimensions=tuple(
                DimensionText(d.id, d.clause, d.title, d.deduct) for d in self.model.dimensions
            ),
            clauses=tuple(
                ClauseText(c.id, c.title, c.demands, c.dimension, how_judged(c), c.critical)
                for c in self.model.clauses
            ),
        )


def how_judged(clause: Clause) -> str:
    """How a clause is answered, in a word or two: its check families, ``manual`` or ``not yet``."""
    if clause.manual is not None:
        return "manual"
    if clause.not_yet is not None:
        return "not yet"
    families = (
        name.removesuffix("_of")
        for condition in conditions(clause)
        for name in type(condition).model_fields
        if getattr(condition, name) is not None and not name.endswith("_of")
    )
    return ", ".join(dict.fromkeys([*(["hold"] if clause.when else []), *families]))


def conditions(clause: Clause) -> Iterator[Condition]:
    """Every condition of a clause, those inside others too."""
    waiting = [clause.require] if clause.require else []
    while waiting:
        condition = waiting.pop(0)
        yield condition
        waiting.extend((*(condition.all_of or ()), *(condition.any_of or ())))


def load_standard(folder: Path) -> Standard:
    """Read and check a standard's folder.

    Raises:
        StandardError: anything wrong with it; names file and line, what was found, what is allowed.
    """
    path = folder / FILE
    text = _read(path)
    tree, lines = _parse(text, path)
    try:
        model = StandardModel.model_validate(tree)
    except ValidationError as error:
        raise _schema_error(_telling(error), path, lines) from error
    _check_references(model, path, lines)
    slots = dict(model.slots)
    lexicons = {
        name: read_lexicon(folder / f"{name}.txt", slots) for name in sorted(_lexicon_names(model))
    }
    return Standard(model, lexicons, Matcher(lexicons.values()), _digest(folder))


def _telling(error: ValidationError) -> ErrorDetails:
    """The error to show first: a misspelt key explains the missing one that comes with it."""
    return min(error.errors(), key=lambda detail: detail["type"] != "extra_forbidden")


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted([folder / FILE, *folder.glob("*.txt")]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise StandardError(
            str(path), f"byte {error.start} is not UTF-8", "a UTF-8 text file", "Save it as UTF-8."
        ) from error
    except OSError as error:
        raise StandardError(
            str(path),
            f"cannot be read ({error.strerror})",
            f"a standard's folder with a {FILE} in it",
            "Check the path given to --standard.",
        ) from error


def _parse(text: str, path: Path) -> tuple[Any, dict[Loc, int]]:
    """The YAML as plain values, and the line each of them stands on."""
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        tree = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise StandardError(
            f"{path}:{mark.line + 1}" if mark else str(path),
            f"not YAML ({getattr(error, 'problem', None) or error})",
            "a YAML mapping",
            "Correct the line; mind the indentation.",
        ) from error
    lines: dict[Loc, int] = {}
    if node is not None:
        _note_lines(node, (), lines, path)
    return tree, lines


def _note_lines(node: yaml.Node, loc: Loc, lines: dict[Loc, int], path: Path) -> None:
    lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inside = (*loc, key.value)
            if inside in lines:
                raise StandardError(
                    f"{path}:{key.start_mark.line + 1}",
                    f"key {key.value!r} for the second time",
                    "each key once",
                    f"Remove one; the other stands on line {lines[inside]}.",
                )
            lines[inside] = key.start_mark.line + 1
            _note_lines(value, inside, lines, path)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _note_lines(item, (*loc, index), lines, path)


def _at(path: Path, loc: Loc, lines: dict[Loc, int]) -> str:
    """``file:line`` of the innermost known part of a location."""
    while loc and loc not in lines:
        loc = loc[:-1]
    return f"{path}:{lines.get(loc, 1)}"


def _schema_error(error: ErrorDetails, path: Path, lines: dict[Loc, int]) -> StandardError:
    loc = tuple(error["loc"])
    where, name = _at(path, loc, lines), ".".join(str(part) for part in loc) or "the file"
    if error["type"] == "extra_forbidden":
        allowed = _allowed_keys(loc[:-1])
        nearest = process.extractOne(str(loc[-1]), allowed, score_cutoff=50)
        return StandardError(
            where,
            f"unknown key {loc[-1]!r}",
            f"one of {', '.join(allowed)}",
            f"Did you mean {nearest[0]!r}?" if nearest else "Remove it.",
        )
    if error["type"] == "missing":
        return StandardError(where, f"no {loc[-1]!r}", f"a value for {name}", "Add it.")
    message = error["msg"].removeprefix("Value error, ")
    return StandardError(where, f"{name}: {message}", "what the message says", "Correct the value.")


def _allowed_keys(loc: Loc) -> list[str]:
    """The keys the schema knows at a location."""
    model: type[Model] = StandardModel
    for part in loc:
        if isinstance(part, int):
            continue
        for name, field in model.model_fields.items():
            if part in (name, field.alias):
                model = _model_in(field.annotation) or model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[Model] | None:
    """The model somewhere inside a type such as ``tuple[Clause, ...] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    inside = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in inside if model), None)


def _check_references(model: StandardModel, path: Path, lines: dict[Loc, int]) -> None:
    """Clause numbers stand once; every dimension a clause names exists."""
    known = [dimension.id for dimension in model.dimensions]
    seen: dict[str, int] = {}
    for index, clause in enumerate(model.clauses):
        loc = ("clauses", index, "id")
        if clause.id in seen:
            raise StandardError(
                _at(path, loc, lines),
                f"clause {clause.id} for the second time",
                "each clause once",
                f"The first stands on line {seen[clause.id]}; remove or renumber one.",
            )
        seen[clause.id] = lines.get(loc, 1)
        if clause.dimension not in known:
            raise StandardError(
                _at(path, ("clauses", index, "dimension"), lines),
                f"dimension {clause.dimension!r}",
                f"one of {', '.join(known)}",
                "Correct the name, or add the dimension.",
            )


def _lexicon_names(model: StandardModel) -> set[str]:
    names = {model.hold.request, model.hold.hint, model.hold.back}
    for clause in model.clauses:
        for condition in conditions(clause):
            if condition.phrase:
                names.add(condition.phrase.lexicon)
            if condition.absent:
                names.add(condition.absent.lexicon)
    return names
