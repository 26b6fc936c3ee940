"""What judging many kept calls again takes: `callqa rescore`, everything included.

The store is composed from kept sample calls under other ids and names. In each call half of the
utterances are put together anew from the dialogues of tests/cases, and numerals in them drawn at
random, so that what is remembered by its text does not flatter; how many of the utterances stand in
the store once only is printed beside the figures.

    callqa score samples/recordings --out build/score
    python -m tests.bench.rejudging --kept build/score/callqa.db [--calls N] [--processes N]
"""

from __future__ import annotations

import random
import re
import resource
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Generic, TypeVar

import click
from rich.console import Console
from rich.table import Table

from pipeline.garbage import spare_what_stays
from pipeline.judge.cases import read_cases
from pipeline.judge.judge import judge_read
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.reading import read_together
from pipeline.pool import CHUNK
from pipeline.records import Call, Judged, Recording, Span, Utterance, Word
from pipeline.settings import default_standard
from pipeline.show import sheet_of
from pipeline.show.documents import write_document
from pipeline.store import CardText, Kept, Store
from pipeline.wording.shown import as_shown

T = TypeVar("T")

CASES = Path(__file__).parents[1] / "cases"
NUMERAL = re.compile("[一二三四五六七八九1-9]")
NUMERALS = "一二三四五六七八九"
ANEW = 0.5
"""Share of a call's utterances that are put together anew."""
WORD = 2
"""Characters of a word put in, about as long as Whisper's."""
PARTED = 320
"""Calls that are gone through part by part."""


@dataclass(frozen=True)
class Composed:
    """A store of calls, and what is in it."""

    url: str
    minutes: float
    utterances: int
    distinct: int


@click.command(help=__doc__)
@click.option("--kept", type=click.Path(path_type=Path, exists=True), required=True)
@click.option("--calls", type=int, default=10_000, show_default=True)
@click.option("--processes", type=int, default=2, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(kept: Path, calls: int, processes: int, seed: int) -> None:
    with TemporaryDirectory() as folder:
        out = Path(folder)
        composed = _compose(kept, out / "callqa.db", calls, random.Random(seed))
        changed = _changed_standard(out / "standard")
        table = Table(title=f"{calls} calls judged again on {processes} processes")
        for column in ("what", "figure"):
            table.add_column(column)
        table.add_row("call-minutes", f"{composed.minutes:.0f}")
        table.add_row("mean length of a call, s", f"{60 * composed.minutes / calls:.0f}")
        share = composed.distinct / composed.utterances
        table.add_row("utterances that stand there once only", f"{share:.0%}")
        for name, figure in _whole(out, changed, composed, calls, processes):
            table.add_row(name, figure)
        for name, figure in _parts(out, changed, composed.url):
            table.add_row(name, figure)
        Console().print(table)


# --- the store ------------------------------------------------------------------------------------


def _compose(kept: Path, path: Path, calls: int, chance: random.Random) -> Composed:
    """A store of so many calls."""
    said = _said()
    with Store(f"sqlite:///{kept}") as store:
        originals = list(store.all_kept())
    minutes, texts = 0.0, Counter[str]()
    with Store(f"sqlite:///{path}") as store:
        for number in range(calls):
            original = originals[number % len(originals)]
            call = _varied(original.call, number, said, chance)
            store.keep_call(call, original.answers)
            minutes += call.duration_ms / 60_000
            texts.update(utterance.text for utterance in call.utterances)
    once = sum(count == 1 for count in texts.values())
    return Composed(f"sqlite:///{path}", minutes, texts.total(), once)


def _said() -> dict[str, list[str]]:
    """What each role says in the dialogues of the clauses."""
    standard = load_standard(default_standard())
    said: dict[str, list[str]] = {"agent": [], "customer": [], "unknown": []}
    for case in read_cases(CASES, standard):
        for turn in case.dialogue.turns:
            for role, lines in said.items():
                if words := getattr(turn, role):
                    lines.append(words)
    return said


def _varied(call: Call, number: int, said: dict[str, list[str]], chance: random.Random) -> Call:
    """The call as another one."""
    file = f"{number % 97:02}/{number:06}{Path(call.recording.file).suffix}"
    record = replace(call.recording.record, file=file, agent_id=f"A{number % 40:02}")
    identity = sha256(file.encode()).hexdigest()
    utterances = tuple(
        _anew(one, said[one.role], chance) if chance.random() < ANEW else one
        for one in call.utterances
    )
    recording = Recording(identity, file, call.recording.size_bytes, record)
    return replace(call, recording=recording, utterances=utterances)


def _anew(utterance: Utterance, lines: Sequence[str], chance: random.Random) -> Utterance:
    """About as many characters at the same time, of the same probabilities."""
    text, length = "", max(2, len(utterance.text))
    while len(text) < length:
        text += chance.choice(lines)
    text = NUMERAL.sub(lambda _: chance.choice(NUMERALS), text[:length])
    pieces = [text[at : at + WORD] for at in range(0, length, WORD)]
    span = utterance.span
    step = span.duration_ms / len(pieces)
    words = tuple(
        Word(
            piece,
            Span(span.start_ms + round(i * step), span.start_ms + round((i + 1) * step)),
            chance.choice(utterance.words).probability,
        )
        for i, piece in enumerate(pieces)
    )
    return replace(utterance, words=words)


def _changed_standard(folder: Path) -> Path:
    """The shipped standard with one phrase more."""
    shutil.copytree(default_standard(), folder)
    with (folder / "thanks.txt").open("a", encoding="utf-8") as file:
        file.write("\n感激不盡\n")
    return folder


# --- figures --------------------------------------------------------------------------------------


def _whole(
    out: Path, standard: Path, composed: Composed, calls: int, processes: int
) -> Iterator[tuple[str, str]]:
    """The command as a user runs it."""
    command = [
        *(sys.executable, "-m", "pipeline", "rescore", "--out", str(out / "out")),
        *("--store", composed.url, "--standard", str(standard), "--processes", str(processes)),
    ]
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    taken = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor_s = used.ru_utime + used.ru_stime
    yield "exit code", str(done.returncode)
    yield "elapsed, s", f"{taken:.1f}"
    yield "processor time of all processes, s", f"{processor_s:.1f}"
    yield "the same a call, ms", f"{1000 * processor_s / calls:.2f}"
    yield "the same shared by its processes, s", f"{processor_s / processes:.1f}"
    yield "peak memory of the largest process, MB", f"{used.ru_maxrss / 1024:.0f}"
    page = out / "out/report.html"
    yield "report.html, MB", f"{page.stat().st_size / 1e6:.1f}"


def _parts(out: Path, folder: Path, url: str) -> Iterator[tuple[str, str]]:
    """Processor time a call of each part, one after the other in this process."""
    start = time.process_time()
    standard = load_standard(folder)
    yield "loading the standard, s", f"{time.process_time() - start:.1f}"
    spare_what_stays()  # as the processes do that judge
    with Store(url) as store:
        recordings = store.recordings()[:PARTED]
        texts = _timed("reading the store", lambda: list(store.kept_texts(recordings)))
        kept = _timed("parsing", lambda: [text.read() for text in texts.value])
        judged = _timed("judging", lambda: _judged(kept.value, standard))
        masked = _timed("masking, script", lambda: [*map(as_shown, judged.value)])
        parts: list[Timed[Any]] = [
            *(texts, kept, judged, masked),
            _timed("documents", lambda: [*map(partial(_document, out), masked.value)]),
            _timed(
                "table rows",
                lambda: [sheet_of(one, standard.outline, "zh-Hant") for one in masked.value],
            ),
            _timed(
                "keeping scorecards",
                lambda: store.keep_cards([CardText.of(one.scorecard) for one in judged.value]),
            ),
        ]
    for part in parts:
        yield f"{part.name}, ms a call", f"{1000 * part.seconds / len(recordings):.2f}"
    minutes = sum(one.call.duration_ms for one in kept.value) / 60_000
    yield "judging, ms a call-minute", f"{1000 * judged.seconds / minutes:.2f}"


@dataclass(frozen=True)
class Timed(Generic[T]):
    """What a part made, and the processor time it took."""

    name: str
    seconds: float
    value: T


def _timed(name: str, part: Callable[[], T]) -> Timed[T]:
    start = time.process_time()
    value = part()
    return Timed(name, time.process_time() - start, value)


def _judged(kept: Sequence[Kept], standard: Standard) -> list[Judged]:
    """Calls judged as the processes do it, some of them read together."""
    judged = []
    for at in range(0, len(kept), CHUNK):
        chunk = kept[at : at + CHUNK]
        readings = read_together([one.call for one in chunk], standard.matcher)
        for one, reading in zip(chunk, readings, strict=True):
            judgement = judge_read(reading, standard, one.answers)
            judged.append(Judged(one.call, judgement.scorecard, judgement.measures))
    return judged


def _document(out: Path, judged: Judged) -> None:
    write_document(out / "documents" / f"{judged.scorecard.recording_id}.json", judged)


if __name__ == "__main__":
    main()
