"""Two voices at once are found to the fifth of a second; an echo of one voice is not two."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.floor import floor_of
from pipeline.listen.audio import FloatArray
from pipeline.listen.crosstalk import find_leak, frame_levels, own_speech
from pipeline.listen.speech import VoiceActivity, tails_ms
from pipeline.records import Call, Span, Speech
from tests.sound import hiss, silence
from tests.stereo import laid, leaking, piece, sides, spoken

EXACT_MS = 200
"""What the issue asks of an overlap."""

GAPS_MS = (-300, 800, -500, 400, -900, 600, -1_500)
"""Before each turn after the first; a negative one is an overlap."""


@pytest.fixture(scope="module")
def activity() -> VoiceActivity:
    return VoiceActivity()


@pytest.fixture(scope="module")
def clips() -> list[FloatArray]:
    """Eight long turns, agent and customer by turns, each from its own channel, where it is alone."""
    found: dict[str, list[FloatArray]] = {"agent": [], "customer": []}
    for file in ("01_perfect_repair.wav", "14_office_finance.flac"):
        channels = sides(file)
        for turn in spoken("agent", "customer"):
            if turn.file == file and turn.span.duration_ms >= 2_000:
                both = [piece(one, turn.span) for one in channels]
                found[turn.role].append(max(both, key=np.std))
    pairs = zip(found["agent"][:4], found["customer"][:4], strict=True)
    return [clip for pair in pairs for clip in pair]


def composed(clips: list[FloatArray]) -> tuple[FloatArray, list[Span]]:
    """The clips by turns on two channels, ``GAPS_MS`` between them, and where two sound at once."""
    at, pieces, overlaps = 1_000, [], []
    for index, (clip, gap) in enumerate(zip(clips, (0, *GAPS_MS), strict=True)):
        start = at + gap
        if gap < 0:
            overlaps.append(Span(start, at))
        pieces.append((index % 2, start, clip))
        at = start + clip.size // 16
    return laid(pieces, at + 1_000), overlaps


def heard(activity: VoiceActivity, samples: FloatArray) -> Call:
    """The voices of two channels as listening finds them."""
    speech = []
    for side, role in ((0, "agent"), (1, "customer")):
        found = own_speech(activity.speech(samples[side]), samples[side], samples[1 - side])
        for span, tail_ms in zip(found, tails_ms(found, samples[side]), strict=True):
            speech.append(Speech(role, side, span, tail_ms=tail_ms))  # type: ignore[arg-type]
    speech.sort(key=lambda one: one.span)
    whole = call_of(dialogue([{"agent": "您好"}]))
    return replace(whole, channels=2, speech=tuple(speech), utterances=())


@pytest.mark.parametrize("down_db", [None, 30.0, 20.0])
def test_overlaps_are_found_to_a_fifth_of_a_second(
    activity: VoiceActivity, clips: list[FloatArray], down_db: float | None
) -> None:
    samples, overlaps = composed(clips)
    if down_db is not None:
        samples = leaking(samples, down_db)
    found = [overlap.span for overlap in floor_of(heard(activity, samples)).overlaps]
    assert len(found) == len(overlaps)
    for one, true in zip(found, overlaps, strict=True):
        assert abs(one.start_ms - true.start_ms) <= EXACT_MS
        assert abs(one.end_ms - true.end_ms) <= EXACT_MS


@pytest.mark.parametrize("down_db", [15.0, 25.0, 35.0])
def test_an_echo_is_nobody_s_speech(activity: VoiceActivity, down_db: float) -> None:
    samples = leaking(sides("01_perfect_repair.wav"), down_db)
    assert floor_of(heard(activity, samples)).overlaps == ()


@pytest.mark.parametrize("file", ["07_quarrel.wav", "02_noise_complaint.mp3"])
def test_a_line_without_an_echo_is_left_as_it_is(activity: VoiceActivity, file: str) -> None:
    samples = sides(file)
    for side in (0, 1):
        speech = activity.speech(samples[side])
        assert own_speech(speech, samples[side], samples[1 - side]) == speech


@pytest.mark.parametrize("down_db", [15.0, 25.0])
def test_the_level_and_delay_of_an_echo_are_found(down_db: float) -> None:
    samples = leaking(sides("14_office_finance.flac"), down_db)
    leak = find_leak(frame_levels(samples[0]), frame_levels(samples[1]))
    assert leak is not None
    assert abs(leak.gain_db + down_db) < 3.0
    assert abs(leak.delay_ms - 50) <= 20


@pytest.mark.parametrize(
    "samples",
    [
        np.stack([silence(5, 16_000), silence(5, 16_000)]),
        np.stack([hiss(5, 16_000), hiss(5, 16_000, seed=8)]),
        np.stack([silence(0.01, 16_000), silence(0.01, 16_000)]),
        np.zeros((2, 0), np.float32),
    ],
    ids=["silence", "noise", "less than a frame", "nothing"],
)
def test_where_nobody_speaks_nothing_leaks(samples: FloatArray) -> None:
    span = (Span(0, 10),)
    assert own_speech(span, samples[0], samples[1]) == span


def test_a_tail_of_noise_is_measured_and_no_more_than_a_tail() -> None:
    samples = np.concatenate([hiss(1, 16_000, 0.1), hiss(3, 16_000, 0.001)])
    spans = (Span(200, 1_300), Span(2_000, 4_000))
    assert tails_ms(spans, samples) == (300, 400)
    assert tails_ms((), samples) == ()
