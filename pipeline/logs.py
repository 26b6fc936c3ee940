"""A run's journal as a log: one event a line, for people (logfmt) or programs (JSON).

structlog writes it by itself: loggers of other libraries neither come into it nor are touched. A log that
can no longer be written, on a full disk say, costs its lines and not the run.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any, Literal

import structlog

from pipeline.errors import UsageError
from pipeline.journal import (
    Event,
    Journal,
    RecordingFailed,
    RecordingSetAside,
    RunStopped,
    Waiting,
    unwritten,
)

Form = Literal["text", "json"]

STDERR = "-"

WORTH_A_LOOK = (RecordingFailed, RecordingSetAside, Waiting)


class _Standing(logging.StreamHandler[Any]):
    """Lines on standard error."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Whoever read our errors has gone: there is nobody left to tell."""


class _Watched(WatchedFileHandler):
    """Lines at the end of a file, which is opened anew when it was moved away by rotation."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace")
        self._told = False

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:  # of opening it anew
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """Say once that the log is incomplete, in place of a traceback for each line."""
        error = sys.exc_info()[1]
        if not self._told:
            self._told = True
            why = getattr(error, "strerror", None) or error
            print(
                f"callqa: {self.baseFilename}: the log cannot be written ({why}); the run goes on.",
                file=sys.stderr,
            )

    def close(self) -> None:
        with suppress(OSError):  # what could not be written before cannot be now
            super().close()


@contextmanager
def kept_log(where: str | None, form: Form | None, **always: object) -> Iterator[Journal]:
    """A journal that is written to a file (``-``: standard error) while the block lasts.

    Args:
        where: nothing is kept when ``None``
        form: logfmt when ``None``
        always: fields of every line

    Raises:
        UsageError: the file cannot be opened; a form without a log
    """
    if where is None:
        if form is not None:
            raise UsageError(
                "--log-format", "given without --log", "a log", "Add --log FILE, or leave it out."
            )
        yield unwritten
        return
    handler = _handler(where)
    try:
        yield _journal(handler, form or "text", always)
    finally:
        handler.close()


def _handler(where: str) -> logging.Handler:
    if where == STDERR:
        return _Standing(sys.stderr)
    try:
        return _Watched(Path(where))
    except OSError as error:
        raise UsageError(
            f"--log {where}",
            f"cannot be written ({error.strerror})",
            "a file we may write to, in a folder that is there",
            "Make the folder, correct its permissions, or give another file.",
        ) from error


def _journal(handler: logging.Handler, form: Form, always: dict[str, object]) -> Journal:
    """Events -> lines of a handler, through a logger of its own that no other library knows."""
    own = logging.Logger("callqa.run")
    own.addHandler(handler)
    renderer: Any = (
        structlog.processors.JSONRenderer(_as_json)
        if form == "json"
        else structlog.processors.LogfmtRenderer(bool_as_flag=False)
    )
    shaped = [renderer] if form == "json" else [_flat, renderer]
    log = structlog.wrap_logger(
        own, processors=[_first, *shaped], wrapper_class=structlog.BoundLogger
    )

    def tell(event: Event) -> None:
        name = re.sub(r"(?<=.)(?=[A-Z])", "_", type(event).__name__).lower()
        say = log.info
        if isinstance(event, RunStopped):
            say = log.error
        elif isinstance(event, WORTH_A_LOOK):
            say = log.warning
        say(name, **always, **asdict(event))

    return tell


_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="time")

Fields = MutableMapping[str, Any]


def _first(logger: Any, method: str, fields: Fields) -> Fields:
    """The line begins with when, how bad and what."""
    stamped = _stamp(logger, method, {})
    return {"time": stamped["time"], "level": method, "event": fields.pop("event"), **fields}


def _as_json(fields: Fields, **options: Any) -> str:
    """As JSON on one line, whoever counts lines: only what can be seen is written as it is."""
    text = json.dumps(fields, ensure_ascii=False, **options)
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def _flat(_: Any, __: str, fields: Fields) -> Fields:
    """Values as logfmt can hold them: no structure, nothing that could steer a terminal."""
    flat: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{key}": _plain(one) for key, one in value.items()}
        else:
            flat[name] = _plain(value)
    return flat


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        value = ",".join(map(str, value))
    if not isinstance(value, str) or value.isprintable():
        return value
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode() for char in value
    )
