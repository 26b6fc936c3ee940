"""How well does spotting tell what was said from what was not? Prints a table for each half.

The lines of spotting_lines.tsv, spoken by :mod:`speak`, go through the telephone line of samples/ at
8 kHz, G.711, 12 to 25 dB over its noise. Each is asked about alone, and every second one again among
three others of the same voice, and always for every lexicon. A lexicon is *said* in a text when one of
its wordings is written there. Thresholds are chosen on the half `tune`; `report` has other voices and
other sentences::

    python -m tests.bench.spotting --clips build/spotting --scores scores.tsv

It needs the packages of the extra `samples`.
"""

from __future__ import annotations

import csv
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import click
import numpy as np

from pipeline.judge.checks.phrase import ABSENT, HEARD
from pipeline.judge.load import Standard, load_standard
from pipeline.listen.audio import FloatArray, Sound
from pipeline.listen.listen import Listener, load_listener
from pipeline.listen.spotting import answer
from pipeline.listen.transcribe import transcribe, utterances
from pipeline.records import Call, CallRecord, Question, Recording, Span, Speech, Utterance
from pipeline.settings import Settings, default_standard
from pipeline.wording.normalise import normalise
from tests.bench.speak import LINES, Line, read_lines
from tests.bench.telephone import line_tools

CLIP_RATE_HZ = 24_000
QUIETEST_DB, LOUDEST_DB = 12.0, 25.0
COMPANY = 3
"""Lines put around a line that is asked about among others."""

LEXICONS = (
    "farewell",
    "greeting",
    "organisation",
    "offer",
    "hold-request",
    "hold-return",
    "ask-identity",
    "ask-purpose",
)
"""Asked about every line. Most lines hold none of them: what is not said shows what a threshold costs."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question answered. ``said`` and ``matched``: in the text spoken, in the transcript."""

    part: str
    size: str
    lexicon: str
    said: bool
    matched: bool
    score: float
    phrase: str
    seconds: float
    text: str
    transcript: str


def cases(lines: Sequence[Line], dice: random.Random) -> Iterator[tuple[str, Line, list[Line]]]:
    """Each line alone, and every second one among others of its voice."""
    for line in lines:
        yield "alone", line, [line]
    for line in lines[::2]:
        others = [other for other in lines if other.voice == line.voice and other is not line]
        company = [o for o in others if o.kind not in ("open", "close")]
        spoken = dice.sample(company, COMPANY)
        at = {"open": 0, "return": 0, "close": COMPANY, "hold": COMPANY}.get(line.kind, 2)
        yield "among", line, [*spoken[:at], line, *spoken[at:]]


def over_the_line(
    lines: Iterable[Line], clips: Path, dice: random.Random, rng: np.random.Generator
) -> FloatArray:
    """Lines one after the other as the far end's recorder has them; 16 kHz, shape (n,)."""
    import soundfile
    from scipy.signal import resample_poly

    telephone = line_tools()
    pieces = [telephone.silence(0.4)]
    for line in lines:
        clip, _ = soundfile.read(clips / line.clip, dtype="float32")
        pieces.append(telephone.levelled(telephone.carried(clip, CLIP_RATE_HZ)))
        pieces.append(telephone.silence(dice.uniform(0.3, 1.0)))
    wave = np.concatenate(pieces)
    noise_dbov = telephone.SPEECH_DBOV - dice.uniform(QUIETEST_DB, LOUDEST_DB)
    wave = wave + telephone.noise(len(wave), noise_dbov, rng)
    pcm = telephone.CODECS[dice.choice(("a", "mu"))](telephone.limited(wave))
    return np.asarray(resample_poly(pcm.astype(np.float32) / 32_768, 2, 1), np.float32)


def heard(samples: FloatArray, listener: Listener) -> Call:
    """A call in which everything is the agent's."""
    speech = listener.activity.speech(samples)
    (transcript,) = transcribe(samples[np.newaxis], [speech], listener.engine)
    words = transcript.words
    return Call(
        recording=Recording("bench", "bench", 0, CallRecord("bench")),
        duration_ms=samples.size // 16,
        channels=1,
        utterances=tuple(Utterance("agent", 0, group) for group in utterances(words, speech)),
        speech=tuple(Speech("agent", 0, span) for span in speech),
        events=(),
        voices=(),
        dropped=(),
        warnings=(),
        provenance=listener.provenance,
    )


def ask(
    part: str, lines: Sequence[Line], clips: Path, standard: Standard, listener: Listener
) -> Iterator[Asked]:
    """Every question of one half, answered."""
    seed = 5 if part == "tune" else 6
    dice, rng = random.Random(seed), np.random.default_rng(seed)
    for size, _, spoken in cases(lines, dice):
        samples = over_the_line(spoken, clips, dice, rng)
        call = heard(samples, listener)
        sound = Sound(samples[np.newaxis].astype(np.float16), ())
        text = "。".join(each.text for each in spoken)
        transcript = "。".join(utterance.text for utterance in call.utterances)
        truths = {lexicon: standard.matcher.find(normalise(text), lexicon) for lexicon in LEXICONS}
        # said in other words is neither said nor not
        clear = [
            lexicon
            for lexicon, found in truths.items()
            if not found or any(match.level == "characters" for match in found)
        ]
        everything = Span(0, call.duration_ms)
        questions = [
            Question(standard.lexicons[lexicon].spoken, "agent", everything) for lexicon in clear
        ]
        begun = time.perf_counter()
        answers = answer(questions, call, sound, listener.engine)
        seconds = (time.perf_counter() - begun) / max(1, len(questions))
        for lexicon, found in zip(clear, answers, strict=True):
            yield Asked(
                part=part,
                size=size,
                lexicon=lexicon,
                said=bool(truths[lexicon]),
                matched=bool(standard.matcher.find(normalise(transcript), lexicon)),
                score=found.score if found.score is not None else float("-inf"),
                phrase=found.phrase or "",
                seconds=seconds,
                text=text,
                transcript=transcript,
            )


def table(rows: Sequence[Asked]) -> Iterator[str]:
    """For each lexicon: what the transcript and what spotting made of it."""
    yield "lexicon         said  matched  heard  doubt  missed | unsaid  matched  alarm  doubt  absent"
    for lexicon in (*dict.fromkeys(row.lexicon for row in rows), "all", "all, unmatched"):
        of_it = [
            row
            for row in rows
            if lexicon in (row.lexicon, "all") or ("," in lexicon and not row.matched)
        ]
        said = [row for row in of_it if row.said]
        unsaid = [row for row in of_it if not row.said]
        counts = [len(said), sum(row.matched for row in said), *_ruled(said)]
        others = [len(unsaid), sum(row.matched for row in unsaid), *_ruled(unsaid)]
        yield (
            f"{lexicon:15s} {counts[0]:4d} {counts[1]:8d} {counts[2]:6d} {counts[3]:6d} {counts[4]:7d}"
            f" | {others[0]:6d} {others[1]:8d} {others[2]:6d} {others[3]:6d} {others[4]:7d}"
        )
    scores = [row.score for row in rows if row.said]
    alarms = [row.score for row in rows if not row.said]
    above = np.mean([[yes > no for no in alarms] for yes in scores])
    yield (
        f"area under the curve {above:.4f}; seconds a question, a line's asked together: "
        + ", ".join(
            f"{np.mean([r.seconds for r in rows if r.size == size]):.2f} {size}"
            for size in ("alone", "among")
        )
    )
    yield "said, lowest 1, 2, 5 %: " + _quantiles(scores, (0.01, 0.02, 0.05))
    yield "unsaid, highest 5, 2, 1 %: " + _quantiles(alarms, (0.95, 0.98, 0.99))
    in_doubt = _ruled(rows)[1]
    yield f"in doubt: {100 * in_doubt / len(rows):.1f} %"


def _ruled(rows: Sequence[Asked]) -> tuple[int, int, int]:
    above = sum(row.score >= HEARD for row in rows)
    below = sum(row.score <= ABSENT for row in rows)
    return above, len(rows) - above - below, below


def _quantiles(scores: Sequence[float], shares: Iterable[float]) -> str:
    return ", ".join(f"{np.quantile(scores, share):.2f}" for share in shares)


@click.command()
@click.option("--clips", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--lines", default=LINES, type=click.Path(exists=True, path_type=Path))
@click.option("--standard", "folder", default=default_standard, type=click.Path(path_type=Path))
@click.option("--part", type=click.Choice(("tune", "report")), help="One half only.")
@click.option("--engine", default="auto")
@click.option("--model", default="base")
@click.option("--scores", type=click.Path(path_type=Path), help="Keep every answer, as TSV.")
def main(
    clips: Path,
    lines: Path,
    folder: Path,
    part: str | None,
    engine: str,
    model: str,
    scores: Path | None,
) -> None:
    """Print what spotting makes of every line."""
    standard = load_standard(folder)
    listener = load_listener(Settings(model=model, engine=engine, threads=1))
    spoken = read_lines(lines)
    rows: list[Asked] = []
    for half in ("tune", "report"):
        if part in (None, half):
            of_half = [line for line in spoken if line.part == half]
            rows += ask(half, of_half, clips, standard, listener)
            click.echo(f"{half}, HEARD {HEARD}, ABSENT {ABSENT}")
            click.echo("\n".join(table([row for row in rows if row.part == half])) + "\n")
    if scores:
        with scores.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, delimiter="\t")
            writer.writerow(field.name for field in fields(Asked))
            writer.writerows(astuple(row) for row in rows)


if __name__ == "__main__":
    main()
