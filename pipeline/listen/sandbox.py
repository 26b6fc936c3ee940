"""Recordings unpacked in a process of their own, which a damaged or hostile file may break.

A decoder is C that reads what strangers wrote: it may loop, ask for all memory, or crash. Here that
costs the recording, not the night. The process is bounded in time and, on Linux, in memory; it opens
no file, but asks us for the bytes of the one it works on. It is kept for the next recording, and
another takes its place when it had to be ended.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from os import SEEK_SET
from threading import Lock, Timer, get_ident
from typing import IO, Any

import numpy as np

from pipeline.errors import RecordingError
from pipeline.listen.container import Ended, Events, FloatArray, Opened, Source, unpacked

MOST_MEMORY = 1 << 30
"""Bytes a decoder may take. It takes some 40 MB, since sound is handed on as it comes."""

GRACE_S = 5
"""Where a process has no alarm of its own, it is ended from outside, so much later."""

PARCEL = 1 << 16
"""Samples of a channel handed on at once: four seconds."""


SERVE = "from pipeline.listen import sandbox; sandbox.serve()"


def unpacked_apart(source: Source, seconds: int, *, header_only: bool = False) -> Events:
    """As :func:`pipeline.listen.container.unpacked`, in another process, within so many seconds.

    Raises:
        RecordingError: also when the file takes too long, or too much memory, or breaks the decoder.
        OSError: the file cannot be read.
    """
    with _decoder() as decoder:
        late = Timer(seconds + GRACE_S, decoder.kill)
        late.daemon = True
        late.start()
        try:
            yield from decoder.carry_out(source, seconds, header_only)
        except (EOFError, BrokenPipeError) as error:
            raise _broken(source, seconds, decoder.status()) from error
        finally:
            late.cancel()


class _Decoder:
    """A process that unpacks one recording after the other; ``free`` between them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {SERVE}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us, who end it
        )
        self.free = True
        self.thread = 0
        """Whose it is while it is not free."""

    def carry_out(self, source: Source, seconds: int, header_only: bool) -> Events:
        asked, told = self._process.stdin, self._process.stdout
        if asked is None or told is None:
            raise EOFError
        self.free = False
        order = (source.where, source.suffix, source.size, seconds, header_only)
        _say(asked, "unpack", order)
        while True:
            kind, content = _heard(told)
            if kind == "read":
                source.stream.seek(content[0])
                piece = source.stream.read(content[1])
                _say(asked, "bytes", len(piece), piece)
            elif kind == "piece":
                yield _received(told, content)
            elif kind == "opened":
                yield Opened(**content)
            elif kind == "ended":
                yield Ended(**content)
            else:
                self.free = True
                if kind == "refused":
                    raise RecordingError(**content)
                return

    def kill(self) -> None:
        self._process.kill()

    def status(self) -> int:
        """How a process ended that has gone silent: a negative number is the signal it died of."""
        try:
            return self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def end(self) -> None:
        """End the process, whatever it is at."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # an order it did not take
                    pipe.close()


def _say(to: IO[bytes], kind: str, content: Any, load: bytes | memoryview = b"") -> None:
    """One message: a line of JSON, and what bytes it announces."""
    to.write(json.dumps([kind, content]).encode() + b"\n")
    to.write(load)
    to.flush()


def _heard(told: IO[bytes]) -> tuple[str, Any]:
    """The next message's line. Raises ``EOFError`` when there is none any more."""
    line = told.readline()
    if not line.endswith(b"\n"):
        raise EOFError
    kind, content = json.loads(line)
    return str(kind), content


def _load(told: IO[bytes], size: int) -> bytes:
    """What a message has announced."""
    content = told.read(size)
    if len(content) < size:
        raise EOFError
    return content


def _received(told: IO[bytes], shape: list[int]) -> FloatArray:
    channels, samples = shape
    content = _load(told, 4 * channels * samples)
    return np.frombuffer(content, np.float32).reshape(channels, samples)


_free: list[_Decoder] = []
_busy: set[_Decoder] = set()
"""Without a lock: adding, discarding and copying are each one step to Python."""
_lock = Lock()


def end_busy(threads: Collection[int]) -> None:
    """End the decoders that some threads wait for, which then hear of it at once.

    A thread that waits for a decoder is in a library call, out of reach of everything else.
    """
    for decoder in tuple(_busy):
        if decoder.thread in threads:
            decoder.kill()


@atexit.register
def _end_all() -> None:
    """End the decoders that are kept."""
    while _free:
        _free.pop().end()


def _forget_all() -> None:
    """In a forked process: the decoders are the parent's, and so is a lock that it may hold just now."""
    global _lock  # noqa: PLW0603
    _free.clear()
    _busy.clear()
    _lock = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


@contextmanager
def _decoder() -> Iterator[_Decoder]:
    """One that nobody else uses. Only one that has done its work is used again."""
    with _lock:
        decoder = _free.pop() if _free else None
    if decoder is None:
        decoder = _Decoder()
    try:
        decoder.thread = get_ident()
        _busy.add(decoder)
        yield decoder
    finally:
        _busy.discard(decoder)
        if decoder.free:
            with _lock:
                _free.append(decoder)
        else:
            decoder.end()


def _broken(source: Source, seconds: int, status: int) -> RecordingError:
    """What to say of a recording over which a decoder has died."""
    if status in (-getattr(signal, "SIGALRM", 0), -getattr(signal, "SIGKILL", 0)):
        return RecordingError(
            source.where,
            f"a file that was not unpacked within {seconds} s",
            "a recording that is unpacked in time; a minute of sound takes well below a second",
            "Look whether its disk is slow; else export it again, or raise CALLQA_DECODE_SECONDS.",
        )
    return RecordingError(
        source.where,
        f"a file that breaks the decoder (status {status})",
        "a sound file such as wav, mp3, flac, ogg or m4a",
        "Export it again from the recorder, or remove it from the folder.",
    )


def serve() -> None:
    """Carry out orders from standard input until there are none: what the process apart does."""
    _confine()
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            _, (where, suffix, size, seconds, header_only) = _heard(asked)
            _alarm(seconds)
            _carry_out(Source(where, suffix, size, _Distant(asked, told, size)), told, header_only)
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
        _say(self._told, "read", (self._at, size))
        _, length = _heard(self._asked)
        content = _load(self._asked, length)
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


def _carry_out(source: Source, told: IO[bytes], header_only: bool) -> None:
    try:
        for event in _in_parcels(unpacked(source)):
            if isinstance(event, Opened):
                _say(told, "opened", asdict(event))
                if header_only:
                    break
            elif isinstance(event, Ended):
                _say(told, "ended", asdict(event))
            else:
                _say(told, "piece", event.shape, np.ascontiguousarray(event).data.cast("B"))
    except RecordingError as error:
        _say(told, "refused", vars(error))
    except MemoryError:
        _say(told, "refused", vars(_too_large(source.where)))
    else:
        _say(told, "done", None)


def _in_parcels(events: Events) -> Events:
    """The same, with small pieces of as many channels put together."""
    waiting: list[FloatArray] = []
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
