"""What holds for every test: nothing is read from, or left in, the user's own cache, and Ctrl-C works."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores import any_url, postgres, postgres_programs, postgres_url

__all__ = ["any_url", "own_cache", "postgres", "postgres_programs", "postgres_url"]


LONGEST = (
    "test_survival.py",
    "test_search.py",
    "test_readme.py",
    "test_cluster.py",
    "test_samples.py",
)
"""Files of tests that take a minute and more: begun first, so that no process is left with one in the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; each file stays together, in its order."""
    rank = {name: at for at, name in enumerate(LONGEST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(LONGEST)))


def pytest_configure() -> None:
    """Let tests interrupt a night. Shells start what runs in the background with Ctrl-C ignored, and
    Python and its children would then ignore it too: such a test would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """``CALLQA_CACHE`` is a folder of this test run, of all its processes, for programs started by a test
    as well: the shipped standard is compiled once.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(
            "CALLQA_CACHE", str(_of_all_processes(tmp_path_factory.getbasetemp()) / "cache")
        )
        yield


def _of_all_processes(base: Path) -> Path:
    """The folder of the whole run: pytest-xdist gives each of its processes one within."""
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
