"""The schema of a standard: what ``standard.yaml`` may say.

A standard is a folder with ``standard.yaml`` and its lexicons. The models below are the whole rule
language; every key not named here is an error. Loading lives in :mod:`pipeline.judge.load`.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pipeline.records import Kind, Line, Role

DURATION = re.compile(r"^(\d+(?:\.\d+)?)\s*(ms|s|m)$")
MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000}


def parse_duration(value: object) -> int:
    """``20s``, ``1.5m`` or ``500ms`` in milliseconds.

    >>> parse_duration("1.5m")
    90000
    """
    found = DURATION.match(value) if isinstance(value, str) else None
    if not found:
        raise ValueError(f"{value!r} is not a duration such as 20s, 1.5m or 500ms")
    return round(float(found.group(1)) * MILLISECONDS[found.group(2)])


Duration = Annotated[int, BeforeValidator(parse_duration)]


class Model(BaseModel):
    """A part of a standard: unknown keys are errors, values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Within(Model):
    """Where in the call a phrase must stand; exactly one of these."""

    first_turn: bool = False
    from_start: Duration | None = None
    from_end: Duration | None = None
    before: Duration | None = None
    after: Duration | None = None

    @model_validator(mode="after")
    def _one(self) -> Within:
        given = [name for name in type(self).model_fields if getattr(self, name)]
        if len(given) != 1:
            raise ValueError(
                f"names {' and '.join(given) or 'no place'}; exactly one of "
                "first_turn, from_start, from_end, before, after is wanted"
            )
        return self


class RequiredPhrase(Model):
    """A wording that must be heard. ``agent_only``: nobody else says it, so whoever did was the agent."""

    lexicon: str
    by: Role = "agent"
    within: Within | None = None
    agent_only: bool = False


class AbsentPhrase(Model):
    """A wording that must not be heard."""

    lexicon: str
    by: Role = "agent"


class LongSilence(Model):
    """The longest the agent may be silent while owing the customer a reply."""

    longest: Duration
    doubt: Duration = 0


class RaisedVoice(Model):
    """The agent's voice against the agent's own calm voice in this call. ``score`` is in standard
    deviations of calm speech, summed over level and spectral tilt, mean of the utterances that are
    louder and higher; down to ``score`` less ``doubt`` a person must listen.
    """

    score: float = Field(gt=0)
    doubt: float = Field(ge=0)
    utterances: int = Field(ge=1, description="how many raised utterances make a raised voice")
    baseline: int = Field(ge=2, description="how many utterances the agent's own voice is known by")


class Condition(Model):
    """What a clause demands: exactly one of these. ``all`` and ``any`` hold further conditions."""

    all_of: tuple[Condition, ...] | None = Field(default=None, alias="all", min_length=1)
    any_of: tuple[Condition, ...] | None = Field(default=None, alias="any", min_length=1)
    phrase: RequiredPhrase | None = None
    absent: AbsentPhrase | None = None
    silence: LongSilence | None = None
    raised_voice: RaisedVoice | None = None

    @model_validator(mode="after")
    def _one(self) -> Condition:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"demands {len(given)} things; exactly one of "
                "all, any, phrase, absent, silence, raised_voice is wanted"
            )
        return self


class Applies(Model):
    """The calls a clause is about; an empty list means any."""

    kind: tuple[Kind, ...] = ()
    line: tuple[Line, ...] = ()


class When(Model):
    """An event a clause is about; without one the clause does not apply."""

    event: Literal["hold"]


class Clause(Model):
    """One clause of the written standard.

    Exactly one of ``require`` (judged), ``manual`` (cannot be heard: what a person must look at) and
    ``not_yet`` (this version does not judge it: what it would take) is given.
    """

    id: str = Field(pattern=r"^[0-9A-Za-z.\-]+$")
    title: str = Field(min_length=1)
    demands: str = Field(min_length=1)
    dimension: str
    points: float | None = Field(default=None, gt=0)
    critical: bool = False
    applies: Applies = Applies()
    when: When | None = None
    require: Condition | None = None
    manual: str | None = None
    not_yet: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Clause:
        given = [
            name for name in ("require", "manual", "not_yet") if getattr(self, name) is not None
        ]
        if len(given) != 1:
            raise ValueError(
                f"clause {self.id} has {' and '.join(given) or 'nothing that judges it'}; "
                "exactly one of require, manual, not_yet is wanted"
            )
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


class Defaults(Model):
    """What a call is taken for when no call record says."""

    kind: Kind = "call"
    line: Line = "front_desk"


class StandardModel(Model):
    """The whole of ``standard.yaml``."""

    id: str = Field(pattern=r"^[a-z0-9\-]+$")
    title: str
    source: str
    defaults: Defaults = Defaults()
    slots: dict[str, tuple[str, ...]] = {}
    hold: HoldRule
    dimensions: tuple[Dimension, ...] = Field(min_length=1)
    clauses: tuple[Clause, ...] = Field(min_length=1)
