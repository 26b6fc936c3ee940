"""What surrounds every run that writes results: its log, its lock, its summary."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import click

from pipeline.errors import CallqaError, Exit, OutputError

if TYPE_CHECKING:
    from pipeline.journal import Event, RunEnded, RunStopped
    from pipeline.lock import Holder
    from pipeline.logs import Form


@dataclass(frozen=True, slots=True)
class Asked:
    """How a run is to be kept, as the options say; see :func:`pipeline.cli.options.run_options`."""

    log: str | None
    log_format: Form | None
    wait: float

    @property
    def on_terminal(self) -> bool:
        """Whether the log's lines go to standard error."""
        from pipeline.logs import STDERR

        return self.log == STDERR


class Running:
    """A run of a command from beginning to end: a context manager around all it does.

    On leaving, the log has how it ended and ``summary.json`` is written, after an error as well: none but
    the first error is raised.

    Raises:
        UsageError: the log cannot be opened
        OutputError: the results' folder cannot be written
        BusyError: another run has it
    """

    def __init__(self, command: str, out: Path, asked: Asked, fail_under: float | None) -> None:
        from pipeline.summary import Summary

        self._out, self._asked = out, asked
        self._summary = Summary(command, fail_under)
        self._open = ExitStack()
        self._ours = False
        self._exit_code = int(Exit.DONE)

    def __enter__(self) -> Running:
        from pipeline.lock import held
        from pipeline.logs import kept_log
        from pipeline.show.files import ready

        command, asked = self._summary.command, self._asked
        with ExitStack() as opening:
            log = kept_log(asked.log, asked.log_format, command=command, pid=os.getpid())
            self._log = opening.enter_context(log)
            # who asks a run to end, as at shutdown, means what Ctrl-C means: let go, and say so
            before = signal.signal(signal.SIGTERM, signal.default_int_handler)
            opening.callback(signal.signal, signal.SIGTERM, before)
            try:
                ready(self._out)
                opening.enter_context(held(self._out, command, asked.wait, self._wait))
                self._ours = True
                self._note()
            except (CallqaError, KeyboardInterrupt) as error:
                self._over(error)
                raise
            self._open = opening.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._open:
            self._over(error)

    def tell(self, event: Event) -> None:
        """The run's journal."""
        from pipeline.journal import RunStarted

        self._summary.take(event)
        self._log(event)
        if isinstance(event, RunStarted):
            self._note()

    def _note(self) -> None:
        """Leave word that this run is at work: it may be killed at any moment.

        What stands there of an earlier run is no reason to stop; whether files can be written at all has
        been seen, and results that cannot say so themselves.
        """
        with suppress(OutputError):
            self._summary.write(self._out)

    def ends(self, exit_code: int) -> None:
        """All is done; what the command will exit with."""
        self._exit_code = exit_code

    def _wait(self, by: Holder | None) -> None:
        from pipeline.journal import Waiting

        self.tell(Waiting(str(self._out), str(by) if by else None))
        if sys.stderr.isatty():
            click.echo(f"Waiting for {by or 'another run'} …", err=True)

    def _over(self, error: BaseException | None) -> None:
        """Say how it ended, in the summary only if the folder is ours."""
        event = self._ending(error)
        self._summary.take(event)
        try:
            if self._ours:
                self._summary.write(self._out)
        except OutputError as failed:
            if error is not None:
                self._log(event)
                return  # what ended the run is what counts
            self._log(self._ending(failed))
            raise
        self._log(event)

    def _ending(self, error: BaseException | None) -> RunEnded | RunStopped:
        from pipeline.journal import RunEnded, RunStopped

        done, seconds = self._summary.counts(), self._summary.seconds
        if error is None:
            return RunEnded(self._exit_code, seconds, done)
        if isinstance(error, CallqaError):
            four = (error.where, error.got, error.expected, error.hint)
            return RunStopped(error.exit_code, seconds, done, *four)
        if isinstance(error, KeyboardInterrupt | click.Abort):
            return RunStopped(Exit.INTERRUPTED, seconds, done)
        # no more of it than its name: what it says may quote a call
        bug = (
            "callqa",
            type(error).__name__,
            "a run that ends",
            "It is a bug of ours: report what is on stderr.",
        )
        return RunStopped(Exit.BUG, seconds, done, *bug)
