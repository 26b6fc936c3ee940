"""Voice activity on real speech, on silence, on tones and on music, with the real models."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.speech import VoiceActivity, without
from pipeline.records import Span
from pipeline.settings import PACKAGE
from tests.sound import hiss, samples_of, silence

SAMPLES = PACKAGE.parent / "samples"


@pytest.fixture(scope="module")
def activity() -> VoiceActivity:
    return VoiceActivity()


def sides(file: str) -> FloatArray:
    return samples_of(SAMPLES / "recordings" / file)


def turns(file: str, *roles: str) -> list[Span]:
    """When each role truly sounds."""
    with (SAMPLES / "turns.csv").open(encoding="utf-8") as stream:
        return [
            Span.of_seconds(float(row["start_s"]), float(row["end_s"]))
            for row in csv.DictReader(stream)
            if row["file"] == file and row["role"] in roles
        ]


def covered(spans: list[Span], by: tuple[Span, ...]) -> float:
    total = sum(span.duration_ms for span in spans)
    return sum(span.overlap_ms(one) for span in spans for one in by) / total


@pytest.mark.parametrize(("channel", "role"), [(0, "agent"), (1, "customer")])
def test_what_each_side_says_is_found_and_little_else(
    activity: VoiceActivity, channel: int, role: str
) -> None:
    file = "07_quarrel.wav"
    found = activity.speech(sides(file)[channel])
    said = turns(file, role)
    assert covered(said, found) > 0.95
    others = [span for span in found if not any(span.overlap_ms(turn) for turn in said)]
    tones = turns(file, "ring", "busy")
    assert all(any(span.overlap_ms(tone) for tone in tones) for span in others)


def test_hold_music_is_found_and_speech_is_none(activity: VoiceActivity) -> None:
    file = "02_noise_complaint.mp3"
    found = activity.music(sides(file)[1])
    played = turns(file, "music")
    assert covered(played, found) > 0.9
    assert covered(list(found), tuple(span.padded(500, 500) for span in played)) > 0.9


@pytest.mark.parametrize("samples", [silence(10, SAMPLE_RATE), np.zeros(100, np.float32)])
def test_in_silence_there_is_neither(activity: VoiceActivity, samples: FloatArray) -> None:
    assert (activity.speech(samples), activity.music(samples)) == ((), ())


def test_the_noise_of_a_line_is_no_speech(activity: VoiceActivity) -> None:
    assert activity.speech(hiss(10, SAMPLE_RATE, level=0.003)) == ()


@pytest.mark.parametrize(
    ("spans", "others", "left"),
    [
        ((Span(0, 10),), (), (Span(0, 10),)),
        ((Span(0, 10),), (Span(0, 10),), ()),
        ((Span(0, 10),), (Span(-5, 3), Span(8, 20)), (Span(3, 8),)),
        ((Span(0, 10), Span(20, 30)), (Span(5, 25),), (Span(0, 5), Span(25, 30))),
        ((Span(0, 10),), (Span(10, 20),), (Span(0, 10),)),
    ],
)
def test_spans_are_taken_out_of_spans(
    spans: tuple[Span, ...], others: tuple[Span, ...], left: tuple[Span, ...]
) -> None:
    assert without(spans, others) == left
