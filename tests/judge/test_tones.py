"""What rings and busy tones prove, and what they do not: the reason of every answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.judge.cases import settled
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.load import load_standard
from pipeline.records import Event, Evidence, Reason, Span, Verdict
from pipeline.settings import default_standard

STANDARD = load_standard(default_standard())
HELLO = {"agent": "您好，物業管理處，有什麼可以幫您？"}
BYE = [{"customer": "沒事了，再見。"}, {"agent": "再見。"}]


def ruled(
    clause: str, turns: list[dict[str, Any]], record: dict[str, Any] | None = None
) -> Verdict:
    return settled(call_of(dialogue(turns, record)), STANDARD).verdict(clause)


def rings(*seconds: float, rest: int = 4) -> list[dict[str, Any]]:
    """Rings of these lengths with rests between and after; the recording begins a second before."""
    turns: list[dict[str, Any]] = [{"silence": "1s"}]
    for one in seconds:
        turns += [{"ring": f"{one}s"}, {"silence": f"{rest}s"}]
    return turns


def test_few_rings_pass_with_their_count_and_time() -> None:
    assert ruled("4.1.1", [*rings(1, 1, 1), HELLO]) == Verdict(
        "4.1.1",
        "pass",
        Reason.of("rings_few", count=3, most=3),
        (Evidence(Span(2000, 13_000), None, None, 3, 3, "rings"),),
        0.9,
    )


def test_many_rings_fail_with_their_count_and_time() -> None:
    assert ruled("4.1.1", [*rings(1, 1, 1, 1), HELLO]) == Verdict(
        "4.1.1",
        "fail",
        Reason.of("rings_many", count=4, most=3),
        (Evidence(Span(2000, 18_000), None, None, 4, 3, "rings"),),
        0.9,
    )


@pytest.mark.parametrize(
    ("turns", "code"),
    [
        ([HELLO], "rings_unheard"),
        ([{"music": "12s"}, HELLO], "rings_colour"),
        ([*rings(1, 1), {"music": "4s"}, HELLO], "rings_colour"),
        ([{"ring": "300ms"}, {"silence": "4s"}, {"ring": "1s"}, HELLO], "rings_under_way"),
        ([{"ring": "300ms"}, HELLO], "rings_under_way"),
        ([*rings(1, 1), {"silence": "5s"}, HELLO], "rings_stopped"),
        ([*rings(1, 1, 1), {"ring": "200ms"}, HELLO], "rings_barely"),
        ([*rings(1, 1, 1), {"ring": "600ms"}, HELLO], "rings_many"),
        (
            [
                *(
                    [{"ring": "800ms"}, {"silence": "400ms"}, {"ring": "800ms"}, {"silence": "4s"}]
                    * 2
                ),
                HELLO,
            ],
            "rings_uneven",
        ),
        ([HELLO, *rings(1, 1, 1, 1), HELLO], "rings_unheard"),
        ([*rings(1, 1), {"customer": "喂？喂？"}], "no_agent_speech"),
    ],
)
def test_what_rings_leave_open(turns: list[dict[str, Any]], code: str) -> None:
    assert ruled("4.1.1", turns).reason.code == code


def with_events(*events: Event) -> Verdict:
    call = call_of(dialogue([{"silence": "30s"}, HELLO, *BYE]))
    return settled(replace(call, events=events), STANDARD).verdict("4.1.1")


def ring_events(channel: int, count: int) -> list[Event]:
    starts = range(30_000 - 5000 * count, 30_000, 5000)
    return [Event("ring", channel, Span(start, start + 1000)) for start in starts]


def test_the_same_rings_on_both_channels_count_once() -> None:
    assert with_events(*ring_events(0, 3), *ring_events(1, 3)).reason.code == "rings_few"


def test_channels_that_ring_differently_often_are_left_open() -> None:
    assert with_events(*ring_events(0, 2), *ring_events(1, 5)).reason.code == "rings_differ"


@pytest.mark.parametrize(
    ("turns", "record", "status", "code"),
    [
        (BYE, {}, "unjudged", "release_unheard"),
        ([*BYE, {"busy": "3s"}], {}, "pass", "release_kept"),
        ([*BYE, {"busy": "3s", "leg": "agent"}], {}, "unjudged", "release_agent_leg"),
        ([*BYE, {"busy": "3s"}], {"released_by": "agent"}, "fail", "record_broken"),
        ([*BYE, {"silence": "11s"}, {"busy": "3s"}], {}, "unjudged", "release_late"),
        ([{"busy": "3s"}, *BYE], {}, "unjudged", "release_no_talk"),
        ([*BYE, {"busy": "3s", "under": True}, HELLO], {}, "pass", "release_kept"),
        (
            [*BYE, {"busy": "3s", "under": True}, {"customer": "喂？你還在嗎？"}],
            {},
            "unjudged",
            "release_talk_goes_on",
        ),
        (
            [*BYE, {"busy": "3s", "leg": "agent", "under": True}, {"customer": "喂？你還在嗎？"}],
            {"agent_channel": 0},
            "fail",
            "release_broken",
        ),
        (
            [*BYE, {"busy": "3s", "leg": "agent", "under": True}, {"customer": "喂？你還在嗎？"}],
            {},
            "unjudged",
            "release_agent_leg",
        ),
        (
            [*BYE, {"busy": "3s", "leg": "agent", "under": True}, {"busy": "3s"}],
            {},
            "unjudged",
            "release_both",
        ),
        ([{"unknown": "好的，再見。"}, {"busy": "3s"}], {}, "pass", "release_kept"),
        (
            [{"unknown": "好的。"}, {"busy": "3s", "under": True}, {"unknown": "喂？你還在嗎？"}],
            {},
            "unjudged",
            "release_talk_goes_on",
        ),
    ],
)
def test_what_a_busy_tone_proves(
    turns: list[dict[str, Any]], record: dict[str, Any], status: str, code: str
) -> None:
    verdict = ruled("4.1.7.2", turns, record)
    assert (verdict.status, verdict.reason.code) == (status, code)


def test_a_tone_on_channels_that_nobody_can_name_is_left_open() -> None:
    call = call_of(dialogue([*BYE, {"busy": "3s"}]))
    nameless = replace(call, speech=tuple(replace(s, role="unknown") for s in call.speech))
    assert settled(nameless, STANDARD).verdict("4.1.7.2").reason.code == "release_roles"
    known = replace(
        nameless,
        recording=replace(call.recording, record=replace(call.recording.record, agent_channel=0)),
    )
    assert settled(known, STANDARD).verdict("4.1.7.2").status == "pass"
