"""Result files appear whole or not at all, and a disk that refuses says what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from types import TracebackType
from typing import BinaryIO, TextIO
from uuid import uuid4

from pipeline.errors import OutputError

_HINTS = {
    errno.ENOSPC: "Free some space, or write the results to another disk.",
    errno.EDQUOT: "Free some space, or write the results to another disk.",
    errno.EACCES: "Allow writing there, or choose another output folder.",
    errno.EPERM: "Allow writing there, or choose another output folder.",
    errno.EROFS: "The disk is read-only: choose another output folder.",
    errno.ENOTDIR: "A file stands where a folder is needed: choose another output folder.",
    errno.EEXIST: "A file stands where a folder is needed: choose another output folder.",
    errno.EISDIR: "A folder stands where the file belongs: move it away.",
    errno.ENAMETOOLONG: "Shorten the recording's name.",
    errno.ENOENT: "The output folder was taken away while it was written to: bring it back.",
}
_FAILED = "Its disk or network folder failed: bring it back, or choose another output folder."
_AWAY = dict.fromkeys(
    (errno.EIO, errno.ESTALE, errno.ENOTCONN, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ETIMEDOUT),
    _FAILED,
)
"""What one hears of a disk that is no longer there."""

_OTHER_HINT = "Check the output folder, or choose another."


PART = ".callqa-*.part"
"""The name of a file that is not complete yet, or of a folder of such files."""


def sweep(out: Path) -> None:
    """Remove what killed runs left unfinished; only who alone writes into the folder may do so.

    That something cannot be removed is no error: it is in nobody's way.
    """
    for part in list(out.rglob(PART)):
        if part.is_dir() and not part.is_symlink():
            rmtree(part, ignore_errors=True)
            continue
        with suppress(OSError):
            part.unlink()


def ready(out: Path) -> None:
    """Make the output folder and see that it can be written, before hours of work.

    Raises:
        OutputError: it cannot be made, or no file can be written in it.
    """
    probe = out / ".callqa-probe"
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"callqa")
        # a run that starts at the same moment may have removed it
        probe.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            str(out),
            f"cannot be written ({error.strerror})",
            "a folder we may write to, with room on its disk",
            _AWAY.get(
                error.errno or 0,
                "Free some space, correct its permissions, or give another --out.",
            ),
        ) from error


class HoldsOpen:
    """Has files open from entering its block to leaving it, when they take their names."""

    def __init__(self) -> None:
        self._open = ExitStack()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.__exit__(kind, error, trace)


@contextmanager
def written_whole(path: Path) -> Iterator[TextIO]:
    """A UTF-8 text file that takes its name only once it is complete; parent folders are made.

    A reader never sees half a report, and a failed run leaves the last good one in place. Names of
    recordings that are not valid Unicode are written with their bad bytes escaped.

    Raises:
        OutputError: the folder or the file cannot be written
    """
    with (
        _taking_its_name(path) as part,
        part.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as file,
    ):
        yield file


@contextmanager
def written_whole_bytes(path: Path) -> Iterator[BinaryIO]:
    """The same of a file of bytes, which may be written in any order.

    Raises:
        OutputError: the folder or the file cannot be written
    """
    with _taking_its_name(path) as part, part.open("x+b") as file:
        yield file


@contextmanager
def _taking_its_name(path: Path) -> Iterator[Path]:
    """Where a file is written until it is complete."""
    part = path.with_name(PART.replace("*", uuid4().hex))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield part
        part.replace(path)
    except OSError as error:
        raise OutputError(
            where=str(path),
            got=error.strerror or str(error),
            expected="a file that can be written",
            hint=(_HINTS | _AWAY).get(error.errno or 0, _OTHER_HINT),
        ) from error
    finally:
        # After a failure the unfinished file goes; that it cannot go either is no second error.
        with suppress(OSError):
            part.unlink(missing_ok=True)
