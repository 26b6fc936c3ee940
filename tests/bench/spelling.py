"""How many characters are wrong as Whisper writes them, and as they are spelt then.

Data: folders like samples/ (recordings/ and turns.csv with what was said); voices are synthetic. What is
said in samples/ stands in no sentence of pipeline/wording/talk.txt but by chance. Both speakers of a call
count apart; times are processor time.

    python -m tests.bench.spelling [--data FOLDER]...
"""

from __future__ import annotations

import csv
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from pipeline.listen.listen import Listener, listen, load_listener
from pipeline.listen.spelling import respelt
from pipeline.records import Call, CallRecord, Recording, Role, Utterance
from pipeline.settings import Settings
from pipeline.wording.normalise import normalise
from tests.bench.errors import percent_wrong

SAMPLES = Path(__file__).parents[2] / "samples"
PEOPLE: tuple[Role, ...] = ("agent", "customer")


@dataclass(frozen=True)
class Side:
    """What one person said, and what was written of it at first and at last."""

    said: str
    heard: str
    spelt: str


@click.command(help=__doc__)
@click.option("--data", type=click.Path(path_type=Path, exists=True), multiple=True)
def main(data: tuple[Path, ...]) -> None:
    listener = load_listener(Settings())
    calls = [pair for folder in data or (SAMPLES,) for pair in _calls(folder, listener)]
    sides = [side for call, turns in calls for side in _sides(call, turns)]
    characters = sum(len(normalise(side.said).text) for side in sides)
    table = Table(title=f"{len(calls)} calls, {characters} characters")
    for column in ("", "characters wrong %", "syllables wrong %"):
        table.add_column(column)
    heard = percent_wrong((side.said, side.heard) for side in sides)
    anew = percent_wrong((side.said, side.spelt) for side in sides)
    for name, shares in (("as heard", heard), ("as spelt", anew)):
        table.add_row(name, *(f"{share:.1f}" for share in shares))
    console = Console()
    console.print(table)
    console.print(f"{_cost_ms(calls, listener):.1f} ms a call-minute to spell them")


def _calls(folder: Path, listener: Listener) -> Iterator[tuple[Call, dict[str, str]]]:
    """Each call with what either person said."""
    said: dict[str, dict[str, str]] = defaultdict(lambda: defaultdict(str))
    with (folder / "turns.csv").open(encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            said[row["file"]][row["role"]] += row["text"]
    for name, turns in said.items():
        path = folder / "recordings" / name
        record = CallRecord(name)
        yield listen(Recording(name, name, path.stat().st_size, record), path, listener), turns


def _sides(call: Call, turns: dict[str, str]) -> Iterator[Side]:
    for role in PEOPLE:
        own = [one for one in call.utterances if one.role == role]
        yield Side(
            turns.get(role, ""),
            "\n".join(one.heard or one.text for one in own),
            "\n".join(one.text for one in own),
        )


def _cost_ms(calls: Sequence[tuple[Call, dict[str, str]]], listener: Listener) -> float:
    if listener.usage is None:
        raise click.UsageError("only Mandarin is spelt")
    heard = [
        [Utterance(one.role, one.channel, one.words_heard, one.speaker) for one in call.utterances]
        for call, _ in calls
    ]
    started = time.process_time()
    for said in heard:
        respelt(said, listener.usage)
    minutes = sum(call.duration_ms for call, _ in calls) / 60_000
    return 1000 * (time.process_time() - started) / minutes


if __name__ == "__main__":
    main()
