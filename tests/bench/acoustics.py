"""What hearing how a call sounded costs beside transcribing it: everything in listening but the recogniser.

Voice activity, tones, impacts, voices told apart, prosody and loudness together, as a share of the
processor time that the recogniser took for the same calls in the same run; decoding the file counts too.
And what memory a long call takes beyond its samples, the recogniser left out.

    python -m tests.bench.acoustics
"""

from __future__ import annotations

import resource
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.intake import take_in
from pipeline.listen.audio import Sound, decode
from pipeline.listen.engines import Engine
from pipeline.listen.listen import Listener, hear_call, load_listener
from pipeline.records import CallRecord, Recording
from pipeline.settings import Settings

SAMPLES = Path(__file__).parents[2] / "samples" / "recordings"
LONG_MIN = (5, 20)


@dataclass
class Timed:
    """An engine whose processor time is added up."""

    engine: Engine
    spent_s: float = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)

    def transcribe(self, *args: Any, **named: Any) -> Any:
        began = time.process_time()
        try:
            return self.engine.transcribe(*args, **named)
        finally:
            self.spent_s += time.process_time() - began


@click.command(help=__doc__)
def main() -> None:
    listener = load_listener(Settings())
    console = Console()
    console.print(_cost(listener))
    console.print(_memory())


def _cost(listener: Listener) -> Table:
    table = Table(title="processor time on the sample calls, s (Whisper base, int8)")
    for column in ("calls", "minutes", "transcription", "all else in listening", "share"):
        table.add_column(column, justify="right")
    by_channels: dict[int, list[Path]] = {}
    for found in take_in(SAMPLES, None).found:
        by_channels.setdefault(decode(found.path).channels, []).append(found.path)
    for channels, paths in sorted(by_channels.items()):
        engine = Timed(listener.engine)
        ears = replace(listener, engine=engine)
        minutes, began = 0.0, time.process_time()
        for path in paths:
            sound = decode(path)
            minutes += sound.duration_ms / 60_000
            hear_call(_recording(path.name), sound, ears)
        other = time.process_time() - began - engine.spent_s
        name = f"{len(paths)} {'mono' if channels == 1 else 'stereo'}"
        row = (f"{minutes:.1f}", f"{engine.spent_s:.0f}", f"{other:.0f}")
        table.add_row(name, *row, f"{other / engine.spent_s:.0%}")
    return table


class Deaf:
    """Hears no word, so that what is left is the memory of everything else."""

    name = "none"

    def transcribe(self, *_: object, **__: object) -> tuple[()]:
        return ()


def _memory() -> Table:
    table = Table(title="memory, MB: the process at most, transcription left out")
    for column in ("channels", "minutes", "samples", "at most", "beyond samples"):
        table.add_column(column, justify="right")
    fresh = ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1)
    with fresh as process:
        for channels in (1, 2):
            for minutes in LONG_MIN:
                size, most = process.submit(_most_mb, channels, minutes).result()
                row = (channels, minutes, round(size), round(most), round(most - size))
                table.add_row(*map(str, row))
    return table


def _most_mb(channels: int, minutes: int) -> tuple[float, float]:
    """A sample call over and over for so many minutes: its samples, and the most memory ever held."""
    paths = [found.path for found in take_in(SAMPLES, None).found]
    ears = replace(load_listener(Settings()), engine=Deaf())  # type: ignore[arg-type]
    sound = _long(next(s for path in paths if (s := decode(path)).channels == channels), minutes)
    hear_call(_recording("long"), sound, ears)
    return sound.samples.nbytes / 1e6, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _long(sound: Sound, minutes: int) -> Sound:
    times = -(-minutes * 60_000 // sound.duration_ms)
    return Sound(np.tile(sound.samples, (1, times)), ())


def _recording(file: str) -> Recording:
    return Recording(file, file, 0, CallRecord(file))


if __name__ == "__main__":
    main()
