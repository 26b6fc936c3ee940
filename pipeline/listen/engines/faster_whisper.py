"""Whisper on CTranslate2, through faster-whisper: int8 on a CPU, float16 on a GPU.

Forced decoding runs on PyTorch (forced.py), in int8 too, on the sound that CTranslate2 encoded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from threading import Lock

import ctranslate2
import numpy as np
import tokenizers
import torch
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.tokenizer import Tokenizer

from pipeline.errors import WeightsError
from pipeline.heap import give_back_memory
from pipeline.listen.audio import SAMPLE_RATE, FloatArray, silence
from pipeline.listen.engines import CAREFUL_BEAM, SILENCE_MS, Reading, on_gpu
from pipeline.listen.engines.alignment import timed_words
from pipeline.listen.engines.forced import HOP, Decoder, Rivals, TokenTree, load_decoder
from pipeline.listen.engines.vocabulary import write_mandarin_model
from pipeline.listen.guard import has_loop
from pipeline.models import Weights
from pipeline.settings import Settings

WINDOW_SAMPLES = 30 * SAMPLE_RATE
"""What Whisper was trained on, and the most it takes."""

TAIL_MS = 1_000
"""Silence behind a window: without it the last words are lost."""

CAREFUL_MS = 10_000
"""A careful reading is not given less. Whisper was trained on 30 s: on much less it loops or breaks off. All
of 30 s would cost a fifth of all transcription and changes no more than one character in five hundred."""

BATCH = 8
"""Windows made as long as the longest of them. On a GPU they are decoded together."""

AT_ONCE = 4
"""Those decoded together on a CPU. What the decoder keeps of 24 s of sound is 45 MB, and most of a step's
time goes into reading it: 8 at once are no faster."""

UNREPEATED = 8
"""A careful reading that loops, of a window that Whisper without care never ends, is made anew, and so many
tokens in a row stand in that no second time. In two of the three of 108 composed calls whose loops care alone
did not end Whisper then goes on with what was said; in the third it loops with small changes. Other readings
may repeat, as people do who say 「好的，謝謝。」 to everything."""

TOKENS_A_SECOND = 10
SPARE_TOKENS = 20
MOST_TOKENS = 224
"""The most a window may say: a fast speaker's eight syllables a second are about as many tokens. Whisper
itself stops at half its context of 448."""


def _check_texts(folder: Path) -> None:
    """That both texts hold what is asked of them, since libraries fail without a name over others.

    Raises:
        ValueError: one does not
    """
    for name, key in (("config.json", None), ("tokenizer.json", "model")):
        content = json.loads((folder / name).read_bytes())
        if not isinstance(content, dict) or (key and not isinstance(content.get(key), dict)):
            raise ValueError(f"{name} is that of something else")


@dataclass(frozen=True, slots=True)
class _Text:
    """What was decoded of a window: tokens of the Mandarin vocabulary, and their mean log probability."""

    ids: list[int]
    log_prob: float


class FasterWhisper:
    """See :class:`pipeline.listen.engines.Engine`."""

    name = "faster-whisper"

    def __init__(self, weights: Weights, settings: Settings) -> None:
        self._settings = settings
        self._folder = weights.path
        self._cuda = cuda = on_gpu(settings)
        self._loading = Lock()
        try:
            _check_texts(weights.path)
            with TemporaryDirectory(prefix="callqa-") as folder:
                self._vocabulary = write_mandarin_model(weights.path, Path(folder))
                self._model = ctranslate2.models.Whisper(
                    folder,
                    device="cuda" if cuda else "cpu",
                    compute_type="float16" if cuda else "int8",
                    # a recording is heard by one thread, and as many at once as there are cores
                    inter_threads=1 if cuda else settings.cores,
                    intra_threads=1,
                )
            tokenizer = tokenizers.Tokenizer.from_file(str(weights.path / "tokenizer.json"))
        except (RuntimeError, ValueError) as error:
            raise WeightsError(
                str(weights.path),
                f"CTranslate2 cannot load it ({error})",
                "a Whisper model converted for CTranslate2",
                "Fetch or convert it again; with a GPU, check that its driver is there.",
            ) from error
        except OSError as error:
            raise WeightsError(
                str(weights.path),
                f"its Mandarin part cannot be kept in {gettempdir()} ({error.strerror})",
                "some 150 MB for a moment",
                "Make room there, or set TMPDIR to another folder.",
            ) from error
        self._tokenizer = Tokenizer(tokenizer, True, task="transcribe", language=settings.language)
        self._extractor = FeatureExtractor(feature_size=self._model.n_mels)
        inside = self._vocabulary.inside
        self._start = inside(self._tokenizer.sot_sequence)
        self._end, self._no_timestamps = inside(
            [self._tokenizer.eot, self._tokenizer.no_timestamps]
        )

    def transcribe(
        self, windows: Sequence[FloatArray], *, careful: bool = False
    ) -> tuple[Reading, ...]:
        """Encode each window as short as it is, then decode those of like length together."""
        frames = [_frames(_size(samples, careful)) for samples in windows]
        order = sorted(range(len(windows)), key=lambda index: -frames[index])
        readings: dict[int, Reading] = {}
        for first in range(0, len(order), BATCH):
            if first:
                # what batches free lies in pieces that the next, of other lengths, does not fit into
                give_back_memory()
            batch = order[first : first + BATCH]
            features = [self._features(windows[index], careful) for index in batch]
            together = self._decode(features, careful)
            readings |= dict(zip(batch, together, strict=True))
        return tuple(readings[index] for index in range(len(windows)))

    def _features(self, samples: FloatArray, careful: bool) -> FloatArray:
        """Log-mel energies of a window and the silence behind it, shape (mels, frames)."""
        return self._mel(np.pad(samples, (0, _size(samples, careful) - samples.size)))

    def _mel(self, samples: FloatArray) -> FloatArray:
        features = self._extractor(samples, padding=0)[:, : _frames(samples.size)]
        return np.ascontiguousarray(features, np.float32)

    def _decode(self, features: Sequence[FloatArray], careful: bool) -> Iterator[Reading]:
        """Windows with their log-mel energies, the longest first -> what they say."""
        longest_s = features[0].shape[1] * HOP / SAMPLE_RATE
        most = min(MOST_TOKENS, round(longest_s * TOKENS_A_SECOND) + SPARE_TOKENS)
        frames = iter(one.shape[1] for one in features)
        for encoded in self._encode_together(features):
            yield from self._read(encoded, [*islice(frames, encoded.shape[0])], careful, most)

    def _read(
        self,
        encoded: ctranslate2.StorageView,
        frames: Sequence[int],
        careful: bool,
        most_tokens: int,
    ) -> Iterator[Reading]:
        beam_size = CAREFUL_BEAM if careful else self._settings.beam_size
        texts = self._texts(encoded, beam_size, most_tokens)
        if careful and any(map(self._is_looped, texts)):
            texts = self._unlooped(texts, encoded, most_tokens)
        aligned = self._model.align(
            encoded, self._start, [text.ids for text in texts], frames, median_filter_width=7
        )
        for text, times in zip(texts, aligned, strict=True):
            tokens = self._vocabulary.outside(text.ids)
            yield Reading(timed_words(tokens, times, self._tokenizer), text.log_prob)

    def _unlooped(
        self, texts: Sequence[_Text], encoded: ctranslate2.StorageView, most_tokens: int
    ) -> list[_Text]:
        """Careful readings, each that loops, and without care would not end, made anew."""
        endless = [
            len(without_care.ids) >= most_tokens and self._is_looped(without_care)
            for without_care in self._texts(encoded, 1, most_tokens)
        ]
        if not any(endless):
            return [*texts]
        anew = self._texts(encoded, CAREFUL_BEAM, most_tokens, unrepeated=UNREPEATED)
        return [
            other if loops and self._is_looped(text) and other.ids else text
            for text, other, loops in zip(texts, anew, endless, strict=True)
        ]

    def _texts(
        self,
        encoded: ctranslate2.StorageView,
        beam_size: int,
        most_tokens: int,
        *,
        unrepeated: int = 0,
    ) -> list[_Text]:
        results = self._model.generate(
            encoded,
            [[*self._start, self._no_timestamps]] * encoded.shape[0],
            beam_size=beam_size,
            no_repeat_ngram_size=unrepeated,
            max_length=2 * most_tokens,  # CTranslate2 stops at half of it
            return_scores=True,
        )
        return [
            _Text(
                [token for token in result.sequences_ids[0] if token < self._end],
                float(result.scores[0]),
            )
            for result in results
        ]

    def _is_looped(self, text: _Text) -> bool:
        return has_loop(self._tokenizer.decode(self._vocabulary.outside(text.ids)))

    def _encode_together(self, features: Sequence[FloatArray]) -> Iterator[ctranslate2.StorageView]:
        """The encoder's output for windows, the longest first, shape (windows, frames, width).

        On a CPU each is encoded as short as it is, and its last frame, which is silence, stands for
        what it lacks: the cost of encoding grows with the square of the length. Few come at a time.
        """
        longest = features[0].shape[1]
        if self._cuda:
            padded = [
                np.pad(one, ((0, 0), (0, longest - one.shape[1])), constant_values=one.min())
                for one in features
            ]
            yield self._model.encode(ctranslate2.StorageView.from_array(np.stack(padded)))
            return
        for first in range(0, len(features), AT_ONCE):
            if first:
                give_back_memory()
            encoded = [self._encoded(one) for one in features[first : first + AT_ONCE]]
            filled = [
                np.pad(one, ((0, longest // 2 - len(one)), (0, 0)), mode="edge") for one in encoded
            ]
            yield ctranslate2.StorageView.from_array(np.stack(filled))

    def _encoded(self, features: FloatArray) -> FloatArray:
        """The encoder's output for one window, shape (frames, width)."""
        view = ctranslate2.StorageView.from_array(features[np.newaxis])
        encoded: FloatArray = np.array(self._model.encode(view), np.float32)[0]
        return encoded

    @property
    def end_of_text(self) -> int:
        return int(self._tokenizer.eot)

    def encode_text(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text))

    def reader(self, samples: FloatArray) -> TokenTree:
        return self._tree(self._encode(samples))

    def silent_reader(self) -> TokenTree:
        return self._tree(self._silence)

    def _tree(self, sound: torch.Tensor) -> TokenTree:
        start = (*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps)
        with self._loading:  # once, whichever threads ask first
            decoder, rivals = self._decoder, self._rivals
        return TokenTree(decoder, sound, start, rivals)

    def _encode(self, samples: FloatArray) -> torch.Tensor:
        # no padding to 30 s: forced decoding needs none, and encoding is nearly all of its cost
        encoded = torch.from_numpy(self._encoded(self._mel(samples))[np.newaxis])
        return encoded.to("cuda" if self._cuda else "cpu")

    @cached_property
    def _silence(self) -> torch.Tensor:
        return self._encode(silence(SILENCE_MS))

    @cached_property
    def _decoder(self) -> Decoder:
        """The same weights' decoder on PyTorch, loaded when first asked: most calls need no reader."""
        decoder = load_decoder(
            self._folder, int8=not self._cuda, device="cuda" if self._cuda else "cpu"
        )
        give_back_memory()  # for a moment the weights were there twice
        return decoder

    @cached_property
    def _rivals(self) -> Rivals:
        return Rivals.of(self._decoder)


def _size(samples: FloatArray, careful: bool) -> int:
    """Samples of a window with the silence behind it."""
    size = samples.size + TAIL_MS * SAMPLE_RATE // 1000
    least = CAREFUL_MS * SAMPLE_RATE // 1000 if careful else 0
    return min(max(size, least), WINDOW_SAMPLES)


def _frames(size: int) -> int:
    """Frames of features in so many samples; an even number, since the encoder halves it."""
    return size // (2 * HOP) * 2
