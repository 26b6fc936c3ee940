"""A night with fake models in a process of its own, to be killed at any moment.

Processes are forked from one that has everything loaded, so that hundreds of nights take a minute.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from time import sleep

import pytest

from pipeline.batch import Night, score_folder
from pipeline.errors import StoreError
from pipeline.judge.load import Standard, load_standard
from pipeline.listen.container import Events, Source, unpacked
from pipeline.local import Threads
from pipeline.settings import Settings, default_standard
from pipeline.store import Store
from pipeline.work import Ears, Worker
from tests.fakes import Repeating, fake_models
from tests.sound import hiss, pcm, wave

SAID = "您好，翠湖花園物業管理處，請問有什麼可以幫到您？再見。"


def recordings(folder: Path, count: int) -> Path:
    """So many recordings of two channels, half a second each, no two alike."""
    folder.mkdir()
    for seed in range(count):
        sides = hiss(1, seed=seed).reshape(-1, 2)
        (folder / f"{seed:03}.wav").write_bytes(wave(pcm(sides), channels=2))
    return folder


def _unpacked_here(source: Source, seconds: int) -> Events:
    source.stream.seek(0)  # who asks has looked at the header meanwhile
    yield from unpacked(source)


class Nights:
    """Runs of one folder on one store; ``heard`` is a file that grows by a line a window heard."""

    def __init__(self, folder: Path, url: str, heard: Path, window_s: float = 0.0) -> None:
        self.folder, self.url, self.heard, self.window_s = folder, url, heard, window_s
        self.on_window: Callable[[], None] = lambda: None
        self.standard: Standard = load_standard(default_standard())

    def here(self, out: Path, threads: int = 2) -> Night:
        """A whole night, in this process."""
        with pytest.MonkeyPatch.context() as patch:
            fake_models(patch, Repeating(SAID, self._on_window))
            # a decoder in a process apart takes longer to start than these nights last
            patch.setattr("pipeline.listen.audio.unpacked_apart", _unpacked_here)
            settings = Settings(threads=threads)
            # the fakes would not be in a process that is not forked
            apart = Threads(Worker(self.standard, Ears(settings)), 1)
            with Store(self.url) as store:
                return score_folder(
                    self.folder, out, self.standard, store, settings, apart=apart
                )  # fmt: skip

    def begun(self, out: Path) -> int:
        """A night in a forked process; gives its number. Its exit code is 0 when all went well, 2 when
        the store stopped it.
        """
        child = os.fork()
        if child:
            return child
        code = 1
        try:
            self.here(out)
            code = 0
        except StoreError:
            code = 2
        finally:
            os._exit(code)

    def killed(self, out: Path, windows: int, after_s: float) -> bool:
        """A night that is killed so long after it heard so many windows; whether it was over before."""
        heard = self.windows()
        child = self.begun(out)
        over = False
        while not over and self.windows() < heard + windows:
            sleep(0.001)
            over = bool(os.waitpid(child, os.WNOHANG)[0])
        sleep(after_s)
        if over or os.waitpid(child, os.WNOHANG)[0]:
            return True
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return False

    def windows(self) -> int:
        """How many windows were heard so far."""
        return self.heard.stat().st_size if self.heard.exists() else 0

    def _on_window(self) -> None:
        sleep(self.window_s)
        with self.heard.open("ab") as file:
            file.write(b".")
        self.on_window()
