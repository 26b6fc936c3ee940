"""What libraries only ask when they are loaded: said first of all, whichever of our modules comes first."""

from __future__ import annotations

import os

SILENCED = {
    "ORT_DISABLE_TELEMETRY": "1",  # onnxruntime, from 1.29 on
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}
"""What keeps libraries from reporting over the network that they are used; who set it otherwise is obeyed."""


def throw_switches() -> None:
    """Say to libraries, before they are imported, what they only ask then.

    With PyTorch loaded before, CTranslate2 multiplies int8 in other portions. On processors without AVX-512
    that comes to other numbers: a recording heard here and on a cluster would not be the same to the byte.
    """
    for name, value in SILENCED.items():
        os.environ.setdefault(name, value)
    # Cores are filled by recordings, each heard by one thread: NumPy's matrix products must not start
    # threads of their own, nor come out otherwise on a machine of more cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # oneDNN, with which CTranslate2 and PyTorch multiply, keeps what it prepared for each shape of arrays.
    # Stretches of speech are of any length, so that hardly any comes again: 150 MB after 16 calls.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "0")
