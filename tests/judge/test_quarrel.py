"""A quarrel is several different parts together, words among them; the customer's doings are none of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.judge.checks import quarrel
from pipeline.judge.dialogue import USUAL, call_of, dialogue
from pipeline.judge.finding import Finding
from pipeline.judge.judge import case_of
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.sound_rules import Exchange, Quarrel
from pipeline.records import Call, Evidence, Reason, Span
from pipeline.settings import default_standard

RULE = Quarrel.model_validate(
    {
        "at_least": 3,
        "stretch": "30s",
        "contradiction": "contradiction",
        "forbidden": "forbidden",
        "voice": {"score": 4.3, "doubt": 3.2, "utterances": 2, "baseline": 4},
    }
)
CALM: list[Any] = [
    {"agent": "您好，請問有什麼可以幫到您？"},
    {"customer": "我要問停車費的事情。"},
    {"agent": "好的，請問您的車牌號碼？"},
    {"customer": "尾號是八八二六。"},
    {"agent": "好的，我這邊幫您查一下。"},
    {"customer": "好，你查。"},
    {"agent": "系統顯示您停了兩天車。"},
]
CUSTOMER = {"customer": "我那兩天根本就沒有開車過來你們這裡"}
ARGUES = {"agent": "你搞錯了你自己明明停了兩天"}
AGREES = {"agent": "好的那我再幫您核對一次記錄"}
COMES_IN = {"overlap": "1s"}


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(default_standard())


def call_with(*turns: dict[str, Any]) -> Call:
    return call_of(dialogue([*CALM, *turns]))


def ruled(standard: Standard, call: Call, rule: Quarrel = RULE) -> Finding:
    return quarrel.check(case_of(call, standard), rule)


def parts_of(finding: Finding) -> tuple[str, str, str]:
    ((_, parts),) = finding.reason.details
    return finding.status, finding.reason.code, parts


def hot(words: dict[str, str], **voice: Any) -> list[dict[str, Any]]:
    """The customer speaks and the agent comes in, twice."""
    return [CUSTOMER, {**words, **COMES_IN, **voice}] * 2


def test_overlap_rate_and_contradiction_are_a_quarrel_with_their_evidence(
    standard: Standard,
) -> None:
    call = call_with(*hot(ARGUES, voice="hasty"))
    text = ARGUES["agent"]
    spans = [one.span for one in call.utterances if one.text == text]
    found = ruled(standard, call)
    assert parts_of(found) == ("fail", "quarrel", "overlap、rate、contradiction")
    assert found.confidence == quarrel.SURE
    assert [one for one in found.evidence if one.unit] == [
        evidence
        for span in spans
        for evidence in (
            Evidence(Span(span.start_ms, span.start_ms + 1000), "agent", None, 1.0, None, "s"),
            Evidence(span, "agent", text, 7.5, 6.8, "syllables/s"),
        )
    ]
    assert "你搞錯了" in {one.quote for one in found.evidence}


def test_a_raised_voice_is_one_part_more_and_makes_it_surer(standard: Standard) -> None:
    manner = {"level_db": -15.0, "f0_median_hz": 260.0, "f0_p90_hz": 330.0, "tilt_db": -2.0}
    found = ruled(standard, call_with(*hot(ARGUES, voice={**manner, "rate": 7.5})))
    assert parts_of(found) == ("fail", "quarrel", "overlap、level、rate、contradiction")
    assert found.confidence == round(quarrel.SURE + quarrel.MORE_SURE, 2)


def test_two_parts_are_no_quarrel(standard: Standard) -> None:
    found = ruled(standard, call_with(*hot(ARGUES)))
    assert parts_of(found) == ("pass", "quarrel_little", "overlap、contradiction")


def test_loud_quick_and_overlapping_without_words_is_for_a_person(standard: Standard) -> None:
    manner = {"level_db": -15.0, "f0_median_hz": 260.0, "f0_p90_hz": 330.0, "tilt_db": -2.0}
    found = ruled(standard, call_with(*hot(AGREES, voice={**manner, "rate": 7.5})))
    assert parts_of(found) == ("unjudged", "quarrel_wordless", "overlap、level、rate")


def test_parts_far_apart_are_no_quarrel(standard: Standard) -> None:
    call = call_with(*hot(AGREES, voice="hasty"), {"silence": "40s"}, ARGUES)
    assert parts_of(ruled(standard, call)) == ("pass", "quarrel_little", "overlap、rate")


def test_what_the_customer_does_is_no_part_of_it(standard: Standard) -> None:
    shouts = {"customer": "你搞錯了是你自己明明算錯了", "voice": "raised", **COMES_IN}
    call = call_with(*[{"agent": "先生請您先聽我把話說完好嗎"}, shouts] * 3)
    assert ruled(standard, call) == Finding(
        "pass", Reason.of("quarrel_none"), confidence=quarrel.SURE
    )


def test_coming_in_once_is_no_part(standard: Standard) -> None:
    call = call_with(CUSTOMER, {**ARGUES, **COMES_IN, "voice": "hasty"})
    assert parts_of(ruled(standard, call)) == ("pass", "quarrel_little", "rate、contradiction")


def test_a_civil_correction_is_half_a_contradiction(standard: Standard) -> None:
    civil = {"agent": "不是這樣的先生系統上面有照片"}
    found = ruled(standard, call_with(*hot(civil, voice="hasty")))
    assert parts_of(found) == ("pass", "quarrel_little", "overlap、rate")


def test_words_that_are_forbidden_do_not_count_twice(standard: Standard) -> None:
    rude = {"agent": "沒有就是沒有你自己看著辦吧"}
    found = ruled(standard, call_with(*hot(rude)))
    assert parts_of(found)[2].split("、") == ["overlap", "contradiction", "forbidden"]
    both = {"agent": "我騙你幹什麼你自己看著辦吧"}
    assert parts_of(ruled(standard, call_with(*hot(both)))) == (
        "pass",
        "quarrel_little",
        "overlap、forbidden",
    )


def test_what_cannot_be_heard_leaves_open_what_the_words_do_not_settle(standard: Standard) -> None:
    few = [CUSTOMER, {**ARGUES, **COMES_IN}] * 2
    found = ruled(standard, call_of(dialogue(few)))
    assert parts_of(found) == ("unjudged", "quarrel_unheard", "level、rate")
    civil = [CUSTOMER, {**AGREES, **COMES_IN}] * 2
    assert parts_of(ruled(standard, call_of(dialogue(civil)))) == (
        "pass",
        "quarrel_little",
        "overlap",
    )


def test_a_voice_above_the_usual_throughout_has_no_calm_to_be_raised_from(
    standard: Standard,
) -> None:
    forceful = {"f0_median_hz": 260.0, "f0_p90_hz": 330.0, "flux_db": 5.0}
    calm = [{**turn, "voice": forceful} if "agent" in turn else turn for turn in CALM]
    call = call_of(dialogue([*calm, *hot(ARGUES, voice=forceful)]))
    known = replace(call, usual=USUAL)
    assert parts_of(ruled(standard, call)) == ("pass", "quarrel_little", "overlap、contradiction")
    assert parts_of(ruled(standard, known)) == ("unjudged", "quarrel_unheard", "level")


def test_few_utterances_as_usual_are_not_raised(standard: Standard) -> None:
    rule = RULE.model_copy(update={"at_least": 4})
    call = call_of(dialogue([CUSTOMER, {**ARGUES, **COMES_IN}] * 2))
    assert parts_of(ruled(standard, call, rule)) == ("unjudged", "quarrel_unheard", "level、rate")
    known = replace(call, usual=USUAL)
    assert parts_of(ruled(standard, known, rule)) == (
        "pass",
        "quarrel_little",
        "overlap、contradiction",
    )


def test_mono_with_roles_unknown_is_open_only_if_somebody_argues(standard: Standard) -> None:
    argues, agrees = (
        call_of(dialogue([{"unknown": "我沒有停過車"}, {"unknown": words["agent"]}]))
        for words in (ARGUES, AGREES)
    )
    assert ruled(standard, argues).reason == Reason.of("roles_unknown")
    assert ruled(standard, agrees).status == "pass"


def test_voices_at_once_on_mono_raise_doubt_at_most(standard: Standard) -> None:
    stereo = call_with(*hot(ARGUES, voice="hasty"))
    mono = replace(stereo, channels=1)
    assert parts_of(ruled(standard, mono)) == (
        "unjudged",
        "quarrel_doubtful",
        "overlap、rate、contradiction",
    )


def test_an_agent_who_says_nothing_is_not_ruled_on(standard: Standard) -> None:
    silent = call_of(dialogue([CUSTOMER]))
    assert ruled(standard, silent).reason == Reason.of("no_agent_speech")


def test_only_the_time_after_an_occurrence_is_asked_about(standard: Standard) -> None:
    call = call_with(*hot(ARGUES, voice="hasty"))
    case = case_of(call, standard)
    soon = RULE.model_copy(update={"after": 60_000})
    before, after = Span(0, 2_000), Span(call.duration_ms - 1_000, call.duration_ms)
    assert quarrel.check(replace(case, occurrence=before), soon).status == "fail"
    assert quarrel.check(replace(case, occurrence=after), soon).status == "pass"


RUDE = {"agent": "您是頭一天住樓房吧，這點動靜都受不了？"}


def test_a_rude_answer_is_a_part_of_its_own(standard: Standard) -> None:
    rule = RULE.model_copy(update={"manner": ("amiss", "rude")})
    call = call_with(*hot(RUDE, voice="hasty"))
    assert parts_of(ruled(standard, call, rule)) == ("fail", "quarrel", "overlap、rate、manner")
    assert parts_of(ruled(standard, call)) == ("pass", "quarrel_little", "overlap、rate")


# --- of words alone ------------------------------------------------------------------------------

OF_WORDS = RULE.model_copy(
    update={"exchange": Exchange(turns=4, doubt=3, protest=("anger", "objects-manner"))}
)
SHARP = ("你跟我喊也沒有用", "你想怎麼樣，關你什麼事", "你要投訴就去投訴，隨便你", "你煩不煩啊")
PROTEST = "你這是什麼態度"
PLAIN = "我昨天就打過電話了"


def in_turn(count: int, *customer: str) -> Call:
    """So many sharp turns of the agent's, each after words of the customer's."""
    turns = [
        turn
        for sharp, said in zip(SHARP[:count], customer, strict=True)
        for turn in ({"customer": said}, {"agent": sharp})
    ]
    return call_with(*turns)


@pytest.mark.parametrize(
    ("call", "status", "code"),
    [
        (in_turn(4, PLAIN, PROTEST, PLAIN, PLAIN), "fail", "quarrel_of_words"),
        (in_turn(3, PLAIN, PROTEST, PROTEST), "unjudged", "quarrel_doubtful"),
        (in_turn(3, PLAIN, PROTEST, PLAIN), "pass", "quarrel_little"),
        (in_turn(4, PLAIN, PLAIN, PLAIN, PLAIN), "pass", "quarrel_little"),
        (in_turn(1, PROTEST), "pass", "quarrel_little"),
    ],
)
def test_sharp_words_turn_after_turn(
    standard: Standard, call: Call, status: str, code: str
) -> None:
    finding = ruled(standard, call, OF_WORDS)
    assert (finding.status, finding.reason.code) == (status, code)


def test_sharp_words_are_no_quarrel_where_the_standard_does_not_say_so(standard: Standard) -> None:
    finding = ruled(standard, in_turn(4, PLAIN, PROTEST, PLAIN, PLAIN))
    assert (finding.status, finding.reason.code) == ("pass", "quarrel_little")


def test_doubt_beyond_what_is_sure_is_refused() -> None:
    with pytest.raises(ValueError, match="beyond 4"):
        Exchange(turns=4, doubt=5, protest=("anger",))
