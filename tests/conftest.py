"""What holds for every test: nothing is read from, or left in, the user's own cache, and Ctrl-C works."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from tests.stores import any_url, postgres, postgres_programs, postgres_url

__all__ = ["any_url", "own_cache", "postgres", "postgres_programs", "postgres_url"]


def pytest_configure() -> None:
    """Let tests interrupt a night. Shells start what runs in the background with Ctrl-C ignored, and
    Python and its children would then ignore it too: such a test would wait for ever.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """``CALLQA_CACHE`` is a folder of this test run, for programs started by a test as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CALLQA_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
