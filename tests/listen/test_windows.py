"""Windows hold all the speech and no more than Whisper can listen to, and times find their way back."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.windows import (
    PAD_MS,
    PAUSE_MS,
    WINDOW_MS,
    Piece,
    Window,
    cut_windows,
    piece_of,
)
from pipeline.records import Span, merge_spans

LONGEST_MS = 120_000
CLOCK = np.arange(LONGEST_MS * SAMPLE_RATE // 1000, dtype=np.float32)
"""Sound whose samples tell their own place."""


def sound(duration_ms: int) -> FloatArray:
    return CLOCK[: duration_ms * SAMPLE_RATE // 1000]


@st.composite
def calls(draw: st.DrawFn) -> tuple[FloatArray, tuple[Span, ...]]:
    """A call's samples, and stretches of speech in it."""
    duration_ms = draw(st.integers(1_000, LONGEST_MS))
    starts = draw(st.lists(st.integers(0, duration_ms - 100), max_size=12))
    lengths = st.integers(80, 40_000)
    spans = [Span(start, min(duration_ms, start + draw(lengths))) for start in starts]
    return sound(duration_ms), merge_spans(spans)


@settings(deadline=None, max_examples=60)
@given(calls())
def test_every_moment_of_speech_is_in_exactly_one_window(
    call: tuple[FloatArray, tuple[Span, ...]],
) -> None:
    samples, speech = call
    sources = [piece.source for window in cut_windows(samples, speech) for piece in window.pieces]
    assert sources == sorted(sources)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(sources))
    covered = merge_spans(sources)
    assert all(sum(span.overlap_ms(one) for one in covered) == span.duration_ms for span in speech)


@settings(deadline=None, max_examples=60)
@given(calls())
def test_no_window_is_longer_than_whisper_listens(
    call: tuple[FloatArray, tuple[Span, ...]],
) -> None:
    samples, speech = call
    sizes = [window.samples.size for window in cut_windows(samples, speech)]
    assert all(0 < size <= WINDOW_MS * SAMPLE_RATE // 1000 for size in sizes)


@settings(deadline=None, max_examples=60)
@given(calls(), st.data())
def test_a_time_in_a_window_leads_back_to_the_sound_it_was_cut_from(
    call: tuple[FloatArray, tuple[Span, ...]], data: st.DataObject
) -> None:
    samples, speech = call
    for window in cut_windows(samples, speech):
        piece = data.draw(st.sampled_from(window.pieces))
        start = data.draw(st.integers(0, piece.source.duration_ms - 1))
        end = data.draw(st.integers(start + 1, piece.source.duration_ms))
        inside = Span(piece.at_ms + start, piece.at_ms + end)
        back = window.to_call(inside)
        assert back == Span(piece.source.start_ms + start, piece.source.start_ms + end)
        assert np.array_equal(piece_of(window.samples, inside), piece_of(samples, back))


WINDOW = Window(
    np.zeros(0, np.float32),
    (Piece(Span(10_000, 11_000), 0), Piece(Span(20_000, 22_000), 1_500)),
)


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        (Span(0, 400), Span(10_000, 10_400)),
        (Span(1_600, 1_900), Span(20_100, 20_400)),
        (Span(800, 1_100), Span(10_800, 11_000)),
        (Span(1_400, 1_800), Span(20_000, 20_300)),
        (Span(1_050, 1_450), None),
        (Span(3_400, 3_900), None),
    ],
    ids=[
        "in the first piece",
        "in the second",
        "reaching into the pause after",
        "reaching into the pause before",
        "in the pause",
        "behind the end",
    ],
)
def test_a_word_is_put_where_its_middle_is(span: Span, expected: Span | None) -> None:
    assert WINDOW.to_call(span) == expected


def test_near_stretches_are_laid_behind_each_other_with_a_short_pause() -> None:
    (window,) = cut_windows(sound(60_000), [Span(1_000, 2_000), Span(50_000, 51_000)])
    padded = 1_000 + 2 * PAD_MS
    assert window.pieces == (
        Piece(Span(800, 2_200), 0),
        Piece(Span(49_800, 51_200), padded + PAUSE_MS),
    )
    assert window.samples.size == (2 * padded + PAUSE_MS) * SAMPLE_RATE // 1000


def test_long_speech_is_cut_at_its_quietest_place() -> None:
    loud = np.ones(40_000 * SAMPLE_RATE // 1000, np.float32)
    piece_of(loud, Span(20_000, 20_100))[:] = 0
    windows = cut_windows(loud, [Span(0, 40_000)])
    assert [piece.source for window in windows for piece in window.pieces] == [
        Span(0, 20_050),
        Span(20_050, 40_000),
    ]


def test_without_speech_there_is_no_window() -> None:
    assert cut_windows(sound(10_000), []) == ()


def test_windows_can_be_asked_for_shorter() -> None:
    windows = cut_windows(sound(60_000), [Span(0, 25_000), Span(30_000, 33_000)], 10_000)
    assert all(0 < window.samples.size <= 10 * SAMPLE_RATE for window in windows)
    covered = sum(piece.source.duration_ms for window in windows for piece in window.pieces)
    assert covered == 25_200 + 3_400


def test_windows_are_of_about_one_length() -> None:
    speech = tuple(Span(start, start + 2_600) for start in range(1_000, 58_000, 8_000))
    lengths = [window.samples.size // 16 for window in cut_windows(sound(60_000), speech)]
    assert lengths == [4 * 3_000 + 3 * PAUSE_MS] * 2
