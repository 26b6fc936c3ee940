"""How often the raised-voice check is right, on composed calls of acted Mandarin.

Data: CASIA (two speakers, six emotions, 50 sentences each), 8 kHz, 300-3400 Hz. A call is 7 to 13
utterances of one speaker, two sentences each, all neutral but for a share of another emotion, at a
random loudness. Constants were chosen on wangzhe; liuchanhg is what to read.

    python -m tests.bench.raised_voice CASIA_FOLDER
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.judge.checks.voice import USUAL_SD, baseline
from pipeline.judge.load import load_standard
from pipeline.listen.audio import SAMPLE_RATE, FloatArray, decode
from pipeline.listen.prosody import Prosody
from pipeline.listen.speech import VoiceActivity
from pipeline.records import Span, Utterance, Voice, Word
from pipeline.settings import default_standard

SPEAKERS = ("wangzhe", "liuchanhg")
MIXES = (
    ("neutral", 0.0),
    ("sad", 0.3),
    ("happy", 0.3),
    ("surprise", 0.3),
    ("angry", 0.2),
    ("angry", 0.35),
    ("angry", 0.5),
)
CALLS = 400


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(folder: Path) -> None:
    clause = next(c for c in load_standard(default_standard()).model.clauses if c.id == "4.1.8.2")
    rule = clause.require.raised_voice if clause.require else None
    if rule is None:
        raise click.ClickException("the shipped standard does not measure a raised voice")
    table = Table(title=f"raised voice: % fail / % unjudged of {CALLS} composed calls")
    table.add_column("speaker")
    table.add_column("calm SD (dB, st, st, dB)")
    for emotion, share in MIXES:
        table.add_column(f"{emotion} {share:.0%}", justify="right")
    for speaker in SPEAKERS:
        voices = {e: _voices(folder / speaker / e) for e in {emotion for emotion, _ in MIXES}}
        random = np.random.default_rng(0)
        cells = []
        for emotion, share in MIXES:
            ruled = [_rule(_call(voices, emotion, share, random), rule) for _ in range(CALLS)]
            fails, doubts = ruled.count("fail") / CALLS, ruled.count("unjudged") / CALLS
            cells.append(f"{fails:.0%} / {doubts:.0%}")
        table.add_row(speaker, _spread(voices["neutral"]), *cells)
    Console(width=150).print(table)
    Console().print(f"USUAL_SD in voice.py: {USUAL_SD}")


def _rule(call: Sequence[Voice], rule: object) -> str:
    """The check's own arithmetic, without a call around it."""
    calm = baseline(call)
    score, doubt, wanted = (getattr(rule, name) for name in ("score", "doubt", "utterances"))
    efforts = [calm.effort(voice) for voice in call]
    if sum(effort >= score for effort in efforts) >= wanted:
        return "fail"
    near = sum(effort >= score - doubt for effort in efforts) >= wanted
    return "unjudged" if near else "pass"


def _call(
    voices: dict[str, list[Voice]], emotion: str, share: float, random: np.random.Generator
) -> list[Voice]:
    size = int(random.integers(7, 14))
    moved = round(share * size)
    gain = float(random.uniform(-10, 10))
    kinds = ["neutral"] * (size - moved) + [emotion] * moved
    return [_two(voices[kind], gain, random) for kind in kinds]


def _two(voices: list[Voice], gain: float, random: np.random.Generator) -> Voice:
    """An utterance of two sentences: the mean of their measures."""
    first, second = (voices[int(i)] for i in random.integers(0, len(voices), 2))
    return Voice(
        utterance=0,
        level_db=(first.level_db + second.level_db) / 2 + gain,
        f0_median_hz=_middle(first.f0_median_hz, second.f0_median_hz),
        f0_p90_hz=_middle(first.f0_p90_hz, second.f0_p90_hz),
        tilt_db=(first.tilt_db + second.tilt_db) / 2,
        rate=(first.rate + second.rate) / 2,
    )


def _middle(first: float | None, second: float | None) -> float | None:
    return float(np.sqrt(first * second)) if first and second else first or second


def _voices(folder: Path) -> list[Voice]:
    activity, prosody = VoiceActivity(), Prosody()
    found = []
    for file in sorted(folder.iterdir()):
        samples = _telephone(decode(file).samples[0])
        speech = activity.speech(samples)
        if not speech:
            continue
        span = Span(speech[0].start_ms, speech[-1].end_ms)
        utterance = Utterance("agent", 0, (Word("一二三四五六", span, 1.0),))
        voice = prosody.measure(utterance, 0, speech, samples)
        if voice is not None:
            found.append(voice)
    return found


def _telephone(samples: FloatArray) -> FloatArray:
    """300-3400 Hz, by cutting the spectrum."""
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(samples.size, 1 / SAMPLE_RATE)
    spectrum[(hz < 300) | (hz > 3400)] = 0
    return np.fft.irfft(spectrum, samples.size).astype(np.float32)


def _spread(voices: list[Voice]) -> str:
    columns = [
        [v.level_db for v in voices],
        [12 * np.log2(v.f0_median_hz) for v in voices if v.f0_median_hz],
        [12 * np.log2(v.f0_p90_hz) for v in voices if v.f0_p90_hz],
        [v.tilt_db for v in voices],
    ]
    return ", ".join(f"{np.std(column) / np.sqrt(2):.1f}" for column in columns)


if __name__ == "__main__":
    main()
