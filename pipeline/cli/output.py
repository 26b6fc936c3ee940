"""Standard output that takes whatever is written to it.

What a run did is done, whether or not somebody can read of it: its exit code is to say so.
"""

from __future__ import annotations

import codecs
import errno
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO, cast

import click

from pipeline.errors import OutputError

ESCAPED = "callqa.escaped"
"""Name of the handler of characters that an encoding has not."""


def _escaped(error: UnicodeError) -> tuple[str, int]:
    r"""As ``\u9673``, which within a string of JSON still means the character."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return json.dumps(error.object[error.start : error.end])[1:-1], error.end


codecs.register_error(ESCAPED, _escaped)


class Lenient:
    """A stream of text that drops what cannot be written any more; ``lost`` is why.

    It has no ``buffer``, past which click would write to an encoding that it takes for a mistake.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.lost: OSError | None = None

    @property
    def encoding(self) -> str:
        return self._stream.encoding

    @property
    def errors(self) -> str | None:
        return self._stream.errors

    def isatty(self) -> bool:
        return self._stream.isatty()

    def fileno(self) -> int:
        return self._stream.fileno()

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except OSError as error:
            self._drop(error)
            return len(text)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except OSError as error:
            self._drop(error)

    def _drop(self, error: OSError) -> None:
        self.lost = error
        # open for as long as somebody may write
        self._stream = Path(os.devnull).open("w", encoding="utf-8", errors=ESCAPED)  # noqa: SIM115


@contextmanager
def lenient_output() -> Iterator[None]:
    """Have standard output take everything while the block lasts, and say at its end what it could not.

    A pipe that was closed is no complaint: whoever read it has seen enough.
    """
    stream = sys.stdout
    if stream is None:  # as a program without a terminal is started
        yield
        return
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors=ESCAPED)
    output = Lenient(stream)
    sys.stdout = cast(TextIO, output)
    try:
        yield
    finally:
        output.flush()
        if output.lost is None:
            sys.stdout = stream
        # else it stays: Python itself writes what is left in the stream when it ends, and fails
    if output.lost is not None and output.lost.errno != errno.EPIPE:
        told = OutputError(
            "standard output",
            f"cannot be written ({output.lost.strerror})",
            "a terminal, pipe or file with room for what is printed",
            "What was asked for is done all the same.",
        )
        click.echo(f"callqa: {told}", err=True)
