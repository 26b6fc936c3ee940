"""How right and how fast both engines are on the sample calls.

Data: samples/recordings with the composed words of samples/turns.csv (synthetic voices over a
simulated 8 kHz G.711 line: easier than people, so read the ratio, not the figure). Speed is a ratio
between the engines in one run, each on the same windows.

    python -m tests.bench.transcription [--calls N] [--beam B]
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

from pipeline.listen.audio import Sound, decode
from pipeline.listen.engines import ENGINES, load_engine
from pipeline.listen.speech import VoiceActivity, without
from pipeline.listen.tones import call_progress
from pipeline.listen.transcribe import transcribe
from pipeline.models import resolve
from pipeline.records import Span
from pipeline.settings import Settings
from pipeline.wording.normalise import normalise
from pipeline.wording.syllables import syllables

SAMPLES = Path(__file__).parents[2] / "samples"


@dataclass(frozen=True)
class Side:
    """One channel of a stereo sample call, and the words composed into it."""

    sound: Sound
    channel: int
    speech: tuple[Span, ...]
    said: str


@click.command(help=__doc__)
@click.option("--calls", type=int, default=6, show_default=True, help="Stereo calls to run.")
@click.option("--beam", type=int, default=5, show_default=True)
def main(calls: int, beam: int) -> None:
    sides = [side for _, side in zip(range(2 * calls), _sides(), strict=False)]
    seconds = sum(span.duration_ms for side in sides for span in side.speech) / 1000
    table = Table(
        title=f"Whisper base, beam {beam}, {seconds:.0f} s of speech in {len(sides)} channels"
    )
    for column in ("engine", "CER %", "SER %", "seconds", "times real time", "ratio"):
        table.add_column(column, justify="right")
    fastest: float | None = None
    for name in ENGINES:
        engine = load_engine(Settings(engine=name, beam_size=beam), resolve("base"))
        wrong = sounded_wrong = total = 0
        begun = time.perf_counter()
        for side in sides:
            samples = side.sound.samples[side.channel]
            words = transcribe(samples, side.speech, engine, side.channel).words
            said, heard = normalise(side.said).text, normalise("".join(w.text for w in words)).text
            wrong += Levenshtein.distance(said, heard)
            sounded_wrong += Levenshtein.distance(syllables(said), syllables(heard))
            total += len(said)
        took = time.perf_counter() - begun
        fastest = fastest or took
        table.add_row(
            name,
            f"{100 * wrong / total:.1f}",
            f"{100 * sounded_wrong / total:.1f}",
            f"{took:.1f}",
            f"{seconds / took:.1f}",
            f"{took / fastest:.1f}",
        )
    Console().print(table)


def _sides() -> Iterator[Side]:
    activity = VoiceActivity()
    turns = list(csv.DictReader((SAMPLES / "turns.csv").open(encoding="utf-8")))
    for row in csv.DictReader((SAMPLES / "recordings" / "calls.csv").open(encoding="utf-8")):
        if not row["agent_channel"]:
            continue
        sound = decode(SAMPLES / "recordings" / row["file"])
        for channel, samples in enumerate(sound.samples):
            role = "agent" if channel == int(row["agent_channel"]) else "customer"
            said = "".join(
                t["text"] for t in turns if (t["file"], t["role"]) == (row["file"], role)
            )
            music = activity.music(samples)
            tones = tuple(event.span for event in call_progress(samples, channel))
            yield Side(sound, channel, without(activity.speech(samples), (*tones, *music)), said)


if __name__ == "__main__":
    main()
