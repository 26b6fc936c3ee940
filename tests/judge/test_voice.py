"""Each utterance is held against the calm voice of whoever said it; doubt never becomes a failure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.baseline import baseline, voices_apart
from pipeline.judge.checks import voice
from pipeline.judge.dialogue import CALM, USUAL, call_of, dialogue
from pipeline.judge.finding import Finding
from pipeline.judge.judge import case_of
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.sound_rules import RaisedVoice
from pipeline.records import Call, Evidence, Reason, Voice
from pipeline.settings import default_standard

Said = dict[str, float]

RULE = RaisedVoice(score=5.1, doubt=4.0, utterances=2, baseline=4)
TEXT = "請問您住在哪一棟"

CALM_VOICE: Said = {}
RAISED = {"level_db": -16.0, "f0_median_hz": 260.0, "f0_p90_hz": 312.0}
"""10 dB over calm (5.5 SD), 4.5 semitones up."""

BETWEEN = {**RAISED, "level_db": -19.0}
SUPERVISOR = {"level_db": -32.0, "f0_median_hz": 100.0, "f0_p90_hz": 120.0}

OVER_DB = 2.7
"""1.5 SD with four calm utterances that are all alike: 1.5 x 2.1 x sqrt(12 / 16) dB."""


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(default_standard())


def call_with(*parts: Said | str, role: str = "agent", text: str = TEXT) -> Call:
    """A call in which a customer answers each utterance; ``hold`` stands for music."""
    turns: list[dict[str, Any]] = []
    for part in parts:
        if isinstance(part, str):
            turns.append({"music": "15s"})
        else:
            turns.append({role: text, "voice": part})
            turns.append({"customer" if role == "agent" else role: "好的"})
    return call_of(dialogue(turns))


def ruled(standard: Standard, call: Call) -> Finding:
    return voice.check(case_of(call, standard), RULE)


def evidence(
    call: Call, *indices: int, over_db: float, threshold_db: float
) -> tuple[Evidence, ...]:
    """What stands behind the agent's n-th utterances."""
    own = [utterance for utterance in call.utterances if utterance.role == "agent"]
    return tuple(
        Evidence(own[index].span, "agent", TEXT, over_db, threshold_db, "dB") for index in indices
    )


def calm(effort: float = 0.0, confidence: float = voice.SURE) -> Finding:
    top = Evidence(None, "agent", None, effort, RULE.score, "sd")
    return Finding("pass", Reason.of("voice_calm"), (top,), confidence)


# --- one person ----------------------------------------------------------------------------------


def test_a_calm_call_passes(standard: Standard) -> None:
    assert ruled(standard, call_with(*[CALM_VOICE] * 6)) == calm()


def test_a_raised_voice_fails_on_exactly_the_raised_utterances(standard: Standard) -> None:
    call = call_with(CALM_VOICE, CALM_VOICE, RAISED, CALM_VOICE, RAISED, CALM_VOICE)
    assert ruled(standard, call) == Finding(
        "fail",
        Reason.of("voice_raised", count=2),
        evidence(call, 2, 4, over_db=10.0, threshold_db=OVER_DB),
        0.77,
    )


def test_half_of_the_call_may_be_raised(standard: Standard) -> None:
    call = call_with(*[CALM_VOICE] * 4, *[RAISED] * 4)
    assert ruled(standard, call) == Finding(
        "fail",
        Reason.of("voice_raised", count=4),
        evidence(call, 4, 5, 6, 7, over_db=10.0, threshold_db=OVER_DB),
        0.77,
    )


def test_between_calm_and_raised_nothing_is_ruled(standard: Standard) -> None:
    call = call_with(*[CALM_VOICE] * 4, BETWEEN, BETWEEN)
    assert ruled(standard, call) == Finding(
        "unjudged",
        Reason.of("voice_doubtful"),
        evidence(call, 4, 5, over_db=7.0, threshold_db=OVER_DB),
        0.5,
    )


def test_one_raised_utterance_is_a_doubt(standard: Standard) -> None:
    call = call_with(*[CALM_VOICE] * 5, RAISED)
    finding = ruled(standard, call)
    assert (finding.status, finding.reason) == ("unjudged", Reason.of("voice_doubtful"))
    assert [one.span for one in finding.evidence] == [call.utterances[10].span]


def test_one_utterance_in_between_is_no_doubt(standard: Standard) -> None:
    call = call_with(*[CALM_VOICE] * 3, BETWEEN, CALM_VOICE)
    assert ruled(standard, call) == calm(effort=3.8)


def test_a_customer_may_shout(standard: Standard) -> None:
    turns = [{"agent": TEXT}, {"customer": TEXT, "voice": RAISED}] * 5
    assert ruled(standard, call_of(dialogue(turns))) == calm()


@pytest.mark.parametrize(
    ("told", "change"),
    [
        ("pass", {"level_db": -16.0}),
        ("pass", {"f0_median_hz": 300.0, "f0_p90_hz": 360.0}),
        ("pass", {**RAISED, "f0_median_hz": None}),
        ("unjudged", {**RAISED, "tilt_db": -14.0}),
        ("pass", {**BETWEEN, "tilt_db": -17.0}),
        ("fail", {**BETWEEN, "tilt_db": -4.0}),
        ("fail", {**BETWEEN, "flux_db": 5.0}),
        ("pass", {**RAISED, "level_db": -24.0, "flux_db": 4.6}),
    ],
    ids=[
        "a nearer handset is louder only",
        "friendliness is higher only",
        "pitch not known",
        "loud, high and darker may be surprise",
        "much darker is no effort",
        "less loud, but brighter",
        "less loud, but more forceful",
        "happy: high and quick, hardly louder",
    ],
)
def test_effort_is_louder_higher_and_not_darker(
    standard: Standard, told: str, change: dict[str, Any]
) -> None:
    assert ruled(standard, call_with(*[CALM_VOICE] * 5, change, change)).status == told


def test_a_restless_calm_voice_needs_more(standard: Standard) -> None:
    restless = [{"level_db": level} for level in (-30.0, -28.0, -26.0, -24.0, -22.0)]
    loud = {**RAISED, "level_db": -16.5}
    assert ruled(standard, call_with(*[CALM_VOICE] * 5, loud, loud)).status == "fail"
    assert ruled(standard, call_with(*restless, loud, loud)).status != "fail"


def test_a_gain_that_makes_all_equally_loud_hides_nothing(standard: Standard) -> None:
    parts = [CALM_VOICE, CALM_VOICE, RAISED, CALM_VOICE, RAISED, CALM_VOICE]
    plain = call_with(*parts)
    levelled = replace(plain, voices=tuple(replace(v, level_db=-20.0) for v in plain.voices))
    assert ruled(standard, levelled) == ruled(standard, plain)


def test_noise_around_an_utterance_makes_it_no_quieter(standard: Standard) -> None:
    noisy = {**RAISED, "over_floor_db": 36.0}
    parts = [CALM_VOICE, CALM_VOICE, noisy, CALM_VOICE, RAISED, CALM_VOICE]
    assert ruled(standard, call_with(*parts)).status == "fail"


# --- too little to rule on -----------------------------------------------------------------------


def test_too_few_utterances_have_no_baseline(standard: Standard) -> None:
    call = call_with(CALM_VOICE, RAISED, RAISED)
    reason = Reason.of("voice_no_baseline", needed=4, found=3)
    assert ruled(standard, call) == Finding("unjudged", reason, confidence=0.0)


def test_very_short_utterances_do_not_count(standard: Standard) -> None:
    call = call_with(*[CALM_VOICE] * 8, text="嗯")
    reason = Reason.of("voice_no_baseline", needed=4, found=0)
    assert ruled(standard, call) == Finding("unjudged", reason, confidence=0.0)


def test_a_call_heard_by_an_earlier_version_is_not_guessed_at(standard: Standard) -> None:
    call = call_with(*[CALM_VOICE] * 4, RAISED, RAISED)
    kept = replace(call, voices=tuple(replace(voice, flux_db=None) for voice in call.voices))
    expected = Finding("unjudged", Reason.of("voice_not_measured"), confidence=0.0)
    assert ruled(standard, kept) == expected


def test_voices_not_told_apart_are_not_judged(standard: Standard) -> None:
    call = call_with(*[CALM_VOICE] * 4, RAISED, RAISED, role="unknown")
    expected = Finding("unjudged", Reason.of("roles_unknown"), confidence=0.0)
    assert ruled(standard, call) == expected


# --- against earlier calls -----------------------------------------------------------------------

FORCEFUL = {**RAISED, "flux_db": 5.0}
"""4.5 semitones higher and 1 dB more flux than usual."""


def known(call: Call) -> Call:
    """The same call of an agent who always spoke calmly before."""
    return replace(call, usual=USUAL)


def higher(st: float, threshold_st: float) -> Evidence:
    return Evidence(None, "agent", None, st, threshold_st, "st")


def test_who_is_raised_throughout_is_in_doubt_by_earlier_calls(standard: Standard) -> None:
    call = call_with(*[FORCEFUL] * 8)
    assert ruled(standard, call) == calm()
    assert ruled(standard, known(call)) == Finding(
        "unjudged", Reason.of("voice_above_usual", calls=20), (higher(4.5, 2.4),), 0.5
    )


def test_a_call_as_usual_passes_as_before(standard: Standard) -> None:
    call = call_with(*[CALM_VOICE] * 6)
    assert ruled(standard, known(call)) == ruled(standard, call) == calm()


@pytest.mark.parametrize(
    "change",
    [
        {**FORCEFUL, "flux_db": 4.4},
        {**FORCEFUL, "f0_median_hz": 220.0, "f0_p90_hz": 270.0},
        {"level_db": -10.0, "tilt_db": -2.0},
        {**SUPERVISOR, "flux_db": 5.0},
        {**FORCEFUL, "f0_median_hz": None},
    ],
    ids=[
        "higher, hardly more forceful",
        "more forceful, hardly higher",
        "another line and handset",
        "somebody lower",
        "pitch not known",
    ],
)
def test_only_higher_and_more_forceful_is_above_usual(
    standard: Standard, change: dict[str, Any]
) -> None:
    call = call_with(*[change] * 6)
    assert ruled(standard, known(call)) == ruled(standard, call) == calm()


def test_earlier_calls_accuse_nobody(standard: Standard) -> None:
    for parts in ([FORCEFUL] * 8, [CALM_VOICE] * 4 + [BETWEEN] * 2, [FORCEFUL] * 2):
        assert ruled(standard, known(call_with(*parts))).status == "unjudged"


def test_what_fails_by_its_own_baseline_fails_all_the_same(standard: Standard) -> None:
    call = call_with(CALM_VOICE, CALM_VOICE, RAISED, CALM_VOICE, RAISED, CALM_VOICE)
    assert ruled(standard, known(call)) == ruled(standard, call)
    assert ruled(standard, call).status == "fail"


def test_two_people_are_not_held_against_the_usual_of_one(standard: Standard) -> None:
    call = call_with(*[SUPERVISOR] * 4, *[FORCEFUL] * 4)
    assert ruled(standard, known(call)) == ruled(standard, call)


def test_few_utterances_pass_when_they_are_as_usual(standard: Standard) -> None:
    call = call_with(CALM_VOICE, CALM_VOICE)
    assert ruled(standard, known(call)) == Finding(
        "pass",
        Reason.of("voice_as_usual", found=2, calls=20),
        (higher(0.0, 4.5),),
        voice.HALF_SURE,
    )


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([CALM_VOICE], "pass"),
        ([{"level_db": -10.0, "tilt_db": -2.0}] * 3, "pass"),
        ([FORCEFUL], "unjudged"),
        ([CALM_VOICE, FORCEFUL, CALM_VOICE], "unjudged"),
        ([SUPERVISOR] * 3, "unjudged"),
        ([CALM_VOICE, SUPERVISOR], "unjudged"),
        ([{"f0_median_hz": None}, CALM_VOICE], "unjudged"),
    ],
    ids=[
        "one as usual",
        "another line and handset",
        "one raised",
        "one of three raised",
        "somebody lower, perhaps",
        "two people",
        "pitch not known",
    ],
)
def test_few_utterances_not_clearly_as_usual_are_left_open(
    standard: Standard, parts: list[dict[str, Any]], status: str
) -> None:
    finding = ruled(standard, known(call_with(*parts)))
    code = {"pass": "voice_as_usual", "unjudged": "voice_unlike_usual"}[status]
    assert (finding.status, finding.reason) == (
        status,
        Reason.of(code, found=len(parts), calls=20),
    )


def test_nothing_said_is_no_calm_voice(standard: Standard) -> None:
    call = known(call_with(*[CALM_VOICE] * 8, text="嗯"))
    reason = Reason.of("voice_no_baseline", needed=4, found=0)
    assert ruled(standard, call) == Finding("unjudged", reason, confidence=0.0)


# --- somebody else at the telephone --------------------------------------------------------------


def test_two_calm_people_are_not_held_against_each_other(standard: Standard) -> None:
    assert ruled(standard, call_with(*[SUPERVISOR] * 4, *[CALM_VOICE] * 4)) == calm()


def test_a_person_raised_against_themselves_fails_beside_another(standard: Standard) -> None:
    call = call_with(*[SUPERVISOR] * 4, *[CALM_VOICE] * 4, RAISED, RAISED)
    assert ruled(standard, call) == Finding(
        "fail",
        Reason.of("voice_raised", count=2),
        evidence(call, 8, 9, over_db=10.0, threshold_db=OVER_DB),
        0.77,
    )


def test_a_person_who_says_little_raises_doubt_at_most(standard: Standard) -> None:
    call = call_with(*[SUPERVISOR] * 4, *[RAISED] * 3)
    finding = ruled(standard, call)
    assert (finding.status, finding.reason) == ("unjudged", Reason.of("voice_doubtful"))


def test_a_person_who_says_little_is_not_known_by_one_quiet_utterance(standard: Standard) -> None:
    quiet = {**RAISED, "level_db": SUPERVISOR["level_db"]}
    finding = ruled(standard, call_with(*[SUPERVISOR] * 4, RAISED, RAISED, quiet))
    assert (finding.status, finding.reason) == ("unjudged", Reason.of("voice_doubtful"))


def test_two_people_who_say_little_alike_are_calm_with_less_confidence(standard: Standard) -> None:
    quiet = {**SUPERVISOR, "level_db": CALM["level_db"]}
    call = call_with(*[CALM_VOICE] * 3, *[quiet] * 3)
    assert ruled(standard, call) == calm(confidence=voice.HALF_SURE)


def test_an_octave_error_is_no_raised_voice(standard: Standard) -> None:
    octave = {**RAISED, "f0_median_hz": 400.0, "f0_p90_hz": 480.0}
    assert ruled(standard, call_with(*[CALM_VOICE] * 6, octave, octave)).status == "unjudged"


def test_a_stretch_after_a_hold_that_is_loud_throughout_raises_doubt(standard: Standard) -> None:
    after = ruled(standard, call_with(*[CALM_VOICE] * 5, "hold", RAISED, RAISED))
    assert (after.status, after.reason) == ("unjudged", Reason.of("voice_doubtful"))
    calm_as_well = call_with(*[CALM_VOICE] * 5, "hold", RAISED, CALM_VOICE, RAISED)
    assert ruled(standard, calm_as_well).status == "fail"


def test_voices_apart() -> None:
    low, low_too, high = (
        Voice(i, -26.0, hz, hz, -8.0, 5.0) for i, hz in enumerate((100, 140, 240))
    )
    unknown = Voice(3, -26.0, None, None, -8.0, 5.0)
    assert voices_apart([high, unknown, low_too, low]) == [[low, low_too, unknown], [high]]
    assert voices_apart([unknown]) == [[unknown]]
    assert voices_apart([]) == []


# --- whatever the call ---------------------------------------------------------------------------

QUARTERS = st.integers(-160, -40).map(lambda quarters: quarters / 4)
"""Levels in dB that add up without rounding."""

VOICES = st.fixed_dictionaries(
    {
        "level_db": QUARTERS,
        "f0_median_hz": st.integers(80, 300).map(float),
        "f0_p90_hz": st.integers(300, 400).map(float),
        "tilt_db": QUARTERS,
    }
)


@settings(deadline=None, max_examples=60)
@given(said=st.lists(VOICES, min_size=4, max_size=12), gain=st.integers(-40, 40))
def test_a_louder_line_changes_nothing(standard: Standard, said: list[Said], gain: int) -> None:
    louder = [{**one, "level_db": one["level_db"] + gain / 4} for one in said]
    assert ruled(standard, call_with(*louder)) == ruled(standard, call_with(*said))


@given(
    levels=st.lists(st.integers(-27, -25).map(float), min_size=2, max_size=8),
    raised=st.data(),
)
def test_the_baseline_is_that_of_the_calm_half(levels: list[float], raised: st.DataObject) -> None:
    own = [
        Voice(index, level, 200.0, 240.0, -8.0, 5.0, level + 60, -14.0, 4.0)
        for index, level in enumerate(levels)
    ]
    over = raised.draw(st.lists(st.integers(8, 25), max_size=len(own)))
    loud = [replace(own[0], over_floor_db=35.0 + db, f0_median_hz=300.0) for db in over]
    assert baseline(own + loud) == baseline(own)
