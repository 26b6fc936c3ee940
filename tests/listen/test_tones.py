"""Rings of every plan are counted, busy tones and keys named; speech, music and noise are none of them."""

from __future__ import annotations

import csv
from time import perf_counter

import numpy as np
import pytest

from pipeline.listen.audio import SAMPLE_RATE, decode
from pipeline.listen.tones import call_progress, stretches
from pipeline.records import Event, Span
from pipeline.settings import PACKAGE
from tests.sound import Samples, hiss, silence, tone

SAMPLES = PACKAGE.parent / "samples"


def line(*parts: Samples) -> Samples:
    """Parts one behind the other, over the noise of a line at -60 dBFS."""
    whole = np.concatenate(parts)
    return whole + hiss(whole.size / SAMPLE_RATE, SAMPLE_RATE, level=0.001)


def beep(seconds: float, *hz: float, level: float = 0.1) -> Samples:
    return tone(seconds, *hz, rate=SAMPLE_RATE, level=level)


def rest(seconds: float) -> Samples:
    return silence(seconds, SAMPLE_RATE)


def warble(seconds: float, hz: float, by_hz: float) -> Samples:
    """A tone whose level swings wholly (Japan's 400 Hz by 16 Hz)."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(beep(seconds, hz) * (1 + np.sin(2 * np.pi * by_hz * time)), np.float32)


def trill(seconds: float, *hz: float) -> Samples:
    """A ringer that changes between its notes twenty times a second."""
    notes = [beep(0.05, one) for one in hz]
    return np.concatenate([notes[n % len(notes)] for n in range(round(seconds / 0.05))])


def named(samples: Samples) -> list[tuple[str, float, float]]:
    """Kind, start and end of each event, to a tenth of a second."""
    return [
        (event.kind, round(event.span.start_ms / 1000, 1), round(event.span.end_ms / 1000, 1))
        for event in call_progress(samples, 1)
    ]


PLANS = {
    "CN": (beep(1, 450), rest(4)),
    "TW": (beep(1, 440, 480), rest(2)),
    "HK": (beep(0.4, 440, 480), rest(0.2), beep(0.4, 440, 480), rest(3)),
    "US": (beep(2, 440, 480), rest(4)),
    "GB": (beep(0.4, 400, 450), rest(0.2), beep(0.4, 400, 450), rest(2)),
    "MO": (beep(1, 425), rest(4)),
    "JP 16 Hz": (warble(1, 400, 16), rest(2)),
    "JP 20 Hz": (warble(1, 400, 20), rest(2)),
    "JP as two lines": (beep(1, 384, 416), rest(2)),
    "a set in the room": (trill(2, 1150, 1500), rest(4)),
    "a set in the room that rings double": (
        trill(0.8, 1150, 1500),
        rest(0.4),
        trill(0.8, 1150, 1500),
        rest(4),
    ),
}


@pytest.mark.parametrize("plan", PLANS)
def test_each_ring_of_a_plan_is_one_event(plan: str) -> None:
    once = PLANS[plan]
    ring_s = sum(part.size for part in once[:-1]) / SAMPLE_RATE
    period_s = ring_s + once[-1].size / SAMPLE_RATE
    found = named(line(rest(1), *once, *once, *once))
    wanted = [(1 + n * period_s, 1 + n * period_s + ring_s) for n in range(3)]
    assert [kind for kind, *_ in found] == ["ring"] * 3
    assert [(start, end) for _, start, end in found] == [
        (pytest.approx(start, abs=0.11), pytest.approx(end, abs=0.11)) for start, end in wanted
    ]


@pytest.mark.parametrize("plan", [plan for plan in PLANS if "room" not in plan])
@pytest.mark.parametrize("noise", ["white", "clipped"])
def test_rings_are_counted_in_noise_and_overdriven(plan: str, noise: str) -> None:
    whole = np.concatenate([rest(1), *PLANS[plan] * 4])
    ring = PLANS[plan][0]
    level = float(np.sqrt(np.mean(np.square(ring)))) * 10 ** (-15 / 20)
    spoilt = whole + hiss(whole.size / SAMPLE_RATE, SAMPLE_RATE, level=level)
    if noise == "clipped":
        spoilt = np.clip(8 * spoilt, -0.5, 0.5)
    assert [kind for kind, *_ in named(spoilt.astype(np.float32))] == ["ring"] * 4


@pytest.mark.parametrize("cut_s", [0.2, 0.5, 0.9])
def test_a_last_ring_that_the_answer_cuts_is_counted(cut_s: float) -> None:
    whole = line(*PLANS["CN"], *PLANS["CN"], beep(cut_s, 450), rest(3))
    assert named(whole) == [
        ("ring", 0.0, 1.0),
        ("ring", 5.0, 6.0),
        ("ring", 10.0, pytest.approx(10 + cut_s, abs=0.11)),
    ]


def test_a_ring_that_runs_when_the_recording_begins_is_counted() -> None:
    assert named(line(beep(0.3, 450), rest(4), *PLANS["CN"])) == [
        ("ring", 0.0, 0.3),
        ("ring", 4.3, 5.3),
    ]


@pytest.mark.parametrize("hz", [(450,), (480, 620), (400,), (425,)], ids=str)
@pytest.mark.parametrize(
    ("on", "off"), [(0.35, 0.35), (0.5, 0.5), (0.25, 0.25), (0.7, 0.7), (0.2, 0.2)]
)
def test_a_busy_tone_is_one_event(hz: tuple[float, ...], on: float, off: float) -> None:
    train = line(rest(1), *[beep(on, *hz), rest(off)] * 5)
    assert named(train) == [
        ("busy", pytest.approx(1.0, abs=0.11), pytest.approx(1 + 5 * on + 4 * off, abs=0.11))
    ]


def test_a_busy_tone_of_which_a_burst_is_lost_is_still_one() -> None:
    train = [beep(0.35, 450), rest(0.35)]
    lost = [rest(0.35), rest(0.35)]
    assert [kind for kind, *_ in named(line(rest(1), *train * 2, *lost, *train * 3))] == ["busy"]


KEYS = {"1": (697, 1209), "5": (770, 1336), "0": (941, 1336), "#": (941, 1477)}


@pytest.mark.parametrize("length_s", [0.06, 0.1, 0.3])
def test_each_key_pressed_is_one_event(length_s: float) -> None:
    pressed = [part for hz in KEYS.values() for part in (beep(length_s, *hz), rest(0.1))]
    found = call_progress(line(rest(1), *pressed), 0)
    assert [event.kind for event in found] == ["dtmf"] * 4
    middles = [1000 + n * (length_s * 1000 + 100) + length_s * 500 for n in range(4)]
    assert [event.span.middle_ms for event in found] == [pytest.approx(m, abs=25) for m in middles]


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
        line(beep(8, 450), rest(1)),
        line(beep(0.5, 480, 620), rest(2)),
        line(*[part for hz in (523, 587, 659, 523) for part in (beep(0.4, hz), rest(0.05))]),
        line(*[part for s in (0.3, 0.6, 0.2, 0.7) for part in (beep(s, 450), rest(s / 2))]),
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
        "a dial tone",
        "one burst of a busy tone",
        "a tune",
        "an uneven train",
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


def test_a_voice_that_swells_on_one_pitch_is_no_tone() -> None:
    swell = beep(1, 440, level=0.3) * np.geomspace(0.02, 1, SAMPLE_RATE).astype(np.float32)
    assert call_progress(line(swell), 0) == ()


def test_an_hour_of_silence_takes_no_time() -> None:
    began = perf_counter()
    assert call_progress(np.zeros(3_600 * SAMPLE_RATE, np.float32), 0) == ()
    assert perf_counter() - began < 60


with (SAMPLES / "turns.csv").open(encoding="utf-8") as _stream:
    TURNS = list(csv.DictReader(_stream))


@pytest.mark.parametrize("file", sorted({row["file"] for row in TURNS}))
def test_of_a_sample_call_the_rings_and_busy_tones_are_found_and_nothing_else(file: str) -> None:
    """All that people say, and the hold music, is there to be mistaken."""
    wanted = [
        (row["role"], float(row["start_s"]), float(row["end_s"]))
        for row in TURNS
        if row["file"] == file and row["role"] in ("ring", "busy")
    ]
    samples = decode(SAMPLES / "recordings" / file).samples
    found = [event for channel, one in enumerate(samples) for event in call_progress(one, channel)]
    assert [
        (event.kind, event.span.start_ms / 1000, event.span.end_ms / 1000)
        for event in sorted(found, key=lambda event: event.span)
    ] == [
        # the last burst of a busy tone ends half a period before the train does
        (
            kind,
            pytest.approx(start, abs=0.1),
            pytest.approx(end, abs=0.1 if kind == "ring" else 0.6),
        )
        for kind, start, end in wanted
    ]


def test_babble_is_no_tone() -> None:
    """Five sample calls at once, what rings in them cut away."""
    mixed = np.zeros(30 * SAMPLE_RATE, np.float32)
    for file in ("02_noise_complaint.mp3", "03_fee_enquiry.flac", "07_quarrel.wav"):
        for side in decode(SAMPLES / "recordings" / file).samples:
            mixed += side[15 * SAMPLE_RATE : 45 * SAMPLE_RATE]
    assert call_progress(mixed, 0) == ()


def test_music_between_rings_is_the_ring() -> None:
    events = tuple(
        Event(kind, 0, Span(start, end))  # type: ignore[arg-type]
        for kind, start, end in (
            ("ring", 0, 1000),
            ("ring", 3000, 4000),
            ("dtmf", 5000, 5100),
            ("ring", 20_000, 21_000),
            ("busy", 22_000, 25_000),
        )
    )
    assert stretches(events) == (Span(0, 4000), Span(20_000, 21_000), Span(22_000, 25_000))
