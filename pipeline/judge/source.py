"""YAML that people write -> a validated model, or an error that names file, line, and what is allowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process
from yaml.composer import ComposerError
from yaml.constructor import ConstructorError
from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from pipeline.errors import StandardError
from pipeline.judge.grammar import Model
from pipeline.wording.lexicon import read_text

MOST_VALUES = 100_000
"""In a file, with everything written out that an alias stands for."""

MOST_SHOWN = 80
"""Characters of a wrong value that are shown."""

DEEPEST = 40
"""Levels of lists and mappings inside each other."""

WANTED = {
    "string_type": ("text", "Put it in quotes."),
    "tuple_type": ("a list", "Write it in brackets: [a, b], or [a] for one."),
    "dict_type": ("a mapping: a key, a colon, a value", "Correct the value."),
    "model_type": ("a mapping: a key, a colon, a value", "Correct the value."),
    "bool_type": ("true or false", "Correct the value."),
    "bool_parsing": ("true or false", "Correct the value."),
    "int_parsing": ("a whole number", "Correct the value."),
    "int_type": ("a whole number", "Correct the value."),
    "float_parsing": ("a number", "Correct the value."),
    "float_type": ("a number", "Correct the value."),
    "string_too_short": ("some text", "Fill it in."),
    "too_short": ("a list of one thing at least", "Fill it in."),
    "date_from_datetime_parsing": ("a date such as 2026-05-01", "Correct the value."),
    "date_from_datetime_inexact": ("a date such as 2026-05-01", "Correct the value."),
    "date_parsing": ("a date such as 2026-05-01", "Correct the value."),
    "date_type": ("a date such as 2026-05-01", "Correct the value."),
}
"""What the schema wants, in words, and what to do, by pydantic's name of what is wrong."""

Loc = tuple[int | str, ...]
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Source:
    """A YAML file as plain values, the line each of them stands on, and as text; one path is one source."""

    path: Path
    tree: Any = field(compare=False)
    lines: dict[Loc, int] = field(compare=False)
    text: str = field(compare=False, repr=False)

    def at(self, loc: Loc) -> str:
        """``file:line`` of the innermost known part of a location."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return f"{self.path}:{self.lines.get(loc, 1)}"

    def line(self, loc: Loc) -> int:
        return self.lines.get(loc, 1)

    def validated(self, kind: type[M]) -> M:
        """The file as a model.

        Raises:
            StandardError: the first thing in it that the schema does not allow.
        """
        try:
            return kind.model_validate(self.tree)
        except ValidationError as error:
            raise self._schema_error(_telling(error), kind) from error

    def _schema_error(self, error: ErrorDetails, root: type[Model]) -> StandardError:
        loc = tuple(error["loc"])
        where, name = self.at(loc), ".".join(map(str, filter(_is_written, loc))) or "the file"
        if error["type"] == "extra_forbidden":
            allowed = _allowed_keys(loc[:-1], root)
            return not_among(where, "unknown key", loc[-1], allowed, "Remove it.")
        if error["type"] == "missing":
            return StandardError(where, f"no {loc[-1]!r}", f"a value for {name}", "Add it.")
        if error["type"] == "literal_error":
            allowed = [word.strip("' ") for word in error["ctx"]["expected"].split(" or ")]
            allowed = [word.strip("' ") for part in allowed for word in part.split(",")]
            return not_among(where, f"{name}:", error["input"], allowed, "Correct the value.")
        message = error["msg"].removeprefix("Value error, ")
        expected, hint = WANTED.get(error["type"], ("what the message says", "Correct the value."))
        if error["type"] in WANTED:
            message = _shortly(error["input"])
        return StandardError(where, f"{name}: {message}", expected, hint)


class _Loader(yaml.SafeLoader):
    """Plain values, few enough to be walked through; no tags, and no alias that holds itself."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = self._values = 0
        self._whole: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        before, alias = self._values, isinstance(event, yaml.AliasEvent)
        if not alias and event.tag is not None:
            raise _refused(f"the tag {event.tag}, where only plain values are taken", event)
        self._depth += 1
        self._values += 1
        if self._depth > DEEPEST:
            raise _refused(f"more than {DEEPEST} levels inside each other", event)
        node = super().compose_node(parent, index)
        if alias and id(node) not in self._whole:
            raise _refused("an alias inside what it stands for", event)
        if alias:
            self._values += self._whole[id(node)]
        else:
            self._whole[id(node)] = self._values - before
        if self._values > MOST_VALUES:
            raise _refused(f"more than {MOST_VALUES} values", event)
        self._depth -= 1
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError as error:  # a date such as 2025-02-30, a number of thousands of digits
            raise ConstructorError(None, None, str(error), node.start_mark) from error


def _refused(problem: str, event: Any) -> ComposerError:
    return ComposerError(None, None, problem, event.start_mark)


def read_source(path: Path, what: str, hint: str) -> Source:
    """Read a YAML file; ``what`` it should be and a ``hint`` are told when it cannot be read.

    Raises:
        StandardError: unreadable, too large, not UTF-8, not YAML, or a key given twice.
    """
    text = read_text(path, what, hint)
    lines: dict[Loc, int] = {}
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is not None:
            _note_lines(node, (), lines, path)  # before what << stands for is put in its place
        tree = loader.construct_document(node) if node else None
    except yaml.YAMLError as error:
        raise StandardError(
            f"{path}:{_line_of(error, text)}",
            f"not YAML ({getattr(error, 'problem', None) or str(error).splitlines()[0]})",
            "a YAML mapping",
            "Correct the line: a quote or bracket that does not close, a full-width colon, the indentation.",
        ) from error
    return Source(path, tree, lines, text)


def _line_of(error: yaml.YAMLError, text: str) -> int:
    """The line on which something is wrong: where a quote or a bracket opens that nothing closes, not where
    that is noticed. A block of lines begins far above what is wrong in it.
    """
    if isinstance(error, ReaderError):
        return text.count("\n", 0, error.position) + 1
    if not isinstance(error, MarkedYAMLError):
        return 1
    opened = error.context_mark if "block" not in (error.context or "block") else None
    mark = opened or error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 1


def not_among(
    where: str, what: str, word: object, allowed: list[str], hint: str, but: str = ""
) -> StandardError:
    """A word that is none of those there are: ``what`` it is, and what to do where none of them is near.

    ``but`` tells more of it.
    """
    return StandardError(
        where,
        f"{what} {word!r}{but}",
        f"one of {', '.join(allowed) or 'none: there is none'}",
        did_you_mean(str(word), allowed) or hint,
    )


def did_you_mean(word: str, allowed: list[str]) -> str | None:
    """A hint at the nearest of the allowed words; ``None`` when none is near."""
    nearest = process.extractOne(word, allowed, score_cutoff=50)
    return f"Did you mean {nearest[0]!r}?" if nearest else None


def _note_lines(node: yaml.Node, loc: Loc, lines: dict[Loc, int], path: Path) -> None:
    lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue  # no key at all, as is said when values are made of it
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


def _shortly(value: object) -> str:
    """A wrong value, or what kind of value it is where that is enough."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    return "nothing" if value is None else repr(value)[:MOST_SHOWN]


def _is_written(part: int | str) -> bool:
    """Whether a part of a location is the file's, and not pydantic's name of one of several types."""
    return isinstance(part, int) or not (part in ("str", "int") or "[" in part)


def _telling(error: ValidationError) -> ErrorDetails:
    """The error to show first: a misspelt key explains the missing one that comes with it; and of what may
    be one of two kinds, what is wrong with it as the one it is, not that it is not the other. A list is too
    short for what is wrong with its members.
    """

    def rank(detail: ErrorDetails) -> tuple[bool, bool, bool]:
        kind = detail["type"]
        by_others = kind == "too_short" and bool(detail["input"])
        return kind != "extra_forbidden", by_others, kind.endswith("_type")

    return min(error.errors(), key=rank)


def _allowed_keys(loc: Loc, root: type[Model]) -> list[str]:
    """The keys the schema knows at a location."""
    model = root
    for part in loc:
        if isinstance(part, int):
            continue
        for name, known in model.model_fields.items():
            if part in (name, known.alias):
                model = _model_in(known.annotation) or model
    return [known.alias or name for name, known in model.model_fields.items()]


def _model_in(annotation: Any) -> type[Model] | None:
    """The model somewhere inside a type such as ``tuple[Clause, ...] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, Model):
        return annotation
    inside = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in inside if model), None)
