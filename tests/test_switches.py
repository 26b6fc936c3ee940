"""What libraries only ask when they are loaded is said before, whichever of our modules comes first."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

WATCHED = """
import importlib, os, sys

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "ctranslate2", "numpy"):
            seen[name] = "ONEDNN_PRIMITIVE_CACHE_CAPACITY" in os.environ

seen = {}
sys.meta_path.insert(0, Watch())
importlib.import_module(sys.argv[1])
assert seen and all(seen.values()), seen
"""


LATE = """
import numpy
import pipeline
from threadpoolctl import threadpool_info
print([pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"])
"""


@pytest.mark.parametrize(
    "module", ["batch", "apart", "local", "cluster", "rejudge", "listen.listen"]
)
def test_switches_are_thrown_before_anything_is_loaded(module: str) -> None:
    """Else a night here and on a cluster came to other numbers, on processors without AVX-512."""
    assert _run(WATCHED, f"pipeline.{module}") == (0, "", "")


def test_numpy_that_was_loaded_before_multiplies_by_one_thread_all_the_same() -> None:
    """Else who loads it before callqa hears other probabilities of words than the command line."""
    assert _run(LATE) == (0, "[1]\n", "")


def _run(code: str, *words: str) -> tuple[int, str, str]:
    """What a program that nobody has told anything returns and says."""
    unset = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("ONEDNN", "OPENBLAS"))
    }
    done = subprocess.run(
        [sys.executable, "-c", code, *words], env=unset, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr
