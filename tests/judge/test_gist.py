"""What a call as a whole is like: the situations and clauses it decides, and those it leaves to words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.errors import StandardError
from pipeline.judge.cases import settled
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.judge import case_of, judge
from pipeline.judge.load import load_standard
from pipeline.records import Answer, Call, Reason, Span, Verdict
from pipeline.wording.learning import taught
from tests.judge.test_alike import ANSWERS, mumbled
from tests.judge.test_rules import verdict_on, written

LEAKS = (
    "廚房的天花板一直往下滴，地上都是水",
    "浴室的磚縫在冒水，踩上去濕答答的",
    "陽台的排水口堵住了，水退不下去",
    "洗手盆底下那條管子裂了一道",
    "馬桶沖完一直流，整夜聽到水聲",
    "熱水器底下漏得很厲害，拿桶子接著",
)
FEES = (
    "這個月的管理費算多少，單子還沒收到",
    "車位一個月租多少錢，可以刷卡嗎",
    "訪客停車怎麼收費，過夜另外算嗎",
    "門禁卡補一張多少錢，要帶什麼證件",
    "會所游泳一次多少錢，小孩半價嗎",
    "押金什麼時候退，退到哪個帳戶",
)
SHARP = "你煩不煩啊，關我什麼事啊"
MILD = "我幫您登記了，師傅五點到您家"
WHOLE = {"like": "leaky", "shown_by": "amiss", "at_least": 0.5}


def examples() -> str:
    """Six calls about leaks and six about fees, each of three of the sentences."""
    return "".join(
        f"{kind}\t{'／'.join(said[(at + step) % 6] for step in range(3))}\t{kind}{at}，我看一下\n"
        for kind, said in (("leak", LEAKS), ("fee", FEES))
        for at in range(6)
    )


@pytest.fixture(autouse=True)
def learned_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learning in a process of its own takes seconds."""
    monkeypatch.setattr("pipeline.judge.likenesses.learned_apart", taught)


def folder_with(folder: Path, situation: dict[str, Any] | None = None, **clause: Any) -> Path:
    """A standard whose situation ``repair`` is also known by the calls it is like."""
    written(folder, **clause)
    file = folder / "standard.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["situations"][0].update(situation or {})
    content["likenesses"] = [
        {"id": "leaky", "called": "漏水的事", "examples": "calls", "of": "call", "like": ["leak"],
         "sure": 0.3, "doubt": 0, "clear": -0.3},
        {"id": "amiss", "called": "不妥", "examples": "answers", "like": ["rude"], "sure": 0.8, "doubt": 0.3},
    ]  # fmt: skip
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    (folder / "calls.tsv").write_text(examples(), encoding="utf-8")
    (folder / "answers.tsv").write_text(ANSWERS, encoding="utf-8")
    return folder


def talk(said: tuple[str, ...], answer: str = "好的") -> str:
    """A long call in which the customer says all of something, and the agent one thing at the end."""
    turns = "/".join(f"c{sentence}/a嗯，{at}樓" for at, sentence in enumerate(said * 2))
    return f"a您好/{turns}/a{answer}"


def spoken(turns: str) -> Call:
    roles = {"a": "agent", "c": "customer", "u": "unknown"}
    return call_of(dialogue([{roles[turn[0]]: turn[1:]} for turn in turns.split("/")], {}))


@pytest.mark.parametrize(("said", "like", "unlike"), [(LEAKS, True, False), (FEES, False, True)])
def test_such_calls_are_long_enough_and_surely_of_one_side(
    tmp_path: Path, said: tuple[str, ...], like: bool, unlike: bool
) -> None:
    """What the other tests here stand on."""
    standard = load_standard(folder_with(tmp_path, **APPLIES))
    gist = case_of(spoken(talk(said)), standard).gists["leaky"]
    assert (gist.is_like, gist.is_unlike) == (like, unlike)


@pytest.mark.parametrize("clearness", [0.7, 0.6])
def test_the_less_of_a_call_was_understood_the_further_must_it_reach(
    tmp_path: Path, clearness: float
) -> None:
    standard = load_standard(folder_with(tmp_path, **APPLIES))
    for said in (LEAKS, FEES):
        gist = case_of(mumbled(spoken(talk(said)), clearness), standard).gists["leaky"]
        assert (gist.is_like or gist.is_unlike) == (clearness == 0.7)


def test_what_only_another_spelling_makes_a_call_like_is_not_sure(tmp_path: Path) -> None:
    """Spelt as a call about leaks, and written by the engine as one about fees."""
    call = spoken(talk(LEAKS))
    written = replace(
        call,
        utterances=tuple(
            replace(one, heard=(FEES[at % 6] * 3)[: len(one.text)])
            for at, one in enumerate(call.utterances)
        ),
    )
    standard = load_standard(folder_with(tmp_path, **APPLIES))
    gist = case_of(written, standard).gists["leaky"]
    assert (gist.is_like, gist.is_unlike) == (False, False)


def test_who_is_about_something_as_a_whole_has_no_words_to_overhear(tmp_path: Path) -> None:
    """An answer of the closer listen that is doubtful stays so: nothing was said in its place."""
    then = {"choose": {"if": {"situation": "repair"}, "then": {"phrase": {"lexicon": "sorry"}}}}
    standard = load_standard(folder_with(tmp_path, {"like": "leaky"}, require=then))
    call = spoken(talk(LEAKS))
    (question,) = judge(call, standard).questions
    doubtful = Answer(question, -1.5, "不好意思", Span(2_000, 2_800))
    verdict = judge(call, standard, [doubtful]).scorecard.verdict("1")
    assert (verdict.status, verdict.reason.code) == ("unjudged", "phrase_doubtful")


@pytest.mark.parametrize(("longest", "status"), [("10s", "fail"), ("600s", "pass")])
def test_talk_that_only_the_whole_tells_of_lasts_as_long_as_the_call(
    tmp_path: Path, longest: str, status: str
) -> None:
    rule = {"duration": {"situation": "repair", "longest": longest, "doubt": "1s"}}
    standard = load_standard(folder_with(tmp_path, {"like": "leaky"}, require=rule))
    assert verdict_on(standard, talk(LEAKS)).status == status


def test_beside_another_matter_its_length_is_doubt(tmp_path: Path) -> None:
    rule = {"duration": {"situation": "repair", "longest": "10s", "doubt": "1s"}}
    standard = load_standard(folder_with(tmp_path, {"like": "leaky"}, require=rule))
    verdict = verdict_on(standard, talk(LEAKS) + "/c電梯不動了")
    assert (verdict.status, verdict.reason.code) == ("unjudged", "talk_doubtful")


APPLIES = {"applies": {"situation": ["repair"]}, "require": {"phrase": {"lexicon": "greeting"}}}
LEAKING = "c我家水管漏水了/"
"""Words by which ``repair`` is there, as far as words go."""


@pytest.mark.parametrize(
    ("situation", "turns", "status"),
    [
        ({}, talk(LEAKS), "not_applicable"),
        ({"like": "leaky"}, talk(LEAKS), "pass"),
        ({}, LEAKING + talk(FEES), "pass"),
        ({"like": "leaky"}, LEAKING + talk(FEES), "not_applicable"),
        # words that are twice as plain as need be stand all the same
        ({"like": "leaky", "sure": 2, "doubt": 1}, LEAKING + talk(FEES), "pass"),
        ({"unlike": "leaky"}, LEAKING + talk(LEAKS), "not_applicable"),
        ({"unlike": "leaky"}, LEAKING + talk(FEES), "pass"),
        # who speaks is not asked
        ({"like": "leaky"}, talk(LEAKS).replace("/c", "/u"), "pass"),
        # a call too short to be like whole calls has its words only
        ({"like": "leaky"}, f"a您好/c{LEAKS[0]}", "not_applicable"),
        ({"like": "leaky"}, f"a您好/{LEAKING}c{FEES[0]}", "pass"),
    ],
)
def test_what_a_call_is_about_as_a_whole(
    tmp_path: Path, situation: dict[str, Any], turns: str, status: str
) -> None:
    verdict = verdict_on(load_standard(folder_with(tmp_path, situation, **APPLIES)), turns)
    assert verdict.status == status, verdict


def test_a_visit_is_not_held_against_calls(tmp_path: Path) -> None:
    standard = load_standard(folder_with(tmp_path, {"like": "leaky"}, **APPLIES))
    assert verdict_on(standard, talk(LEAKS), {"kind": "visit"}).status == "not_applicable"


def ruled(folder: Path, turns: str) -> Verdict:
    clause = {"require": {"absent": {"lexicon": "rude"}}, "whole": WHOLE}
    return verdict_on(load_standard(folder_with(folder, **clause)), turns)


def test_a_call_like_those_in_which_it_was_broken_fails_by_an_answer_that_shows_it(
    tmp_path: Path,
) -> None:
    verdict = ruled(tmp_path, talk(LEAKS, SHARP))
    assert (verdict.status, verdict.reason) == ("fail", Reason.of("call_alike", called="漏水的事"))
    (evidence,) = verdict.evidence
    assert (evidence.quote, evidence.role, evidence.threshold) == (f"嗯，11樓{SHARP}", "agent", 0.5)


@pytest.mark.parametrize(
    ("turns", "status", "reason"),
    [
        # nothing to point at
        (talk(LEAKS, MILD), "unjudged", Reason.of("call_perhaps", called="漏水的事")),
        # a sharp answer in a call that is nothing like them is no such call
        (talk(FEES, SHARP), "pass", Reason.of("forbidden_none")),
        # nor is one too short to tell
        (f"a您好/c{LEAKS[0]}/a{SHARP}", "pass", Reason.of("forbidden_none")),
    ],
)
def test_nobody_is_accused_without_both(
    tmp_path: Path, turns: str, status: str, reason: Reason
) -> None:
    verdict = ruled(tmp_path, turns)
    assert (verdict.status, verdict.reason.code) == (status, reason.code), verdict


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        # in a call that is nothing like those in which it was broken one answer may have been misheard
        (["煩死了"], "unjudged"),
        ([SHARP], "unjudged"),
        ([f"煩死了，{SHARP}"], "unjudged"),
        # and a list that is too wide errs twice as easily
        (["煩死了", "神經病"], "unjudged"),
        (["煩死了", SHARP], "fail"),
    ],
)
def test_what_was_said_in_two_answers_of_two_kinds_stands_whatever_the_call_is_like(
    tmp_path: Path, answers: list[str], status: str
) -> None:
    both = {"all": [{"absent": {"lexicon": "rude"}}, {"unlike": {"like": "amiss"}}]}
    standard = load_standard(folder_with(tmp_path, require=both, whole=WHOLE))
    turns = "/".join(f"c{fee}/a{answer}" for fee, answer in zip(FEES, answers, strict=False))
    assert verdict_on(standard, f"{talk(FEES)}/{turns}").status == status


def test_where_nobody_knows_who_said_it_nobody_is_accused(tmp_path: Path) -> None:
    verdict = ruled(tmp_path, talk(LEAKS, SHARP).replace("/a", "/u"))
    assert (verdict.status, verdict.reason.code) == ("unjudged", "roles_unknown")
    assert verdict.evidence[0].quote is not None and SHARP in verdict.evidence[0].quote


def test_a_call_may_break_what_its_own_rule_finds_nothing_to_judge_in(tmp_path: Path) -> None:
    each = {
        "each": {"of": {"said": {"lexicon": "out"}}, "require": {"phrase": {"lexicon": "sorry"}}}
    }
    standard = load_standard(folder_with(tmp_path, require=each, whole=WHOLE))
    found = [verdict_on(standard, talk(said, SHARP)).status for said in (LEAKS, FEES)]
    assert found == ["fail", "not_applicable"]


def test_in_some_situations_the_whole_tells_nothing(tmp_path: Path) -> None:
    whole = {**WHOLE, "unless": ["repair"]}
    clause = {"require": {"absent": {"lexicon": "rude"}}, "whole": whole}
    standard = load_standard(folder_with(tmp_path, **clause))
    told = [verdict_on(standard, more + talk(LEAKS, SHARP)).status for more in ("", LEAKING)]
    assert told == ["fail", "pass"]


def test_a_missing_phrase_in_a_call_that_is_nothing_like_those_is_doubt(tmp_path: Path) -> None:
    clause = {"require": {"phrase": {"lexicon": "sorry"}}, "whole": WHOLE}
    verdict = verdict_on(load_standard(folder_with(tmp_path, **clause)), talk(FEES))
    assert (verdict.status, [part.code for part in verdict.reason.parts]) == (
        "unjudged",
        ["call_unlike", "phrase_missing"],
    )


def test_what_is_still_to_be_listened_for_is(tmp_path: Path) -> None:
    clause = {"require": {"phrase": {"lexicon": "sorry"}}, "whole": WHOLE}
    standard = load_standard(folder_with(tmp_path, **clause))
    verdict = verdict_on(standard, talk(LEAKS, MILD))
    assert (verdict.status, verdict.reason.code) == ("fail", "phrase_missing")


def test_a_breach_in_a_call_that_is_nothing_like_those_is_doubt(tmp_path: Path) -> None:
    verdict = ruled(tmp_path, talk(FEES, "你神經病"))
    assert (verdict.status, [part.code for part in verdict.reason.parts]) == (
        "unjudged",
        ["call_unlike", "forbidden_said"],
    )
    assert [one.quote for one in verdict.evidence] == ["神經病"]


def test_a_raised_voice_is_one_whatever_is_said(tmp_path: Path) -> None:
    raised = {"raised_voice": {"score": 4.8, "doubt": 1.4, "utterances": 2, "baseline": 4}}
    standard = load_standard(folder_with(tmp_path, require=raised, whole=WHOLE))
    turns: list[dict[str, str]] = [{"agent": "您好，這裡是管理處"}]
    for at, sentence in enumerate(FEES * 2):
        turns += [{"customer": sentence}, {"agent": "好的，我幫您看一下單子"}]
        if at in (7, 9):
            turns[-1]["voice"] = "raised"
    verdict = settled(call_of(dialogue(turns, {})), standard).verdict("1")
    assert (verdict.status, verdict.reason.code) == ("fail", "voice_raised")


def test_a_breach_found_by_words_stays_what_it_is(tmp_path: Path) -> None:
    verdict = ruled(tmp_path, talk(LEAKS, "你神經病"))
    assert (verdict.status, verdict.reason.code) == ("fail", "forbidden_said")


@pytest.mark.parametrize(
    ("situation", "clause", "got"),
    [
        ({"like": "amiss"}, {}, "call likeness 'amiss'"),
        ({}, {"whole": {**WHOLE, "like": "amiss"}}, "call likeness 'amiss'"),
        ({}, {"whole": {**WHOLE, "shown_by": "leaky"}}, "likeness 'leaky'"),
        ({}, {"require": {"unlike": {"like": "leaky"}}}, "likeness 'leaky'"),
    ],
)
def test_likenesses_of_calls_and_of_answers_are_kept_apart(
    tmp_path: Path, situation: dict[str, Any], clause: dict[str, Any], got: str
) -> None:
    folder = folder_with(
        tmp_path, situation, **{"require": {"absent": {"lexicon": "rude"}}, **clause}
    )
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert error.value.got == got
