"""Threads that share one worker: all is done, few tasks are held, and what is given up ends soon."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
import torch

from pipeline.errors import WeightsError
from pipeline.intake import Found
from pipeline.listen import sandbox
from pipeline.listen.audio import Limits, decode
from pipeline.listen.container import Ended, Opened, opened
from pipeline.listen.sandbox import unpacked_apart
from pipeline.local import AHEAD, Threads, threads_of
from pipeline.records import CallRecord, Failure, Recording
from pipeline.settings import Settings
from pipeline.work import Outcome, Task, Worker
from tests.sound import pcm, tone, wave

LOST = Failure("a.wav", "nothing", "something", "Look for it.")


def tasks(count: int) -> list[Task]:
    return [
        Task(Found(Recording(str(i), f"{i}.wav", 1, CallRecord(f"{i}.wav")), Path(f"{i}.wav")))
        for i in range(count)
    ]


class Fake(Worker):
    """A worker that does what a test says."""

    def __init__(self) -> None:
        pass

    def do(self, task: Task) -> Outcome:
        return Outcome(LOST)


def test_every_task_comes_back_once() -> None:
    asked = tasks(50)
    done = [task for task, _ in Threads(Fake(), 3).run(asked)]
    assert sorted(done, key=asked.index) == asked


def test_few_tasks_are_held_at_a_time() -> None:
    taken = 0

    def lazily() -> Iterator[Task]:
        nonlocal taken
        for task in tasks(40):
            taken += 1
            yield task

    held = [taken - done for done, _ in enumerate(Threads(Fake(), 2).run(lazily()))]
    assert max(held) <= AHEAD * 2 + 1


def test_a_short_recording_does_not_wait_for_a_long_one() -> None:
    first_done = threading.Event()

    class Uneven(Fake):
        def do(self, task: Task) -> Outcome:
            if task.found.recording.id == "0":
                first_done.wait(30)
            return Outcome(LOST)

    order = []
    for task, _ in Threads(Uneven(), 2).run(tasks(4)):
        order.append(task.found.recording.id)
        if len(order) == 3:
            first_done.set()
    assert order == ["1", "2", "3", "0"]


def test_each_thread_computes_with_one_thread_of_its_own() -> None:
    seen = []

    class Asking(Fake):
        def do(self, task: Task) -> Outcome:
            seen.append(torch.get_num_threads())
            return Outcome(LOST)

    list(Threads(Asking(), 2).run(tasks(4)))
    assert seen == [1, 1, 1, 1]


def test_what_stops_a_night_stops_it_at_once() -> None:
    error = WeightsError("base", "nothing", "weights", "Fetch them.")

    class Broken(Fake):
        def do(self, task: Task) -> Outcome:
            if task.found.recording.id == "1":
                raise error
            while True:
                sleep(0.01)

    began = monotonic()
    with pytest.raises(WeightsError) as raised:
        list(Threads(Broken(), 2).run(tasks(4)))
    assert raised.value is error
    assert monotonic() - began < 5


def test_closing_gives_up_what_is_not_done_and_leaves_no_thread() -> None:
    class Endless(Fake):
        def do(self, task: Task) -> Outcome:
            while task.found.recording.id != "0":
                sleep(0.01)
            return Outcome(LOST)

    before = threading.active_count()
    outcomes = Threads(Endless(), 2).run(tasks(4))
    assert next(outcomes)[0].found.recording.id == "0"
    outcomes.close()
    assert threading.active_count() == before


HANGING = """
import time
from pipeline.listen import decoder
def hang(source):
    source.stream.read(1)
    time.sleep(60)
decoder.unpacked = hang
decoder.serve()
"""


def test_a_decoder_that_hangs_holds_up_no_exit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(wave(pcm(tone(1, 440))))
    asleep = threading.Event()

    class Decoding(Fake):
        def do(self, task: Task) -> Outcome:
            if task.found.recording.id == "0":
                asleep.wait(30)
            else:
                decode(file, Limits(decode_s=10))
            return Outcome(LOST)

    monkeypatch.setattr(sandbox, "SERVE", HANGING)
    monkeypatch.setattr(sandbox, "_free", [])
    before = threading.active_count()
    outcomes = Threads(Decoding(), 2).run(tasks(2))
    wakes = threading.Timer(2, asleep.set)
    wakes.start()
    assert next(outcomes)[0].found.recording.id == "0"
    wakes.join()
    began = monotonic()
    outcomes.close()
    assert monotonic() - began < 2
    assert threading.active_count() == before
    assert sandbox._busy == set()


def test_giving_up_leaves_the_decoders_of_others_alone(tmp_path: Path) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(wave(pcm(tone(60, 440))))
    with opened(file) as source:
        events = unpacked_apart(source, 60)
        assert next(events) == Opened(60_000)
        assert len(list(Threads(Fake(), 2).run(tasks(4)))) == 4
        sandbox.end_busy(())
        *_, last = events
    assert last == Ended(480_000, None)


def test_as_many_threads_as_asked_for_or_as_there_are_cores() -> None:
    assert (threads_of(Settings(threads=3, device="cpu")), threads_of(Settings(device="cuda"))) == (
        3,
        1,
    )
    assert threads_of(Settings(device="cpu")) == Settings().cores >= 1
