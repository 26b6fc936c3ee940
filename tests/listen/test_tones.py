"""Ring and busy tones are named by pitch and cadence; speech and music are neither."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest

from pipeline.listen.audio import SAMPLE_RATE, decode
from pipeline.listen.tones import call_progress
from pipeline.settings import PACKAGE
from tests.sound import Samples, hiss, silence, tone


def line(*parts: Samples) -> Samples:
    """Parts one behind the other, over the noise of a line at -60 dBFS."""
    whole = np.concatenate(parts)
    return whole + hiss(whole.size / SAMPLE_RATE, SAMPLE_RATE, level=0.001)


def beep(seconds: float, *hz: float, level: float = 0.1) -> Samples:
    return tone(seconds, *hz, rate=SAMPLE_RATE, level=level)


def rest(seconds: float) -> Samples:
    return silence(seconds, SAMPLE_RATE)


def named(samples: Samples) -> list[tuple[str, float, float]]:
    """Kind, start and end of each event, to a tenth of a second."""
    return [
        (event.kind, round(event.span.start_ms / 1000, 1), round(event.span.end_ms / 1000, 1))
        for event in call_progress(samples, 1)
    ]


def test_a_mainland_ring_is_one_event_a_burst() -> None:
    once = (beep(1, 450), rest(4))
    assert named(line(rest(1), *once, *once)) == [("ring", 1.0, 2.0), ("ring", 6.0, 7.0)]


def test_a_hong_kong_ring_of_two_lines_is_heard() -> None:
    pair = (beep(0.4, 440, 480), rest(0.2), beep(0.4, 440, 480), rest(3))
    kinds = [kind for kind, _, _ in named(line(rest(1), *pair, *pair))]
    assert kinds == ["ring"] * 4


@pytest.mark.parametrize(("on", "off"), [(0.35, 0.35), (0.5, 0.5), (0.25, 0.25)])
def test_a_busy_tone_is_one_event(on: float, off: float) -> None:
    train = line(rest(1), *[beep(on, 450), rest(off)] * 5)
    ((kind, start, end),) = named(train)
    assert kind == "busy"
    assert abs(start - 1.0) <= 0.1
    assert abs(end - (1 + 5 * on + 4 * off)) <= 0.1


def test_events_keep_their_channel() -> None:
    assert {event.channel for event in call_progress(line(beep(1, 450), rest(1)), 1)} == {1}


@pytest.mark.parametrize(
    "samples",
    [
        rest(5),
        hiss(5, SAMPLE_RATE),
        line(beep(2, 1_000), rest(1)),
        line(beep(2, 200, 400, 600, 800), rest(1)),
        line(beep(2, 450, level=0.0005), rest(1)),
        line(beep(0.1, 450), rest(2)),
        np.zeros(0, np.float32),
        np.zeros(100, np.float32),
    ],
    ids=[
        "silence",
        "noise",
        "a test tone",
        "a held vowel",
        "a tone under the noise of a line",
        "a click",
        "nothing",
        "less than a frame",
    ],
)
def test_what_is_no_call_progress_tone_is_no_event(samples: Samples) -> None:
    assert call_progress(samples, 0) == ()


def test_a_gliding_voice_is_no_tone() -> None:
    time = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
    glide = np.asarray(0.2 * np.sin(2 * np.pi * (350 * time + 60 * time**2)), np.float32)
    assert call_progress(line(glide), 0) == ()


def test_an_hour_of_silence_takes_no_time() -> None:
    began = perf_counter()
    assert call_progress(np.zeros(3_600 * SAMPLE_RATE, np.float32), 0) == ()
    assert perf_counter() - began < 20


def test_a_voice_that_swells_on_one_pitch_is_no_tone() -> None:
    swell = beep(1, 440, level=0.3) * np.geomspace(0.02, 1, SAMPLE_RATE).astype(np.float32)
    assert call_progress(line(swell), 0) == ()


def test_the_rings_of_a_sample_call_are_found_and_none_of_its_words() -> None:
    sound = decode(PACKAGE.parent / "samples" / "recordings" / "01_perfect_repair.wav")
    rings = [event.span for event in call_progress(sound.samples[0], 0)]
    assert [round(span.start_ms / 1000) for span in rings] == [0, 5]
    assert [round(span.end_ms / 1000) for span in rings] == [1, 6]
