"""Who came in on whom: kinds of overlap and turns, as whole values, and what holds of any call."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.floor import SHORTEST_OVERLAP_MS, UNIT_PAUSE_MS, floor_of
from pipeline.measured import Overlap, OverlapKind
from pipeline.records import Call, Role, Span, Speech, Utterance, merge_spans
from tests.fakes import spoken

CHANNELS: dict[Role, int] = {"agent": 0, "customer": 1, "unknown": 0}
SWAPPED: dict[Role, Role] = {"agent": "customer", "customer": "agent", "unknown": "unknown"}

Said = tuple[Role, int, int, str]


def heard(*said: Said) -> Call:
    """A call in which each role sounds from one millisecond to another, with those words."""
    whole = call_of(dialogue([{"agent": "您好"}]))
    return replace(
        whole,
        channels=2,
        duration_ms=60_000,
        speech=tuple(
            sorted(
                (Speech(role, CHANNELS[role], Span(start, end)) for role, start, end, _ in said),
                key=lambda speech: speech.span,
            )
        ),
        utterances=tuple(
            sorted(
                (
                    Utterance(role, CHANNELS[role], spoken(text, start, end))
                    for role, start, end, text in said
                    if text
                ),
                key=lambda utterance: utterance.span,
            )
        ),
    )


STORY = "樓上每天晚上都在敲東西我沒法睡覺"


@pytest.mark.parametrize(
    ("kind", "story_end", "came_in", "end", "text"),
    [
        pytest.param("interruption", 5_000, 4_000, 8_000, "這不歸我管你別說了", id="keeps on"),
        pytest.param("attempt", 5_000, 4_200, 4_900, "你別說了", id="says no more than that"),
        pytest.param("attempt", 9_000, 4_000, 6_000, "這不歸我管你別說了", id="the other goes on"),
        pytest.param("backchannel", 9_000, 4_000, 4_400, "嗯", id="a hum"),
        pytest.param("backchannel", 9_000, 4_000, 4_900, "好的，好的。", id="two words"),
        pytest.param("backchannel", 9_000, 4_000, 4_300, "", id="nothing made out"),
        pytest.param("attempt", 9_000, 4_000, 5_500, "", id="long, and nothing made out"),
        pytest.param("attempt", 9_000, 4_000, 4_400, "不是", id="a short word that objects"),
        pytest.param("terminal", 5_000, 4_750, 8_000, "好的請問您貴姓", id="on the last syllable"),
        pytest.param(
            "simultaneous_start", 5_000, 1_100, 3_000, "您好請說", id="both begin together"
        ),
    ],
)
def test_the_kind_of_an_overlap(
    kind: OverlapKind, story_end: int, came_in: int, end: int, text: str
) -> None:
    call = heard(("customer", 1_000, story_end, STORY), ("agent", came_in, end, text))
    shared = Span(came_in, min(story_end, end))
    assert floor_of(call).overlaps == (Overlap(shared, kind, "agent", "customer", 0),)


def test_who_stops_at_once_for_one_who_speaks_on_gave_way() -> None:
    call = heard(
        ("customer", 1_000, 5_000, STORY),
        ("agent", 4_200, 4_900, "你別說了"),
        ("agent", 5_600, 8_000, "這不歸我管"),
    )
    assert floor_of(call).overlaps == (
        Overlap(Span(4_200, 4_900), "interruption", "agent", "customer", 0),
    )


def test_a_long_answer_over_a_hum_interrupts_nobody() -> None:
    call = heard(("agent", 1_000, 1_800, "好的好的"), ("customer", 1_400, 5_000, STORY))
    assert floor_of(call).overlaps == (
        Overlap(Span(1_400, 1_800), "backchannel", "customer", "agent", 1),
    )


def test_who_takes_a_breath_while_interrupted_has_not_come_in_anew() -> None:
    call = heard(
        ("customer", 1_000, 3_000, STORY),
        ("customer", 3_400, 8_000, STORY),
        ("agent", 2_500, 5_000, "這不歸我管你找別人去"),
    )
    assert floor_of(call).overlaps == (
        Overlap(Span(2_500, 5_000), "attempt", "agent", "customer", 0),
    )


def test_less_than_people_notice_is_no_overlap() -> None:
    call = heard(("customer", 1_000, 5_000, STORY), ("agent", 4_900, 8_000, "請問您貴姓"))
    assert floor_of(call).overlaps == ()


def test_channels_not_told_apart_overlap_without_names() -> None:
    call = heard(("customer", 1_000, 5_000, STORY), ("agent", 4_000, 8_000, "這不歸我管你別說了"))
    nameless = replace(
        call,
        speech=tuple(replace(one, role="unknown") for one in call.speech),
        utterances=tuple(replace(one, role="unknown") for one in call.utterances),
    )
    floor = floor_of(nameless)
    assert floor.apart
    assert floor.overlaps == (Overlap(Span(4_000, 5_000), "interruption", "unknown", "unknown", 0),)


def test_one_lane_of_unknown_voices_is_not_apart() -> None:
    assert not floor_of(heard(("unknown", 1_000, 5_000, STORY))).apart


def test_turns_hold_pauses_but_no_hums_of_the_other() -> None:
    call = heard(
        ("agent", 1_000, 2_000, "您好物業處"),
        ("customer", 3_000, 5_000, STORY),
        ("agent", 4_000, 4_300, "嗯"),
        ("customer", 7_000, 9_000, STORY),
        ("agent", 9_500, 9_800, "好"),
    )
    assert [(turn[0].role, [spurt.span for spurt in turn]) for turn in floor_of(call).turns()] == [
        ("agent", [Span(1_000, 2_000)]),
        ("customer", [Span(3_000, 5_000), Span(7_000, 9_000)]),
        ("agent", [Span(9_500, 9_800)]),
    ]


@st.composite
def talk(draw: st.DrawFn) -> list[Said]:
    """Stretches of two voices; those of one voice lie apart."""
    said: list[Said] = []
    for role in ("agent", "customer"):
        at = 0
        for _ in range(draw(st.integers(0, 6))):
            start = at + draw(st.integers(1, 3_000))
            at = start + draw(st.integers(80, 4_000))
            said.append((role, start, at, draw(st.sampled_from(["", "嗯", STORY, "不是"]))))
    return said


@given(said=talk())
def test_overlaps_lie_in_both_voices_and_swap_with_them(said: list[Said]) -> None:
    overlaps = floor_of(heard(*said)).overlaps
    for one in overlaps:
        for role in ("agent", "customer"):
            spans = [Span(start, end) for who, start, end, _ in said if who == role]
            units = merge_spans(spans, UNIT_PAUSE_MS)
            shared = sum(unit.overlap_ms(one.span) for unit in units)
            assert SHORTEST_OVERLAP_MS <= shared <= one.span.duration_ms
    swapped: list[Said] = [(SWAPPED[role], *rest) for role, *rest in said]  # type: ignore[misc]
    mirrored = {
        (one.span, SWAPPED[one.incomer], one.kind) for one in floor_of(heard(*swapped)).overlaps
    }
    at_once = {
        start
        for who, start, _, _ in said
        for other, begun, _, _ in said
        if who != other and start == begun
    }
    if not at_once:
        assert {(one.span, one.incomer, one.kind) for one in overlaps} == mirrored


@given(said=talk())
def test_turns_alternate(said: list[Said]) -> None:
    roles = [turn[0].role for turn in floor_of(heard(*said)).turns()]
    assert all(first != second for first, second in pairwise(roles))
