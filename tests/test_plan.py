"""A plan reads headers, knows what the store knows, and shows one long call as the floor."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch import score_folder
from pipeline.judge.load import load_standard
from pipeline.plan import USUAL_SPEED, Plan, finished_ms, plan_night
from pipeline.records import Failure
from pipeline.settings import Settings, default_standard
from pipeline.store import ATTEMPTS, Store
from tests.fakes import Repeating, fake_models
from tests.show.build import OUTLINE
from tests.sound import hiss, pcm, silence, wave

DURATIONS = st.lists(st.integers(1, 1_000), min_size=1, max_size=30)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    fake_models(monkeypatch, Repeating("您好，再見。"))
    folder = tmp_path / "recordings"
    folder.mkdir()
    for name, seconds in (("long.wav", 90), ("a.wav", 20), ("b.wav", 30)):
        (folder / name).write_bytes(wave(pcm(hiss(seconds, seed=seconds))))
    (folder / "text.wav").write_bytes(b"no sound")
    (folder / "empty.wav").touch()
    return folder


def test_durations_are_read_from_headers(folder: Path) -> None:
    with Store("sqlite://") as store:
        plan = plan_night(folder, store, Settings())
    assert plan == Plan(
        durations_ms={"a.wav": 20_000, "b.wav": 30_000, "long.wav": 90_000},
        silent=(),
        unreadable=("empty.wav", "text.wav"),
        known=0,
        speed=USUAL_SPEED,
        measured=False,
    )
    assert (plan.sound_ms, plan.longest) == (140_000, "long.wav")


def test_one_long_call_is_the_floor(folder: Path) -> None:
    with Store("sqlite://") as store:
        plan = plan_night(folder, store, Settings(), speed=2.0)
    assert plan.numbers_of_workers() == (1, 2)
    assert [plan.takes_s(number) for number in (1, 2, 3, 100)] == [70.0, 45.0, 45.0, 45.0]
    assert plan.numbers_of_workers(3) == (1, 2, 3, 4)


def test_a_recording_that_does_not_say_its_length_is_named_and_not_guessed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "pipeline.plan.promised_duration_ms", lambda path, _: None if path.stem == "a" else 1_000
    )
    with Store("sqlite://") as store:
        plan = plan_night(folder, store, Settings())
    assert plan.silent == ("a.wav",)
    assert plan.durations_ms == {"b.wav": 1_000, "long.wav": 1_000, "text.wav": 1_000}


def test_what_is_set_aside_is_not_planned_for(folder: Path) -> None:
    failed = hashlib.sha256((folder / "a.wav").read_bytes()).hexdigest()
    with Store("sqlite://") as store:
        with store.run("score", "{}", OUTLINE) as run:
            for _ in range(ATTEMPTS):
                run.fail(Failure("a.wav", "broken", "sound", "Mend it.", failed), str(folder))
        plan = plan_night(folder, store, Settings())
    assert "a.wav" in plan.unreadable
    assert "a.wav" not in plan.durations_ms


def test_what_was_heard_takes_no_time_and_tells_how_fast_workers_are(
    folder: Path, tmp_path: Path
) -> None:
    with Store("sqlite://") as store:
        standard = load_standard(default_standard())
        score_folder(folder, tmp_path / "out", standard, store, Settings(threads=2))
        (folder / "new.wav").write_bytes(wave(pcm(silence(5))))
        plan = plan_night(folder, store, Settings())
        kept = store.speed("0" * 64)
    assert (plan.durations_ms, plan.known) == ({"new.wav": 5_000}, 3)
    assert (plan.measured, plan.speed) == (True, kept)
    assert plan.speed > 0


@given(DURATIONS, st.integers(1, 10))
def test_no_plan_is_shorter_than_its_work_and_none_much_longer_than_the_best(
    durations: list[int], workers: int
) -> None:
    takes = finished_ms(durations, workers)
    least = max(*durations, -(-sum(durations) // workers))
    # Graham 1969: longest first is within 4/3 of the best, and no rule of one free worker beyond 2
    assert least <= takes <= 2 * least
    assert finished_ms(durations, 1) == sum(durations)
    assert finished_ms(durations, len(durations)) == max(durations)


def test_five_hours_are_the_floor_of_a_plan_and_nothing_of_them_is_decoded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = 5 * 3_600
    with (folder / "night.wav").open("wb") as file:
        file.write(wave(b"", promised=16_000 * seconds))
        file.truncate(44 + 16_000 * seconds)
    monkeypatch.setattr("pipeline.listen.audio._read", None)
    with Store("sqlite://") as store:
        plan = plan_night(folder, store, Settings(), speed=10.0)
    assert plan.durations_ms["night.wav"] == 1_000 * seconds
    assert (plan.longest, plan.takes_s(64)) == ("night.wav", seconds / 10)
    assert plan.takes_s(2) == plan.takes_s(64)
