"""Stand-ins for the models: an engine that says what a test gives it, ears that always hear."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep

import pytest

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.diarization import Turn
from pipeline.listen.engines import Reading
from pipeline.listen.listen import Listener, provenance_of
from pipeline.listen.speech import Activity
from pipeline.models import Weights
from pipeline.records import Span, Utterance, Voice, Word
from pipeline.settings import Settings


def spoken(text: str, start_ms: int, end_ms: int, probability: float = 0.9) -> tuple[Word, ...]:
    """The text's characters as words, evenly spread."""
    step = (end_ms - start_ms) / len(text)
    return tuple(
        Word(char, Span(round(start_ms + i * step), round(start_ms + (i + 1) * step)), probability)
        for i, char in enumerate(text)
    )


class UnlikelyReader:
    """Finds no wording likely."""

    def __init__(self) -> None:
        self._nodes = 0

    def grow(self, parents: Sequence[int], tokens: Sequence[int]) -> tuple[int, ...]:
        first = self._nodes + 1
        self._nodes += len(tokens)
        return tuple(range(first, first + len(tokens)))

    def log_probs(self, nodes: Sequence[int], tokens: Sequence[int]) -> tuple[float, ...]:
        return (-9.0,) * len(tokens)


@dataclass
class ScriptedEngine:
    """Answers each window in turn with the next of ``lines``, with nothing when they are used up.

    ``heard_ms`` keeps how long each window was, ``careful_ms`` those that were to be read with care.
    """

    lines: list[tuple[Word, ...] | Reading] = field(default_factory=list)
    heard_ms: list[int] = field(default_factory=list)
    careful_ms: list[int] = field(default_factory=list)
    name: str = "faster-whisper"
    end_of_text: int = 0

    def transcribe(
        self, windows: Sequence[FloatArray], *, careful: bool = False
    ) -> tuple[Reading, ...]:
        return tuple(self._read(samples, careful) for samples in windows)

    def _read(self, samples: FloatArray, careful: bool) -> Reading:
        heard_ms = samples.size * 1000 // SAMPLE_RATE
        (self.careful_ms if careful else self.heard_ms).append(heard_ms)
        line = self.lines.pop(0) if self.lines else ()
        return line if isinstance(line, Reading) else Reading(line, -0.1)

    def encode_text(self, text: str) -> tuple[int, ...]:
        return tuple(ord(char) for char in text)

    def reader(self, samples: FloatArray) -> UnlikelyReader:
        return UnlikelyReader()

    def silent_reader(self) -> UnlikelyReader:
        return UnlikelyReader()


class AlwaysSpeech:
    """Takes the whole recording for speech."""

    def heard(self, samples: FloatArray) -> Activity:
        return Activity((Span(0, samples.size * 1000 // SAMPLE_RATE),), ())


class NoProsody:
    """Measures nothing."""

    def measure(self, utterance: Utterance, index: int, *_: object) -> Voice | None:
        return None

    def voiced_share(self, *_: object) -> float:
        return 0.0


class OneSpeaker:
    """Tells nobody apart."""

    def turns(self, samples: FloatArray, speech: tuple[Span, ...]) -> tuple[Turn, ...]:
        return tuple(Turn(span, 0) for span in speech)


class Repeating(ScriptedEngine):
    """Says the same in every window: each recording is then heard alike, in any order."""

    def __init__(self, text: str, on_window: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self._text, self._on_window = text, on_window

    def _read(self, samples: FloatArray, careful: bool) -> Reading:
        super()._read(samples, careful)
        self._on_window()
        return Reading(spoken(self._text, 100, samples.size * 1000 // SAMPLE_RATE - 100), -0.1)


def press_ctrl_c(once: Callable[[], bool], signal_sent: int = signal.SIGINT) -> None:
    """Interrupt the program as soon as something holds, and keep its worker busy until it is given up."""
    while not once():
        sleep(0.01)
    os.kill(os.getpid(), signal_sent)
    while True:
        sleep(0.01)


WEIGHTS = Weights("base", Path("/nowhere"), "ctranslate2", "0" * 64)


def fake_models(patch: pytest.MonkeyPatch, engine: ScriptedEngine) -> None:
    """Let a night be heard by ``engine``, with weights that nobody has to read."""
    patch.setattr("pipeline.work.resolve", lambda _: WEIGHTS)
    patch.setattr("pipeline.work.load_listener", lambda wanted: fake_listener(wanted, engine))


def fake_listener(settings: Settings, engine: ScriptedEngine) -> Listener:
    """A listener without models that says it is the one the settings ask for."""
    provenance = provenance_of(settings, engine.name, WEIGHTS)
    return Listener(engine, AlwaysSpeech(), NoProsody(), OneSpeaker(), provenance)  # type: ignore[arg-type]
