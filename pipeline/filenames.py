"""What a file's name tells: whether sound may be in it."""

from __future__ import annotations

import mimetypes
import re
from pathlib import PurePath

DATABASES = frozenset(
    f".{kind}{part}"
    for kind in ("db", "sqlite", "sqlite3")
    for part in ("", "-journal", "-shm", "-wal")
)

UNFINISHED = frozenset({".crdownload", ".download", ".filepart", ".part", ".partial", ".tmp"})
"""What browsers and programs that copy files call a file until it is whole."""

BESIDE_SOUND = frozenset(
    {".cue", ".lrc", ".m3u", ".m3u8", ".md5", ".pls", ".sha1", ".sha256", ".srt"}
)
"""Lists of recordings, their check sums, and what was said in them."""

NOT_SOUND = frozenset(
    {*DATABASES, *UNFINISHED, *BESIDE_SOUND}
    | {".ini", ".jsonl", ".lnk", ".lock", ".log", ".md", ".parquet", ".yaml", ".yml"}
)
"""Suffixes of files that lie beside recordings and that no media type tells apart everywhere."""

SET_ASIDE = re.compile(r"~$|\.log[.-][\d-]+$", re.ASCII | re.IGNORECASE)
"""Copies that editors keep, and logs of earlier days."""

SOUND_TYPES = ("audio/", "video/")

SOUND_SUFFIXES = frozenset({".asf", ".gsm", ".m2ts", ".mpc", ".mts", ".ts", ".wv"})
"""Suffixes of sound that tables of media types give to drawings, molecules and translations."""


def is_named_as_sound(name: str) -> bool:
    """Whether sound alone is called so.

    >>> is_named_as_sound("a.wav"), is_named_as_sound("a.v3")
    (True, False)
    """
    kind, _ = mimetypes.guess_type(name)
    return bool(kind and kind.startswith(SOUND_TYPES)) or _suffix(name) in SOUND_SUFFIXES


def may_be_sound(name: str) -> bool:
    """Sound by its name, or of no type the system knows (recorders have suffixes of their own).

    >>> may_be_sound("a.wav"), may_be_sound("a.v3"), may_be_sound("a.wav.part")
    (True, True, False)
    """
    kind, packed = mimetypes.guess_type(name)
    if packed or _suffix(name) in NOT_SOUND or SET_ASIDE.search(name):
        return False
    return kind in (None, "application/octet-stream") or is_named_as_sound(name)


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower()
