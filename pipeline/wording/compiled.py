"""A standard's words once compiled, kept in the cache folder for the next command.

The 140,000 wordings of the shipped standard take five seconds to compile, and one to read back. What is
kept is known by everything it was made of: the standard's files, our code, the libraries, Python. Whatever
does not fit, or cannot be read, is compiled again; a folder that cannot be written to costs only time.

Unpickling runs what it is told to. So nothing is read that somebody else wrote, or could have: the folder and
the file are ours, nobody else may write to them, and neither is a link. Where that cannot be told, as on
Windows, nothing is kept.
"""

from __future__ import annotations

import hashlib
import mmap
import os
import pickle
import platform
import stat
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from uuid import uuid4

from pipeline.garbage import none_looked_for
from pipeline.settings import cache_folder
from pipeline.wording.lexicon import Lexicon
from pipeline.wording.likeness import Likeness
from pipeline.wording.search import Index


@dataclass(frozen=True, slots=True)
class Compiled:
    """The lexicons of a standard, all of them ready to be looked for together, and its likenesses by name."""

    lexicons: tuple[Lexicon, ...]
    index: Index
    likenesses: Mapping[str, Likeness]


WORTH_KEEPING = 5_000
"""Wordings from which a standard is kept, where nothing was learned: fewer take a fifth of a second."""

MOST_KEPT = 3
"""Standards kept, the last used: the shipped one takes 70 MB."""

LIBRARIES = ("jieba", "msgspec", "numpy", "opencc", "pyahocorasick", "pypinyin", "scikit-learn")

DIGEST_SIZE = 32
HOUR_S = 3600.0


def recall(source: str, compile_now: Callable[[], Compiled]) -> Compiled:
    """What was compiled before from the same ``source``, or now, and is kept then.

    ``source`` tells apart what may be compiled: the digest of a standard's files, what is taken of them.

    Raises:
        StandardError: ``compile_now`` does
    """
    with none_looked_for():
        name = _made_of(source)
        if name is None:
            return compile_now()
        path = _folder() / f"{name}.pickle"
        kept = _read(path)
        if kept is not None:
            return kept
        compiled = compile_now()
        if compiled.likenesses or len(compiled.index.all) >= WORTH_KEEPING:
            with suppress(OSError):
                _keep(path, compiled)
                _forget()
    return compiled


def _folder() -> Path:
    return cache_folder() / "standards"


def _made_of(source: str) -> str | None:
    """One name for all that a compiled standard depends on; ``None`` where that cannot be told."""
    code = _code_digest()
    return None if code is None else hashlib.sha256(code + source.encode()).hexdigest()


@cache
def _code_digest() -> bytes | None:
    """A digest of the code that compiles, and of what it stands on."""
    if sys.platform == "win32":
        return None
    digest = hashlib.sha256("\0".join([platform.platform(), sys.version]).encode())
    try:
        for library in LIBRARIES:
            digest.update(f"{library} {version(library)}\0".encode())
    except PackageNotFoundError:
        return None
    for file in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(file.read_bytes())
    return digest.digest()


def _read(path: Path) -> Compiled | None:
    """What stands in a file; ``None`` if there is none, it is damaged, or not surely ours."""
    try:
        if not _is_ours(path.parent.lstat()):
            return None
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            found = os.fstat(file.fileno())
            if not _is_ours(found) or found.st_size <= DIGEST_SIZE:
                return None
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                compiled = _unpacked(content)
    except OSError:
        return None
    if compiled is not None:
        with suppress(OSError):
            os.utime(path)  # the last used are kept
    return compiled


def _unpacked(content: mmap.mmap) -> Compiled | None:
    with memoryview(content) as whole:
        digest, packed = whole[:DIGEST_SIZE], whole[DIGEST_SIZE:]
        with digest, packed:
            if hashlib.sha256(packed).digest() != digest:
                return None
            compiled: Compiled = pickle.loads(packed)
    return compiled


def _is_ours(found: os.stat_result) -> bool:
    """Whether a file or folder is ours, no link, and nobody else may write to it."""
    mode = found.st_mode
    return (
        sys.platform != "win32"
        and found.st_uid == os.getuid()
        and not stat.S_ISLNK(mode)
        and not mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def _keep(path: Path, compiled: Compiled) -> None:
    """Write what was compiled: it appears under its name whole or not at all.

    Raises:
        OSError: the cache folder has no room or is not ours to write to
    """
    packed = pickle.dumps(compiled, pickle.HIGHEST_PROTOCOL)
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    path.parent.mkdir(stat.S_IRWXU, parents=True, exist_ok=True)
    try:
        with part.open("xb") as file:
            part.chmod(stat.S_IRUSR | stat.S_IWUSR)
            file.write(hashlib.sha256(packed).digest())
            file.write(packed)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _forget() -> None:
    """Remove all but the last used, and what a process left that was killed while it wrote.

    Raises:
        OSError: one of them cannot be removed
    """
    used = {path: path.stat().st_mtime for path in _folder().glob("*.pickle")}
    parts = {path: path.stat().st_mtime for path in _folder().glob(".*.part")}
    gone = sorted(used, key=used.__getitem__)[:-MOST_KEPT]
    gone += [part for part, at in parts.items() if at < time.time() - HOUR_S]
    for path in gone:
        path.unlink(missing_ok=True)
