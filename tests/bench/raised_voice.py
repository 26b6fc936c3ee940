"""How often the raised-voice check (4.1.8.2) is right, on composed calls of acted Mandarin.

Data: CASIA (wangzhe and liuchanhg, six emotions, the same 50 sentences each), through the line of
samples/line.py (8 kHz, 300-3400 Hz, G.711) at six loudnesses from -10 to +10 dB, with noise 20-40 dB
below. An utterance is one to three sentences; a call is 8-14 utterances of one speaker, neutral but for
a share of another emotion, and goes through the whole check. The constants were chosen on both
speakers' rates, so neither is held out; angry is to fail, nothing else may.

    python -m tests.bench.raised_voice CASIA_FOLDER
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from pipeline.judge.checks import voice
from pipeline.judge.judge import case_of
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.sound_rules import RaisedVoice
from pipeline.listen.audio import SAMPLE_RATE, FloatArray, decode
from pipeline.listen.prosody import FEWEST_FRAMES, PITCH_HZ, VOICED, Prosody
from pipeline.listen.speech import VoiceActivity
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

SAMPLES = Path(__file__).parents[2] / "samples"
SPEAKERS = ("wangzhe", "liuchanhg")
EMOTIONS = ("neutral", "angry", "happy", "surprise", "sad", "fear")
LINES = ((-10, 20, "mu"), (-6, 40, "a"), (-2, 30, "mu"), (2, 22, "a"), (6, 35, "mu"), (10, 26, "a"))
"""Gain in dB, signal over noise in dB, law. The neutral median lies at -26 dBov at no gain."""

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
NEUTRAL_DBOV = -26.0
PAUSE_S = 0.15
STRICT = 0.8
"""The confidence at which a wide-band pitch is taken for right."""


@dataclass(frozen=True, slots=True)
class Said:
    """One utterance as measured, and how long it was."""

    voice: Voice
    duration_ms: int


Pool = dict[str, list[list[Said]]]
"""Of one speaker: emotion -> line -> utterances."""


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(folder: Path) -> None:
    sys.path.insert(0, str(SAMPLES))
    standard = load_standard(default_standard())
    rule = next(
        clause.require.raised_voice
        for clause in standard.model.clauses
        if clause.id == "4.1.8.2" and clause.require and clause.require.raised_voice
    )
    console = Console(width=150)
    clips = {speaker: _clips(folder / speaker) for speaker in SPEAKERS}
    console.print(_pitch_table(clips))
    pools = {speaker: _pool(clips[speaker]) for speaker in SPEAKERS}
    console.print(_spread_table(pools))
    console.print(_effort_table(pools))
    console.print(_verdict_table(pools, standard, rule))
    console.print(f"rule: {rule}")


# --- sound ---------------------------------------------------------------------------------------


def _clips(folder: Path) -> dict[str, list[FloatArray]]:
    """Every sentence of a speaker at 16 kHz, shape (n,), by emotion."""
    return {
        emotion: [decode(file).samples[0] for file in sorted((folder / emotion).iterdir())]
        for emotion in EMOTIONS
    }


def _on_the_line(
    wave: FloatArray, gain_db: float, snr_db: float, law: str, random: np.random.Generator
) -> FloatArray:
    """An 8 kHz wave with noise under its nominal level, limited and coded; 16 kHz."""
    import line
    from scipy.signal import resample_poly

    louder = wave * 10 ** (gain_db / 20)
    noise = line.noise(louder.size, NEUTRAL_DBOV + gain_db - snr_db, random)
    coded = line.CODECS[law](line.limited(louder + noise)).astype(np.float32) / 32_768
    return np.asarray(resample_poly(coded, 2, 1), np.float32)


def _carried(clips: dict[str, list[FloatArray]]) -> dict[str, list[FloatArray]]:
    """The sentences at 8 kHz in the telephone band, the neutral median at -26 dBov."""
    import line

    heard = {e: [line.carried(clip, SAMPLE_RATE) for clip in sound] for e, sound in clips.items()}
    own = float(np.median([line.active_dbov(clip) for clip in heard["neutral"]]))
    gain = np.float32(10 ** ((NEUTRAL_DBOV - own) / 20))
    return {e: [clip * gain for clip in sound] for e, sound in heard.items()}


def _pool(clips: dict[str, list[FloatArray]]) -> Pool:
    """50 utterances an emotion and line, each of one to three sentences of a speaker."""
    activity, prosody = VoiceActivity(), Prosody()
    pool: Pool = {}
    for emotion, sentences in _carried(clips).items():
        random = np.random.default_rng(1)
        pool[emotion] = [
            [
                said
                for first in range(len(sentences))
                if (said := _say(sentences, first, line, activity, prosody, random)) is not None
            ]
            for line in LINES
        ]
    return pool


def _say(
    sentences: list[FloatArray],
    first: int,
    line: tuple[float, float, str],
    activity: VoiceActivity,
    prosody: Prosody,
    random: np.random.Generator,
) -> Said | None:
    """A sentence and up to two more in one breath, through a line, heard and measured."""
    more = random.integers(0, len(sentences), int(random.integers(0, 3)))
    pause = np.zeros(round(PAUSE_S * SAMPLE_RATE / 2), np.float32)
    parts = [part for i in (first, *more) for part in (pause, sentences[int(i)])]
    samples = _on_the_line(np.concatenate([pause, *parts, pause, pause]), *line, random)
    speech = activity.speech(samples)
    if not speech:
        return None
    span = Span(speech[0].start_ms, speech[-1].end_ms)
    measured = prosody.measure(Utterance("agent", 0, (Word("句", span, 1.0),)), 0, speech, samples)
    return None if measured is None else Said(measured, span.duration_ms)


# --- tables --------------------------------------------------------------------------------------


def _pitch_table(clips: dict[str, dict[str, list[FloatArray]]]) -> Table:
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
        heard = _carried(clips[speaker])[emotion]
        for wide, narrow in zip(clips[speaker][emotion], heard, strict=True):
            told = _on_the_line(narrow, 0, 20, "mu", random)
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


def _spread_table(pools: dict[str, Pool]) -> Table:
    table = Table(title="within-speaker SD of neutral utterances, and how far the others lie off")
    for title in ("speaker", "emotion", "level dB", "pitch st", "tilt dB"):
        table.add_column(title)
    for speaker, pool in pools.items():
        columns = {emotion: [_columns(line) for line in lines] for emotion, lines in pool.items()}
        centres = [np.median(line, 0) for line in columns["neutral"]]
        spread = np.mean([line.std(0) for line in columns["neutral"]], 0)
        table.add_row(speaker, "neutral SD", *(f"{value:.1f}" for value in spread))
        for emotion in EMOTIONS[1:]:
            moved = [
                np.median(line, 0) - centre
                for line, centre in zip(columns[emotion], centres, strict=True)
            ]
            table.add_row("", emotion, *(f"{value:+.1f}" for value in np.mean(moved, 0)))
    constants = f"{voice.LEVEL_SD_DB}", "", f"{voice.TILT_SD_DB}"
    table.add_row("voice.py", "SD", *constants)
    return table


def _effort_table(pools: dict[str, Pool]) -> Table:
    table = Table(title="AUC of an utterance's effort against 12 neutral ones of the same line")
    for title in (
        "speaker",
        "angry : neutral",
        "same, levels made equal",
        "angry : happy",
        "angry : surprise",
    ):
        table.add_column(title)
    for speaker, pool in pools.items():
        efforts = {e: np.concatenate(list(_efforts(pool, e, level=True))) for e in EMOTIONS}
        flat = {e: np.concatenate(list(_efforts(pool, e, level=False))) for e in EMOTIONS}
        table.add_row(
            speaker,
            _auc(efforts["angry"], efforts["neutral"]),
            _auc(flat["angry"], flat["neutral"]),
            _auc(efforts["angry"], efforts["happy"]),
            _auc(efforts["angry"], efforts["surprise"]),
        )
    return table


def _efforts(pool: Pool, emotion: str, *, level: bool) -> Iterator[NDArray[np.float64]]:
    """Efforts on each line: against the first twelve neutral utterances, of the rest."""
    for line, lines in zip(pool["neutral"], pool[emotion], strict=True):
        voices = [[_at_level(s.voice, level) for s in said] for said in (line[:12], lines[12:])]
        calm = voice.baseline(voices[0])
        yield np.asarray([calm.effort(one) for one in voices[1]])


def _at_level(one: Voice, level: bool) -> Voice:
    return one if level else replace(one, level_db=NEUTRAL_DBOV)


def _auc(higher: NDArray[np.float64], lower: NDArray[np.float64]) -> str:
    return f"{(higher[:, None] > lower).mean() + (higher[:, None] == lower).mean() / 2:.2f}"


def _verdict_table(pools: dict[str, Pool], standard: Standard, rule: RaisedVoice) -> Table:
    table = Table(title=f"% fail / % unjudged of {CALLS} composed calls")
    table.add_column("")
    for speaker in SPEAKERS:
        table.add_column(speaker, justify="right")
    angry: dict[str, list[float]] = {speaker: [] for speaker in SPEAKERS}
    for emotion, share in MIXES:
        cells = []
        for speaker in SPEAKERS:
            random = np.random.default_rng(0)
            calls = (_composed(pools[speaker], emotion, share, random) for _ in range(CALLS))
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


# --- calls ---------------------------------------------------------------------------------------


def _composed(pool: Pool, emotion: str, share: float, random: np.random.Generator) -> list[Said]:
    """One speaker on one line: neutral utterances, at least two of them of another emotion if any."""
    line, size = int(random.integers(0, len(LINES))), int(random.integers(8, 15))
    moved = max(2, round(share * size)) if share else 0
    said = [
        pool[kind][line][int(i)]
        for kind, count in (("neutral", size - moved), (emotion, moved))
        for i in random.choice(len(pool[kind][line]), count, replace=False)
    ]
    return [said[int(i)] for i in random.permutation(size)]


def _taken_apart(pool: Pool, emotion: str, share: float) -> str:
    """How many calls of one speaker are heard as two."""
    random = np.random.default_rng(0)
    calls = [_composed(pool, emotion, share, random) for _ in range(CALLS)]
    apart = sum(len(voice.voices_apart([one.voice for one in call])) > 1 for call in calls)
    return f"{apart / CALLS:.1%}"


def _taken_over(
    pools: dict[str, Pool], offset_db: float, random: np.random.Generator
) -> list[Said]:
    """Two calm people on one channel, the second louder by an offset, with no hold between them."""
    line = int(random.integers(0, len(LINES)))
    found = []
    for speaker, gain_db in (("liuchanhg", 0.0), ("wangzhe", offset_db)):
        lines = pools[speaker]["neutral"][line]
        for i in random.choice(len(lines), int(random.integers(3, 8)), replace=False):
            one = lines[int(i)]
            louder = replace(one.voice, level_db=one.voice.level_db + gain_db)
            found.append(replace(one, voice=louder))
    return found


def _rates(
    calls: Iterator[list[Said]], standard: Standard, rule: RaisedVoice
) -> tuple[float, float]:
    ruled = [_ruled(said, standard, rule) for said in calls]
    return ruled.count("fail") / len(ruled), ruled.count("unjudged") / len(ruled)


def _ruled(said: Sequence[Said], standard: Standard, rule: RaisedVoice) -> str:
    """The check's verdict on a call in which a customer fills the agent's pauses."""
    utterances: list[Utterance] = []
    voices: list[Voice] = []
    at = 1_000
    for one in said:
        for role, channel, length in (("agent", 0, one.duration_ms), ("customer", 1, 2_000)):
            word = Word("句", Span(at, at + length), 1.0)
            utterances.append(_utterance(role, channel, word))
            at += length + 300
        voices.append(replace(one.voice, utterance=len(utterances) - 2))
    call = Call(
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
    return voice.check(case_of(call, standard), rule).status


def _utterance(role: Any, channel: int, word: Word) -> Utterance:
    known: Role = role
    return Utterance(known, channel, (word,))


def _columns(line: Sequence[Said]) -> NDArray[np.float64]:
    """Level, pitch and tilt of utterances, shape (n, 3); those without pitch left out."""
    rows = [
        (one.voice.level_db, 6 * np.log2(median * high), one.voice.tilt_db)
        for one in line
        if (median := one.voice.f0_median_hz) and (high := one.voice.f0_p90_hz)
    ]
    return np.asarray(rows, np.float64)


if __name__ == "__main__":
    main()
