"""A greeting passes where all its measures are good, fails where two agree, and is else for a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.judge.checks import delivery
from pipeline.judge.dialogue import Dialogue, call_of
from pipeline.judge.finding import Finding
from pipeline.judge.judge import case_of
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.sound_rules import Band, Delivery
from pipeline.records import Call, Evidence, Loudness, Reason
from pipeline.settings import default_standard

RULE = Delivery(
    syllables=6,
    pitch=Band(good=(8, None), bad=(4, None)),
    rate=Band(good=(3, 6), bad=(2, 8)),
    clearness=Band(good=(0.75, None), bad=(0.5, None)),
    over_noise=Band(good=(20, None), bad=(10, None)),
)
TEXT = "您好請問有什麼可以幫到您"


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(default_standard())


def greeting(noise_db: int = -60, probability: float = 0.9, **voice: float) -> Call:
    turns: list[dict[str, Any]] = [
        {"agent": TEXT, "voice": voice, "probability": probability},
        {"customer": "你好，我要報修"},
    ]
    written = {"name": "greeting", "turns": turns, "noise_db": noise_db}
    return call_of(Dialogue.model_validate(written))


def ruled(standard: Standard, call: Call) -> Finding:
    return delivery.check(case_of(call, standard), RULE)


def evidence(call: Call, *measured: float, thresholds: tuple[float, ...]) -> tuple[Evidence, ...]:
    span = call.utterances[0].span
    units = ("st", "syllables/s", "confidence", "dB")
    return tuple(
        Evidence(span, "agent", TEXT, value, threshold, unit)
        for value, threshold, unit in zip(measured, thresholds, units, strict=True)
    )


def test_all_good_passes_with_every_measure_shown(standard: Standard) -> None:
    call = greeting()
    assert ruled(standard, call) == Finding(
        "pass",
        Reason.of("delivery_good"),
        evidence(call, 9.0, 5.0, 0.9, 34.0, thresholds=(8, 6, 0.75, 20)),
        delivery.CONFIDENCE,
    )


def test_two_that_are_bad_fail(standard: Standard) -> None:
    call = greeting(f0_range_st=3.0, rate=8.5)
    assert ruled(standard, call) == Finding(
        "fail",
        Reason.of("delivery_bad", aspects="pitch、rate"),
        evidence(call, 3.0, 8.5, 0.9, 34.0, thresholds=(8, 6, 0.75, 20)),
        delivery.CONFIDENCE,
    )


@pytest.mark.parametrize(
    ("voice", "aspects"),
    [
        ({"f0_range_st": 3.0}, "pitch"),
        ({"f0_range_st": 6.0}, "pitch"),
        ({"rate": 1.0}, "rate"),
        ({"probability": 0.3}, "clearness"),
        ({"f0_range_st": 6.0, "rate": 7.0}, "pitch、rate"),
        ({"level_db": -45.0}, "over_noise"),
    ],
)
def test_one_that_is_bad_or_several_in_between_are_for_a_person(
    standard: Standard, voice: dict[str, float], aspects: str
) -> None:
    found = ruled(standard, greeting(**voice))
    assert (found.status, found.reason) == (
        "unjudged",
        Reason.of("delivery_between", aspects=aspects),
    )


def test_a_bad_line_is_not_the_agents_fault(standard: Standard) -> None:
    call = greeting(noise_db=-34, f0_range_st=3.0, rate=9.0, probability=0.2)
    assert ruled(standard, call).reason == Reason.of("delivery_noise")


def test_unclear_words_count_only_where_the_line_is_good(standard: Standard) -> None:
    mumbled = {"f0_range_st": 3.0, "probability": 0.3}
    assert ruled(standard, greeting(**mumbled)).status == "fail"
    assert ruled(standard, greeting(noise_db=-40, **mumbled)).status == "unjudged"


def test_noise_is_measured_where_the_channel_is_silent(standard: Standard) -> None:
    call = greeting()
    steps = -(-call.duration_ms // 500)
    spoken = [
        any(
            s.channel == 0 and s.span.start_ms < at + 500 and at < s.span.end_ms
            for s in call.speech
        )
        for at in range(0, steps * 500, 500)
    ]
    levels = tuple(-20 if voice else -70 for voice in spoken)
    heard = replace(call, loudness=Loudness(500, (levels, (-20,) * steps)))
    assert [one.measured for one in ruled(standard, heard).evidence] == [9.0, 5.0, 0.9, 44.0]


def test_a_call_kept_by_an_older_version_is_not_guessed_at(standard: Standard) -> None:
    call = greeting()
    flat = replace(call.voices[0], f0_range_st=None)
    for old in (replace(call, voices=(flat, *call.voices[1:])), replace(call, loudness=None)):
        assert ruled(standard, old).reason == Reason.of("delivery_unmeasured")


def test_a_band_whose_bad_reaches_into_its_good_is_refused() -> None:
    with pytest.raises(ValueError, match="bad below 5 reaches"):
        Band(good=(4, None), bad=(5, None))
    with pytest.raises(ValueError, match="bad above 5 reaches"):
        Band(good=(None, 6), bad=(None, 5))
