"""What a night takes of memory: one hour of stereo, and many short recordings.

Data: the stereo sample calls, one after another again and again until the hour is full; short
recordings are seconds of them. Each night is a program of its own, whose peak is the resident set that
the system counted (models, libraries and store included).

    python -m tests.bench.memory [--minutes N] [--short N] [--threads N] [--keep FOLDER]
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import click
import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from tests.sound import pcm, samples_of, wave

SAMPLES = Path(__file__).parents[2] / "samples" / "recordings"
LINE_HZ = 8_000


@click.command(help=__doc__)
@click.option("--minutes", default=60.0, show_default=True, help="Length of the long recording.")
@click.option("--short", default=300, show_default=True, help="Recordings of one second.")
@click.option("--threads", default=0, show_default=True, help="As of callqa score; 0 is all.")
@click.option("--keep", type=click.Path(path_type=Path), help="Write recordings and results here.")
def main(minutes: float, short: int, threads: int, keep: Path | None) -> None:
    table = Table(title=f"{threads or os.cpu_count()} threads")
    for column in ("night", "sound s", "wall s", "processor s", "peak MB"):
        table.add_column(column, justify="right")
    with TemporaryDirectory() as temporary:
        root = keep or Path(temporary)
        if minutes:
            put_long(root / "long" / "long.wav", minutes * 60)
            table.add_row(
                f"{minutes:.0f} min stereo", f"{minutes * 60:.0f}", *_night(root / "long", threads)
            )
        for count in (short // 4, short) if short else ():
            folder = root / f"short-{count}"
            put_short(folder, count)
            table.add_row(f"{count} of 1 s", str(count), *_night(folder, threads))
    Console().print(table)


def put_long(path: Path, seconds: float) -> None:
    """The stereo samples on end, 8 kHz, 16 bit."""
    path.parent.mkdir(parents=True, exist_ok=True)
    left = round(seconds * LINE_HZ)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=LINE_HZ, layout="stereo")
        for samples in cycle(_stereo()):
            whole = np.frombuffer(pcm(samples.T[:left]), "<i2").reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="stereo")
            frame.sample_rate = LINE_HZ
            container.mux(stream.encode(frame))
            left -= samples.shape[1]
            if left <= 0:
                break
        container.mux(stream.encode(None))


def put_short(folder: Path, count: int) -> None:
    """Seconds of the stereo samples, no two alike."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    while number < count:
        for samples in _stereo():
            for start in range(0, samples.shape[1] - LINE_HZ, LINE_HZ):
                if number == count:
                    return
                # the sample after the second makes it another recording on the next round
                piece = samples[:, start : start + LINE_HZ + number // 500]
                (folder / f"{number:05}.wav").write_bytes(
                    wave(pcm(piece.T), rate=LINE_HZ, channels=2)
                )
                number += 1


def _stereo() -> Iterator[FloatArray]:
    """The stereo samples at the rate of the line, shape (2, n)."""
    for path in sorted(SAMPLES.iterdir()):
        if path.suffix not in (".wav", ".mp3", ".flac"):
            continue
        samples = samples_of(path)
        if len(samples) == 2:
            yield samples[:, :: SAMPLE_RATE // LINE_HZ]


def _night(folder: Path, threads: int) -> tuple[str, str, str]:
    """Wall and processor seconds and peak resident megabytes of one program that scores a folder."""
    command = [sys.executable, "-m", "pipeline", "score", str(folder), "--json"]
    options = ["--out", str(folder.with_name(f"{folder.name}-out")), "--threads", str(threads)]
    began = time.perf_counter()
    pid = os.posix_spawn(
        sys.executable,
        [*command, *options],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, used = os.wait4(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code not in (0, 3):
        raise click.ClickException(f"callqa ended with {code}")
    return (
        f"{time.perf_counter() - began:.1f}",
        f"{used.ru_utime + used.ru_stime:.1f}",
        f"{used.ru_maxrss / 1024:.0f}",
    )


if __name__ == "__main__":
    main()
