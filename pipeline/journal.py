"""What happens in a run, as it happens: plain values for whoever keeps a log or counts.

None of them holds a word of a call, nor a password. ``sha256`` is a recording's id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RunStarted:
    """A run is about to begin with its recordings; what is known before is known too.

    ``folder`` is empty and what listens ``None`` where kept calls are judged again, ``engine`` and
    ``weights_sha256`` also where there is nothing to hear. ``store`` is its URL without the password.
    """

    version: str
    run_id: str
    folder: str
    recordings: int
    size_bytes: int
    ignored: int
    settings: Mapping[str, object]
    model: str | None
    engine: str | None
    weights_sha256: str | None
    standard: str
    standard_sha256: str
    store: str


@dataclass(frozen=True, slots=True)
class RecordingScored:
    """A call was judged. ``seconds`` is what a worker spent on it, without loading models."""

    file: str
    sha256: str
    heard: bool
    seconds: float
    duration_ms: int
    score: float | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordingFailed:
    """A recording could not be judged; ``attempt`` counts the times its content was the reason."""

    file: str
    sha256: str | None
    got: str
    expected: str
    hint: str
    attempt: int


@dataclass(frozen=True, slots=True)
class RecordingSetAside:
    """A recording is not tried any more: now, or since an earlier run."""

    file: str
    sha256: str | None
    got: str
    expected: str
    hint: str
    attempts: int


@dataclass(frozen=True, slots=True)
class RecordingPurged:
    """A recording is left out: it was heard, and what was said in it has been deleted since."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing goes on until another run is done with what it has: the folder, or some recordings."""

    what: str
    holder: str | None = None
    recordings: int = 0


@dataclass(frozen=True, slots=True)
class RunEnded:
    """A run is over, and all it was to do is done. Counts are those of ``summary.json``."""

    exit_code: int
    seconds: float
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RunStopped:
    """A run ended before its time. The four fields are an error's, empty where somebody ended it."""

    exit_code: int
    seconds: float
    counts: Mapping[str, int]
    where: str = ""
    got: str = ""
    expected: str = ""
    hint: str = ""


Event = (
    RunStarted
    | RecordingScored
    | RecordingFailed
    | RecordingSetAside
    | RecordingPurged
    | Waiting
    | RunEnded
    | RunStopped
)

Journal = Callable[[Event], None]
"""Who is told."""


def unwritten(_: Event) -> None:
    """A journal that nobody keeps."""
