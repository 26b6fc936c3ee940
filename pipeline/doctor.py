"""Is this machine fit for a night? Each check says what it found and what to do; none uses the network."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Literal

import av
import ctranslate2
import numpy as np
import psutil
import torch

from pipeline import __version__
from pipeline.errors import CallqaError, StoreError
from pipeline.judge.load import load_standard
from pipeline.listen.audio import SAMPLE_RATE
from pipeline.listen.engines import on_gpu
from pipeline.listen.listen import load_listener
from pipeline.listen.speaker_weights import checked_folder
from pipeline.local import threads_of
from pipeline.models import resolve
from pipeline.settings import Settings, cache_folder
from pipeline.store import Standing, standing
from pipeline.switches import SILENCED

State = Literal["ok", "warning", "problem"]

GB = 1_000_000_000

HOUR_OF_STEREO_GB = 1.5
"""Memory that a recording of an hour takes while it is heard, by `make bench-memory`."""

SHORT_CALLS_GB = 1.2
"""What a run takes besides its model while one thread hears calls of a minute: its peak on the samples."""

LITTLE_ROOM_GB = 1.0
NO_ROOM_GB = 0.1
"""Room on a disk: store and results take 0.15 MB a call of a minute, assembled weights 0.15 GB."""

CODECS = {
    "mp3": ("mp3",),
    "aac": ("aac",),
    "opus": ("opus",),
    "G.711": ("pcm_alaw", "pcm_mulaw"),
    "AMR": ("amrnb", "amrwb"),
}
"""What recorders write, by FFmpeg's names of its decoders."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. ``to_do`` is empty where nothing is."""

    name: str
    state: State
    found: str
    to_do: str = ""


def examine(
    settings: Settings, store_url: str, out: Path, standard: Path, *, quick: bool = False
) -> Iterator[Check]:
    """Look at everything, one check after another; ``quick`` loads no model."""
    yield versions()
    yield processor(settings)
    yield memory(settings)
    yield room("results", out)
    yield room("cache", cache_folder())
    weights = model(settings)
    yield weights
    voices = speakers()
    yield voices
    if not quick and (weights.state, voices.state) == ("ok", "ok"):
        yield hearing(settings)
    yield gpu(settings)
    yield codecs()
    yield rules(standard)
    yield store(store_url, out)
    yield telemetry()
    yield ray()
    yield fonts()


def versions() -> Check:
    system = f"{platform.system()} {platform.machine()}"
    return Check(
        "versions", "ok", f"callqa {__version__}, Python {platform.python_version()}, {system}"
    )


def processor(settings: Settings) -> Check:
    at_once = threads_of(settings)
    return Check("cores", "ok", f"{settings.cores}; {at_once} recordings heard at once")


def memory(settings: Settings) -> Check:
    """Against an hour of stereo on every thread, which is the most a night is likely to ask for."""
    here = min(psutil.virtual_memory().available, _allowed_bytes()) / GB
    at_once = threads_of(settings)
    model_gb = _size_gb(settings)
    least, most = model_gb + SHORT_CALLS_GB, model_gb + HOUR_OF_STEREO_GB * at_once
    found = (
        f"{here:.1f} GB free; short calls take {least:.1f} GB, {at_once} recordings of an hour of "
        f"stereo at once {most:.1f} GB"
    )
    if here < least:
        to_do = "Free some, use a smaller --model or another machine."
        return Check("memory", "problem", found, to_do)
    if here < most:
        threads = max(1, int((here - model_gb) / HOUR_OF_STEREO_GB))
        to_do = f"Short calls will do; for recordings of an hour give --threads {threads}."
        return Check("memory", "warning", found, to_do)
    return Check("memory", "ok", found)


def _allowed_bytes() -> float:
    """What the control group of this process may have (cgroup v2), as systemd's MemoryMax= sets it."""
    allowed = float("inf")
    with suppress(OSError, ValueError):
        for line in Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                limit = Path(f"/sys/fs/cgroup{path}/memory.max").read_text(encoding="ascii")
                allowed = float("inf") if limit.strip() == "max" else float(limit)
    return allowed


def _size_gb(settings: Settings) -> float:
    """A model's size on disk, which is about what it takes of memory; 0 if it is not here."""
    with suppress(CallqaError, OSError):
        path = resolve(settings.model).path
        files = path.rglob("*") if path.is_dir() else [path]
        return sum(file.stat().st_size for file in files if file.is_file()) / GB
    return 0.0


def room(name: str, folder: Path) -> Check:
    """Whether a folder, or the one it would be made in, can be written and has room."""
    there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
    if not there.is_dir():
        to_do = "Take it away, or give another (--out, CALLQA_CACHE)."
        return Check(name, "problem", f"{folder}: there is a file in its place", to_do)
    try:
        free = shutil.disk_usage(there).free / GB
    except OSError as error:
        return Check(name, "problem", f"{folder}: {error.strerror}", "Mount it, or give another.")
    found = f"{folder}: {free:.1f} GB free"
    if not os.access(there, os.W_OK | os.X_OK):
        to_do = "Correct its permissions, or give another (--out, CALLQA_CACHE)."
        return Check(name, "problem", f"{folder}: cannot be written", to_do)
    if free < NO_ROOM_GB:
        return Check(name, "problem", found, "Free some space.")
    if free < LITTLE_ROOM_GB:
        return Check(name, "warning", found, "Free some space before long.")
    return Check(name, "ok", found)


def model(settings: Settings) -> Check:
    try:
        weights = resolve(settings.model)
    except CallqaError as error:
        return _wrong("model", error)
    return Check("model", "ok", f"{weights.name}: SHA-256 {weights.sha256[:12]}… in {weights.path}")


def speakers() -> Check:
    """The models that tell voices apart: nothing is heard without them."""
    try:
        return Check("speakers", "ok", f"both files as they should be in {checked_folder()}")
    except CallqaError as error:
        return _wrong("speakers", error)


def hearing(settings: Settings) -> Check:
    """Load everything and transcribe a second of sound."""
    began = perf_counter()
    try:
        engine = load_listener(settings).engine
        loaded = perf_counter()
        engine.transcribe([np.zeros(SAMPLE_RATE, np.float32)])
    except CallqaError as error:
        return _wrong("hearing", error)
    except (
        RuntimeError
    ) as error:  # CTranslate2 and torch have no other for a driver that is missing
        to_do = "Give --device cpu, or mend the GPU's driver."
        return Check("hearing", "problem", str(error).splitlines()[0], to_do)
    took = f"{loaded - began:.1f} s to load, {perf_counter() - loaded:.1f} s for a second of sound"
    return Check("hearing", "ok", f"{engine.name}: {took}")


def gpu(settings: Settings) -> Check:
    used = "float16 on the GPU" if on_gpu(settings) else "int8 on the CPU"
    seen, by_torch = ctranslate2.get_cuda_device_count(), torch.cuda.is_available()
    found = f"{seen} for CTranslate2, {'one' if by_torch else 'none'} for torch; {used}"
    if bool(seen) != by_torch:
        to_do = "Both are needed on a GPU: install torch for its CUDA, or give --device cpu."
        return Check("GPU", "warning", found, to_do)
    return Check("GPU", "ok", found)


def codecs() -> Check:
    missing = [name for name, decoders in CODECS.items() if not all(map(_decodes, decoders))]
    if missing:
        to_do = "Recordings in them cannot be heard: install PyAV from its own wheel."
        return Check("codecs", "warning", f"FFmpeg lacks {', '.join(missing)}", to_do)
    return Check("codecs", "ok", f"{', '.join(CODECS)} by PyAV {av.__version__}")


def _decodes(codec: str) -> bool:
    try:
        av.codec.Codec(codec, "r")
    except ValueError:  # UnknownCodecError
        return False
    return True


def rules(standard: Path) -> Check:
    try:
        found = load_standard(standard)
    except CallqaError as error:
        return _wrong("standard", error)
    clauses = len(found.model.clauses)
    return Check("standard", "ok", f"{found.model.id}: {clauses} clauses, {found.sha256[:12]}…")


def store(url: str, out: Path) -> Check:
    try:
        found = standing(url, out)
    except StoreError as error:
        return _wrong("store", error)
    return _store_check(found)


def _store_check(found: Standing) -> Check:
    name = f"{found.kind}, {found.shown}"
    if not found.known:
        to_do = "Use the callqa that wrote it, or another store."
        return Check("store", "problem", f"{name}: tables of version {found.revision}", to_do)
    if found.revision is None:
        return Check("store", "ok", f"{name}: none yet; the first run makes it")
    if found.revision != found.newest:
        old = f"{name}: tables of version {found.revision}, of {found.newest}"
        return Check("store", "ok", f"{old}; the next run brings them up to date")
    told = (
        f"{name}: version {found.revision}, {found.in_hand} recordings in hand, {found.left_behind} "
        f"left by a run that was killed, {found.failures} failed, {found.set_aside} set aside"
    )
    hints = []
    if found.left_behind:
        hints.append("The next run hears what was left, each in a process apart.")
    if found.set_aside:
        hints.append("See `callqa failures`.")
    if hints:
        return Check("store", "warning", told, " ".join(hints))
    return Check("store", "ok", told)


def telemetry() -> Check:
    on = [name for name, off in SILENCED.items() if os.environ.get(name) != off]
    if on:
        wanted = " ".join(f"{name}={SILENCED[name]}" for name in on)
        return Check("telemetry", "problem", f"not switched off: {', '.join(on)}", f"Set {wanted}.")
    return Check("telemetry", "ok", "switched off in onnxruntime, huggingface_hub and Ray")


def ray() -> Check:
    if importlib.util.find_spec("ray") is None:
        return Check("Ray", "ok", "not installed; only --executor ray needs it")
    return Check("Ray", "ok", importlib.metadata.version("ray"))


def fonts() -> Check:
    """What a browser needs that prints the report on this machine; callqa draws no pictures itself."""
    found: list[str] = []
    if program := shutil.which("fc-list"):
        with suppress(OSError, subprocess.TimeoutExpired):
            listed = subprocess.run(
                [program, ":lang=zh", "family"],
                capture_output=True,
                text=True,
                timeout=10,
                check=False,
            )
            found = sorted({line.split(",")[0] for line in listed.stdout.splitlines() if line})
    if found:
        return Check("fonts", "ok", f"{found[0]} and {len(found) - 1} more with Chinese characters")
    return Check(
        "fonts",
        "warning",
        "fc-list finds none with Chinese characters",
        "Needed only to print or picture reports here; Debian: apt-get install fonts-noto-cjk.",
    )


def _wrong(name: str, error: CallqaError) -> Check:
    return Check(
        name, "problem", f"{error.where}: {error.got}; expected {error.expected}", error.hint
    )
