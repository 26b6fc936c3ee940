"""One validated settings object, and where things are kept."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, Field

from pipeline.errors import UsageError

PACKAGE = Path(__file__).parent

LONGEST_H = 6.0
"""Hours of a recording; a longer one is almost surely no call."""

DECODE_S = 900
"""Seconds in which a recording must be unpacked; six hours of MP3 take about a minute."""


def cache_folder() -> Path:
    """Where fetched and assembled weights are kept; ``CALLQA_CACHE`` overrides the system's place."""
    return Path(os.environ.get("CALLQA_CACHE") or platformdirs.user_cache_dir("callqa"))


def default_standard() -> Path:
    """The shipped standard: beside the package in a checkout, inside it when installed from a wheel."""
    beside = PACKAGE.parent / "lexicons" / "property-reception"
    return beside if beside.is_dir() else PACKAGE / "_standards" / "property-reception"


def cores() -> int:
    """How many cores this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _from_environment(name: str, usual: float, what: str) -> float:
    """A limit that somebody may set for a night.

    Raises:
        UsageError: it is set to something that is no number above 0
    """
    said = os.environ.get(name)
    if not said:
        return usual
    try:
        number = float(said)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise UsageError(name, repr(said), f"a number of {what} above 0", "Correct or unset it.")
    return number


def _longest_h() -> float:
    return _from_environment("CALLQA_LONGEST_HOURS", LONGEST_H, "hours")


def _decode_s() -> int:
    return max(1, round(_from_environment("CALLQA_DECODE_SECONDS", DECODE_S, "seconds")))


class Settings(BaseModel):
    """What a run of listening depends on besides the recordings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = "base"
    engine: str = "auto"
    device: str = "auto"
    threads: int = Field(default=0, ge=0, description="0 means as many as the machine has")
    beam_size: int = Field(default=1, ge=1, le=10)
    language: str = "zh"
    longest_h: float = Field(
        default_factory=_longest_h, gt=0, description="hours a recording may last"
    )
    decode_s: int = Field(
        default_factory=_decode_s, gt=0, description="seconds in which a recording must be unpacked"
    )

    @property
    def cores(self) -> int:
        """Threads that may compute at once; a recording is heard by one, so as many recordings are."""
        return self.threads or cores()
