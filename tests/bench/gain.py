"""Whether a call's verdicts hang on how loud its line is: 10 dB softer or louder, and through automatic gain.

Each sample recording is heard and judged five times: as it is; 10 dB softer, which makes it the louder one;
the same in 16 bits; 10 dB louder, which is beyond full scale and cut off there; and with each channel
through automatic gain control at 8 kHz. What is counted are the clauses that are ruled otherwise. Voices
are synthetic.

    python -m tests.bench.gain
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.intake import Found, take_in
from pipeline.judge.judge import settle
from pipeline.judge.load import Standard, load_standard
from pipeline.listen.audio import SAMPLE_RATE, FloatArray, Sound, decode
from pipeline.listen.container import opened
from pipeline.listen.listen import Listener, hear_call, load_listener
from pipeline.listen.sandbox import unpacked_apart
from pipeline.listen.speakers import with_roles
from pipeline.listen.spotting import answer
from pipeline.records import Answer, Question, Verdict
from pipeline.settings import Settings, default_standard
from tests.bench.acted_calls import automatic_gain
from tests.sound import FLOAT, wave

SAMPLES = Path(__file__).parents[2] / "samples" / "recordings"
LOUDER_DB = 10.0
DECODE_S = 60
STEPS = 32_768
"""Of 16 bits, from silence to full scale."""

Line = Callable[[FloatArray, str], FloatArray]


def softer(samples: FloatArray, _: str) -> FloatArray:
    """10 dB softer, and nothing else."""
    return samples * np.float32(10 ** (-LOUDER_DB / 20))


def softer_in_16_bits(samples: FloatArray, file: str) -> FloatArray:
    """With the noise that so few steps add."""
    return np.asarray(np.rint(softer(samples, file) * STEPS) / STEPS, np.float32)


def louder(samples: FloatArray, _: str) -> FloatArray:
    """10 dB louder, and no louder than full scale."""
    return np.asarray(np.clip(samples * 10 ** (LOUDER_DB / 20), -1, 1), np.float32)


def gain_controlled(samples: FloatArray, file: str) -> FloatArray:
    """Through automatic gain at 8 kHz, differently for each file."""
    from scipy.signal import resample_poly

    random = np.random.default_rng(zlib.crc32(file.encode()))
    wave = automatic_gain(np.asarray(resample_poly(samples, 1, 2), np.float32), random)
    through = resample_poly(wave, 2, 1)[: samples.size]
    return np.asarray(np.clip(through, -1, 1), np.float32)


LINES: dict[str, Line] = {
    "10 dB softer": softer,
    "10 dB softer, 16 bits": softer_in_16_bits,
    "10 dB louder, cut off": louder,
    "automatic gain": gain_controlled,
}


@dataclass(frozen=True)
class Ears:
    """What hears and what judges."""

    listener: Listener
    standard: Standard

    def verdicts(self, found: Found, sound: Sound) -> tuple[Verdict, ...]:
        """The verdicts of a sound, closer listens included."""
        heard = hear_call(found.recording, sound, self.listener)
        call = with_roles(heard, found.recording)

        def closer_listen(questions: Sequence[Question]) -> tuple[Answer, ...]:
            return answer(questions, call, sound, self.listener.engine)

        return settle(call, self.standard, (), closer_listen).scorecard.verdicts


def _recorded(path: Path) -> FloatArray:
    """What a file holds, shape (channels, n), as loud as it is there."""
    with opened(path) as source, closing(unpacked_apart(source, DECODE_S)) as events:
        return np.concatenate([one for one in events if isinstance(one, np.ndarray)], axis=1)


def _decoded(samples: FloatArray) -> Sound:
    """Samples as if they had been recorded so."""
    with NamedTemporaryFile(suffix=".wav") as file:
        data = np.ascontiguousarray(samples.T, "<f4").tobytes()
        content = wave(data, rate=SAMPLE_RATE, channels=len(samples), bits=32, code=FLOAT)
        Path(file.name).write_bytes(content)
        return decode(Path(file.name))


@click.command(help=__doc__)
def main() -> None:
    ears = Ears(load_listener(Settings()), load_standard(default_standard()))
    changes: dict[str, Counter[str]] = {name: Counter() for name in LINES}
    clauses: dict[str, list[str]] = {name: [] for name in LINES}
    judged = 0
    for found in take_in(SAMPLES, None).found:
        sound = decode(found.path)
        usual = ears.verdicts(found, sound)
        judged += len(usual)
        recorded = _recorded(found.path)
        for name, line in LINES.items():
            channels = [line(channel, found.recording.file) for channel in recorded]
            other = ears.verdicts(found, _decoded(np.stack(channels)))
            for before, after in zip(usual, other, strict=True):
                if before.status != after.status:
                    changes[name][f"{before.status} -> {after.status}"] += 1
                    clauses[name].append(f"{found.recording.file[:2]}:{before.clause}")
    table = Table(title=f"{judged} verdicts on the sample calls, synthetic voices")
    for column in ("line", "changed", "how", "where"):
        table.add_column(column)
    for name, counts in changes.items():
        how = ", ".join(f"{count} {change}" for change, count in counts.most_common())
        table.add_row(name, str(counts.total()), how, " ".join(clauses[name]))
    Console(width=150).print(table)


if __name__ == "__main__":
    main()
