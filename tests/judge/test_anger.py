"""What an agent must bear calmly: a customer whose voice rises, or who says words of anger."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.judge.dialogue import MANNERS, call_of, dialogue
from pipeline.judge.finding import Finding
from pipeline.judge.judge import case_of
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.rules import Condition, Trigger
from pipeline.judge.weigh import occurrences, weigh
from pipeline.records import Call, Evidence, Reason
from pipeline.settings import default_standard

VOICE = {"score": 4.3, "doubt": 3.2, "utterances": 1, "baseline": 4}
ANGER = Trigger.model_validate({"anger": {"words": "anger", "voice": VOICE}})
CIVIL = Condition.model_validate(
    {
        "each": {
            "of": {"anger": {"words": "anger", "voice": VOICE}},
            "require": {"absent": {"lexicon": "forbidden", "within": {"after": "60s"}}},
        }
    }
)
CALM = ["我家水管漏水了。", "住在三棟五樓。", "電話你們有的。", "昨天開始漏的。"]


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(default_standard())


def call_with(*customer: dict[str, Any], answer: str = "好的，我馬上安排。") -> Call:
    turns: list[dict[str, Any]] = []
    for one in ({"customer": text} for text in CALM):
        turns += [one, {"agent": "好的，我記下來。"}]
    for last in customer:
        turns += [last, {"agent": answer}]
    return call_of(dialogue(turns))


def test_a_risen_voice_and_words_of_anger_are_each_an_occurrence(standard: Standard) -> None:
    call = call_with(
        {"customer": "今天能不能來修啊", "voice": "raised"}, {"customer": "你們太過分了"}
    )
    shouted, abused = (u for u in call.utterances if u.text in ("今天能不能來修啊", "你們太過分了"))
    found = occurrences(ANGER, case_of(call, standard))
    assert [one.sure for one in found] == [True, True]
    over_db = MANNERS["raised"]["level_db"] + 26.0
    assert found[0].evidence == Evidence(shouted.span, "customer", shouted.text, over_db, 2.6, "dB")
    assert found[1].evidence.quote == "太過分"
    assert abused.span.overlap_ms(found[1].span)


def test_a_calm_customer_is_no_occasion(standard: Standard) -> None:
    found = weigh(CIVIL, case_of(call_with(), standard))
    assert found == Finding("not_applicable", Reason.of("no_anger"))


def test_a_customer_of_few_words_has_no_calm_voice_to_rise_from(standard: Standard) -> None:
    call = call_of(dialogue([{"customer": "快來修啊", "voice": "raised"}, {"agent": "好的。"}]))
    assert occurrences(ANGER, case_of(call, standard)) == []


def test_what_the_agent_says_after_it_counts(standard: Standard) -> None:
    angry = {"customer": "你們太過分了"}
    civil, rude = call_with(angry), call_with(angry, answer="你自己看著辦。")
    assert weigh(CIVIL, case_of(civil, standard)).status == "pass"
    assert weigh(CIVIL, case_of(rude, standard)).status == "fail"


def test_who_was_angry_must_be_known(standard: Standard) -> None:
    call = call_with()
    nobody = replace(call, speech=tuple(replace(one, role="unknown") for one in call.speech))
    assert weigh(CIVIL, case_of(nobody, standard)).reason == Reason.of("roles_unknown")


def test_a_situation_that_is_unclear_leaves_a_missing_phrase_open(standard: Standard) -> None:
    rule = Condition.model_validate(
        {
            "choose": {
                "if": {"situation": "emergency"},
                "then": {"phrase": {"lexicon": "act-at-once"}},
            }
        }
    )
    call = call_of(dialogue([{"customer": "有人嗎"}, {"agent": "這裡是管理處，請您慢慢說。"}]))
    case = case_of(call, standard)
    emergency = case.situations["emergency"]

    def ruled(clarity: Any) -> Finding:
        known = {"emergency": replace(emergency, clarity=clarity)}
        return weigh(rule, replace(case, situations=known))

    assert ruled("absent").status == "not_applicable"
    assert ruled("present").status in ("fail", "unjudged")
    assert ruled("unclear").status == "unjudged"


def test_a_manner_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no manner of speaking"):
        dialogue([{"agent": "好", "voice": "grumpy"}])


def test_a_turn_may_begin_before_the_one_above_it_ends() -> None:
    call = call_of(dialogue([{"customer": "一二三四五"}, {"agent": "六七", "overlap": "600ms"}]))
    first, second = (one.span for one in call.utterances)
    assert second.start_ms == first.end_ms - 600
    with pytest.raises(ValueError, match="not both"):
        dialogue([{"agent": "好", "gap": "1s", "overlap": "1s"}])
