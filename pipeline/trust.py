"""Files that are loaded only if they are what they should be: each is held against its SHA-256.

What a file's hash should be is known here, or for OpenAI's own checkpoints, or stands in a ``SHA256SUMS``
beside it; for anything else the hash seen at first use is kept, and a later change is an error (as ssh does
with host keys).
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from pipeline.errors import WeightsError
from pipeline.settings import cache_folder

SUMS = "SHA256SUMS"
OWN_LIST = "callqa's own list"


def installed_file(package: str, file: str) -> Path:
    """Where a file of an installed package lies. The package is not imported: only its data is taken."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin if spec and spec.origin else package).parent / file


def checked_bytes(path: Path, expected: str, again: str) -> bytes:
    """What a file holds. ``again`` says how to come by it anew.

    Raises:
        WeightsError: it cannot be read, or its hash is another.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError.unreadable(str(path), error) from error
    check_content(str(path), content, expected, again)
    return content


def check_content(where: str, content: bytes, expected: str, again: str) -> None:
    """Hold what came from somewhere against the hash it should have.

    Raises:
        WeightsError: it has another.
    """
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise WeightsError.exchanged(where, found, expected, OWN_LIST, again)


def checked_digest(path: Path, own: str | None = None) -> str:
    """The SHA-256 of a file of any size, after holding it against what it should be; ``own`` if we know.

    Raises:
        WeightsError: it cannot be read, or its hash is another.
    """
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise WeightsError.unreadable(str(path), error) from error
    expected, source = (own, OWN_LIST) if own else _expected(path, found)
    if found != expected:
        raise WeightsError.exchanged(str(path), found, expected, source, "fetch or copy it again")
    return found


def keep_file(path: Path, content: bytes) -> None:
    """Write a file of the cache: it appears under its name whole or not at all.

    Raises:
        WeightsError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError) -> WeightsError:
    """A file or folder of the cache that cannot be written."""
    return WeightsError(
        str(path),
        f"cannot be written ({error.strerror})",
        "a cache folder we may write to, with room for the model (150 MB for base)",
        "Free some space, or set CALLQA_CACHE to another folder.",
    )


def _expected(path: Path, found: str) -> tuple[str, str]:
    """What the file's hash should be, and who says so."""
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
