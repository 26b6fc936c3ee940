"""How much memory glibc keeps of what was freed. Nothing happens where the system's library is another."""

from __future__ import annotations

import ctypes
import mmap
from typing import Any

from numpy.typing import NDArray

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""glibc's numbers (malloc.h): how much may be free at the heap's end, from what size on memory is not taken
from a heap but from the system, and how many heaps there may be."""

KEPT_BYTES = 1 << 28
LARGE_BYTES, LARGE_TO_OLD_GLIBC = 1 << 27, 1 << 25
"""What one batch after the other takes stays at hand: memory from the system is filled with zeros each time
it is taken, two of sixty seconds of hearing. The sound of an hour, which is larger, is never in a heap."""

MADV_DONTNEED = 4
"""Linux's number for memory whose contents nobody will read again (mman.h)."""


def share_heap() -> None:
    """Have threads that begin from now on take memory from one heap, and give what they free to it.

    glibc gives each a heap of its own, which keeps what was freed in it from all others: 0.2 to 0.6 GB while
    a recording is transcribed, at the same speed.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)
        # a trim threshold alone would freeze the other one where it is, mostly far too low
        if any(mallopt(M_MMAP_THRESHOLD, size) for size in (LARGE_BYTES, LARGE_TO_OLD_GLIBC)):
            mallopt(M_TRIM_THRESHOLD, KEPT_BYTES)


def give_back_memory() -> None:
    """Return to the system what was freed. glibc keeps it: 226 MB once all models are loaded, and what
    a long recording took. A tenth of a millisecond where there is nothing to return.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def give_back_rows(unused: NDArray[Any]) -> None:
    """Return to the system what lies under an array of rows, as far as it fills whole pages.

    They may belong to a larger array, which stays; what they hold is lost.
    """
    advise = getattr(ctypes.CDLL(None), "madvise", None)
    if advise is None:
        return
    for row in unused:
        first = -(-row.ctypes.data // mmap.PAGESIZE) * mmap.PAGESIZE
        size = (row.ctypes.data + row.nbytes - first) // mmap.PAGESIZE * mmap.PAGESIZE
        if size > 0:
            advise(ctypes.c_void_p(first), ctypes.c_size_t(size), MADV_DONTNEED)
