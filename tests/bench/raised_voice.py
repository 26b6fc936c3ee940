"""How often the raised-voice check (4.1.8.2) is right, on acted Mandarin through a telephone line.

Data: CASIA (wangzhe and liuchanhg, six emotions, the same 50 sentences each), see ``acted_calls``.
Angry is to fail, nothing else may. Which measures count, and how much, was chosen on both speakers;
what is told of a speaker "held out" has the threshold, and where told the weights, of the other one.

    python -m tests.bench.raised_voice --clips CASIA_FOLDER
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from pipeline import baseline
from pipeline.judge.checks import Case, voice
from pipeline.judge.judge import case_of
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.sound_rules import RaisedVoice
from pipeline.listen.audio import SAMPLE_RATE
from pipeline.listen.prosody import FEWEST_FRAMES, PITCH_HZ, VOICED
from pipeline.records import (
    Call,
    CallRecord,
    Provenance,
    Recording,
    Role,
    Span,
    Speech,
    Utterance,
    Voice,
    Word,
)
from pipeline.settings import default_standard
from tests.bench.acted_calls import (
    CONDITIONS,
    EMOTIONS,
    LINES,
    SPEAKERS,
    Agent,
    Carried,
    HeardCalls,
    Pool,
    Said,
    auc,
    carried,
    casia_option,
    clips_of,
    heard_calls,
    levelled,
    pool_of,
    pooled_call,
)
from tests.bench.telephone import on_the_line

MIXES = (
    ("neutral", 0.0),
    ("sad", 0.3),
    ("fear", 0.3),
    ("happy", 0.3),
    ("happy", 0.5),
    ("surprise", 0.3),
    ("surprise", 0.5),
    ("angry", 0.15),
    ("angry", 0.3),
    ("angry", 0.5),
)
CALLS = 400
FEW_LINES = LINES[::2]
CALM_SAID = 12
"""Neutral utterances of a line that the others of that line are held against."""

CAUGHT = 0.8
"""The share of angry utterances at which false alarms are counted."""

LIVELY_FAILS = 0.05
"""Of happy and surprised calls, as many may fail where a threshold is chosen for the other speaker."""

STRICT = 0.8
"""The confidence at which a wide-band pitch is taken for right."""


@click.command(help=__doc__)
@casia_option
@click.option("--calls", default=10, show_default=True, help="whole calls heard, a mix and speaker")
@click.option("--jobs", default=2, show_default=True, help="processes that listen")
def main(folder: Path, calls: int, jobs: int) -> None:
    standard = load_standard(default_standard())
    rule = raised_voice_rule(standard)
    console = Console(width=150)
    clips = {speaker: clips_of(folder / speaker) for speaker in SPEAKERS}
    carried_by = {speaker: carried(own) for speaker, own in clips.items()}
    sentences = [carried_by[speaker] for speaker in SPEAKERS]
    with ProcessPoolExecutor(jobs) as listeners:
        single = listeners.map(partial(pool_of, lines=FEW_LINES, longest=1), sentences)
        level = listeners.map(
            partial(pool_of, lines=FEW_LINES, longest=1), [levelled(own) for own in sentences]
        )
        long = listeners.map(pool_of, sentences)
        heard = [
            [
                listeners.submit(heard_calls, own, emotion, share, calls, seed)
                for seed, (emotion, share) in enumerate(MIXES)
            ]
            for own in sentences
        ]
        console.print(_pitch_table(clips, carried_by))
        for title, few, with_level in (
            ("single sentences", single, True),
            ("single sentences, levels made equal", level, False),
        ):
            told = dict(zip(SPEAKERS, few, strict=True))
            console.print(_utterance_table(title, told, with_level=with_level))
        pools = dict(zip(SPEAKERS, long, strict=True))
        console.print(_spread_table(pools))
        console.print(_verdict_table(pools, standard, rule))
        console.print(_held_out_table(pools, standard, rule))
        console.print(f"rule: {rule}")
        whole = {
            speaker: [mix.result() for mix in mixes]
            for speaker, mixes in zip(SPEAKERS, heard, strict=True)
        }
    for table in _change_tables(whole, standard, rule, calls):
        console.print(table)


# --- utterances ----------------------------------------------------------------------------------


def _pitch_table(clips: dict[str, Carried], sentences: dict[str, Carried]) -> Table:
    """Frames that swift-f0 calls voiced, at 16 kHz and on the line, and how their pitches agree."""
    from swift_f0 import SwiftF0

    model, random = SwiftF0(threads=1), np.random.default_rng(2)
    table = Table(title="pitch on the line against the same frame at 16 kHz (SNR 20 dB)")
    for title in ("speaker", "emotion", "frames", "off > 1 st", "off > 6 st", "kept of clean"):
        table.add_column(title)
    table.add_column(f"too short at {VOICED} / {STRICT}")
    for speaker, emotion in ((s, e) for s in SPEAKERS for e in ("neutral", "angry", "surprise")):
        off: list[float] = []
        clean, lost = 0, [0, 0]
        for wide, narrow in zip(clips[speaker][emotion], sentences[speaker][emotion], strict=True):
            told = on_the_line(narrow, 0, 20, "mu", random)
            both = [model.detect(s, SAMPLE_RATE, *PITCH_HZ) for s in (wide, told)]
            count = min(len(one.pitch_hz) for one in both)
            a, b = both
            certain = a.confidence[:count] >= STRICT
            kept = certain & (b.confidence[:count] >= VOICED)
            clean += int(certain.sum())
            kept_at = [(b.confidence >= limit).sum() for limit in (VOICED, STRICT)]
            lost = [n + int(k < FEWEST_FRAMES) for n, k in zip(lost, kept_at, strict=True)]
            off += list(np.abs(12 * np.log2(b.pitch_hz[:count] / a.pitch_hz[:count]))[kept])
        wrong = np.asarray(off)
        shares = [f"{(wrong > limit).mean():.2%}" for limit in (1, 6)]
        kept_share, too_short = f"{len(off) / clean:.0%}", f"{lost[0]} / {lost[1]}"
        table.add_row(speaker, emotion, str(len(off)), *shares, kept_share, too_short)
    return table


MEASURES: dict[str, Callable[[Voice], float]] = {
    "over floor dB": lambda one: one.over_floor_db or 0.0,
    "upper tilt dB": lambda one: one.upper_tilt_db or 0.0,
    "flux dB": lambda one: one.flux_db or 0.0,
    "pitch st": lambda one: 6 * float(np.log2((one.f0_median_hz or 1) * (one.f0_p90_hz or 1))),
    "level dB": lambda one: one.level_db,
    "tilt dB": lambda one: one.tilt_db,
}
WEIGHTS = (1.0, 1.0, baseline.FLUX_WEIGHT)
"""Of the first three in a :class:`~pipeline.baseline.Baseline`'s effort."""


def _columns(voices: Iterable[Voice]) -> NDArray[np.float64]:
    """The measures of utterances, shape (n, len(MEASURES))."""
    return np.asarray([[measure(one) for measure in MEASURES.values()] for one in voices])


def _spread_table(pools: dict[str, Pool]) -> Table:
    table = Table(title="within-speaker SD of neutral utterances, and how far the others lie off")
    for title in ("speaker", "emotion", *MEASURES):
        table.add_column(title)
    for speaker, pool in pools.items():
        columns = {
            emotion: [_columns(one.voice for one in said) for said in lines]
            for emotion, lines in pool.items()
        }
        centres = [np.median(said, 0) for said in columns["neutral"]]
        spread = np.mean([said.std(0) for said in columns["neutral"]], 0)
        table.add_row(speaker, "neutral SD", *(f"{value:.2f}" for value in spread))
        for emotion in EMOTIONS[1:]:
            moved = [
                np.median(said, 0) - centre
                for said, centre in zip(columns[emotion], centres, strict=True)
            ]
            table.add_row("", emotion, *(f"{value:+.1f}" for value in np.mean(moved, 0)))
    return table


def _utterance_table(title: str, pools: dict[str, Pool], *, with_level: bool) -> Table:
    """Effort against calm utterances of the same line, with the weights of the check and of a fit."""
    table = Table(title=f"{title}: effort against {CALM_SAID} neutral ones of the same line")
    for column in ("held out", "weights", "AUC angry : neutral", ": happy", ": surprise"):
        table.add_column(column)
    table.add_column(f"{CAUGHT:.0%} of angry caught: neutral, happy, surprise, fear flagged")
    table.add_column("threshold of the other: angry, neutral, happy, surprise, fear")
    parts = {s: {e: _deviations(pools[s], e, with_level) for e in EMOTIONS} for s in SPEAKERS}
    for own, other in (SPEAKERS, SPEAKERS[::-1]):
        fitted = _fitted(parts[other])
        for name, weights in (("voice.py", np.asarray(WEIGHTS)), ("fit on the other", fitted)):
            mine, others = ({e: parts[s][e] @ weights for e in EMOTIONS} for s in (own, other))
            areas = (f"{auc(mine['angry'], mine[e]):.3f}" for e in ("neutral", "happy", "surprise"))
            at_own, at_other = (np.quantile(one["angry"], 1 - CAUGHT) for one in (mine, others))
            wrong = ("neutral", "happy", "surprise", "fear")
            told = name if name == "voice.py" else f"{name}: {np.round(weights, 2)}"
            table.add_row(
                own,
                told,
                *areas,
                ", ".join(f"{(mine[e] >= at_own).mean():.0%}" for e in wrong),
                ", ".join(f"{(mine[e] >= at_other).mean():.0%}" for e in ("angry", *wrong)),
            )
    return table


def _deviations(pool: Pool, emotion: str, with_level: bool) -> NDArray[np.float64]:
    """What level, tilt and flux count, in SD: of each line's utterances but the calm ones, (n, 3)."""
    rows = []
    for neutral, said in zip(pool["neutral"], pool[emotion], strict=True):
        calm = baseline.baseline([one.voice for one in neutral[:CALM_SAID]])
        for one in said[CALM_SAID:]:
            level, tilt, flux = _columns([one.voice])[0, :3]
            louder = calm.level.counted(level) if with_level else 0.0
            rows.append((louder, calm.tilt.counted(tilt), calm.flux.counted(flux)))
    return np.asarray(rows)


def _fitted(parts: dict[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """Logistic regression, angry against neutral, happy and surprise alike; no weight below 0."""
    from scipy.optimize import minimize

    angry, others = parts["angry"], [parts[e] for e in ("neutral", "happy", "surprise")]

    def loss(weights: NDArray[np.float64]) -> float:
        told = np.logaddexp(0, -(angry @ weights[:3] + weights[3])).mean()
        taken = [np.logaddexp(0, other @ weights[:3] + weights[3]).mean() for other in others]
        return float(told + np.mean(taken) + 0.05 * weights[:3] @ weights[:3])

    bounds = [(0, None)] * 3 + [(None, None)]
    found = np.asarray(minimize(loss, np.full(4, 0.1), bounds=bounds).x[:3])
    return np.asarray(found / found.max())


# --- calls ---------------------------------------------------------------------------------------


def _verdict_table(pools: dict[str, Pool], standard: Standard, rule: RaisedVoice) -> Table:
    table = Table(title=f"% fail / % unjudged of {CALLS} composed calls")
    table.add_column("")
    for speaker in SPEAKERS:
        table.add_column(speaker, justify="right")
    angry: dict[str, list[float]] = {speaker: [] for speaker in SPEAKERS}
    for emotion, share in MIXES:
        cells = []
        for speaker in SPEAKERS:
            calls = _pooled(pools[speaker], emotion, share)
            fails, doubts = _rates(calls, standard, rule)
            cells.append(f"{fails:.1%} / {doubts:.1%}")
            if emotion == "angry":
                angry[speaker].append(fails)
        table.add_row(f"{emotion} {share:.0%}", *cells)
    for offset_db in (-6.0, 0.0, 6.0):
        random = np.random.default_rng(0)
        calls = (_taken_over(pools, offset_db, random) for _ in range(CALLS))
        fails, doubts = _rates(calls, standard, rule)
        title = f"liuchanhg, then wangzhe at {offset_db:+.0f} dB, both neutral"
        table.add_row(title, f"{fails:.1%} / {doubts:.1%}", "")
    for emotion, share in (("neutral", 0.0), ("angry", 0.3)):
        apart = (_taken_apart(pools[s], emotion, share) for s in SPEAKERS)
        table.add_row(f"{emotion} {share:.0%}: taken for two people", *apart)
    table.add_row("recall, mean of angry", *(f"{np.mean(angry[s]):.0%}" for s in SPEAKERS))
    return table


def _held_out_table(pools: dict[str, Pool], standard: Standard, rule: RaisedVoice) -> Table:
    """The check with the score at which few of the other speaker's lively calls fail."""
    table = Table(
        title=f"% fail where the score fails {LIVELY_FAILS:.0%} of the other's lively calls"
    )
    for title in ("held out", "score", "angry", "happy", "surprise", "neutral", "sad", "fear"):
        table.add_column(title)
    efforts = {
        speaker: {
            emotion: np.concatenate(
                [
                    [_effort(said, standard, rule) for said in _pooled(pools[speaker], kind, share)]
                    for kind, share in MIXES
                    if kind == emotion
                ]
            )
            for emotion in EMOTIONS
        }
        for speaker in SPEAKERS
    }
    for own, other in (SPEAKERS, SPEAKERS[::-1]):
        lively = np.concatenate([efforts[other][emotion] for emotion in ("happy", "surprise")])
        score = float(np.quantile(lively, 1 - LIVELY_FAILS))
        shares = (
            f"{(efforts[own][emotion] >= score).mean():.1%}"
            for emotion in ("angry", "happy", "surprise", "neutral", "sad", "fear")
        )
        table.add_row(own, f"{score:.1f}", *shares)
    return table


def _change_tables(
    whole: dict[str, list[HeardCalls]], standard: Standard, rule: RaisedVoice, calls: int
) -> Iterator[Table]:
    """Verdicts on whole calls as they are, louder and through automatic gain, and which changed."""
    rates = Table(title=f"% fail / % unjudged of {calls} calls a mix, heard whole")
    changes = Table(title="verdicts changed against the plain recording")
    for table in (rates, changes):
        table.add_column("speaker")
        table.add_column("")
        for condition in CONDITIONS:
            table.add_column(condition)
    for speaker in SPEAKERS:
        told: dict[str, list[str]] = {condition: [] for condition in CONDITIONS}
        for (emotion, share), heard in zip(MIXES, whole[speaker], strict=True):
            cells = []
            for condition, said in heard.items():
                ruled = [_ruled(one, standard, rule) for one in said]
                told[condition] += ruled
                cells.append(
                    " / ".join(f"{ruled.count(s) / calls:.0%}" for s in ("fail", "unjudged"))
                )
            rates.add_row(speaker, f"{emotion} {share:.0%}", *cells)
        plain = told["plain"]
        for kind in sorted({(a, b) for s in told.values() for a, b in zip(plain, s, strict=True)}):
            if kind[0] != kind[1]:
                counts = (Counter(zip(plain, told[c], strict=True))[kind] for c in CONDITIONS)
                changes.add_row(speaker, " -> ".join(kind), *(str(count) for count in counts))
        all_of = (sum(a != b for a, b in zip(plain, told[c], strict=True)) for c in CONDITIONS)
        changes.add_row(speaker, "all", *(f"{n} of {len(plain)}" for n in all_of))
    yield from (rates, changes)


def _pooled(pool: Pool, emotion: str, share: float) -> Iterator[Agent]:
    """The composed calls of a mix, the same ones every time."""
    random = np.random.default_rng(0)
    return (pooled_call(pool, emotion, share, random) for _ in range(CALLS))


def _taken_apart(pool: Pool, emotion: str, share: float) -> str:
    """How many calls of one speaker are heard as two."""
    calls = _pooled(pool, emotion, share)
    apart = sum(len(baseline.voices_apart([one.voice for one in call])) > 1 for call in calls)
    return f"{apart / CALLS:.1%}"


def _taken_over(pools: dict[str, Pool], offset_db: float, random: np.random.Generator) -> Agent:
    """Two calm people on one channel, the second louder by an offset, with no hold between them."""
    on = int(random.integers(0, len(LINES)))
    found = []
    for speaker, gain_db in (("liuchanhg", 0.0), ("wangzhe", offset_db)):
        lines = pools[speaker]["neutral"][on]
        for i in random.choice(len(lines), int(random.integers(3, 8)), replace=False):
            one = lines[int(i)].voice
            level_db, over_db = one.level_db + gain_db, (one.over_floor_db or 0.0) + gain_db
            louder = replace(one, level_db=level_db, over_floor_db=over_db)
            found.append(replace(lines[int(i)], voice=louder))
    return found


# --- through the check ---------------------------------------------------------------------------


def _rates(calls: Iterator[Agent], standard: Standard, rule: RaisedVoice) -> tuple[float, float]:
    ruled = [_ruled(said, standard, rule) for said in calls]
    return ruled.count("fail") / len(ruled), ruled.count("unjudged") / len(ruled)


def _ruled(said: Sequence[Said], standard: Standard, rule: RaisedVoice) -> str:
    return voice.check(_case(said, standard), rule).status


def _effort(said: Sequence[Said], standard: Standard, rule: RaisedVoice) -> float:
    """What a call's score is held against; 0 where it could not fail."""
    case = _case(said, standard)
    people = baseline.voices_apart(case.reading.call.voices)
    sure = [one.effort for one in voice.loud_utterances(case, people, rule) if one.sure]
    return float(np.mean(sure)) if len(sure) >= rule.utterances else 0.0


def _case(said: Sequence[Said], standard: Standard) -> Case:
    return case_of(call_said(said), standard)


def raised_voice_rule(standard: Standard) -> RaisedVoice:
    """What the standard takes for a raised voice."""
    (clause,) = (one for one in standard.model.clauses if one.id == "4.1.8.2")
    parts = (clause.require and clause.require.all_of) or ()
    return next(part.raised_voice for part in parts if part.raised_voice)


def call_said(said: Sequence[Said]) -> Call:
    """A call in which a customer fills the agent's pauses."""
    utterances: list[Utterance] = []
    voices: list[Voice] = []
    at = 1_000
    for one in said:
        turns: tuple[tuple[Role, int, int], ...] = (
            ("agent", 0, one.duration_ms),
            ("customer", 1, 2_000),
        )
        for role, channel, length in turns:
            word = Word("句", Span(at, at + length), 1.0)
            utterances.append(Utterance(role, channel, (word,)))
            at += length + 300
        voices.append(replace(one.voice, utterance=len(utterances) - 2))
    return Call(
        Recording("0" * 64, "bench", 1, CallRecord("bench")),
        at,
        2,
        tuple(utterances),
        tuple(Speech(u.role, u.channel, u.span) for u in utterances),
        (),
        tuple(voices),
        (),
        (),
        Provenance("bench", "bench", "bench", "0" * 64, "zh"),
    )


if __name__ == "__main__":
    main()
