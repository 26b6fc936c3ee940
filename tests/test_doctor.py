"""What the doctor finds, and what it says is to be done."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import namedtuple
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline import __version__, doctor
from pipeline.doctor import GB, Check, examine
from pipeline.errors import Exit, StoreError, WeightsError
from pipeline.settings import Settings, default_standard
from pipeline.store import Standing
from tests import test_cli
from tests.test_cli import Run

run = test_cli.run

NAMES = (
    "versions", "cores", "memory", "results", "cache", "model", "speakers", "hearing", "GPU",
    "codecs", "standard", "store", "telemetry", "Ray", "fonts",
)  # fmt: skip

ON_CPU = Settings(device="cpu", threads=2)


def test_a_machine_that_runs_this_suite_has_no_problem(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'callqa.db'}"
    found = tuple(examine(ON_CPU, url, tmp_path / "out", default_standard()))
    assert tuple(check.name for check in found) == NAMES
    assert [check for check in found if check.state == "problem"] == []
    assert list(tmp_path.iterdir()) == []


def test_quick_loads_no_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load(*_: object) -> None:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(doctor, "load_listener", load)
    found = examine(ON_CPU, "sqlite://", tmp_path, default_standard(), quick=True)
    assert tuple(check.name for check in found) == tuple(n for n in NAMES if n != "hearing")


def test_versions_are_told() -> None:
    assert doctor.versions().found.startswith(f"callqa {__version__}, Python 3.")


@pytest.mark.parametrize(
    ("free_gb", "state", "to_do"),
    [
        (5.0, "ok", ""),
        (2.0, "warning", "Short calls will do; for recordings of an hour give --threads 1."),
        (1.0, "problem", "Free some, use a smaller --model or another machine."),
    ],
)
def test_memory_is_held_against_recordings_of_an_hour(
    monkeypatch: pytest.MonkeyPatch, free_gb: float, state: str, to_do: str
) -> None:
    Memory = namedtuple("Memory", "available")
    monkeypatch.setattr(doctor.psutil, "virtual_memory", lambda: Memory(free_gb * GB))
    monkeypatch.setattr(doctor, "_size_gb", lambda _: 0.15)
    assert doctor.memory(ON_CPU) == Check(
        "memory",
        state,  # type: ignore[arg-type]
        f"{free_gb:.1f} GB free; short calls take 1.3 GB, 2 recordings of an hour of stereo at "
        "once 3.1 GB",
        to_do,
    )


def test_memory_is_what_the_control_group_allows(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    read = Path.read_text

    def as_in_a_group(self: Path, **options: Any) -> str:
        told = {
            "/proc/self/cgroup": "4:memory:/v1\n0::/system.slice/callqa.service\n",
            "/sys/fs/cgroup/system.slice/callqa.service/memory.max": "1000000000\n",
        }
        return told.get(str(self)) or read(self, **options)

    monkeypatch.setattr(Path, "read_text", as_in_a_group)
    check = doctor.memory(ON_CPU)
    assert (check.state, check.found[:11]) == ("problem", "1.0 GB free")


@pytest.mark.parametrize(
    ("free_gb", "state", "to_do"),
    [
        (50.0, "ok", ""),
        (0.5, "warning", "Free some space before long."),
        (0.05, "problem", "Free some space."),
    ],
)
def test_room_is_that_of_the_disk_a_folder_will_be_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free_gb: float, state: str, to_do: str
) -> None:
    asked = []

    def usage(folder: Path) -> object:
        asked.append(folder)
        return namedtuple("Usage", "free")(free_gb * GB)

    monkeypatch.setattr(shutil, "disk_usage", usage)
    out = tmp_path / "not" / "yet"
    assert doctor.room("results", out) == Check(
        "results",
        state,  # type: ignore[arg-type]
        f"{out}: {free_gb:.1f} GB free",
        to_do,
    )
    assert asked == [tmp_path]


def test_a_folder_that_cannot_be_written_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert doctor.room("cache", tmp_path) == Check(
        "cache",
        "problem",
        f"{tmp_path}: cannot be written",
        "Correct its permissions, or give another (--out, CALLQA_CACHE).",
    )


def test_a_file_where_a_folder_should_be_is_a_problem(tmp_path: Path) -> None:
    file = tmp_path / "cache"
    file.touch()
    assert doctor.room("cache", file / "below") == Check(
        "cache",
        "problem",
        f"{file / 'below'}: there is a file in its place",
        "Take it away, or give another (--out, CALLQA_CACHE).",
    )


def test_a_model_that_is_not_here_is_a_problem() -> None:
    assert doctor.model(Settings(model="small")) == Check(
        "model",
        "problem",
        "small: no model of this name on this machine; expected a folder, a .pt file, or one of "
        "base, tiny, small, medium, large-v3, large-v3-turbo",
        "Fetch it with `callqa models fetch small`, or give a path.",
    )


def test_speaker_models_that_are_not_here_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise WeightsError("speakers", "not installed", "two files", "Fetch them.")

    monkeypatch.setattr(doctor, "checked_folder", missing)
    assert doctor.speakers() == Check(
        "speakers", "problem", "speakers: not installed; expected two files", "Fetch them."
    )


class Deaf:
    """An engine whose driver is missing."""

    name = "faster-whisper"

    def transcribe(self, windows: list[np.ndarray[Any, Any]]) -> None:
        raise RuntimeError("Library libcublas.so.12 is not found\nor cannot be loaded")


def test_a_model_that_cannot_transcribe_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "load_listener", lambda _: namedtuple("Listener", "engine")(Deaf()))
    assert doctor.hearing(ON_CPU) == Check(
        "hearing",
        "problem",
        "Library libcublas.so.12 is not found",
        "Give --device cpu, or mend the GPU's driver.",
    )


def test_a_gpu_that_only_one_library_sees_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.ctranslate2, "get_cuda_device_count", lambda: 1)
    monkeypatch.setattr(doctor.torch.cuda, "is_available", lambda: False)
    assert doctor.gpu(Settings()) == Check(
        "GPU",
        "warning",
        "1 for CTranslate2, none for torch; float16 on the GPU",
        "Both are needed on a GPU: install torch for its CUDA, or give --device cpu.",
    )
    monkeypatch.setattr(doctor.ctranslate2, "get_cuda_device_count", lambda: 0)
    assert doctor.gpu(Settings()) == Check(
        "GPU", "ok", "0 for CTranslate2, none for torch; int8 on the CPU"
    )


def test_codecs_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(doctor.CODECS, "carrier pigeon", ("pigeon",))
    assert doctor.codecs() == Check(
        "codecs",
        "warning",
        "FFmpeg lacks carrier pigeon",
        "Recordings in them cannot be heard: install PyAV from its own wheel.",
    )


def test_a_standard_that_does_not_load_is_a_problem(tmp_path: Path) -> None:
    assert doctor.rules(tmp_path) == Check(
        "standard",
        "problem",
        f"{tmp_path / 'standard.yaml'}: cannot be read (No such file or directory); expected a "
        "standard's folder with a standard.yaml in it",
        "Check the path given to --standard.",
    )


FRESH = Standing("sqlite", "sqlite:///callqa.db", "0002", "0002", known=True)
COUNTED = "sqlite, sqlite:///callqa.db: version 0002, {} recordings in hand, {} left by a run that "
COUNTED += "was killed, {} failed, {} set aside"


@pytest.mark.parametrize(
    ("found", "check"),
    [
        (FRESH, ("ok", COUNTED.format(0, 0, 0, 0), "")),
        (replace(FRESH, in_hand=2, failures=1), ("ok", COUNTED.format(2, 0, 1, 0), "")),
        (
            replace(FRESH, left_behind=3),
            (
                "warning",
                COUNTED.format(0, 3, 0, 0),
                "The next run hears what was left, each in a process apart.",
            ),
        ),
        (
            replace(FRESH, failures=2, set_aside=1),
            ("warning", COUNTED.format(0, 0, 2, 1), "See `callqa failures`."),
        ),
        (
            replace(FRESH, revision=None),
            ("ok", "sqlite, sqlite:///callqa.db: none yet; the first run makes it", ""),
        ),
        (
            replace(FRESH, revision="0001"),
            (
                "ok",
                "sqlite, sqlite:///callqa.db: tables of version 0001, of 0002; the next run brings "
                "them up to date",
                "",
            ),
        ),
        (
            replace(FRESH, revision="0099", known=False),
            (
                "problem",
                "sqlite, sqlite:///callqa.db: tables of version 0099",
                "Use the callqa that wrote it, or another store.",
            ),
        ),
    ],
)
def test_a_store_is_told_as_it_stands(
    monkeypatch: pytest.MonkeyPatch, found: Standing, check: tuple[Any, str, str]
) -> None:
    monkeypatch.setattr(doctor, "standing", lambda *_: found)
    assert doctor.store("sqlite:///callqa.db", Path("out")) == Check("store", *check)


def test_a_store_that_cannot_be_reached_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> Standing:
        raise StoreError(
            "postgresql://qa:***@db/calls", "nobody answers", "a database", "Start it."
        )

    monkeypatch.setattr(doctor, "standing", refuse)
    assert doctor.store("postgresql://qa:secret@db/calls", Path("out")) == Check(
        "store",
        "problem",
        "postgresql://qa:***@db/calls: nobody answers; expected a database",
        "Start it.",
    )


def test_telemetry_that_somebody_switched_on_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.telemetry().state == "ok"
    monkeypatch.setenv("ORT_DISABLE_TELEMETRY", "0")
    assert doctor.telemetry() == Check(
        "telemetry",
        "problem",
        "not switched off: ORT_DISABLE_TELEMETRY",
        "Set ORT_DISABLE_TELEMETRY=1.",
    )


def test_ray_is_needed_by_nobody_who_does_not_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.importlib.util, "find_spec", lambda _: None)
    assert doctor.ray() == Check("Ray", "ok", "not installed; only --executor ray needs it")


NO_FONTS = Check(
    "fonts",
    "warning",
    "fc-list finds none with Chinese characters",
    "Needed only to print or picture reports here; Debian: apt-get install fonts-noto-cjk.",
)


def test_fonts_are_those_that_fc_list_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "Noto Sans CJK TC,Noto Sans CJK TC Bold\nNoto Sans CJK TC\nAR PL UMing TW\n"

    def listed(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 0, said, "")

    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/fc-list")
    monkeypatch.setattr(subprocess, "run", listed)
    assert doctor.fonts() == Check(
        "fonts", "ok", "AR PL UMing TW and 1 more with Chinese characters"
    )
    said = ""
    assert doctor.fonts() == NO_FONTS
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert doctor.fonts() == NO_FONTS


def test_the_command_says_each_check_and_exits_with_0(run: Run, tmp_path: Path) -> None:
    code, out, err = run("doctor", "--quick")
    assert (code, err) == (Exit.DONE, "")
    told = [line.split()[1] for line in out.splitlines() if line[0] != " "]
    assert told == [name for name in NAMES if name != "hearing"]
    assert list(tmp_path.iterdir()) == []


def test_the_command_exits_with_2_where_something_must_be_mended(run: Run) -> None:
    code, out, _ = run("doctor", "--quick", "--model", "small", "--json")
    checks = {one.pop("name"): one for one in json.loads(out)}
    assert code == Exit.USAGE
    assert checks["model"] == {
        "state": "problem",
        "found": "small: no model of this name on this machine; expected a folder, a .pt file, or "
        "one of base, tiny, small, medium, large-v3, large-v3-turbo",
        "to_do": "Fetch it with `callqa models fetch small`, or give a path.",
    }
    assert [name for name, one in checks.items() if one["state"] == "problem"] == ["model"]
