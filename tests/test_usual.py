"""A call is held against its agent's earlier calls, those of earlier nights alone. Models are fakes."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipeline.batch import Night, score_folder
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.load import Standard, load_standard
from pipeline.listen.listen import Listener
from pipeline.records import Call, Judged, Recording, Status
from pipeline.rejudge import rescore
from pipeline.settings import Settings, default_standard
from pipeline.store import Store
from tests.fakes import Repeating, fake_models
from tests.sound import hiss, pcm, wave

MORNING = datetime(2026, 3, 2, 9, 0)
RAISED = {"level_db": -15.0, "f0_median_hz": 260.0, "f0_p90_hz": 330.0, "flux_db": 5.0}


def imagined(recording: Recording, _: object, listener: Listener) -> Call:
    """Eight utterances of the agent's, raised from the first to the last in files that say so."""
    voice: dict[str, Any] = RAISED if "raised" in recording.file else {}
    turns = [{"agent": "請問您住在哪一棟", "voice": voice}, {"customer": "三棟五樓"}] * 8
    call = call_of(dialogue(turns))
    return replace(call, recording=recording, provenance=listener.provenance)


@dataclass
class Desk:
    """A folder of recordings that is scored night by night into one store."""

    folder: Path
    url: str
    standard: Standard
    rows: dict[str, dict[str, str]] = field(default_factory=dict)

    def put(self, day: int, *names: str, agent_id: str = "A01") -> None:
        """Recordings of one day, a minute apart."""
        for minute, name in enumerate(names):
            left = hiss(1, seed=sum(map(ord, name)))
            (self.folder / name).write_bytes(wave(pcm(left.repeat(2)), channels=2))
            began = MORNING + timedelta(days=day, minutes=minute)
            self.rows[name] = {
                "file": name,
                "agent_id": agent_id,
                "started_at": began.isoformat(),
                "agent_channel": "0",
            }

    def score(self, threads: int = 1) -> Night:
        with (self.folder / "calls.csv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, ["file", "agent_id", "started_at", "agent_channel"])
            table.writeheader()
            table.writerows(self.rows.values())
        with Store(self.url) as store:
            settings = Settings(threads=threads)
            return score_folder(self.folder, self.out, self.standard, store, settings)

    @property
    def out(self) -> Path:
        return self.folder.parent / "out"


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(default_standard())


@pytest.fixture
def desk(tmp_path: Path, standard: Standard, monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = Desk(tmp_path / "recordings", f"sqlite:///{tmp_path / 'callqa.db'}", standard)
    made.folder.mkdir()
    fake_models(monkeypatch, Repeating("您好"))
    monkeypatch.setattr("pipeline.work.hear_call", imagined)
    return made


EARLIER = tuple(f"{name}.wav" for name in "abcdef")
LATER = ("later.wav", "raised1.wav", "raised2.wav", "raised3.wav")


def known(night: Night) -> dict[str, int]:
    """Of how many earlier calls each call knows."""
    return {
        one.scorecard.file: one.call.usual.calls if one.call.usual else 0 for one in night.judged
    }


def cards(night: Night) -> list[object]:
    return [one.scorecard for one in night.judged]


def heard_as(one: Judged) -> tuple[Status, str]:
    verdict = one.scorecard.verdict("4.1.8.2")
    return verdict.status, verdict.reason.code


def test_a_first_night_knows_nothing(desk: Desk) -> None:
    desk.put(0, *EARLIER, *LATER)
    assert known(desk.score()) == dict.fromkeys((*EARLIER, *LATER), 0)


@pytest.mark.parametrize("threads", [1, 3])
def test_a_later_night_knows_the_earlier_nights_and_nothing_of_its_own(
    desk: Desk, threads: int
) -> None:
    desk.put(0, *EARLIER)
    desk.score(threads)
    desk.put(1, *LATER)
    desk.put(1, "other.wav", agent_id="A02")
    night = desk.score(threads)
    assert known(night) == (dict.fromkeys(EARLIER, 0) | dict.fromkeys(LATER, 6) | {"other.wav": 0})
    assert {one.scorecard.file: heard_as(one) for one in night.judged} == {
        **dict.fromkeys((*EARLIER, "later.wav", "other.wav"), ("pass", "parts")),
        **dict.fromkeys(LATER[1:], ("unjudged", "voice_above_usual")),
    }


def test_what_a_call_knew_stays_with_it(desk: Desk) -> None:
    desk.put(0, *EARLIER)
    desk.score()
    desk.put(1, *LATER)
    night = desk.score()
    desk.put(2, "raised4.wav")
    again = desk.score()
    assert known(again) == known(night) | {"raised4.wav": 10}
    assert [one for one in cards(again) if one in cards(night)] == cards(night)
    with Store(desk.url) as store:
        rescore(desk.out, desk.standard, store)
        judged = {one.call.recording.file: one.call.usual for one in store.all_kept()}
    assert judged == {one.scorecard.file: one.call.usual for one in again.judged}


def test_calls_that_came_later_are_not_known(desk: Desk) -> None:
    desk.put(5, *EARLIER)
    desk.score()
    desk.put(1, "raised1.wav")
    assert known(desk.score())["raised1.wav"] == 0


def test_a_call_under_another_agent_knows_that_ones_calls(desk: Desk) -> None:
    desk.put(0, *EARLIER)
    desk.put(1, "raised1.wav", agent_id="A02")
    assert known(desk.score())["raised1.wav"] == 0
    desk.rows["raised1.wav"]["agent_id"] = "A01"
    night = desk.score()
    assert (known(night)["raised1.wav"], night.heard) == (6, 0)
    desk.rows["raised1.wav"]["agent_id"] = "A03"
    assert known(desk.score())["raised1.wav"] == 0
