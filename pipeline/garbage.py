"""Python's search for garbage, which would go through a standard's millions of objects again and again."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 20_000
"""Objects more than there were after which Python looks for cycles, of which judging makes hardly any. With
its own 700 it looks several times a call."""


def spare_what_stays() -> None:
    """From now on, never look through what there is, and seldom through what comes.

    For a process that has loaded its standard: else one sixth of judging goes there.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM)


@contextmanager
def none_looked_for() -> Iterator[None]:
    """For a stretch that makes a million objects, all of which stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
