"""How much memory glibc keeps of what was freed. Nothing happens where the system's library is another."""

from __future__ import annotations

import ctypes

M_ARENA_MAX = -8
"""glibc's number for how many heaps there may be (malloc.h)."""


def share_heap() -> None:
    """Have threads that begin from now on take memory from one heap.

    glibc gives each a heap of its own, which keeps what was freed in it from all others: 0.2 to 0.6 GB while
    a recording is transcribed, at the same speed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)


def give_back_memory() -> None:
    """Return to the system what was freed. glibc keeps it: 226 MB once all models are loaded, and what
    a long recording took. A tenth of a millisecond where there is nothing to return.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
