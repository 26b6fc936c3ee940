"""What a blow at a call's end proves, and knocks before a door opens: the reason of every answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.judge.checks import impact, knocks
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.finding import Finding
from pipeline.judge.judge import case_of
from pipeline.judge.load import load_standard
from pipeline.judge.sound_rules import Knocks, Slam
from pipeline.records import (
    Call,
    Event,
    Evidence,
    Impact,
    Reason,
    Span,
    from_json,
    to_json,
)
from pipeline.settings import default_standard

STANDARD = load_standard(default_standard())
SLAM = Slam.model_validate(
    {"near_end": "5s", "strength": 10, "doubt": 4, "likeness": 0.73, "perhaps": 0.25}
)
KNOCKS = Knocks.model_validate({"most": 3, "doubt": 2, "rest": "2s", "loud": 10})
TALK = [{"customer": "喂？"}, {"agent": "再見。"}]
HELLO = [{"agent": "您好。"}, {"customer": "請進。"}]


def struck(kind: str = "slam", gap: str = "600ms", **more: Any) -> dict[str, Any]:
    return {kind: "100ms", "gap": gap, **more}


def slammed(turns: list[dict[str, Any]], **record: Any) -> Finding:
    return impact.check(case_of(call_of(dialogue(turns, record)), STANDARD), SLAM)


def knocked(turns: list[dict[str, Any]]) -> Finding:
    call = call_of(dialogue(turns, {"kind": "home_visit"}))
    return knocks.check(case_of(call, STANDARD), KNOCKS)


def test_a_slam_fails_with_its_strength_and_time() -> None:
    at = Span(3100, 3200)
    assert slammed([*TALK, struck()]) == Finding(
        "fail",
        Reason.of("impact_slam", over=15.0),
        (Evidence(at, None, None, 15.0, 10.0, "dB"),),
        0.75,
    )


def test_a_handset_laid_down_passes_and_is_shown() -> None:
    assert slammed([*TALK, struck("click")]) == Finding(
        "pass",
        Reason.of("impact_none"),
        (Evidence(Span(3100, 3200), None, None, -5.0, 10.0, "dB"),),
        0.9,
    )


@pytest.mark.parametrize(
    ("turns", "record", "status", "code"),
    [
        (TALK, {}, "pass", "impact_none"),
        ([*TALK, struck(impact={"strength_db": 7.0})], {}, "unjudged", "impact_doubtful"),
        ([*TALK, struck(impact={"strength_db": 5.9})], {}, "pass", "impact_none"),
        ([*TALK, struck(impact={"likeness": 0.7})], {}, "unjudged", "impact_doubtful"),
        ([*TALK, struck("click", impact={"strength_db": 12.0})], {}, "unjudged", "impact_doubtful"),
        (
            [*TALK, struck("click", impact={"strength_db": 12.0, "likeness": 0.2})],
            {},
            "pass",
            "impact_none",
        ),
        ([*TALK, struck(leg="customer")], {}, "pass", "impact_none"),
        ([*TALK, struck(leg="customer")], {"agent_channel": 1}, "fail", "impact_slam"),
        ([*TALK, struck(), {"agent": "喂？"}], {}, "pass", "impact_none"),
        ([*TALK, struck(), {"customer": "喂？"}], {}, "fail", "impact_slam"),
        ([TALK[1], struck(gap="9s"), TALK[0], {"silence": "9s"}], {}, "pass", "impact_none"),
        ([TALK[1], TALK[0], {"silence": "9s"}, struck()], {}, "fail", "impact_slam"),
        ([{"unknown": "再見。"}, struck()], {}, "unjudged", "impact_mono"),
        ([{"agent": "再見。"}, struck()], {}, "unjudged", "impact_mono"),
        ([{"unknown": "再見。"}, struck("click")], {}, "pass", "impact_none"),
        ([{"customer": "喂？"}, struck()], {}, "unjudged", "no_agent_speech"),
    ],
)
def test_what_a_blow_proves(
    turns: list[dict[str, Any]], record: dict[str, Any], status: str, code: str
) -> None:
    finding = slammed(turns, **record)
    assert (finding.status, finding.reason.code) == (status, code)


def test_a_blow_on_a_side_that_nobody_can_name_is_left_open() -> None:
    call = call_of(dialogue([*TALK, struck()]))
    nameless = replace(call, speech=tuple(replace(s, role="unknown") for s in call.speech))
    finding = impact.check(case_of(nameless, STANDARD), SLAM)
    assert (finding.status, finding.reason.code) == ("unjudged", "impact_roles")


def test_knocks_pass_with_their_count_and_time() -> None:
    assert knocked([{"knock": "400ms"}, {"silence": "3s"}, *HELLO]) == Finding(
        "pass",
        Reason.of("knocks_few", count=2, most=3),
        (Evidence(Span(0, 400), None, None, 2, 3, "knocks"),),
        0.7,
    )


def knock(blows: int, rest: str = "3s", **more: float) -> list[dict[str, Any]]:
    return [{"knock": "400ms", "impact": {"blows": blows, **more}}, {"silence": rest}]


@pytest.mark.parametrize(
    ("turns", "status", "code"),
    [
        (HELLO, "not_applicable", "knocks_unheard"),
        ([*HELLO, *knock(9)], "not_applicable", "knocks_unheard"),
        ([*knock(3), *HELLO], "pass", "knocks_few"),
        ([*knock(4), *HELLO], "unjudged", "knocks_near"),
        ([*knock(6), *HELLO], "fail", "knocks_many"),
        ([*knock(2), *knock(6), *HELLO], "fail", "knocks_many"),
        ([*knock(2, "1s"), *knock(2), *HELLO], "unjudged", "knocks_soon"),
        ([*knock(2), {"agent": "有人嗎？"}, *knock(6), *HELLO], "fail", "knocks_many"),
        ([*knock(2, strength_db=11.0), *HELLO], "unjudged", "knocks_loud"),
        ([*knock(2), {"unknown": "您好。"}], "pass", "knocks_few"),
    ],
)
def test_what_knocks_prove(turns: list[dict[str, Any]], status: str, code: str) -> None:
    finding = knocked(turns)
    assert (finding.status, finding.reason.code) == (status, code)


def test_a_call_heard_before_blows_were_listened_for_is_left_open() -> None:
    call = replace(call_of(dialogue(TALK)), impacts_heard=False)
    case = case_of(call, STANDARD)
    assert impact.check(case, SLAM).reason.code == "impact_unmeasured"
    assert knocks.check(case, KNOCKS).reason.code == "impact_unmeasured"


def test_a_blow_survives_json_and_a_call_kept_before_there_were_any_still_loads() -> None:
    call = call_of(dialogue([*TALK, {"ring": "1s"}, struck()]))
    assert from_json(Call, to_json(call)) == call
    assert call.events[-1].impact == Impact(15.0, 0.9)
    older = to_json(call).replace(',"impacts_heard":true', "").replace(',"impact":null', "")
    loaded = from_json(Call, older)
    assert not loaded.impacts_heard
    assert loaded.events[0] == Event("ring", 0, call.events[0].span)
