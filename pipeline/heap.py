"""How much memory glibc keeps of what was freed. Nothing happens where the system's library is another."""

from __future__ import annotations

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""glibc's numbers (malloc.h): how much may be free at the heap's end, from what size on memory is not taken
from a heap but from the system, and how many heaps there may be."""

KEPT_BYTES = 1 << 28
LARGE_BYTES = 1 << 27
"""What one batch after the other takes stays at hand: memory from the system is filled with zeros each time
it is taken, two of sixty seconds of hearing. The sound of long recordings, which is larger, is not kept."""


def share_heap() -> None:
    """Have threads that begin from now on take memory from one heap, and give what they free to it.

    glibc gives each a heap of its own, which keeps what was freed in it from all others: 0.2 to 0.6 GB while
    a recording is transcribed, at the same speed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)
        mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)


def give_back_memory() -> None:
    """Return to the system what was freed. glibc keeps it: 226 MB once all models are loaded, and what
    a long recording took. A tenth of a millisecond where there is nothing to return.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
