"""What judging costs, and the closer listen beside transcription, on the sample calls.

Judging is reckoned in milliseconds of processor time a call-minute, every lexicon looked for anew in
each round; the closer listen as a share of the transcription of the same calls in the same run, since
machines differ and share.

    python -m tests.bench.judging [--rounds N]
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from pipeline.garbage import spare_what_stays
from pipeline.intake import Found, take_in
from pipeline.judge.judge import judge_read, settle
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.reading import Reading, read_together
from pipeline.listen.audio import decode
from pipeline.listen.listen import Listener, listen, load_listener
from pipeline.listen.spotting import answer
from pipeline.records import Answer, Call, Question
from pipeline.settings import Settings, default_standard
from pipeline.wording.match import MOST_KEPT, Matcher
from pipeline.wording.normalise import normalise

SAMPLES = Path(__file__).parents[2] / "samples" / "recordings"


@dataclass(frozen=True)
class Heard:
    """A sample call listened to, with the answers to its questions and what both took."""

    call: Call
    answers: tuple[Answer, ...]
    listen_s: float
    closer_s: float


@click.command(help=__doc__)
@click.option("--rounds", type=int, default=20, show_default=True, help="Rounds of judging.")
def main(rounds: int) -> None:
    standard = load_standard(default_standard())
    listener = load_listener(Settings())
    heard = [_heard(found, standard, listener) for found in take_in(SAMPLES, None).found]
    spare_what_stays()  # as workers do
    minutes = sum(one.call.duration_ms for one in heard) / 60_000
    table = Table(title=f"{len(heard)} sample calls, {minutes:.1f} min, Whisper base, int8")
    for column in ("what", "figure"):
        table.add_column(column)
    for how, together in (("one by one", False), (f"{len(heard)} together", True)):
        took_ms = _judging(heard, standard, rounds, together)
        table.add_row(f"judging {how}, ms a call-minute", f"{took_ms / minutes:.1f}")
    table.add_row("questions a call", f"{sum(len(h.answers) for h in heard) / len(heard):.1f}")
    share = sum(one.closer_s for one in heard) / sum(one.listen_s for one in heard)
    table.add_row("closer listen, of all listening", f"{share:.0%}")
    Console().print(table)


def _heard(found: Found, standard: Standard, listener: Listener) -> Heard:
    start = time.process_time()
    call = listen(found.recording, found.path, listener)
    listened = time.process_time()
    sound, answers = decode(found.path), list[Answer]()

    def closer_listen(questions: Sequence[Question]) -> tuple[Answer, ...]:
        heard = answer(questions, call, sound, listener.engine)
        answers.extend(heard)
        return heard

    settle(call, standard, (), closer_listen)
    closer = time.process_time() - listened
    return Heard(call, tuple(answers), listened - start, closer)


def _judging(heard: list[Heard], standard: Standard, rounds: int, together: bool) -> float:
    """Milliseconds of processor time for all calls; the median round.

    ``together``: as calls are judged again, else as a night judges each when it has been heard.
    """
    taken = []
    for _ in range(rounds):
        _forget(standard.matcher)
        start = time.process_time()
        calls = [one.call for one in heard]
        if together:
            readings: Iterable[Reading] = read_together(calls, standard.matcher)
        else:
            readings = (Reading(call, standard.matcher) for call in calls)
        for one, reading in zip(heard, readings, strict=True):
            judge_read(reading, standard, one.answers)
        taken.append(1000 * (time.process_time() - start))
    return sorted(taken)[len(taken) // 2]


def _forget(matcher: Matcher) -> None:
    """Fill the matcher's memory of searched texts with others: each round is to search anew."""
    matcher.look_ahead([normalise(str(number)) for number in range(MOST_KEPT)])


if __name__ == "__main__":
    main()
