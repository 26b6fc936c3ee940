"""Manners of a process that works for another: it ends with it, and goes first when memory is short."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1
"""``prctl``'s option for the signal that the death of the parent sends (prctl(2))."""

FIRST_TO_GO = 1000
"""The highest ``oom_score_adj`` (proc(5)): the kernel ends this process before any other."""


def end_with_parent() -> None:
    """Be killed when the parent is, which would else leave this process waiting for work forever.

    Linux only; elsewhere such a process has to be ended by hand.
    """
    if sys.platform != "linux":
        return
    parent = os.getppid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be arranged
        os.kill(os.getpid(), signal.SIGKILL)


def go_first() -> None:
    """Be the process that the kernel ends when memory runs out, in place of the one that waits for us."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(str(FIRST_TO_GO), encoding="ascii")
