"""Rings and busy tones from bursts alone: whatever the plan, the count is the count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.listen.bursts import SHAPE_BINS, Burst
from pipeline.listen.cadence import Signal, signals
from pipeline.records import Span

PATTERNS = {
    "CN": ((1000,), 4000),
    "TW": ((1000,), 2000),
    "HK": ((400, 200, 400), 3000),
    "US": ((2000,), 4000),
}
OFF_EDGE = st.integers(-20, 20)
"""ms by which an edge may be misplaced: a hop of the spectrum."""


def burst(start: int, end: int, hz: float = 450.0, level_db: float = -20.0) -> Burst:
    """A burst of one line."""
    near = abs(SHAPE_BINS - hz) < 8
    return Burst(Span(start, end), tuple(near / near.sum() ** 0.5), level_db)


@st.composite
def ringing(draw: st.DrawFn) -> tuple[list[Burst], int]:
    """Bursts of some rings of a plan, edges a little off, the last perhaps cut; and how many rings."""
    pattern, rest = PATTERNS[draw(st.sampled_from(sorted(PATTERNS)))]
    count = draw(st.integers(1, 9))
    at = draw(st.integers(0, 3000))
    found: list[Burst] = []
    for _ in range(count):
        for index, length in enumerate(pattern):
            if index % 2 == 0:
                found.append(burst(at + draw(OFF_EDGE) + 20, at + length + draw(OFF_EDGE)))
            at += length
        at += rest
    if count > 1 and draw(st.booleans()):
        last = found[-1].span
        found[-1] = burst(last.start_ms, last.start_ms + draw(st.integers(200, last.duration_ms)))
    return found, count


@given(ringing())
def test_rings_of_every_plan_are_counted(rung: tuple[list[Burst], int]) -> None:
    found, count = rung
    kinds = [signal.kind for signal in signals(found)]
    assert kinds == ["ring"] * count


@given(ringing(), st.integers(3, 12), st.sampled_from([200, 250, 350, 500, 700]))
def test_a_busy_tone_after_rings_is_one_signal(
    rung: tuple[list[Burst], int], repeats: int, half_ms: int
) -> None:
    found, count = rung
    start = found[-1].span.end_ms + 20_000
    train = [burst(start + 2 * n * half_ms, start + (2 * n + 1) * half_ms) for n in range(repeats)]
    heard = signals([*found, *train])
    assert [signal.kind for signal in heard] == ["ring"] * count + ["busy"]
    assert heard[-1] == Signal("busy", Span(start, start + (2 * repeats - 1) * half_ms))


@given(st.lists(st.tuples(st.integers(120, 260), st.integers(60, 900)), max_size=30))
def test_short_bursts_are_never_rings(talk: list[tuple[int, int]]) -> None:
    at, found = 0, []
    for on, off in talk:
        found.append(burst(at, at + on))
        at += on + off
    assert [one for one in signals(found) if one.kind == "ring"] == []


def test_what_is_much_fainter_than_the_rings_is_none() -> None:
    rings = [burst(0, 1000), burst(5000, 6000)]
    note = burst(8000, 9000, hz=440.0, level_db=-34.0)
    assert signals([*rings, note]) == (
        Signal("ring", Span(0, 1000)),
        Signal("ring", Span(5000, 6000)),
    )


def test_a_blip_at_the_pitch_of_a_ring_changes_nothing() -> None:
    rings = [burst(0, 1000), burst(5000, 6000)]
    assert signals([*rings, burst(6400, 6560)]) == signals(rings)


def test_a_high_pair_is_no_ring() -> None:
    assert signals([burst(0, 500, hz=550.0)]) == ()


def test_a_short_lone_burst_is_a_ring_at_a_national_pitch_only() -> None:
    assert signals([burst(0, 320, hz=453.0)]) == (Signal("ring", Span(0, 320)),)
    assert signals([burst(0, 320, hz=437.5)]) == ()
