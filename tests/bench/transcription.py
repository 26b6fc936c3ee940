"""callqa's transcription beside its peers', on the same calls, in turn: speed, errors, memory.

Each system is a program of its own with the same Whisper base weights, all cores, and transcribes the calls
channel by channel as it would be used: callqa with its voice activity and as many calls at once as there
are cores, faster-whisper's batched pipeline with its own voice activity, the others the whole channel.
Rounds go from system to system, so that a busy machine slows all; the fastest round of each counts, and
only ratios are to be read. The error rate is of characters (of syllables behind it), Simplified, without
punctuation.

Data: the stereo sample calls, or a --data FOLDER with recordings/ (stereo) and turns.csv as in samples/.
Voices are synthetic unless the folder's are not; the line is simulated.

    python -m tests.bench.transcription [--data FOLDER] [--calls N] [--rounds N] [--slow | --only NAME]
        [--growth]
"""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.models import resolve
from pipeline.settings import Settings
from tests.bench.errors import percent_wrong
from tests.bench.ggml import write_ggml
from tests.sound import samples_of

SAMPLES = Path(__file__).parents[2] / "samples"
CORES = os.cpu_count() or 1
BATCH = 8

Sounds = Sequence[FloatArray]
"""Calls, each of shape (2, n), 16 kHz."""

Transcribe = Callable[[Sounds], list[list[str]]]
"""Calls -> the text of each channel of each."""


@dataclass(frozen=True)
class Spoken:
    """A call and the words composed into each of its channels."""

    samples: FloatArray
    said: tuple[str, str]


@dataclass(frozen=True)
class Run:
    """A round of one system."""

    seconds: float
    processor_s: float
    peak_mb: float
    texts: list[list[str]]


def callqa(_: Path, beam_size: int = Settings().beam_size) -> Transcribe:
    import torch

    from pipeline.listen.engines import load_engine
    from pipeline.listen.speech import SHORTEST_MUSIC_MS, SHORTEST_SPEECH_MS, VoiceActivity, without
    from pipeline.listen.transcribe import transcribe

    engine = load_engine(Settings(beam_size=beam_size), resolve("base"))
    activity = VoiceActivity()

    def one(samples: FloatArray) -> list[str]:
        speech = []
        for channel in samples:
            heard = activity.heard(channel)
            music = [span for span in heard.music if span.duration_ms >= SHORTEST_MUSIC_MS]
            spans = without(heard.speech, tuple(music))
            speech.append(tuple(s for s in spans if s.duration_ms >= SHORTEST_SPEECH_MS))
        found = transcribe(samples, speech, engine)
        return ["".join(word.text for word in transcript.words) for transcript in found]

    def every(sounds: Sounds) -> list[list[str]]:
        with ThreadPoolExecutor(CORES, "bench", torch.set_num_threads, (1,)) as pool:
            return [*pool.map(one, sounds)]

    return every


def faster_whisper(_: Path, beam_size: int, batched: bool) -> Transcribe:
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(str(resolve("base").path), compute_type="int8", cpu_threads=CORES)
    asked: dict[str, Any] = {"language": "zh", "beam_size": beam_size, "temperature": 0.0}
    if batched:
        pipeline = BatchedInferencePipeline(model)

        def one(channel: FloatArray) -> str:
            segments, _ = pipeline.transcribe(channel, batch_size=BATCH, **asked)
            return "".join(segment.text for segment in segments)

    else:

        def one(channel: FloatArray) -> str:
            segments, _ = model.transcribe(channel, **asked)
            return "".join(segment.text for segment in segments)

    return lambda sounds: [[one(channel) for channel in samples] for samples in sounds]


def openai_whisper(_: Path, beam_size: int | None) -> Transcribe:
    import whisper

    from pipeline.listen.engines.openai_whisper import _load

    model = _load(resolve("base"), "cpu")

    def one(channel: FloatArray) -> str:
        result = whisper.transcribe(
            model, channel, language="zh", beam_size=beam_size, temperature=0.0, fp16=False
        )
        return str(result["text"])

    return lambda sounds: [[one(channel) for channel in samples] for samples in sounds]


def whisper_cpp(ggml: Path) -> Transcribe:
    from pywhispercpp.model import Model

    model = Model(
        str(ggml),
        n_threads=CORES,
        language="zh",
        print_progress=False,
        print_realtime=False,
        redirect_whispercpp_logs_to=None,
    )
    return lambda sounds: [
        ["".join(segment.text for segment in model.transcribe(channel)) for channel in samples]
        for samples in sounds
    ]


SYSTEMS: dict[str, tuple[str, Callable[[Path], Transcribe], bool]] = {
    "callqa": ("callqa", callqa, False),
    "faster-whisper batched, greedy": (
        "faster-whisper", lambda _: faster_whisper(_, 1, True), False
    ),
    "faster-whisper batched, beam 5": (
        "faster-whisper", lambda _: faster_whisper(_, 5, True), False
    ),
    "faster-whisper, greedy": ("faster-whisper", lambda _: faster_whisper(_, 1, False), False),
    "faster-whisper, beam 5": ("faster-whisper", lambda _: faster_whisper(_, 5, False), True),
    "whisper.cpp": ("pywhispercpp", whisper_cpp, False),
    "openai-whisper, greedy": ("openai-whisper", lambda _: openai_whisper(_, None), True),
    "openai-whisper, beam 5": ("openai-whisper", lambda _: openai_whisper(_, 5), True),
}  # fmt: skip
"""Package, how to load it, and whether it is run only with --slow."""


@click.command(help=__doc__)
@click.option("--data", type=click.Path(exists=True, path_type=Path), default=SAMPLES)
@click.option("--calls", type=int, default=6, show_default=True, help="Stereo calls to run.")
@click.option("--rounds", type=int, default=2, show_default=True)
@click.option("--slow", is_flag=True, help="The slow systems too, one round each.")
@click.option("--only", multiple=True, help="Just these systems, by the beginning of their names.")
@click.option("--growth", is_flag=True, help="How callqa's cost grows with number and length.")
def main(
    data: Path, calls: int, rounds: int, slow: bool, only: tuple[str, ...], growth: bool
) -> None:
    spoken = [call for _, call in zip(range(calls), _spoken(data), strict=False)]
    seconds = sum(call.samples.shape[1] for call in spoken) / SAMPLE_RATE
    with TemporaryDirectory() as folder:
        ggml = Path(folder) / "base.ggml"
        write_ggml(resolve("base").path, ggml)
        chosen = [
            name
            for name, (_, _, is_slow) in SYSTEMS.items()
            if (name == "callqa" or name.startswith(only) if only else slow or not is_slow)
        ]
        runs: dict[str, list[Run]] = {name: [] for name in chosen}
        for turn in range(rounds):
            for name in chosen:
                if turn == 0 or not SYSTEMS[name][2]:
                    run = _round(name, ggml, [call.samples for call in spoken])
                    runs[name].append(run)
                    click.echo(f"{name}: {run.seconds:.1f} s", err=True)
        table = Table(title=f"{len(spoken)} stereo calls, {seconds:.0f} s, {CORES} cores")
        for column in ("system", "version", "times real time", "callqa is", "processor s",
                       "CER %", "SER %", "peak MB"):  # fmt: skip
            table.add_column(column, justify="right")
        ours = min(run.seconds for run in runs["callqa"])
        for name in chosen:
            best = min(runs[name], key=lambda run: run.seconds)
            characters, sounds = percent_wrong(
                pair
                for call, texts in zip(spoken, best.texts, strict=True)
                for pair in zip(call.said, texts, strict=True)
            )
            package = SYSTEMS[name][0]
            table.add_row(
                name, version(package), f"{seconds / best.seconds:.1f}",
                f"{best.seconds / ours:.2f} x", f"{best.processor_s:.1f}",
                f"{characters:.1f}", f"{sounds:.1f}", f"{best.peak_mb:.0f}",
            )  # fmt: skip
        Console(width=120).print(table)
        if growth:
            _show_growth(spoken, ggml)


def _show_growth(spoken: Sequence[Spoken], ggml: Path) -> None:
    """How long callqa takes for more calls, and for one call made longer."""
    table = Table(title="How cost grows")
    for column in ("calls", "each s", "seconds", "s a minute", "", "peak MB"):
        table.add_column(column, justify="left" if not column else "right")
    one = spoken[0].samples
    plans = [[call.samples for call in (*spoken, *spoken)[:count]] for count in (1, 2, 4, 8)]
    plans += [[np.tile(one, times)] for times in (2, 4, 8, 16)]
    for sounds in plans:
        run = _round("callqa", ggml, sounds)
        minutes = sum(sound.shape[1] for sound in sounds) / SAMPLE_RATE / 60
        pace = run.seconds / minutes
        table.add_row(
            str(len(sounds)), f"{sounds[0].shape[1] / SAMPLE_RATE:.0f}", f"{run.seconds:.1f}",
            f"{pace:.2f}", "█" * round(10 * pace), f"{run.peak_mb:.0f}",
        )  # fmt: skip
    Console(width=120).print(table)


def _round(name: str, ggml: Path, sounds: Sounds) -> Run:
    """One round in a fresh process, models loaded before the clock starts."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(_timed, name, ggml, sounds).result()


def _timed(name: str, ggml: Path, sounds: Sounds) -> Run:
    transcribe = SYSTEMS[name][1](ggml)
    transcribe([sounds[0][:, : 5 * SAMPLE_RATE]])
    began, worked = time.perf_counter(), time.process_time()
    texts = transcribe(sounds)
    seconds, processor_s = time.perf_counter() - began, time.process_time() - worked
    return Run(seconds, processor_s, _peak_mb(), texts)


def _peak_mb() -> float:
    """The peak of this process alone: what getrusage tells of a new one begins with its parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (peak,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak) / 1024


def _spoken(data: Path) -> Iterator[Spoken]:
    """The stereo calls of a folder whose agent's channel is known."""
    turns = list(csv.DictReader((data / "turns.csv").open(encoding="utf-8")))
    for row in csv.DictReader((data / "recordings" / "calls.csv").open(encoding="utf-8")):
        if not row["agent_channel"]:
            continue
        said = {
            role: "".join(t["text"] for t in turns if (t["file"], t["role"]) == (row["file"], role))
            for role in ("agent", "customer")
        }
        agent_first = row["agent_channel"] == "0"
        roles = ("agent", "customer") if agent_first else ("customer", "agent")
        samples = samples_of(data / "recordings" / row["file"])
        yield Spoken(samples, (said[roles[0]], said[roles[1]]))


if __name__ == "__main__":
    main()
