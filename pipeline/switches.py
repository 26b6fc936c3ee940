"""What libraries only ask when they are loaded: said first of all, whichever of our modules comes first."""

from __future__ import annotations

import os
import sys

from threadpoolctl import threadpool_limits

SILENCED = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime, from 1.29 on
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""What keeps libraries from reporting over the network that they are used; who set it otherwise is obeyed."""


def throw_switches() -> None:
    """Say to libraries, before they are imported, what they only ask then.

    Whoever uses callqa from a program of his own may have NumPy loaded by then: its threads are taken away.
    """
    for name, value in SILENCED.items():
        os.environ.setdefault(name, value)
    # Cores are filled by recordings, each heard by one thread. Nor may NumPy's matrix products come out
    # otherwise on a machine of more cores: the sums of two threads are rounded in another order, and what
    # int8 makes of that is another probability of a word, by a tenth.
    if "OPENBLAS_NUM_THREADS" not in os.environ:
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        if "numpy" in sys.modules:
            threadpool_limits(1, user_api="blas")
    # oneDNN, with which CTranslate2 and PyTorch multiply, keeps what it prepared for each shape of arrays.
    # Stretches of speech are of any length, so that hardly any comes again: 150 MB after 16 calls.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "0")
