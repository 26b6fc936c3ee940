"""Recordings unpacked in a process of their own, which a damaged or hostile file may break.

A decoder is C that reads what strangers wrote: it may loop, ask for all memory, or crash. Here that
costs the recording, not the night. The process is bounded in time and, on Linux, in memory; it opens
no file, but asks us for the bytes of the one it works on. It is kept for the next recording, and
another takes its place when it had to be ended.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import sys
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager, suppress
from threading import Lock, Timer, get_ident
from time import monotonic
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import NotNowError, RecordingError
from pipeline.listen.container import Ended, Events, Opened, Recorded, Source
from pipeline.listen.decoder import heard, load, say

GRACE_S = 5
"""Where a process has no alarm of its own, it is ended from outside, so much later."""

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""NumPy's BLAS takes some 40 MB for each of its threads, one a core, of what a decoder may take."""

FROM_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGINT", "SIGHUP")
"""What people, service managers and a system short of memory end processes with. A decoder that breaks
dies of others."""

SERVE = "from pipeline.listen import decoder; decoder.serve()"


def unpacked_apart(source: Source, seconds: int, *, header_only: bool = False) -> Events:
    """As :func:`pipeline.listen.container.unpacked`, in another process, within so many seconds.

    Raises:
        RecordingError: also when the file takes too long, or too much memory, or breaks the decoder.
        NotNowError: somebody else has ended the decoder.
        OSError: the file cannot be read.
    """
    return _apart("unpacked", np.dtype(np.float32), source, seconds, header_only)


def recorded_apart(source: Source, seconds: int) -> Recorded:
    """As :func:`pipeline.listen.container.recorded`, in another process, within so many seconds.

    Raises:
        RecordingError, OSError: as :func:`unpacked_apart`
    """
    return _apart("recorded", np.dtype(np.int16), source, seconds, header_only=False)


def _apart(
    kind: str, sample: np.dtype[Any], source: Source, seconds: int, header_only: bool
) -> Generator[Any, None, None]:
    began = monotonic()
    with _decoder() as decoder:
        late = Timer(seconds + GRACE_S, decoder.kill)
        late.daemon = True
        late.start()
        try:
            yield from decoder.carry_out(kind, sample, source, seconds, header_only)
        except (EOFError, BrokenPipeError) as error:
            status, overdue = decoder.status(), monotonic() - began >= seconds
            raise _broken(source, seconds, status, overdue) from error
        finally:
            late.cancel()
            late.join()


class _Decoder:
    """A process that unpacks one recording after the other; ``free`` between them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"import sys; sys.path[:] = {sys.path!r}; {SERVE}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | ONE_THREAD,
            start_new_session=True,  # Ctrl-C is for us, who end it
        )
        self.free = True
        self.thread = 0
        """Whose it is while it is not free."""

    def carry_out(
        self, kind: str, sample: np.dtype[Any], source: Source, seconds: int, header_only: bool
    ) -> Iterator[Any]:
        asked, told = self._process.stdin, self._process.stdout
        if asked is None or told is None:
            raise EOFError
        self.free = False
        order = (source.where, source.suffix, source.size, seconds, header_only)
        say(asked, kind, order)
        while True:
            kind, content = heard(told)
            if kind == "read":
                source.stream.seek(content[0])
                piece = source.stream.read(content[1])
                say(asked, "bytes", len(piece), piece)
            elif kind == "piece":
                yield _received(told, sample, content)
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

    def alive(self) -> bool:
        return self._process.poll() is None

    def status(self) -> int | None:
        """How a process ended that has gone silent: a negative number is the signal it died of;
        ``None`` if it had to be ended.
        """
        try:
            return self._process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def end(self) -> None:
        """End the process, whatever it is at."""
        self.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # an order it did not take
                    pipe.close()


def _received(told: IO[bytes], sample: np.dtype[Any], shape: list[int]) -> NDArray[Any]:
    channels, samples = shape
    content = load(told, sample.itemsize * channels * samples)
    return np.frombuffer(content, sample).reshape(channels, samples)


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
    """One that nobody else uses. Only one that has done its work, and lives, is used again."""
    decoder = _kept() or _Decoder()
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


def _kept() -> _Decoder | None:
    """One that waits for work. A process may die while it does, of which no recording knows anything."""
    with _lock:
        while _free:
            decoder = _free.pop()
            if decoder.alive():
                return decoder
            decoder.end()
    return None


def _broken(source: Source, seconds: int, status: int | None, late: bool) -> RecordingError:
    """What to say of a recording over which a decoder has died; ``late`` if its time had passed."""
    if late:
        return RecordingError(
            source.where,
            f"a file that was not unpacked within {seconds} s",
            "a recording that is unpacked in time; a minute of sound takes well below a second",
            "Look whether its disk is slow; else export it again, or raise CALLQA_DECODE_SECONDS.",
        )
    if status and -status in [getattr(signal, name, 0) for name in FROM_OUTSIDE]:
        return NotNowError(
            source.where,
            f"its decoder was ended from outside (signal {-status})",
            "a decoder that is let finish",
            "Look whether the machine was short of memory, then run again.",
        )
    how = "it fell silent" if status is None else f"status {status}"
    return RecordingError(
        source.where,
        f"a file that breaks the decoder ({how})",
        "a sound file such as wav, mp3, flac, ogg or m4a",
        "Export it again from the recorder, or remove it from the folder.",
    )
