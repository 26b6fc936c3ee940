"""Whisper on CTranslate2, through faster-whisper: int8 on a CPU, float16 on a GPU."""

from __future__ import annotations

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from pipeline.errors import WeightsError
from pipeline.listen.audio import FloatArray
from pipeline.models import Weights
from pipeline.records import Span, Word
from pipeline.settings import Settings

SAMPLES_A_FRAME = 160 * 2
"""The encoder's output advances 20 ms a frame: hop of 160 samples, then a convolution of stride 2."""


class FasterWhisper:
    """See :class:`pipeline.listen.engines.Engine`."""

    name = "faster-whisper"

    def __init__(self, weights: Weights, settings: Settings) -> None:
        self._settings = settings
        cuda = settings.device == "cuda" or (
            settings.device == "auto" and ctranslate2.get_cuda_device_count() > 0
        )
        try:
            self._model = WhisperModel(
                str(weights.path),
                device="cuda" if cuda else "cpu",
                compute_type="float16" if cuda else "int8",
                cpu_threads=settings.threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError) as error:
            raise WeightsError(
                str(weights.path),
                f"CTranslate2 cannot load it ({error})",
                "a Whisper model converted for CTranslate2",
                "Fetch or convert it again; with a GPU, check that its driver is there.",
            ) from error
        self._tokenizer = Tokenizer(
            self._model.hf_tokenizer,
            self._model.model.is_multilingual,
            task="transcribe",
            language=settings.language,
        )

    def transcribe(self, samples: FloatArray) -> tuple[Word, ...]:
        segments, _ = self._model.transcribe(
            samples,
            language=self._settings.language,
            beam_size=self._settings.beam_size,
            initial_prompt=None,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
        )
        return tuple(
            Word(
                word.word, Span.of_seconds(word.start, word.end), round(float(word.probability), 4)
            )
            for segment in segments
            for word in segment.words or ()
        )

    def decoded_tokens(self, samples: FloatArray) -> tuple[int, ...]:
        result = self._model.model.generate(
            self._encode(samples),
            [[*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps]],
            beam_size=self._settings.beam_size,
        )[0]
        return tuple(token for token in result.sequences_ids[0] if token < self._tokenizer.eot)

    def encode_text(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text))

    def token_log_probs(
        self, samples: FloatArray, sequences: tuple[tuple[int, ...], ...]
    ) -> tuple[tuple[float, ...], ...]:
        encoded = np.repeat(np.asarray(self._encode(samples)), len(sequences), axis=0)
        aligned = self._model.model.align(
            ctranslate2.StorageView.from_array(encoded),
            self._tokenizer.sot_sequence,
            [list(sequence) for sequence in sequences],
            samples.size // SAMPLES_A_FRAME,
        )
        return tuple(
            tuple(float(value) for value in np.log(np.maximum(result.text_token_probs, 1e-10)))
            for result in aligned
        )

    def _encode(self, samples: FloatArray) -> ctranslate2.StorageView:
        features = self._model.feature_extractor(samples)
        wanted = self._model.feature_extractor.nb_max_frames
        features = features[:, :wanted]
        features = np.pad(features, [(0, 0), (0, wanted - features.shape[1])])
        return self._model.encode(features.astype(np.float32))
