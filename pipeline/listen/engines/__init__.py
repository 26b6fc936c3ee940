"""Whisper behind one Protocol.

An engine turns windows of at most 30 s of one channel into timed words, and can say how likely
given wordings are in such a window (forced decoding, for spotting). Two engines, same weights:
``faster-whisper`` (CTranslate2; the default) and ``openai-whisper`` (PyTorch; the reference).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.errors import UsageError
from pipeline.listen.audio import FloatArray
from pipeline.models import Weights
from pipeline.records import Word
from pipeline.settings import Settings

ENGINES = ("faster-whisper", "openai-whisper")

NEUTRAL_PROMPT = "以下是普通話的電話對話。"
"""Asks for Mandarin with punctuation. It holds none of the phrases a standard demands: a prompt that
does would make Whisper hear them."""


CAREFUL_BEAM = 5
"""Hypotheses kept on the careful path, as OpenAI's own command line keeps."""

SILENCE_MS = 1_500
"""Silence in which a wording is read to see what Whisper expects unheard."""


class Reader(Protocol):
    """One window of sound, encoded once, that tells how likely given readings of it are.

    Readings form a tree of tokens. Node 0 is the start of text; a node stands for the text on the
    way from there to it.
    """

    def grow(self, parents: Sequence[int], tokens: Sequence[int]) -> tuple[int, ...]:
        """Add a node for each token, below its parent; their numbers count on from the last.

        A parent may be a node of the same call that stands before its child.
        """
        ...

    def log_probs(self, nodes: Sequence[int], tokens: Sequence[int]) -> tuple[float, ...]:
        """Natural-log probability of each token, had the window been read up to its node.

        Among the tokens that a Mandarin transcript is made of.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What one window says: ``words`` with times in ms from its start, and how sure the decoder was.

    ``log_prob`` is the mean natural-log probability of its tokens; 0 where there is none.
    """

    words: tuple[Word, ...]
    log_prob: float


class Engine(Protocol):
    """Loaded Whisper weights; may be used by several threads at once."""

    name: str

    @property
    def end_of_text(self) -> int:
        """The token that ends a text."""
        ...

    def transcribe(
        self, windows: Sequence[FloatArray], *, careful: bool = False
    ) -> tuple[Reading, ...]:
        """What each window says: shape (n,), 16 kHz, at most 30 s.

        Few are asked for at a time: the sequence may make them as they are.
        ``careful`` takes longer, and goes wrong less often.
        """
        ...

    def encode_text(self, text: str) -> tuple[int, ...]:
        """The text as tokens, as they would follow other text."""
        ...

    def reader(self, samples: FloatArray) -> Reader:
        """Encode one window, as short as it is: shape (n,), 16 kHz, at most 30 s."""
        ...

    def silent_reader(self) -> Reader:
        """A reader of ``SILENCE_MS`` without sound, which is encoded once and for all."""
        ...


def on_gpu(settings: Settings) -> bool:
    """Whether CTranslate2, which does most of the work, runs on a GPU."""
    if settings.device != "auto":
        return settings.device == "cuda"
    import ctranslate2

    return bool(ctranslate2.get_cuda_device_count() > 0)


def engine_of(settings: Settings, weights: Weights) -> str:
    """The name of the engine that the settings ask for, or that reads weights of this form fastest."""
    if settings.engine != "auto":
        return settings.engine
    return "faster-whisper" if weights.form == "ctranslate2" else "openai-whisper"


def load_engine(settings: Settings, weights: Weights) -> Engine:
    """The engine the settings name, holding these weights.

    Raises:
        UsageError: an unknown engine, or one that cannot read weights of this form.
    """
    name = engine_of(settings, weights)
    if name == "faster-whisper":
        if weights.form != "ctranslate2":
            raise UsageError(
                str(weights.path),
                "a .pt checkpoint",
                "a CTranslate2 folder for --engine faster-whisper",
                "Use --engine openai-whisper with .pt files.",
            )
        from pipeline.listen.engines.faster_whisper import FasterWhisper

        return FasterWhisper(weights, settings)
    if name == "openai-whisper":
        from pipeline.listen.engines.openai_whisper import OpenAIWhisper

        return OpenAIWhisper(weights, settings)
    raise UsageError(
        "--engine",
        repr(settings.engine),
        f"auto or one of {', '.join(ENGINES)}",
        "Correct the name.",
    )
