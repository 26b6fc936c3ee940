"""Kinds of values that options and arguments take, beyond those of click."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

EMPTY = "is empty, as a shell variable that is not set leaves it"


class Finite(click.FloatRange):
    """A number within a range; ``nan``, which no range keeps out, and ``inf`` are none."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return found


class Given(click.ParamType[str]):
    """Text of at least one character: an empty name would mean the current folder."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if not text.strip():
            self.fail(EMPTY, param, ctx)
        return text


class GivenPath(click.Path):
    """A path of at least one character, as :class:`pathlib.Path`."""

    def __init__(self, *, file_okay: bool = True, exists: bool = False) -> None:
        super().__init__(exists=exists, file_okay=file_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not str(value).strip():
            self.fail(EMPTY, param, ctx)
        return Path(str(super().convert(str(value), param, ctx)))
