"""A PostgreSQL of the test run's own: made in a folder, spoken to over a socket there, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

REQUIRED = "CALLQA_TEST_POSTGRES"
"""Environment variable: when set, a machine without PostgreSQL fails the tests in place of skipping them."""


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, of the newest version installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_version)
    found = debian[-1] if debian else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _version(program: Path) -> int:
    return int(program.parent.parent.name)


@dataclass(frozen=True)
class Server:
    """A server in a folder, which can be stopped as a power cut would, and started again.

    PostgreSQL refuses to run as root, so that for root it runs as the user its package made.
    """

    programs: Path
    folder: Path

    @property
    def url(self) -> str:
        """The URL of its first database."""
        return f"postgresql+psycopg://callqa@/postgres?host={self.folder}"

    def make(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "-U", "callqa", "-A", "trust", "-E", "UTF8", "--locale=C")

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off"
        self._run("pg_ctl", "-l", str(self.folder / "log"), "-o", options, "-w", "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def _run(self, program: str, *options: str) -> None:
        as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        subprocess.run(
            [
                *(as_user if os.geteuid() == 0 else []),
                str(self.programs / program),
                "-D",
                str(self.folder / "data"),
                *options,
            ],
            check=True,
            capture_output=True,
            cwd=self.folder,
        )


@contextmanager
def server(programs: Path) -> Iterator[Server]:
    """A running server."""
    with TemporaryDirectory(prefix="callqa-pg-", dir="/tmp") as made:
        one = Server(programs, Path(made))
        one.make()
        one.start()
        try:
            yield one
        finally:
            one.stop()
