"""Who said which word on mono: how many words get the right role, and what that costs.

Data: folders like samples/ (recordings/, turns.csv with who truly speaks when, and dialogues.yaml, which
names the voices). Stereo calls are mixed to mono; --respaced also lays their turns 0.3-1 s apart, which
leaves out what a line holds besides (rings, music, noise). Voices are synthetic, even in tone and without
echo: easier than people. Words are what Whisper heard, and whose they truly are is told by aligning them
with what was composed, syllable by syllable; so no word time counts as truth.

--clips takes a folder of real recordings, each with an .rttm beside it (NIST's format of true turns):
edges of turns found within 0.3 s, and stretches of speech that went to the wrong voice.

    python -m tests.bench.roles [--data FOLDER]... [--respaced] [--clips FOLDER]
"""

from __future__ import annotations

import csv
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path

import click
import numpy as np
import yaml
from rapidfuzz.distance import Levenshtein
from rich.console import Console
from rich.table import Table

from pipeline.listen.assignment import speech_of_speakers
from pipeline.listen.audio import FloatArray, Sound, silence
from pipeline.listen.diarization import Turn
from pipeline.listen.listen import Listener, hear_call, load_listener
from pipeline.listen.speakers import with_roles
from pipeline.listen.windows import piece_of
from pipeline.records import Call, CallRecord, Recording, Role, Span, Word
from pipeline.settings import Settings
from pipeline.wording.normalise import normalise
from pipeline.wording.syllables import syllables
from tests.sound import samples_of

SAMPLES = Path(__file__).parents[2] / "samples"
GAPS_MS = (300, 1000)
EDGE_MS = 300
TEXTS = (".rttm", ".stm")
PEOPLE = ("agent", "customer")


@dataclass(frozen=True)
class Said:
    """A turn as it was composed."""

    role: Role
    span: Span
    text: str


@dataclass
class Count:
    """Words of one group of calls."""

    calls: int = 0
    words: Counter[str] = field(default_factory=Counter)
    unsure: int = 0

    @property
    def total(self) -> int:
        return sum(self.words.values())


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), multiple=True)
@click.option("--respaced", is_flag=True, help="Lay the turns 0.3-1 s apart.")
@click.option("--clips", type=click.Path(path_type=Path, exists=True))
def main(data: tuple[Path, ...], respaced: bool, clips: Path | None) -> None:
    listener = load_listener(Settings())
    console = Console(width=130)
    console.print(_words_table(data or (SAMPLES,), respaced, listener))
    if clips:
        console.print(_clips_table(clips, listener))


def _words_table(folders: tuple[Path, ...], respaced: bool, listener: Listener) -> Table:
    groups: dict[str, Count] = {}
    spent = {"diarization": 0.0, "transcription": 0.0}
    timed = _Timed(listener, spent)
    for folder in folders:
        for file, group, turns in _calls(folder):
            sound = _mono(folder / "recordings" / file, turns, respaced)
            call = with_roles(hear_call(_recording(file), sound, timed.listener), _recording(file))
            count = groups.setdefault(group, Count())
            count.calls += 1
            count.unsure += not call.roles_known
            count.words += _scored(call, turns)
    ratio = spent["diarization"] / spent["transcription"]
    table = Table(title=f"{'turns 0.3-1 s apart' if respaced else 'as composed'}", min_width=80)
    table.caption = f"diarization takes {ratio:.0%} of transcription's processor time"
    for column in ("calls of", "calls", "words", "right %", "wrong %", "unknown %", "unsure calls"):
        first = column == "calls of"
        table.add_column(column, justify="left" if first else "right", no_wrap=True)
    for name, count in sorted(groups.items()):
        shares = [
            f"{100 * count.words[k] / count.total:.1f}" for k in ("right", "wrong", "unknown")
        ]
        table.add_row(name, str(count.calls), str(count.total), *shares, str(count.unsure))
    return table


class _Timed:
    """A listener whose engine and diarizer are timed."""

    def __init__(self, listener: Listener, spent: dict[str, float]) -> None:
        def timed(name: str, call):  # type: ignore[no-untyped-def]
            def run(*args, **named):  # type: ignore[no-untyped-def]
                began = time.process_time()
                try:
                    return call(*args, **named)
                finally:
                    spent[name] += time.process_time() - began

            return run

        listener.engine.transcribe = timed("transcription", listener.engine.transcribe)  # type: ignore[method-assign]
        listener.diarizer.turns = timed("diarization", listener.diarizer.turns)  # type: ignore[method-assign]
        self.listener = listener


def _calls(folder: Path) -> Iterator[tuple[str, str, list[Said]]]:
    """Each recording's file, what kind of call it is, and its turns."""
    turns: dict[str, list[Said]] = {}
    with (folder / "turns.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["role"] in PEOPLE:
                span = Span.of_seconds(float(row["start_s"]), float(row["end_s"]))
                turns.setdefault(row["file"], []).append(Said(row["role"], span, row["text"]))  # type: ignore[arg-type]
    for dialogue in yaml.safe_load((folder / "dialogues.yaml").read_text(encoding="utf-8"))[
        "calls"
    ]:
        voices = {dialogue[role]["voice"] for role in PEOPLE}
        raised = any(turn.get("raised") for turn in dialogue["turns"])
        voices |= {turn["voice"] for turn in dialogue["turns"] if "voice" in turn}
        sexes = {voice[1] for voice in voices}
        group = f"{len(voices)} voices, {'same sex' if len(sexes) == 1 else 'both sexes'}"
        kind = (dialogue.get("kind") or "call").replace("_", " ")
        said = sorted(turns[dialogue["file"]], key=lambda turn: turn.span)
        yield dialogue["file"], f"{kind}: {group}{', one raised' * raised}", said


def _mono(path: Path, turns: list[Said], respaced: bool) -> Sound:
    samples = samples_of(path)
    mixed = np.clip(samples.sum(0), -1, 1)
    if respaced:
        rng = np.random.default_rng(zlib.crc32(path.name.encode()))
        pieces: list[FloatArray] = []
        for turn in turns:
            pieces += [silence(int(rng.integers(*GAPS_MS))), piece_of(mixed, turn.span)]
        mixed = np.concatenate([*pieces, silence(GAPS_MS[1])])
    return Sound(mixed[None].astype(np.float16), ())


def _recording(file: str) -> Recording:
    return Recording(file, file, 0, CallRecord(file))


def _scored(call: Call, turns: list[Said]) -> Counter[str]:
    """How many words have the right role, a wrong one, none. Words nobody said are left out."""
    words = sorted(
        ((word, utterance.role) for utterance in call.utterances for word in utterance.words),
        key=lambda one: one[0].span,
    )
    result: Counter[str] = Counter()
    for (_, role), truth in zip(words, _truth([word for word, _ in words], turns), strict=True):
        if truth:
            result["unknown" if role == "unknown" else "right" if role == truth else "wrong"] += 1
    return result


def _truth(words: list[Word], turns: list[Said]) -> list[Role | None]:
    """Whose each word is, by the syllables it shares with what was composed."""
    wanted = [(s, turn.role) for turn in turns for s in syllables(normalise(turn.text).text)]
    heard = [(s, index) for index, w in enumerate(words) for s in syllables(normalise(w.text).text)]
    votes: list[Counter[Role]] = [Counter() for _ in words]
    for step in Levenshtein.opcodes([s for s, _ in wanted], [s for s, _ in heard]):
        if step.tag not in ("equal", "replace"):
            continue
        for at in range(step.dest_start, step.dest_end):
            from_ = min(step.src_start + at - step.dest_start, step.src_end - 1)
            votes[heard[at][1]][wanted[from_][1]] += 1 if step.tag == "replace" else 10
    return [vote.most_common(1)[0][0] if vote else None for vote in votes]


def _clips_table(folder: Path, listener: Listener) -> Table:
    table = Table(title=f"real clips: edges of turns within {EDGE_MS / 1000} s")
    for column in ("clip", "voices", "found", "edges", "near", "farthest ms", "wrong voice %"):
        table.add_column(column, justify="right")
    for rttm in sorted(folder.glob("*.rttm")):
        (path,) = [file for file in folder.glob(f"{rttm.stem}.*") if file.suffix not in TEXTS]
        samples = np.clip(samples_of(path).sum(0), -1, 1)
        speech = listener.activity.speech(samples)
        turns = listener.diarizer.turns(samples, speech)
        found = [Turn(span, speaker) for span, speaker in speech_of_speakers(speech, turns)]
        voices = len({turn.speaker for turn in found})
        found, confused = _named(true := _rttm(rttm), found)
        missed = [_farthest(one, [f for f in found if f.speaker == one.speaker]) for one in true]
        edges = [value for pair in missed for value in pair]
        table.add_row(
            rttm.stem,
            str(len({turn.speaker for turn in true})),
            str(voices),
            str(len(edges)),
            str(sum(value <= EDGE_MS for value in edges)),
            str(max(edges)),
            f"{100 * confused:.1f}",
        )
    return table


def _rttm(path: Path) -> list[Turn]:
    rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    names = sorted({row[7] for row in rows})
    return [
        Turn(Span.of_seconds(float(r[3]), float(r[3]) + float(r[4])), names.index(r[7]))
        for r in rows
    ]


def _farthest(true: Turn, found: list[Turn]) -> tuple[int, int]:
    """How far the nearest found start and end lie from a turn's."""
    return (
        min((abs(one.span.start_ms - true.span.start_ms) for one in found), default=9999),
        min((abs(one.span.end_ms - true.span.end_ms) for one in found), default=9999),
    )


def _named(true: list[Turn], found: list[Turn]) -> tuple[list[Turn], float]:
    """What was found under the true names that fit best, and the share of it that is another's."""
    step = 10
    end = max(turn.span.end_ms for turn in (*true, *found))
    count = max(turn.speaker for turn in (*true, *found)) + 1

    def grid(turns: list[Turn]) -> FloatArray:
        cells = np.zeros((count, end // step + 1), np.float32)
        for turn in turns:
            cells[turn.speaker, turn.span.start_ms // step : turn.span.end_ms // step] = 1
        return cells

    there, here = grid(true), grid(found)
    here = here * (there.sum(0) > 0)
    best = max(
        permutations(range(count)), key=lambda names: float((there[list(names)] * here).sum())
    )
    right = float((there[list(best)] * here).sum())
    return [Turn(turn.span, best[turn.speaker]) for turn in found], 1 - right / float(here.sum())


if __name__ == "__main__":
    main()
