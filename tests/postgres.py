"""A PostgreSQL of the test run's own: made in a folder, spoken to over a socket there, gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
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


@contextmanager
def server(bin_folder: Path) -> Iterator[str]:
    """A running server; gives the URL of its first database.

    PostgreSQL refuses to run as root, so that for root it runs as the user its package made.
    """
    with TemporaryDirectory(prefix="callqa-pg-", dir="/tmp") as made:
        folder = Path(made)
        as_user: list[str] = []
        if os.geteuid() == 0:
            as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
            shutil.chown(folder, "postgres", "postgres")

        def run(program: str, *options: str) -> None:
            command = [*as_user, str(bin_folder / program), *options]
            subprocess.run(command, check=True, capture_output=True, cwd=folder)

        data = str(folder / "data")
        run("initdb", "-D", data, "-U", "callqa", "-A", "trust", "-E", "UTF8", "--locale=C")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off"
        run("pg_ctl", "-D", data, "-l", str(folder / "log"), "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://callqa@/postgres?host={folder}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
