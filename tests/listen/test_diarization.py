"""Who speaks when on a mono call: with the real weights on a sample, and its joints one by one."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.listen.audio import SAMPLE_RATE, FloatArray, decode, silence
from pipeline.listen.diarization import Diarizer, Networks, Turn
from pipeline.listen.segmentation import FRAME_SAMPLES, LOCAL_VOICES, Activity
from pipeline.listen.speech import VoiceActivity
from pipeline.records import Span
from tests.sound import samples_of

SAMPLES = Path(__file__).parents[2] / "samples"
MONO = "05_person_is_out.mp3"
SAME_SEX = "12_office_engineering.wav"


@pytest.fixture(scope="module")
def diarizer() -> Diarizer:
    return Diarizer()


def composed(file: str) -> list[tuple[str, Span]]:
    with (SAMPLES / "turns.csv").open(encoding="utf-8") as stream:
        return [
            (row["role"], Span.of_seconds(float(row["start_s"]), float(row["end_s"])))
            for row in csv.DictReader(stream)
            if row["file"] == file and row["role"] in ("agent", "customer")
        ]


@pytest.mark.parametrize("file", [MONO, SAME_SEX])
def test_a_mono_call_is_told_apart_to_a_third_of_a_second(diarizer: Diarizer, file: str) -> None:
    samples = np.clip(samples_of(SAMPLES / "recordings" / file).sum(0), -1, 1)
    turns = diarizer.turns(samples, VoiceActivity().speech(samples))
    for role, span in composed(file):
        speaker = 0 if role == composed(file)[0][0] else 1
        own = [turn.span for turn in turns if turn.speaker == speaker]
        assert min(abs(one.start_ms - span.start_ms) for one in own) <= 300
        assert min(abs(one.end_ms - span.end_ms) for one in own) <= 300
    assert {turn.speaker for turn in turns} == {0, 1}


def test_one_side_of_a_call_is_one_voice(diarizer: Diarizer) -> None:
    samples = decode(SAMPLES / "recordings" / SAME_SEX).samples[0]
    turns = diarizer.turns(samples, VoiceActivity().speech(samples))
    assert {turn.speaker for turn in turns} == {0}


def test_silence_has_no_turns(diarizer: Diarizer) -> None:
    assert diarizer.turns(silence(12_000), ()) == ()


class Scripted:
    """Segmentation that hears what a test says, its local voices named anew in every window."""

    def __init__(self, activity: Activity) -> None:
        self._activity = activity

    def windows(self, samples: FloatArray, step_ms: int) -> Iterator[tuple[int, Activity]]:
        for number, first in enumerate(range(0, len(self._activity), 300)):
            names = np.roll(np.arange(LOCAL_VOICES), number)
            yield first * FRAME_SAMPLES, self._activity[first : first + 600][:, names]


class ByLevel:
    """A voice is how loud it is."""

    def embed(self, sounds: Iterable[FloatArray]) -> Iterator[FloatArray]:
        for sound in sounds:
            angle = 3 * float(np.abs(sound).mean())
            yield np.array([np.cos(angle), np.sin(angle)], np.float32)


def scripted(activity: Activity) -> Diarizer:
    return Diarizer(lambda: Networks(Scripted(activity), ByLevel()))  # type: ignore[arg-type]


def frame(ms: int) -> int:
    return ms * SAMPLE_RATE // 1000 // FRAME_SAMPLES


def test_voices_keep_their_name_across_windows() -> None:
    loud, quiet = np.full(SAMPLE_RATE * 20, 0.5, np.float32), np.float32(0.02)
    activity = np.zeros((frame(20_000), LOCAL_VOICES), np.float32)
    for start, voice in ((0, 0), (4000, 1), (8000, 0), (12_000, 1), (16_000, 0)):
        activity[frame(start + 100) : frame(start + 3900), voice] = 1
        if voice:
            loud[start * 16 : (start + 4000) * 16] = quiet
    turns = scripted(activity).turns(loud, (Span(0, 20_000),))
    assert [turn.speaker for turn in turns] == [0, 1, 0, 1, 0]


def test_a_change_the_segmentation_missed_is_found_at_a_pause() -> None:
    sound = np.full(SAMPLE_RATE * 20, 0.5, np.float32)
    activity = np.zeros((frame(20_000), LOCAL_VOICES), np.float32)
    for start in range(0, 20_000, 4000):
        activity[frame(start + 100) : frame(start + 3900), 0] = 1
    for start in (4000, 12_000):
        sound[start * 16 : (start + 4000) * 16] = 0.02
    sound[18_000 * 16 : 18_300 * 16] = 0
    sound[18_300 * 16 :] = 0.02 * np.sign(np.sin(np.arange(1_700 * 16)))
    turns = scripted(activity).turns(sound, (Span(0, 20_000),))
    assert [turn.speaker for turn in turns] == [0, 1, 0, 1, 0, 1]
    assert abs(turns[-1].span.start_ms - 18_150) < 100


def test_tones_have_no_speaker() -> None:
    activity = np.zeros((frame(12_000), LOCAL_VOICES), np.float32)
    activity[frame(1000) : frame(3000), 0] = activity[frame(6000) : frame(9000), 0] = 1
    turns = scripted(activity).turns(np.ones(SAMPLE_RATE * 12, np.float32), (Span(6000, 9000),))
    assert [(turn.speaker, turn.span.start_ms // 100) for turn in turns] == [(0, 60)]
    assert isinstance(turns[0], Turn)
