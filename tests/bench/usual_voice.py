"""What an agent's earlier calls tell the raised-voice check (4.1.8.2) of a call that is raised throughout.

Data: CASIA (wangzhe and liuchanhg, six emotions, 50 sentences each), see ``acted_calls``. A call is of one
mood from the first word to the last, or so short that it has no baseline of its own; the usual voice
is that of neutral calls of the same speaker, of the other half of the sentences, through other lines:
other gain, noise and law, and a handset whose upper band lies up to 3 dB off. Thresholds were
chosen on wangzhe's first half; how narrow a spread is believed, on liuchanhg as well.

    python -m tests.bench.usual_voice --clips CASIA_FOLDER
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from pipeline.baseline import Baseline, baseline, call_voice, usual_voice
from pipeline.judge.checks import voice
from pipeline.judge.judge import case_of
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.sound_rules import RaisedVoice
from pipeline.listen.audio import FloatArray
from pipeline.records import CallVoice, UsualVoice
from pipeline.settings import default_standard
from tests.bench.acted_calls import (
    EMOTIONS,
    LINE_HZ,
    SPEAKERS,
    Agent,
    Carried,
    Pool,
    auc,
    carried,
    casia_option,
    clips_of,
    pool_of,
)
from tests.bench.raised_voice import call_said, raised_voice_rule

Handset = tuple[float, float, str, float]
HANDSETS: tuple[Handset, ...] = (
    (-10, 20, "mu", 3.0),
    (-7, 40, "a", -3.0),
    (-4, 30, "mu", 0.0),
    (-2, 24, "a", -1.5),
    (0, 35, "mu", 1.5),
    (2, 22, "a", -3.0),
    (4, 28, "mu", 3.0),
    (6, 38, "a", 0.0),
    (8, 26, "mu", -1.5),
    (10, 32, "a", 1.5),
)
"""A line as in ``acted_calls``, and how far the handset lifts the upper band against the lower, in dB."""

BAND_CENTRES_HZ = (650.0, 2_700.0)
"""Of the two bands whose ratio is the upper tilt."""

HALVES = {"first": slice(0, 25), "second": slice(25, 50)}
CALLS = 100
KNOWN = 20
"""Earlier calls that a usual voice is made of, unless told otherwise."""


@click.command(help=__doc__)
@casia_option
@click.option("--jobs", default=2, show_default=True, help="processes that listen")
def main(folder: Path, jobs: int) -> None:
    standard = load_standard(default_standard())
    with ProcessPoolExecutor(jobs) as listeners:
        heard = {
            (speaker, half): listeners.submit(handset_pool, folder / speaker, half)
            for speaker in SPEAKERS
            for half in HALVES
        }
        pools = {key: pool.result() for key, pool in heard.items()}
    console = Console(width=160)
    for table in tables(pools, standard, raised_voice_rule(standard)):
        console.print(table)


Pools = dict[tuple[str, str], Pool]
"""By speaker and half of the sentences: emotion -> handset -> utterances."""


def handset_pool(folder: Path, half: str) -> Pool:
    """The utterances of one half of a speaker's sentences over every handset."""
    own = carried(clips_of(folder))
    found: Pool = {emotion: [] for emotion in EMOTIONS}
    for gain_db, snr_db, law, tilt_db in HANDSETS:
        through: Carried = {
            emotion: [_tilted(clip, tilt_db) for clip in said[HALVES[half]]]
            for emotion, said in own.items()
        }
        for emotion, (said,) in pool_of(through, [(gain_db, snr_db, law)]).items():
            found[emotion].append(said)
    return found


def _tilted(wave: FloatArray, tilt_db: float) -> FloatArray:
    """A wave whose upper band is lifted against the lower, evenly by the octave."""
    low, high = BAND_CENTRES_HZ
    hz = np.clip(np.fft.rfftfreq(wave.size, 1 / LINE_HZ), 200, 3_600)
    gain_db = tilt_db * np.log2(hz / np.sqrt(low * high)) / np.log2(high / low)
    return np.asarray(np.fft.irfft(np.fft.rfft(wave) * 10 ** (gain_db / 20), wave.size), np.float32)


# --- calls ---------------------------------------------------------------------------------------

Handsets = Callable[[int], list[int]]
"""The handsets that earlier calls may be over, by that of the call."""


def any_other(on: int) -> list[int]:
    return [other for other in range(len(HANDSETS)) if other != on]


def own_handset(on: int) -> list[int]:
    """The same handset, on another line."""
    return [other for other in any_other(on) if HANDSETS[other][3] == HANDSETS[on][3]]


Moods = Callable[[int, np.random.Generator], list[str]]
"""The mood of each of so many utterances."""


def all_in(mood: str) -> Moods:
    return lambda size, _: [mood] * size


def mostly_angry(size: int, random: np.random.Generator) -> list[str]:
    return ["angry" if random.random() < 0.8 else "neutral" for _ in range(size)]


def one_angry(size: int, _: np.random.Generator) -> list[str]:
    return ["angry"] + ["neutral"] * (size - 1)


ONE_MOOD: dict[str, Moods] = {emotion: all_in(emotion) for emotion in EMOTIONS}


@dataclass(frozen=True, slots=True)
class Knowing:
    """What is known of the agent's earlier calls; no ``calls`` is nothing."""

    title: str
    calls: int = KNOWN
    handsets: Handsets = any_other
    raised: float = 0.0


def said_in(pool: Pool, kinds: list[str], on: int, random: np.random.Generator) -> Agent:
    """What one speaker says in a call over one handset, by the mood of each utterance."""
    left = {kind: list(random.permutation(len(pool[kind][on]))) for kind in sorted(set(kinds))}
    return [pool[kind][on][int(left[kind].pop())] for kind in kinds]


Bank = dict[str, list[list[CallVoice]]]
"""Earlier calls of one mood: mood -> handset -> calls."""

BANKED = 30


def bank_of(pool: Pool) -> Bank:
    """Calls of 8-14 utterances as the store would keep them."""
    random = np.random.default_rng(1)
    bank: Bank = {}
    for mood in ("neutral", "angry"):
        bank[mood] = []
        for on in range(len(HANDSETS)):
            said = [
                said_in(pool, [mood] * int(random.integers(8, 15)), on, random)
                for _ in range(BANKED)
            ]
            found = [call_voice(call_said(one)) for one in said]
            bank[mood].append([one for one in found if one is not None])
    return bank


def known_voice(
    bank: Bank, knowing: Knowing, on: int, random: np.random.Generator
) -> UsualVoice | None:
    """The usual voice by earlier calls, neutral but for a share that are angry throughout."""
    angry = round(knowing.raised * knowing.calls)
    calls = []
    for index in range(knowing.calls):
        kept = bank["angry" if index < angry else "neutral"][
            int(random.choice(knowing.handsets(on)))
        ]
        calls.append(kept[int(random.integers(len(kept)))])
    return usual_voice(calls)


# --- what comes of them --------------------------------------------------------------------------


KNOWINGS = (
    Knowing("nothing known", 0),
    Knowing(f"{KNOWN} calls, other handsets"),
    Knowing("50 calls, own handset", 50, own_handset),
    Knowing("5 calls", 5),
    Knowing(f"{KNOWN}, 30% of them angry", raised=0.3),
)
ALL_ALONG = {**ONE_MOOD, "angry 80%": mostly_angry}
FEW = {**ONE_MOOD, "one angry": one_angry}


def tables(pools: Pools, standard: Standard, rule: RaisedVoice) -> Iterator[Table]:
    yield _measure_table(pools)
    banks = {key: bank_of(pool) for key, pool in pools.items()}
    for title, moods, sizes in (
        ("one mood from the first word to the last, 8-14 utterances", ALL_ALONG, (8, 15)),
        ("one to three utterances", FEW, (1, 4)),
    ):
        table = Table(title=f"% pass / unjudged / fail of {CALLS} calls: {title}")
        for column in ("speaker", "sentences", "", *(one.title for one in KNOWINGS)):
            table.add_column(column)
        for (speaker, half), pool in pools.items():
            other = banks[speaker, _other(half)]
            for name, mood in moods.items():
                rates = (_rates(pool, other, mood, sizes, one, standard, rule) for one in KNOWINGS)
                table.add_row(speaker, half, name, *rates)
        yield table


def _other(half: str) -> str:
    return next(one for one in HALVES if one != half)


def _rates(
    pool: Pool,
    before: Bank,
    moods: Moods,
    sizes: tuple[int, int],
    knowing: Knowing,
    standard: Standard,
    rule: RaisedVoice,
) -> str:
    random, before_random = np.random.default_rng(0), np.random.default_rng(1)
    ruled = Counter[str]()
    for _ in range(CALLS):
        on = int(random.integers(0, len(HANDSETS)))
        said = said_in(pool, moods(int(random.integers(*sizes)), random), on, random)
        call = replace(call_said(said), usual=known_voice(before, knowing, on, before_random))
        ruled[voice.check(case_of(call, standard), rule).status] += 1
    return " / ".join(f"{ruled[status] / CALLS:.1%}" for status in ("pass", "unjudged", "fail"))


MEASURES: dict[str, Callable[[Baseline], float]] = {
    "pitch st": lambda calm: calm.pitch_st or 0.0,
    "flux dB": lambda calm: calm.flux.centre,
    "upper tilt dB": lambda calm: calm.tilt.centre,
    "over floor dB": lambda calm: calm.level.centre,
}


def _measure_table(pools: Pools) -> Table:
    """How far a call's calm voice lies off the speaker's neutral calls, over any handset."""
    table = Table(
        title="a call's calm voice: neutral mean and SD over calls, others less neutral, AUC"
    )
    for column in ("speaker", "sentences", "", *MEASURES):
        table.add_column(column)
    for (speaker, half), pool in pools.items():
        values = {emotion: _calm_measures(pool, emotion) for emotion in EMOTIONS}
        neutral = values["neutral"]
        centre, spread = neutral.mean(0), neutral.std(0)
        table.add_row(
            speaker,
            half,
            "neutral",
            *(f"{mean:.2f} ± {sd:.2f}" for mean, sd in zip(centre, spread, strict=True)),
        )
        for emotion in EMOTIONS[1:]:
            table.add_row(
                "",
                "",
                emotion,
                *(
                    f"{values[emotion][:, i].mean() - centre[i]:+.2f}"
                    f"  {auc(values[emotion][:, i], neutral[:, i]):.2f}"
                    for i in range(len(MEASURES))
                ),
            )
    return table


def _calm_measures(pool: Pool, emotion: str) -> NDArray[np.float64]:
    """The measures of calls of one mood, shape (CALLS, len(MEASURES))."""
    random, rows = np.random.default_rng(0), []
    for _ in range(CALLS):
        on = int(random.integers(0, len(HANDSETS)))
        said = said_in(pool, [emotion] * int(random.integers(8, 15)), on, random)
        calm = baseline([one.voice for one in said])
        rows.append([measure(calm) for measure in MEASURES.values()])
    return np.asarray(rows)


if __name__ == "__main__":
    main()
