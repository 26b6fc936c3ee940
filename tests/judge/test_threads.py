"""One standard may judge in several threads at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pipeline.judge import load
from pipeline.judge.cases import read_cases, settled
from pipeline.judge.dialogue import call_of
from pipeline.judge.load import Standard, load_standard
from pipeline.records import Scorecard
from pipeline.settings import default_standard

CASES = Path(__file__).parent.parent / "cases"


def test_threads_judge_as_one_does() -> None:
    standard = load_standard(default_standard())
    calls = [call_of(case.dialogue) for case in read_cases(CASES, standard)[::12]]
    one_by_one = [settled(call, standard) for call in calls]
    standard = _compiled_anew()

    def judged(number: int) -> Scorecard:
        return settled(calls[number % len(calls)], standard)

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(judged, range(3 * len(calls))))
    assert together == one_by_one * 3


def _compiled_anew() -> Standard:
    """The standard with nothing remembered of any text."""
    load._compiled.cache_clear()
    return load_standard(default_standard())
