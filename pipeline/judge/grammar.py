"""What every part of a standard is made of: durations, and models in which an unknown key is an error."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*(ms|s|m)$")
LONGEST_MS = 24 * 3_600_000
MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000}


def parse_duration(value: object) -> int:
    """``20s``, ``1.5m`` or ``500ms`` in milliseconds.

    >>> parse_duration("1.5m")
    90000
    """
    found = DURATION.match(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{value!r} is not a duration such as 20s, 1.5m or 500ms")
    duration_ms = float(found.group(1)) * MILLISECONDS[found.group(2)]
    if duration_ms > LONGEST_MS:
        raise ValueError(f"{value!r} is longer than a day")
    return round(duration_ms)


Duration = Annotated[
    int,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": DURATION.pattern}),
]


class Model(BaseModel):
    """A part of a standard: unknown keys are errors, values do not change once read."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False
    )


Names = str | Annotated[tuple[str, ...], Field(min_length=1)]
"""One name, or several."""


def names_in(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """One name or several, as several."""
    return (value,) if isinstance(value, str) else value


def exactly_one(model: Model, names: tuple[str, ...], what: str) -> None:
    """Insist that one of some keys is given, and no other of them.

    Raises:
        ValueError: none or several are; pydantic turns it into an error with its place.
    """
    given = [name for name in names if _is_given(getattr(model, name))]
    keys = ", ".join(_key(model, name) for name in names)
    if len(given) != 1:
        found = " and ".join(_key(model, name) for name in given) or "none"
        raise ValueError(f"{what}: found {found}; exactly one of {keys} is wanted")


def _is_given(value: object) -> bool:
    return value is not None and value is not False and value != ()


def _key(model: Model, name: str) -> str:
    return type(model).model_fields[name].alias or name
