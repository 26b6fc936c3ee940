"""What a call holds of the sound itself, once it has been listened to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.listen.audio import decode
from pipeline.listen.diarization import Diarizer
from pipeline.listen.listen import hear_call, listen
from pipeline.listen.prosody import Prosody
from pipeline.listen.speech import VoiceActivity
from pipeline.records import CallRecord, Loudness, Recording, Span, Speech
from pipeline.settings import Settings
from tests.fakes import Repeating, fake_listener
from tests.sound import hiss, pcm, silence, wave

SAMPLES = Path(__file__).parents[2] / "samples" / "recordings"

RATE = 16_000
"""That of listening: resampling would smear the edges."""


def test_loudness_and_the_ends_of_voices_are_kept_with_the_call(tmp_path: Path) -> None:
    first = np.concatenate([hiss(1.0, RATE, level=0.1), hiss(1.0, RATE, level=0.001)])
    second = np.concatenate(
        [hiss(1.0, RATE, level=0.001), hiss(0.8, RATE, level=0.1, seed=8), silence(0.2, RATE)]
    )
    path = tmp_path / "a.wav"
    path.write_bytes(wave(pcm(np.stack([first, second], axis=1)), rate=RATE, channels=2))
    recording = Recording("0" * 64, "a.wav", path.stat().st_size, CallRecord("a.wav"))
    call = listen(recording, path, fake_listener(Settings(), Repeating("您好")))
    assert call.loudness == Loudness(500, ((-20, -20, -60, -60), (-60, -60, -20, -22)))
    assert call.speech == (
        Speech("unknown", 0, Span(0, 2_000), tail_ms=400),
        Speech("unknown", 1, Span(0, 2_000), tail_ms=200),
    )


@pytest.mark.parametrize("file", ["06_hold_without_return.wav", "16_angry_customer.mp3"])
def test_what_is_held_in_half_precision_is_reckoned_with_in_single(file: str) -> None:
    listener = replace(
        fake_listener(Settings(), Repeating("您好")),
        activity=VoiceActivity(),
        prosody=Prosody(),
        diarizer=Diarizer(),
    )
    recording = Recording("0" * 64, file, 1, CallRecord(file))
    sound = decode(SAMPLES / file)
    single = replace(sound, samples=sound.samples.astype(np.float32))
    assert hear_call(recording, sound, listener) == hear_call(recording, single, listener)
