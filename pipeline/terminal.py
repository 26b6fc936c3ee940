"""What a person at the terminal sees while a night runs: nothing when there is no terminal."""

from __future__ import annotations

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from pipeline.show.figures import printable


class TerminalProgress:
    """See :class:`pipeline.shift.Progress`. Time left is reckoned from the bytes still to do."""

    def __init__(self, console: Console) -> None:
        self._recordings = 0
        self._finished = 0
        self._task: TaskID | None = None
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.fields[count]}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[file]}", style="dim", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )

    def begin(self, recordings: int, size_bytes: int) -> None:
        self._recordings = recordings
        self._bar.start()
        self._task = self._bar.add_task("", total=size_bytes, count=self._count(), file="")

    def done(self, file: str, size_bytes: int) -> None:
        self._finished += 1
        if self._task is not None:
            self._bar.update(
                self._task, advance=size_bytes, count=self._count(), file=printable(file)
            )

    def waits(self, holder: str) -> None:
        if not self._bar.disable:
            self._bar.console.print(
                f"Waiting for {printable(holder)} …", markup=False, highlight=False
            )

    def end(self) -> None:
        self._bar.stop()

    def _count(self) -> str:
        return f"{self._finished}/{self._recordings}"
