"""How often the greeting check (4.1.2.4) passes, fails, or leaves to a person, on acted Mandarin.

A greeting is two sentences in one breath, through the line of samples/line.py (8 kHz, 300-3400 Hz, G.711)
at six loudnesses, with noise 20-40 dB below, heard by the real listener and ruled by the real check.
*Rattled off* is the same sentences at 2.2 times their pace, their pitch kept.

The bands were set on CASIA liuchanhg and the first half of the Taiwanese speaker (`--tuned` prints that
part); what is reported is CASIA wangzhe and the second half. The sentences are no greetings, and two
actors and a reader are no front desk: nobody has labelled a real greeting cheerful or bored.

    python -m tests.bench.greeting CASIA_FOLDER ZH_TW_FOLDER
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import av
import click
import numpy as np
from rich.console import Console
from rich.table import Table

from pipeline.judge.checks import delivery
from pipeline.judge.finding import Finding
from pipeline.judge.judge import case_of
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.sound_rules import Delivery
from pipeline.listen.audio import SAMPLE_RATE, FloatArray, Sound
from pipeline.listen.listen import Listener, hear_call, load_listener
from pipeline.records import Call, CallRecord, Recording, Role
from pipeline.settings import Settings, default_standard
from tests.bench.telephone import SPEECH_DBOV, line_tools, on_the_line
from tests.sound import samples_of

SAMPLES = Path(__file__).parents[2] / "samples"
LINES = ((-10, 20, "mu"), (-6, 40, "a"), (-2, 30, "mu"), (2, 22, "a"), (6, 35, "mu"), (10, 26, "a"))
"""Gain in dB, signal over noise in dB, law. The voice lies at -26 dBov at no gain."""

MOODS = ("neutral", "happy", "sad")
RATTLED = 2.2
LEAD_S, PAUSE_S, TAIL_S = 1.0, 0.15, 2.0
MEASURES = ("pitch st", "syllables/s", "clearness", "over noise dB")


@dataclass(frozen=True, slots=True)
class Greeting:
    """What is said, and how: sentences at 16 kHz, shape (n,) each."""

    speaker: str
    manner: str
    sentences: tuple[FloatArray, ...]


@click.command(help=__doc__)
@click.argument("casia", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("zh_tw", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--tuned", is_flag=True, help="the part the bands were set on")
def main(casia: Path, zh_tw: Path, tuned: bool) -> None:
    standard, listener = load_standard(default_standard()), load_listener(Settings())
    random, rule = np.random.default_rng(5), _rule(standard)
    ruled: dict[tuple[str, str], list[Finding]] = {}
    for index, one in enumerate(_greetings(casia, zh_tw, tuned=tuned)):
        call = _heard(_on_the_line(one.sentences, *LINES[index % len(LINES)], random), listener)
        finding = delivery.check(case_of(call, standard), rule)
        ruled.setdefault((one.speaker, one.manner), []).append(finding)
    Console(width=150).print(_table(ruled, "the part tuned on" if tuned else "the part reported"))


def _rule(standard: Standard) -> Delivery:
    return next(
        clause.require.delivery
        for clause in standard.model.clauses
        if clause.id == "4.1.2.4" and clause.require and clause.require.delivery
    )


def _greetings(casia: Path, zh_tw: Path, *, tuned: bool) -> Iterator[Greeting]:
    speaker = "liuchanhg" if tuned else "wangzhe"
    moods = {mood: _pairs(casia / speaker / mood) for mood in MOODS}
    for mood, pairs in moods.items():
        yield from (Greeting(speaker, mood, pair) for pair in pairs)
    yield from (Greeting(speaker, "rattled off", _hasty(pair)) for pair in moods["neutral"])
    read = _pairs(zh_tw)
    half = read[: len(read) // 2] if tuned else read[len(read) // 2 :]
    yield from (Greeting("zh_tw", "as read", pair) for pair in half)
    yield from (Greeting("zh_tw", "rattled off", _hasty(pair)) for pair in half)


def _pairs(folder: Path) -> list[tuple[FloatArray, ...]]:
    clips = [samples_of(file)[0] for file in sorted(folder.glob("*.flac"))]
    return [tuple(clips[first : first + 2]) for first in range(0, len(clips) - 1, 2)]


def _hasty(sentences: tuple[FloatArray, ...]) -> tuple[FloatArray, ...]:
    return tuple(_at_tempo(sentence, RATTLED) for sentence in sentences)


def _at_tempo(wave: FloatArray, tempo: float) -> FloatArray:
    """The same sentence faster, by FFmpeg's atempo: its pitch stays."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=SAMPLE_RATE, format="flt", layout="mono", time_base=f"1/{SAMPLE_RATE}"
    )
    faster, sink = graph.add("atempo", str(tempo)), graph.add("abuffersink")
    source.link_to(faster)
    faster.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="flt", layout="mono")
    frame.sample_rate, frame.pts = SAMPLE_RATE, 0
    source.push(frame)
    source.push(None)
    return np.concatenate(list(_pulled(sink)))


def _pulled(sink: av.filter.context.FilterContext) -> Iterator[FloatArray]:
    while True:
        try:
            yield sink.pull().to_ndarray().reshape(-1)
        except (av.EOFError, av.BlockingIOError):
            return


def _on_the_line(
    sentences: tuple[FloatArray, ...],
    gain_db: float,
    snr_db: float,
    law: str,
    random: np.random.Generator,
) -> FloatArray:
    """A greeting as the recorder hears it, shape (n,), 16 kHz."""
    line = line_tools()

    def rest(seconds: float) -> FloatArray:
        return np.zeros(round(seconds * line.RATE_HZ), np.float32)

    parts = [rest(LEAD_S)]
    for sentence in sentences:
        parts += [line.levelled(line.carried(sentence, SAMPLE_RATE), SPEECH_DBOV), rest(PAUSE_S)]
    return on_the_line(np.concatenate([*parts, rest(TAIL_S)]), gain_db, snr_db, law, random)


def _heard(samples: FloatArray, listener: Listener) -> Call:
    """The call of an agent who greets on one channel, a silent customer on the other."""
    silent = np.random.default_rng(0).standard_normal(samples.size).astype(np.float32) * 1e-4
    recording = Recording("0" * 64, "bench", 1, CallRecord("bench"))
    call = hear_call(recording, Sound(np.stack([samples, silent]).astype(np.float16), ()), listener)
    sides: tuple[Role, Role] = ("agent", "customer")
    return replace(
        call,
        utterances=tuple(replace(u, role=sides[u.channel]) for u in call.utterances),
        speech=tuple(replace(s, role=sides[s.channel]) for s in call.speech),
    )


def _table(ruled: dict[tuple[str, str], list[Finding]], title: str) -> Table:
    table = Table(title=f"greetings ruled, and the median of each measure: {title}")
    for column in ("speaker", "manner", "greetings", "pass", "fail", "unjudged", *MEASURES):
        table.add_column(column, justify="right")
    for (speaker, manner), findings in ruled.items():
        counts = Counter(finding.status for finding in findings)
        shares = [
            f"{counts[status] / len(findings):.0%}" for status in ("pass", "fail", "unjudged")
        ]
        measured = [[e.measured for e in one.evidence] for one in findings if one.evidence]
        medians = np.median(np.asarray(measured, np.float64), axis=0) if measured else ()
        cells = [f"{value:.2f}" for value in medians] or [""] * len(MEASURES)
        table.add_row(speaker, manner, str(len(findings)), *shares, *cells)
    return table


if __name__ == "__main__":
    main()
