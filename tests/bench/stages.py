"""What each stage of listening costs beside transcription: processor time a call-minute.

Each sample call is listened to once with transcription, and then in rounds that take its words from the
first time, since it is the other stages that are looked at. One thread, models loaded and warm; a stage's
time is the median round's, less what stages within it took.

    python -m tests.bench.stages [--rounds N]
"""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

os.environ["OMP_NUM_THREADS"] = "1"  # read when the numerical libraries are first imported

import click
import torch
from rich.console import Console
from rich.table import Table

import pipeline.listen.listen as stages
from pipeline.intake import Found, take_in
from pipeline.listen.audio import FloatArray
from pipeline.listen.engines import Engine, Reading
from pipeline.listen.listen import Listener, load_listener
from pipeline.settings import Settings

SAMPLES = Path(__file__).parents[2] / "samples" / "recordings"

FUNCTIONS = (
    *("decode", "call_progress", "own_speech", "impacts", "transcribe", "murmurs"),
    *("loudness", "tails_ms", "assign", "utterances", "with_roles"),
)
"""Stages that are functions in listen.py."""

METHODS = (
    ("activity", "heard"),
    ("diarizer", "turns"),
    ("prosody", "measure"),
    ("prosody", "voiced_share"),
)
"""Stages that are methods of a loaded model, by the listener's field."""

TRANSCRIPTION = "transcribe"


@dataclass
class Clock:
    """Processor time of stages by name; a stage within another is taken out of it."""

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    _within: list[float] = field(default_factory=list)

    def timed(self, name: str, stage: Callable[..., Any]) -> Callable[..., Any]:
        def run(*arguments: Any, **named: Any) -> Any:
            self._within.append(0.0)
            start = time.process_time()
            try:
                return stage(*arguments, **named)
            finally:
                taken = time.process_time() - start
                self.seconds[name] += taken - self._within.pop()
                if self._within:
                    self._within[-1] += taken

        return run


class Timed:
    """A loaded model whose stages are timed."""

    def __init__(self, model: Any, clock: Clock, names: tuple[str, ...]) -> None:
        self._model = model
        for name in names:
            setattr(self, name, clock.timed(name, getattr(model, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)


@contextmanager
def timed_stages(clock: Clock) -> Iterator[None]:
    """listen.py with each of its functions timed."""
    own = {name: getattr(stages, name) for name in FUNCTIONS}
    for name, stage in own.items():
        setattr(stages, name, clock.timed(name, stage))
    try:
        yield
    finally:
        for name, stage in own.items():
            setattr(stages, name, stage)


def timed_listener(listener: Listener, clock: Clock) -> Listener:
    timed = {
        model: Timed(
            getattr(listener, model), clock, tuple(name for of, name in METHODS if of == model)
        )
        for model in dict.fromkeys(model for model, _ in METHODS)
    }
    return replace(listener, **timed)  # type: ignore[arg-type]


class Recorded:
    """An engine that hears a window once and says the same ever after."""

    def __init__(self, engine: Engine) -> None:
        self.name = engine.name
        self.end_of_text = engine.end_of_text
        self.encode_text = engine.encode_text
        self.reader = engine.reader
        self.silent_reader = engine.silent_reader
        self._engine = engine
        self._heard: dict[tuple[tuple[bytes, ...], bool], tuple[Reading, ...]] = {}

    def transcribe(
        self, windows: Sequence[FloatArray], *, careful: bool = False
    ) -> tuple[Reading, ...]:
        sounds = tuple(samples.tobytes() for samples in windows), careful
        if sounds not in self._heard:
            self._heard[sounds] = self._engine.transcribe(windows, careful=careful)
        return self._heard[sounds]


def seconds_of(found: Found, listener: Listener) -> tuple[Mapping[str, float], int, int]:
    """The time of each stage for one recording, its channels, and its length in ms."""
    clock = Clock()
    with timed_stages(clock):
        run = clock.timed("what lies between", stages.listen)
        call = run(found.recording, found.path, timed_listener(listener, clock))
    return clock.seconds, call.channels, call.duration_ms


@click.command(help=__doc__)
@click.option("--rounds", type=int, default=3, show_default=True, help="Rounds of the stages.")
def main(rounds: int) -> None:
    torch.set_num_threads(1)
    listener = load_listener(Settings(threads=1))
    listener = replace(listener, engine=Recorded(listener.engine))
    found = take_in(SAMPLES, None).found
    seconds: dict[int, dict[str, float]] = {1: defaultdict(float), 2: defaultdict(float)}
    minutes = {1: 0.0, 2: 0.0}
    for one in found:
        first, channels, duration_ms = seconds_of(one, listener)
        again = [seconds_of(one, listener)[0] for _ in range(rounds)]
        minutes[channels] += duration_ms / 60_000
        for name in first:
            taken = median(times[name] for times in again)
            seconds[channels][name] += first[name] if name == TRANSCRIPTION else taken
    for channels, kind in ((2, "stereo"), (1, "mono")):
        Console().print(_table(kind, seconds[channels], minutes[channels]))


def _table(kind: str, seconds: Mapping[str, float], minutes: float) -> Table:
    table = Table(title=f"{kind}, {minutes:.1f} min, Whisper base, int8, one thread")
    table.add_column("stage")
    table.add_column("ms a call-minute", justify="right")
    table.add_column("beside transcription", justify="right")
    beside = sum(taken for name, taken in seconds.items() if name != TRANSCRIPTION)
    rows = {**seconds, "all but transcription": beside}
    for name, taken in sorted(rows.items(), key=lambda row: -row[1]):
        table.add_row(
            name, f"{1000 * taken / minutes:.1f}", f"{taken / seconds[TRANSCRIPTION]:.1%}"
        )
    return table


if __name__ == "__main__":
    main()
