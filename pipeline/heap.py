"""How much memory libraries keep of what they no longer need."""

from __future__ import annotations

import ctypes
import os

M_ARENA_MAX = -8
"""glibc's number for how many heaps there may be (malloc.h)."""

KEPT_KERNELS = "ONEDNN_PRIMITIVE_CACHE_CAPACITY"
"""oneDNN's own name for how many shapes of arrays it keeps its preparations for; 1024 unless said."""


def keep_little() -> None:
    """Have libraries that begin their work from now on keep little.

    Threads take memory from one heap: glibc gives each one of its own, which keeps what was freed in it
    from all others, 0.2 to 0.6 GB while a recording is transcribed, at the same speed. Nothing happens
    where the system's library is another.

    oneDNN, with which CTranslate2 and PyTorch multiply, prepares itself for each shape of arrays and keeps
    that. Windows of speech are of any length, so that nearly none comes again: 150 MB after 16 calls.
    Whoever sets the variable is obeyed.
    """
    os.environ.setdefault(KEPT_KERNELS, "0")
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, 1)


def give_back_memory() -> None:
    """Return to the system what was freed, where its library is glibc, which keeps it: 226 MB once all
    models are loaded, and what a long recording took. A tenth of a millisecond where there is nothing
    to return.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
