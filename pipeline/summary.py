"""``summary.json``: what a run did, for the scheduler and whoever is told by it.

Counted from the run's journal as it happens, so that a run that stops with an error says as well how far it
came. Written at the beginning too, without an end: who finds it so knows that the run goes on or was killed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import fmean
from time import monotonic
from typing import Any

from pipeline import __version__
from pipeline.journal import (
    Event,
    RecordingFailed,
    RecordingPurged,
    RecordingScored,
    RecordingSetAside,
    RunEnded,
    RunStarted,
    RunStopped,
)
from pipeline.show.files import written_whole

NAME = "summary.json"

SCHEMA = 1
"""Grows when a key changes its meaning or goes; keys may be added without."""


def _now() -> str:
    return datetime.now().astimezone().isoformat("T", "seconds")


@dataclass
class Summary:
    """A run so far. ``fail_under`` is the score below which a call counts as such, if any."""

    command: str
    fail_under: float | None
    started_at: str = field(default_factory=_now)
    began: RunStarted | None = None
    heard: int = 0
    known: int = 0
    purged: int = 0
    scores: list[float | None] = field(default_factory=list)
    failures: dict[str, dict[str, Any]] = field(default_factory=dict)
    over: RunEnded | RunStopped | None = None
    _clock: float = field(default_factory=monotonic)

    @property
    def seconds(self) -> float:
        """Since the command began."""
        return round(monotonic() - self._clock, 3)

    def take(self, event: Event) -> None:
        """Count an event."""
        if isinstance(event, RunStarted):
            self.began = event
        elif isinstance(event, RecordingScored):
            self.heard += event.heard
            self.known += not event.heard
            self.scores.append(event.score)
        elif isinstance(event, RecordingFailed):
            self._failed(event, event.attempt, set_aside=False)
        elif isinstance(event, RecordingSetAside):
            self._failed(event, event.attempts, set_aside=True)
        elif isinstance(event, RecordingPurged):
            self.purged += 1
        elif isinstance(event, RunEnded | RunStopped):
            self.over = event

    def _failed(
        self, event: RecordingFailed | RecordingSetAside, attempts: int, *, set_aside: bool
    ) -> None:
        self.failures[event.file] = {
            "file": event.file,
            "got": event.got,
            "expected": event.expected,
            "hint": event.hint,
            "recording_id": event.sha256,
            "attempts": attempts,
            "set_aside": set_aside,
        }

    def counts(self) -> dict[str, int]:
        """Recordings by what became of them; ``failed`` holds those ``set_aside`` too."""
        told = [score for score in self.scores if score is not None]
        least = self.fail_under
        return {
            "scored": len(self.scores),
            "heard": self.heard,
            "known": self.known,
            "purged": self.purged,
            "ignored": self.began.ignored if self.began else 0,
            "failed": len(self.failures),
            "set_aside": sum(one["set_aside"] for one in self.failures.values()),
            "unjudged": len(self.scores) - len(told),
            "below_threshold": 0 if least is None else sum(score < least for score in told),
        }

    def document(self) -> dict[str, Any]:
        """Everything, as JSON types; the README says what each key means."""
        told = [score for score in self.scores if score is not None]
        over, began = self.over, self.began
        return {
            "schema": SCHEMA,
            "callqa_version": __version__,
            "command": self.command,
            "run_id": began.run_id if began else None,
            "started_at": self.started_at,
            "ended_at": _now() if over else None,
            "seconds": over.seconds if over else None,
            "exit_code": over.exit_code if over else None,
            "error": _error(over) if isinstance(over, RunStopped) and over.where else None,
            "folder": began.folder if began else None,
            "recordings": began.recordings if began else None,
            **self.counts(),
            "fail_under": self.fail_under,
            "mean_score": round(fmean(told), 2) if told else None,
            "failures": sorted(self.failures.values(), key=lambda one: str(one["file"])),
            "model": began.model if began else None,
            "engine": began.engine if began else None,
            "weights_sha256": began.weights_sha256 if began else None,
            "standard": began.standard if began else None,
            "standard_sha256": began.standard_sha256 if began else None,
            "store": began.store if began else None,
        }

    def write(self, out: Path) -> None:
        """Write it into the results' folder.

        Raises:
            OutputError: it cannot be written; an earlier one is left as it was
        """
        with written_whole(out / NAME) as file:
            json.dump(self.document(), file, ensure_ascii=False, indent=1)
            file.write("\n")


def _error(stopped: RunStopped) -> dict[str, str]:
    return {
        "where": stopped.where,
        "got": stopped.got,
        "expected": stopped.expected,
        "hint": stopped.hint,
    }
