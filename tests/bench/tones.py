"""How often the rings before an answer are counted exactly, on composed recordings.

Data: a ring plan (CN, TW, HK, US, JP modulated by 16 or 20 Hz or as two lines), 0 to 8 rings, the last
perhaps cut by the answer, the recording perhaps begun before the first; then 4-9 s of the sample voices
(in part beginning over the last ring) and in half of them a busy tone. White, babble (five sample voices)
or music-box noise 15 dB below the tones all along, tones from -32 to -12 dBov, one in ten overdriven by
12 dB; 8 kHz, G.711. Counted with call_progress alone. Thresholds were set on seed 1; report another.

``--noise`` takes a folder of real noise instead. ``--silent`` takes sound files in which nothing rings,
put through the line, and ``--clips`` a folder of real clips, of which those named in CLIPS are counted.

    python -m tests.bench.tones [--seed N] [--calls N] [--noise DIR] [--clips DIR] [--silent DIR ...]
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.tones import call_progress
from tests.sound import samples_of

SAMPLES = Path(__file__).parents[2] / "samples"
RATE = 8_000
SNR_DB = 15.0
TONE_DBOV = (-32.0, -12.0)
SPEECH_DBOV = -26.0
OVERDRIVEN = 0.1
OVERDRIVE_DB = 12.0
ANSWERS = (0.55, 0.3, 0.15)
"""Shares of calls answered after the last ring, in the middle of it, and by a voice over its end."""
SHORTEST_CUT_S = 0.25
OVER_S = 0.3
NOISES = ("white", "babble", "music")

CLIPS = {
    "baresip-ringback.flac": 1,
    "freedesktop-phone-outgoing-calling.flac": 1,
    "linphone-ringback.flac": 1,
    "baresip-ring.flac": 1,
    "baresip-busy.flac": 0,
    "freedesktop-phone-outgoing-busy.flac": 0,
    "wire_game-phone_hang_up.flac": 0,
    "wire_game-phone_pick_up.flac": 0,
} | {f"phone{number:03}.flac": 1 for number in (36, 37, 38, 42, 43, 44, 46, 48, 51, 52)}
"""Rings in each clip: ring-back and set tunes of free softphones, and DCASE 2013's ringing sets."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A national plan: lines in Hz, modulation, seconds on and off within a ring, the rest after it."""

    name: str
    lines_hz: tuple[float, ...]
    pattern_s: tuple[float, ...]
    rest_s: float
    busy_hz: tuple[float, ...]
    busy_s: float
    modulated_hz: float = 0.0


PLANS = (
    Plan("CN", (450,), (1.0,), 4.0, (450,), 0.35),
    Plan("TW", (440, 480), (1.0,), 2.0, (480, 620), 0.5),
    Plan("HK", (440, 480), (0.4, 0.2, 0.4), 3.0, (480, 620), 0.5),
    Plan("US", (440, 480), (2.0,), 4.0, (480, 620), 0.25),
    Plan("JP 16 Hz", (400,), (1.0,), 2.0, (400,), 0.5, 16.0),
    Plan("JP 20 Hz", (400,), (1.0,), 2.0, (400,), 0.5, 20.0),
    Plan("JP two lines", (384, 416), (1.0,), 2.0, (400,), 0.5),
)


@dataclass(frozen=True, slots=True)
class Composed:
    """A recording at 8 kHz, shape (n,), and what is in it."""

    plan: str
    noise: str
    rings: int
    busy: int
    wave: FloatArray


@click.command(help=__doc__)
@click.option("--seed", type=int, default=2, show_default=True)
@click.option("--calls", type=int, default=100, show_default=True)
@click.option("--noise", "folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--clips", type=click.Path(path_type=Path, exists=True, file_okay=False), multiple=True
)
@click.option("--silent", type=click.Path(path_type=Path, exists=True), multiple=True)
def main(
    seed: int, calls: int, folder: Path | None, clips: Sequence[Path], silent: Sequence[Path]
) -> None:
    sys.path.insert(0, str(SAMPLES))
    console = Console(width=120)
    console.print(_composed_table(np.random.default_rng(seed), calls, folder, console))
    if clips:
        console.print(_clips_table(clips))
    if silent:
        console.print(_silent_table(silent))


# --- composing -----------------------------------------------------------------------------------


def _compose(
    plan: Plan, noise: str, voices: list[FloatArray], beds: _Beds, random: np.random.Generator
) -> Composed:
    """One call of a plan; the number of rings is drawn."""
    import line

    dbov = float(random.uniform(*TONE_DBOV))
    rings = int(random.integers(0, 9))
    pieces = [line.silence(float(random.choice([0.0, random.uniform(0, 2)])))]
    answer = str(random.choice(["after", "cut", "over"], p=ANSWERS)) if rings else "after"
    wait_s = float(random.uniform(0.15, 1.5))
    for nth in range(rings):
        ring = _ring(plan, dbov)
        if nth + 1 < rings:
            pieces += [ring, line.silence(plan.rest_s)]
        elif answer == "cut":
            pieces.append(ring[: round(random.uniform(SHORTEST_CUT_S, sum(plan.pattern_s)) * RATE)])
        elif answer == "over":
            pieces.append(ring)
            wait_s = -OVER_S
        else:
            pieces += [ring, line.silence(random.uniform(0, plan.rest_s - 0.5))]
    ringing = np.concatenate(pieces)
    said = _talk(voices, random)
    start = max(0, ringing.size + round(wait_s * RATE))
    busy = int(random.random() < 0.5)
    tail = _busy(plan, dbov) if busy else line.silence(0.5)
    wave = np.zeros(start + said.size + RATE // 2 + tail.size, np.float32)
    wave[: ringing.size] += ringing
    wave[start : start + said.size] += said
    wave[-tail.size :] += tail
    wave += beds.take(noise, wave.size, dbov - SNR_DB, random)
    if random.random() < OVERDRIVEN:
        wave = np.clip(wave * 10 ** (OVERDRIVE_DB / 20), -1, 1)
    coded = line.CODECS[str(random.choice(["mu", "a"]))](line.limited(wave))
    return Composed(plan.name, noise, rings, busy, np.asarray(coded / 32_768, np.float32))


def _ring(plan: Plan, dbov: float) -> FloatArray:
    import line

    parts = [
        line.silence(seconds) if index % 2 else _sines(plan.lines_hz, seconds, plan.modulated_hz)
        for index, seconds in enumerate(plan.pattern_s)
    ]
    return np.asarray(line.levelled(np.concatenate(parts), dbov), np.float32)


def _busy(plan: Plan, dbov: float) -> FloatArray:
    import line

    burst = line.levelled(_sines(plan.busy_hz, plan.busy_s), dbov)
    return np.concatenate([burst, line.silence(plan.busy_s)] * 5)


def _sines(lines_hz: tuple[float, ...], seconds: float, modulated_hz: float = 0.0) -> FloatArray:
    time_s = np.arange(round(seconds * RATE)) / RATE
    wave = sum(np.sin(2 * np.pi * hz * time_s) for hz in lines_hz)
    if modulated_hz:
        wave = wave * (1 + np.sin(2 * np.pi * modulated_hz * time_s))
    ramp = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / 0.005)
    return np.asarray(wave * ramp, np.float32)


def _talk(voices: list[FloatArray], random: np.random.Generator) -> FloatArray:
    """Two to four turns of sample voices with short pauses."""
    turns = random.choice(len(voices), int(random.integers(2, 5)), replace=False)
    pause = np.zeros(RATE // 4, np.float32)
    return np.concatenate([part for turn in turns for part in (voices[turn], pause)])


def _voices() -> list[FloatArray]:
    """Every turn of the stereo samples, cut out of its own channel and brought to one level."""
    import line

    with (SAMPLES / "turns.csv").open(encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["role"] in ("agent", "customer")]
    found: list[FloatArray] = []
    for file in sorted({row["file"] for row in rows}):
        samples = samples_of(SAMPLES / "recordings" / file)
        if len(samples) != 2:
            continue
        for row in rows:
            if row["file"] == file:
                edges = [round(float(row[key]) * SAMPLE_RATE) for key in ("start_s", "end_s")]
                turn = samples[:, edges[0] : edges[1]]
                own = turn[int(np.argmax(np.square(turn).mean(1)))]
                found.append(line.levelled(_narrow(own), SPEECH_DBOV))
    return found


def _narrow(wave: FloatArray) -> FloatArray:
    """16 kHz to 8 kHz."""
    from scipy.signal import resample_poly

    return np.asarray(resample_poly(wave, 1, 2), np.float32)


class _Beds:
    """Noise by name: made from the samples, or real where a folder is given."""

    def __init__(self, voices: list[FloatArray], folder: Path | None) -> None:
        import line

        self._voices = voices
        self._real = {
            file.stem: line.banded(_narrow(samples_of(file)[0]))
            for file in sorted(folder.iterdir() if folder else [])
        }
        self.names: tuple[str, ...] = tuple(self._real) or NOISES

    def take(self, name: str, size: int, dbov: float, random: np.random.Generator) -> FloatArray:
        """So many samples of the noise, its mean power at a level."""
        import line

        if name in self._real:
            whole = self._real[name]
            bed = np.resize(np.roll(whole, int(random.integers(whole.size))), size)
        elif name == "babble":
            bed = sum(
                (np.resize(_talk(self._voices, random), size) for _ in range(5)),
                np.zeros(size, np.float32),
            )
        elif name == "music":
            bed = line.hold_music(size / RATE, random)[:size]
            bed = np.pad(bed, (0, size - bed.size))
        else:
            bed = line.noise(size, dbov, random)
        power = float(np.sqrt(np.mean(np.square(bed))))
        return np.asarray(bed * 10 ** (dbov / 20) / power, np.float32)


# --- counting ------------------------------------------------------------------------------------


def _count(wave: NDArray[np.float32], rate: int = RATE) -> dict[str, int]:
    """Events of each kind in an 8 or 16 kHz wave."""
    from scipy.signal import resample_poly

    whole = np.asarray(resample_poly(wave, SAMPLE_RATE // rate, 1), np.float32)
    kinds = [event.kind for event in call_progress(whole, 0)]
    return {kind: kinds.count(kind) for kind in ("ring", "busy", "dtmf")}


def _composed_table(
    random: np.random.Generator, calls: int, folder: Path | None, console: Console
) -> Table:
    voices = _voices()
    beds = _Beds(voices, folder)
    made = [
        _compose(
            PLANS[n % len(PLANS)],
            beds.names[n // len(PLANS) % len(beds.names)],
            voices,
            beds,
            random,
        )
        for n in range(calls)
    ]
    counted = [_count(one.wave) for one in made]
    for one, found in zip(made, counted, strict=True):
        if found["ring"] != one.rings or found["busy"] != one.busy or found["dtmf"]:
            console.print(
                f"{one.plan}, {one.noise}: {one.rings} rings, {one.busy} busy; found {found}"
            )
    table = Table(title=f"{calls} composed recordings, noise {SNR_DB:g} dB below the tones")
    for title in ("", "recordings", "rings exact", "busy exact", "keys invented"):
        table.add_column(title)
    groups: list[tuple[str, Callable[[Composed], bool]]] = [
        *((plan.name, lambda one, name=plan.name: one.plan == name) for plan in PLANS),
        *((noise, lambda one, name=noise: one.noise == name) for noise in beds.names),
        ("no ring", lambda one: one.rings == 0),
        ("all", lambda one: True),
    ]
    for title, belongs in groups:
        some = [(one, f) for one, f in zip(made, counted, strict=True) if belongs(one)]
        exact = [
            sum(getattr(one, key) == f[kind] for one, f in some)
            for key, kind in (("rings", "ring"), ("busy", "busy"))
        ]
        table.add_row(title, str(len(some)), *map(str, exact), str(sum(f["dtmf"] for _, f in some)))
    return table


def _clips_table(folders: Sequence[Path]) -> Table:
    table = Table(title="real clips as they are")
    for title in ("clip", "rings", "found", "busy found"):
        table.add_column(title)
    right = total = 0
    for file in sorted(file for folder in folders for file in folder.iterdir()):
        if file.name in CLIPS:
            found = _count(samples_of(file)[0], SAMPLE_RATE)
            total, right = total + 1, right + (found["ring"] == CLIPS[file.name])
            table.add_row(file.name, str(CLIPS[file.name]), str(found["ring"]), str(found["busy"]))
    table.add_row("exact", str(total), str(right), "")
    return table


def _silent_table(places: Sequence[Path]) -> Table:
    """Sound without any tone, on a line: whatever is found is wrong."""
    import line

    table = Table(title="no tone in them")
    for title in ("", "files", "seconds", "rings", "busy", "keys"):
        table.add_column(title)
    for place in places:
        files = sorted(place.rglob("*.flac")) if place.is_dir() else [place]
        seconds, found = 0.0, dict.fromkeys(("ring", "busy", "dtmf"), 0)
        for file in files:
            wave = line.levelled(line.carried(samples_of(file)[0], SAMPLE_RATE))
            seconds += wave.size / RATE
            coded = line.CODECS["mu"](line.limited(wave))
            told = _count(np.asarray(coded / 32_768, np.float32))
            found = {kind: found[kind] + told[kind] for kind in found}
        table.add_row(place.name, str(len(files)), f"{seconds:.0f}", *map(str, found.values()))
    return table


if __name__ == "__main__":
    main()
