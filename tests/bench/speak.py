"""Speak the lines of a benchmark: a table of texts -> one clip each, 24 kHz, kept as FLAC.

Run it where samples/voices.py can speak (samples/README.md says what it needs)::

    python tests/bench/speak.py --voices node_modules/kokoro-js --clips build/spotting

A clip that is there already is not spoken again. The first four Mandarin voices of
:data:`VOICES` say the lines to tune on, the other four those to report on.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

HERE = Path(__file__).parent
SAMPLES = HERE.parents[1] / "samples"
LINES = HERE / "spotting_lines.tsv"

VOICES = {
    "tune": ("zf_xiaobei", "zm_yunjian", "zf_xiaoxiao", "zm_yunxia"),
    "report": ("zf_xiaoni", "zm_yunxi", "zf_xiaoyi", "zm_yunyang"),
}
SPEEDS = (1.0, 1.15, 1.3)
"""Times the voice's own pace; taken in turn. A desk says its closings faster than a story-teller."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table and how it is spoken. ``kind`` is the moment of a call it belongs to."""

    part: str
    kind: str
    text: str
    voice: str
    speed: float

    @property
    def clip(self) -> str:
        """The file name of its clip."""
        key = f"{self.text} {self.voice} {self.speed}"
        return hashlib.sha256(key.encode()).hexdigest()[:16] + ".flac"


def read_lines(path: Path) -> tuple[Line, ...]:
    """The lines of a table with the columns part, kind and text; voices and paces take turns."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    spoken = {"tune": 0, "report": 0}
    lines = []
    for row in rows:
        turn = spoken[row["part"]]
        spoken[row["part"]] += 1
        voices = VOICES[row["part"]]
        speed = SPEEDS[turn // len(voices) % len(SPEEDS)]
        lines.append(Line(row["part"], row["kind"], row["text"], voices[turn % 4], speed))
    return tuple(lines)


@click.command()
@click.option("--lines", default=LINES, type=click.Path(exists=True, path_type=Path))
@click.option("--voices", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--clips", required=True, type=click.Path(file_okay=False, path_type=Path))
def main(lines: Path, voices: Path, clips: Path) -> None:
    """Speak every line that has no clip yet."""
    import soundfile

    sys.path.insert(0, str(SAMPLES))
    from voices import SAMPLE_RATE_HZ, Voices

    speaker = Voices(voices)
    clips.mkdir(parents=True, exist_ok=True)
    for line in read_lines(lines):
        target = clips / line.clip
        if not target.exists():
            wave = speaker.speak(line.text, line.voice, line.speed)
            unfinished = target.with_suffix(".part")
            soundfile.write(
                unfinished, 0.9 * wave / np.abs(wave).max(), SAMPLE_RATE_HZ, format="FLAC"
            )
            unfinished.replace(target)
            click.echo(f"{len(wave) / SAMPLE_RATE_HZ:5.1f} s  {line.voice}  {line.text}")


if __name__ == "__main__":
    main()
