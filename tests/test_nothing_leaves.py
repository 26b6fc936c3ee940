"""A whole run opens no connection and writes nothing but its results: onnxruntime and all the others too."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.settings import PACKAGE, cache_folder

SAMPLE = PACKAGE.parent / "samples" / "recordings" / "14_office_finance.flac"

RUN = """
import socket, sys

def closed(*_, **__):
    raise SystemExit("a connection was opened")

socket.socket.connect = socket.socket.connect_ex = socket.socket.sendto = closed
socket.create_connection = socket.getaddrinfo = closed
sys.argv = ["callqa", "score", "recordings", "--out", "out", "--threads", "1"]
from pipeline.cli import main
main()
"""

WRITING = re.compile(r'openat\(AT_FDCWD, "([^"]+)", [^)]*O_(?:WRONLY|RDWR)[^)]*\) = \d+')
OUTSIDE = re.compile(r"(?:connect|sendto|sendmsg)\(.*AF_INET")


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a run, and what strace saw of it; nothing where there is no strace."""
    place = tmp_path_factory.mktemp("leaves")
    (place / "home").mkdir()
    (place / "recordings").mkdir()
    shutil.copy(SAMPLE, place / "recordings")
    strace = shutil.which("strace")
    log = place / "trace.txt"
    watch = [strace, "-f", "--seccomp-bpf", "-e", "trace=openat,connect,sendto,sendmsg"]
    watch += ["-s", "256", "-o", str(log)]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("XDG_")},
        "HOME": str(place / "home"),
        "CALLQA_CACHE": str(cache_folder()),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(PACKAGE.parent),
    }
    done = subprocess.run(
        [*(part for part in watch if part and strace), sys.executable, "-c", RUN],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode in (0, 3), done.stderr
    assert (place / "out" / "report.html").is_file()
    return place, log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""


def test_nothing_is_written_beside_the_results(traced: tuple[Path, str]) -> None:
    place, trace = traced
    assert list((place / "home").rglob("*")) == []
    own = (str(place), str(cache_folder()), "/dev/", "/proc/", "out")
    written = {path for path in WRITING.findall(trace) if not path.startswith(own)}
    assert {path for path in written if not _is_temporary(path)} == set()
    assert [path for path in written if Path(path).exists()] == []


def _is_temporary(path: str) -> bool:
    return path.startswith(("/tmp/", "/var/tmp/"))


def test_nothing_is_sent(traced: tuple[Path, str]) -> None:
    assert [line for line in traced[1].splitlines() if OUTSIDE.search(line)] == []
