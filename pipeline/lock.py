"""One run at a time writes an output folder.

The lock is ``flock``'s on a file in the folder, which the system lets go of when the process that holds it
ends, killed or not: there is nothing to clear away after a crash. It guards the results, not the store:
runs with folders of their own share a store by their claims.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from time import sleep

from filelock import FileLock, Timeout

from pipeline.errors import BusyError, OutputError

NAME = ".callqa.lock"

LOOK_EVERY_S = 0.5
"""How often a run that waits looks whether the folder is free."""

WRITTEN_WITHIN_S = 0.2
"""A holder that has just got the lock has written who it is by then."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an output folder in use. ``since`` is ISO 8601 with its zone."""

    command: str
    pid: int
    host: str
    since: str

    def __str__(self) -> str:
        return f"callqa {self.command}, process {self.pid} on {self.host}, since {self.since}"


def holder(out: Path) -> Holder | None:
    """Who wrote itself into the folder's lock, if it can be read; whether it still lives is not asked."""
    with suppress(OSError, ValueError, TypeError):
        return Holder(**json.loads((out / NAME).read_bytes()))
    return None


@contextmanager
def held(
    out: Path,
    command: str,
    wait_s: float = 0.0,
    on_wait: Callable[[Holder | None], None] = lambda _: None,
) -> Iterator[None]:
    """Have an output folder, which must exist, to oneself.

    ``on_wait`` is told once who has it, if it has to be waited for.

    Raises:
        BusyError: another run has it, and did not end within ``wait_s`` seconds
        OutputError: the folder cannot be locked
    """
    me = Holder(
        command,
        os.getpid(),
        socket.gethostname(),
        datetime.now().astimezone().isoformat("T", "seconds"),
    )

    def sign(descriptor: int) -> None:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(asdict(me)).encode(), 0)

    lock = FileLock(out / NAME, on_acquired=sign, poll_interval=LOOK_EVERY_S)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if wait_s <= 0:
                raise
            on_wait(_signed(out))
            lock.acquire(timeout=wait_s)
    except Timeout as error:
        raise _busy(out, wait_s) from error
    except OSError as error:
        raise OutputError(
            str(out / NAME),
            f"cannot be locked ({error.strerror})",
            "a folder on a disk whose files can be locked",
            "Give an --out on another disk.",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _signed(out: Path) -> Holder | None:
    """Who has the folder; one that has it since this moment may not have written so yet."""
    found = holder(out)
    if found is None:
        sleep(WRITTEN_WITHIN_S)
        found = holder(out)
    return found


def _busy(out: Path, wait_s: float) -> BusyError:
    by = _signed(out) or "a run that does not say which"
    waited = f" after {wait_s:g} s of waiting" if wait_s > 0 else ""
    return BusyError(
        str(out),
        f"in use{waited} by {by}",
        "a folder that no other run writes to",
        "Let it end, or give another --out. `callqa score` and `rescore` wait with --wait SECONDS.",
    )
