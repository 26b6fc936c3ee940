"""Recordings by URL are listed, known by content, and heard as those of a folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.batch import score_folder
from pipeline.cluster import Order, Station
from pipeline.errors import UsageError
from pipeline.intake import take_in
from pipeline.judge.load import load_standard
from pipeline.places import place, place_name
from pipeline.plan import plan_night
from pipeline.settings import Settings, default_standard
from pipeline.store import Store
from pipeline.work import Outcome, Scored, Task
from tests.fakes import WEIGHTS, Repeating, fake_models
from tests.sound import hiss, pcm, wave

FILES = {
    "a.wav": wave(pcm(hiss(2, seed=1))),
    "lobby/b.wav": wave(pcm(hiss(3, seed=2))),
    "lobby/text.wav": b"no sound",
    "empty.wav": b"",
    "calls.csv": b"file,agent_id\nlobby/b.wav,A7\n",
    ".hidden.wav": b"hidden",
}


@pytest.fixture
def url() -> Iterator[str]:
    """A folder that is nowhere but in the memory of this process."""
    root = place("memory://night")
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    yield "memory://night"
    root.fs.rm("/night", recursive=True)  # type: ignore[attr-defined]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / "night" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "night" / name).write_bytes(content)
    return tmp_path / "night"


def test_a_path_is_a_path() -> None:
    assert place("recordings/a:b") == Path("recordings/a:b")


def test_a_folder_has_one_name_however_it_is_spelt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "night").mkdir()
    (tmp_path / "desk").mkdir()
    (tmp_path / "link").symlink_to("night")
    monkeypatch.chdir(tmp_path / "desk")
    spelt = ["../night", "../night/", ".././desk/../night", f"{tmp_path}/night", "../link"]
    assert [place_name(place(text)) for text in spelt] == [
        *[str(tmp_path / "night")] * 4,
        str(tmp_path / "link"),
    ]


def test_a_url_is_its_own_name() -> None:
    assert [place_name(place(text)) for text in ("memory://night", "memory://night/")] == [
        "memory://night"
    ] * 2


def test_a_url_holds_what_its_folder_does(url: str, folder: Path) -> None:
    there, here = take_in(place(url)), take_in(folder)
    assert [one.recording for one in there.found] == [one.recording for one in here.found]
    assert (there.failures, there.ignored) == (here.failures, here.ignored)


def test_a_night_by_url_gives_the_results_of_its_folder(
    url: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_models(monkeypatch, Repeating("您好，再見。"))
    standard = load_standard(default_standard())
    with Store("sqlite://") as store, Store("sqlite://") as other:
        there = score_folder(place(url), tmp_path / "1", standard, store, Settings())
        here = score_folder(folder, tmp_path / "2", standard, other, Settings())
        plan = plan_night(place(url), store, Settings())
    assert (there.judged, there.failures) == (here.judged, here.failures)
    assert (len(there.judged), plan.known, plan.unreadable) == (
        2,
        2,
        ("empty.wav", "lobby/text.wav"),
    )


def test_a_worker_of_a_cluster_reads_a_url(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_models(monkeypatch, Repeating("您好，再見。"))
    order = replace(
        Order.of(Settings(device="cpu"), default_standard()), weights_sha256=WEIGHTS.sha256
    )
    station = Station(order)
    assert station.ready() is None
    outcome = station.do(Task(take_in(place(url)).found[0]))
    assert isinstance(outcome, Outcome)
    assert isinstance(outcome.result, Scored)


@pytest.mark.parametrize("text", ["nonsense://night", "memory://nowhere"])
def test_a_url_that_leads_nowhere_is_an_error(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        take_in(place(text))
    assert raised.value.where == text


def test_a_url_without_the_extra_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "upath", None)
    with pytest.raises(UsageError, match=r"callqa\[cluster\]"):
        place("memory://night")
