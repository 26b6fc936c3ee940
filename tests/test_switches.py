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


@pytest.mark.parametrize(
    "module", ["batch", "apart", "local", "cluster", "rejudge", "listen.listen"]
)
def test_switches_are_thrown_before_anything_is_loaded(module: str) -> None:
    """Else a night here and on a cluster came to other numbers, on processors without AVX-512."""
    unset = {key: value for key, value in os.environ.items() if not key.startswith("ONEDNN")}
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, f"pipeline.{module}"],
        env=unset, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
