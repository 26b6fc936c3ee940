"""The part of the rule language that is about the call record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from pipeline.judge.grammar import Model, exactly_one
from pipeline.records import DIRECTIONS, KINDS, LINES, PARTIES

RecordField = Literal["rings", "released_by", "direction", "line", "kind", "agent_id"]


def _as_written(value: object) -> object:
    """What YAML makes of yes, no and 1.5 is not what stands in a table."""
    if isinstance(value, bool | float):
        raise ValueError(f"{value!r} is neither text nor a whole number: put it in quotes")
    return value


Plain = Annotated[str | int, BeforeValidator(_as_written)]
"""A value of the call record."""

RECORDED: Mapping[str, tuple[str, ...]] = {
    "released_by": PARTIES,
    "direction": DIRECTIONS,
    "line": LINES,
    "kind": KINDS,
}
"""Fields of the call record that hold one of few words."""


class Comparison(Model):
    """A field of the call record against a value. Without a record nothing is ruled."""

    field: RecordField | None = None
    tag: str | None = Field(default=None, description="a further column of calls.csv")
    equals: Plain | None = None
    one_of: tuple[Plain, ...] = ()
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one(self) -> Comparison:
        exactly_one(self, ("field", "tag"), "what is compared")
        tests = ("equals", "one_of", "at_least", "at_most")
        if sum(getattr(self, name) not in (None, ()) for name in tests) != 1:
            raise ValueError("exactly one of equals, one_of, at_least, at_most is wanted")
        for value in (*self.one_of, *((self.equals,) if self.equals is not None else ())):
            allowed = RECORDED.get(self.field or "", ())
            if allowed and value not in allowed:
                raise ValueError(f"{self.field} is never {value!r}, but {' or '.join(allowed)}")
            if self.tag is not None and not isinstance(value, str):
                raise ValueError(f"a further column holds text: write '{value}' in quotes")
        return self
