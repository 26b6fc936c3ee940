"""Lexicons once compiled, likenesses and usage once learned, kept in the cache folder for the next command.

The 167,000 wordings of the shipped standard take five seconds to compile, its 14,000 examples twice as long
to learn from, and both one to read back. They are kept apart, since who edits a lexicon leaves the examples
as they are, and apart from the rules. What is kept is known by everything it was made of: lexicons or
examples, our code, the libraries, Python. Whatever does not fit, or cannot be read, is made again; a folder
that cannot be written to costs only time.

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
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import msgspec

from pipeline.garbage import none_looked_for
from pipeline.settings import cache_folder
from pipeline.wording.lessons import Learned, Lessons
from pipeline.wording.lexicon import Lexicon
from pipeline.wording.likeness import Likeness
from pipeline.wording.search import Index

Made = TypeVar("Made")

Compiled = tuple[tuple[Lexicon, ...], Index]
"""The lexicons of a standard, and all of them ready to be looked for together."""

WORTH_KEEPING = 5_000
"""Wordings from which lexicons are kept; fewer are compiled in a fifth of a second."""

MOST_KEPT = 3
"""Of each kind kept, the last used: the shipped standard takes 70 MB."""

LIBRARIES = (
    "cn2an",
    "jieba",
    "msgspec",
    "numpy",
    "opencc",
    "pyahocorasick",
    "pypinyin",
    "scikit-learn",
)

DIGEST_SIZE = 32
HOUR_S = 3600.0


def recall(source: str, compile_now: Callable[[], Compiled]) -> Compiled:
    """What was compiled before from the same ``source``, or now, and is kept then.

    ``source`` tells apart what may be compiled: a digest of the lexicons and of how they are used.

    Raises:
        StandardError: ``compile_now`` does
    """
    return _recalled(
        "standards", source, compile_now, lambda made: len(made[1].all) >= WORTH_KEEPING
    )


def recall_learned(
    lessons: Lessons, learn_now: Callable[[Lessons], dict[str, Likeness]]
) -> Learned:
    """The same of likenesses, known by their examples."""
    source = msgspec.json.encode(lessons)
    return recall_made("likenesses", source, lambda: Learned.of(lessons, learn_now(lessons)))


def recall_made(kind: str, source: bytes, make: Callable[[], Made]) -> Made:
    """The same of anything of some ``kind`` that takes seconds to make from a ``source``."""
    return _recalled(kind, hashlib.sha256(source).hexdigest(), make, lambda _: True)


def _recalled(
    kind: str, source: str, make: Callable[[], Made], is_worth_keeping: Callable[[Made], bool]
) -> Made:
    with none_looked_for():
        name = _made_of(source)
        if name is None:
            return make()
        path = cache_folder() / kind / f"{name}.pickle"
        kept: Made | None = _read(path)
        if kept is not None:
            return kept
        made = make()
        if is_worth_keeping(made):
            with suppress(OSError):
                _keep(path, made)
                _forget(path.parent)
    return made


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


def _read(path: Path) -> Any:
    """What stands in a file; ``None`` if there is none, it is damaged, or not surely ours."""
    try:
        if not _is_ours(path.parent.lstat()):
            return None
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            found = os.fstat(file.fileno())
            if not _is_ours(found) or found.st_size <= DIGEST_SIZE:
                return None
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
                made = _unpacked(content)
    except OSError:
        return None
    if made is not None:
        with suppress(OSError):
            os.utime(path)  # the last used are kept
    return made


def _unpacked(content: mmap.mmap) -> Any:
    with memoryview(content) as whole:
        digest, packed = whole[:DIGEST_SIZE], whole[DIGEST_SIZE:]
        with digest, packed:
            if hashlib.sha256(packed).digest() != digest:
                return None
            made = pickle.loads(packed)
    return made


def _is_ours(found: os.stat_result) -> bool:
    """Whether a file or folder is ours, no link, and nobody else may write to it."""
    mode = found.st_mode
    return (
        sys.platform != "win32"
        and found.st_uid == os.getuid()
        and not stat.S_ISLNK(mode)
        and not mode & (stat.S_IWGRP | stat.S_IWOTH)
    )


def _keep(path: Path, made: object) -> None:
    """Write what was made: it appears under its name whole or not at all.

    Raises:
        OSError: the cache folder has no room or is not ours to write to
    """
    packed = pickle.dumps(made, pickle.HIGHEST_PROTOCOL)
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


def _forget(folder: Path) -> None:
    """Remove all but the last used, and what a process left that was killed while it wrote.

    Raises:
        OSError: one of them cannot be removed
    """
    used = {path: path.stat().st_mtime for path in folder.glob("*.pickle")}
    parts = {path: path.stat().st_mtime for path in folder.glob(".*.part")}
    gone = sorted(used, key=used.__getitem__)[:-MOST_KEPT]
    gone += [part for part, at in parts.items() if at < time.time() - HOUR_S]
    for path in gone:
        path.unlink(missing_ok=True)
