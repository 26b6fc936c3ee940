"""What the process apart does: carries out orders to unpack, within what it allows itself.

Both sides speak in lines of JSON, which announce the bytes that follow them.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from os import SEEK_SET
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import RecordingError
from pipeline.listen.container import Ended, Opened, Source, recorded, unpacked

MOST_MEMORY = 1 << 30
"""Bytes a decoder may take. It takes some 40 MB, since sound is handed on as it comes."""

PARCEL = 1 << 16
"""Samples of a channel handed on at once: four seconds."""


def say(to: IO[bytes], kind: str, content: Any, load: bytes | memoryview = b"") -> None:
    """One message: a line of JSON, and what bytes it announces."""
    to.write(json.dumps([kind, content]).encode() + b"\n")
    to.write(load)
    to.flush()


def heard(told: IO[bytes]) -> tuple[str, Any]:
    """The next message's line. Raises ``EOFError`` when there is none any more."""
    line = told.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    kind, content = json.loads(line)
    return str(kind), content


def load(told: IO[bytes], size: int) -> bytes:
    """What a message has announced."""
    content = told.read(size)
    if len(content) < size:
        raise EOFError
    return content


def serve() -> None:
    """Carry out orders from standard input until there are none: what the process apart does."""
    _confine()
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            kind, (where, suffix, size, seconds, header_only) = heard(asked)
            _alarm(seconds)
            source = Source(where, suffix, size, _Distant(asked, told, size))
            _carry_out(kind, source, told, header_only)
            _alarm(0)
        except EOFError:
            return


class _Distant:
    """The recording, which is open where the order came from: read by asking there."""

    def __init__(self, asked: IO[bytes], told: IO[bytes], size: int) -> None:
        self._asked, self._told, self._size = asked, told, size
        self._at = 0

    def read(self, size: int, /) -> bytes:
        if self._at >= self._size:
            return b""
        say(self._told, "read", (self._at, size))
        _, length = heard(self._asked)
        content = load(self._asked, length)
        self._at += length
        return content

    def seek(self, offset: int, whence: int = SEEK_SET, /) -> int:
        at = offset + (0, self._at, self._size)[whence]
        if not 0 <= at <= sys.maxsize:
            raise ValueError(offset)
        self._at = at
        return at

    def tell(self) -> int:
        return self._at


def _carry_out(kind: str, source: Source, told: IO[bytes], header_only: bool) -> None:
    try:
        events: Iterator[Any] = recorded(source) if kind == "recorded" else unpacked(source)
        for event in _in_parcels(events):
            if isinstance(event, Opened):
                say(told, "opened", asdict(event))
                if header_only:
                    break
            elif isinstance(event, Ended):
                say(told, "ended", asdict(event))
            else:
                say(told, "piece", event.shape, np.ascontiguousarray(event).data.cast("B"))
    except RecordingError as error:
        say(told, "refused", vars(error))
    except MemoryError:
        say(told, "refused", vars(_too_large(source.where)))
    else:
        say(told, "done", None)


def _in_parcels(events: Iterator[Any]) -> Iterator[Any]:
    """The same, with small pieces of as many channels put together."""
    waiting: list[NDArray[Any]] = []
    for event in events:
        channels = event.shape[0] if isinstance(event, np.ndarray) else 0
        held = sum(piece.shape[1] for piece in waiting)
        if waiting and (channels != waiting[0].shape[0] or held >= PARCEL):
            yield np.concatenate(waiting, axis=1)
            waiting = []
        if isinstance(event, np.ndarray):
            waiting.append(event)
        else:
            yield event


def _too_large(where: str) -> RecordingError:
    return RecordingError(
        where,
        f"a file that takes more than {MOST_MEMORY >> 30} GB to unpack",
        "a recording, which takes some 40 MB",
        "Export it again from the recorder, or remove it from the folder.",
    )


def _alarm(seconds: int) -> None:
    """Die when it rings, even if nobody is left to end us; 0 takes it back."""
    if sys.platform != "win32":
        signal.alarm(seconds)


def _confine() -> None:
    """No file may be written, no core dumped, and not more memory taken than a decoder needs."""
    if sys.platform == "linux":
        import resource

        for kind, most in (
            (resource.RLIMIT_DATA, MOST_MEMORY),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(kind, (most, most))
