"""Answers known by their likeness to examples: what they accuse of, clear of, and leave in doubt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.errors import StandardError
from pipeline.judge.cases import settled
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.load import load_standard
from pipeline.records import Call, Reason, Span, Verdict
from pipeline.wording.examples import read_examples
from pipeline.wording.learning import taught
from pipeline.wording.lessons import Lesson, Lessons, learned_apart
from tests.judge.test_rules import verdict_on, written

ANSWERS = """\
said,fine\t-\t您好，請坐。
vague\t-\t看情況囉。
vague\t-\t這個看情況吧。
vague\t-\t再說吧，看看。
vague\t-\t到時候再看吧。
vague\t-\t不一定囉，再看看。
rude\t-\t你煩不煩啊。
rude\t-\t你自己不會看啊。
rude\t-\t你急什麼啊。
rude\t-\t關我什麼事啊。
fine\t-\t下午三點前到您家。
fine\t-\t我問了回電給您。
fine\t-\t三樓，右手邊。
fine\t-\t我幫您登記了。
fine\t-\t師傅五點到您家。
fine\t-\t您好，請問哪裡找？
"""
LIKENESSES: list[dict[str, Any]] = [
    {
        "id": "amiss",
        "called": "不妥",
        "like": ["vague", "rude"],
        "sure": 0.8,
        "doubt": 0.3,
        "clear": -1,
    },
    {"id": "evasive", "called": "含糊", "like": ["vague"], "than": ["rude"], "sure": 0, "doubt": 0},
    {"id": "rude", "called": "不客氣", "like": ["rude"], "than": ["vague"], "sure": 0, "doubt": 0},
]
VAGUE = (
    "each: {of: {answer: {like: [amiss, evasive]}}, "
    "require: {phrase: {lexicon: sorry, spoiled_by: amiss, within: {around: 9s}}}}"
)
"""Who answers vaguely must say sorry."""

CIVIL = "unlike: {like: [amiss, rude]}"
BANNED = "absent: {lexicon: urge, cleared_by: amiss}"
"""快點 must not be said, unless in an answer with nothing wrong about it."""

OUT = "each: {of: {said: {lexicon: out, cleared_by: amiss}}, require: {phrase: {lexicon: sorry}}}"


@pytest.fixture(autouse=True)
def learned_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Learning in a process of its own takes seconds."""
    monkeypatch.setattr("pipeline.judge.likenesses.learned_apart", taught)


def lessons_of(folder: Path, **lessons: Lesson) -> Lessons:
    return Lessons({"answers": read_examples(folder / "answers.tsv")}, lessons)


def folder_with(folder: Path, require: str, likenesses: list[dict[str, Any]] = LIKENESSES) -> Path:
    written(folder, require=yaml.safe_load(require))
    file = folder / "standard.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    content["likenesses"] = [{"examples": "answers", **one} for one in likenesses]
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    (folder / "answers.tsv").write_text(ANSWERS, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("require", "turns", "status"),
    [
        (VAGUE, "a您好/c何時/a那要看情況囉", "fail"),
        (VAGUE, "a您好/c何時/a那要看情況囉/c怎麼這樣/a不好意思", "pass"),
        (VAGUE, "a您好/c何時/a不好意思，那要看情況囉，再看看吧", "fail"),
        (VAGUE, "a您好/c何時/a三點前到您家", "not_applicable"),
        (VAGUE, "a您好/c那要看情況囉/a三點前到您家", "not_applicable"),
        (VAGUE, "a您好/c何時/a你煩不煩啊", "not_applicable"),
        # all that is said in one turn, through a sign of listening too, but not through the other's turn
        (VAGUE, "a您好/c何時/a那要看/c嗯/a情況囉", "fail"),
        (CIVIL, "a您好/c何時/a你急什麼啊", "fail"),
        (CIVIL, "a您好/c何時/a那要看情況囉", "pass"),
        (CIVIL, "a您好/c你急什麼啊/a三點前到", "pass"),
        (CIVIL, "a您好/u你煩不煩啊，急什麼啊", "unjudged"),
        (BANNED, "a快點", "fail"),
        (BANNED, "a我幫您登記了，師傅快點到您家", "pass"),
        # the sentence itself must be unlike, whatever stands around it
        (BANNED, "a我幫您登記了，師傅五點到您家。你快點啊。", "fail"),
        (OUT, "a他不在", "fail"),
        (OUT, "a他不在，我問了回電給您", "not_applicable"),
    ],
)
def test_an_answer_like_examples(tmp_path: Path, require: str, turns: str, status: str) -> None:
    verdict = verdict_on(load_standard(folder_with(tmp_path, require)), turns)
    assert verdict.status == status, verdict


def ruled(folder: Path, require: str, call: Call) -> Verdict:
    return settled(call, load_standard(folder_with(folder, require))).verdict("1")


def test_the_turn_is_quoted_and_an_example_named(tmp_path: Path) -> None:
    call = call_of(
        dialogue([{"agent": "您好"}, {"customer": "何時"}, {"agent": "你煩不煩啊？"}], {})
    )
    verdict = ruled(tmp_path, CIVIL, call)
    assert verdict.reason == Reason.of("answer_alike", called="不客氣", example="你煩不煩啊。")
    (evidence,) = verdict.evidence
    assert (evidence.quote, evidence.threshold) == ("你煩不煩啊？", 0.8)
    assert evidence.measured is not None and evidence.measured >= 0.8


def test_what_it_was_taken_for_and_all_that_is_missed_are_told_side_by_side(tmp_path: Path) -> None:
    owed = "{any: [{phrase: {lexicon: sorry}}, {slot: {kind: time, by: agent}}]}"
    rule = f"each: {{of: {{answer: {{like: [amiss, evasive]}}}}, require: {owed}}}"
    verdict = verdict_on(load_standard(folder_with(tmp_path, rule)), "a您好/c何時/a那要看情況囉")
    codes = [part.code for part in verdict.reason.parts]
    assert codes == ["answer_alike", "phrase_missing", "slot_missing"]


def test_what_only_another_spelling_makes_an_answer_say_is_doubt(tmp_path: Path) -> None:
    """Nobody is accused by characters that the engine did not write."""
    call = call_of(
        dialogue([{"agent": "您好"}, {"customer": "何時"}, {"agent": "你煩不煩啊？"}], {})
    )
    *others, answer = call.utterances
    spelt = replace(call, utterances=(*others, replace(answer, heard="您飯步番阿？")))
    assert ruled(tmp_path, CIVIL, spelt).status == "unjudged"


@pytest.mark.parametrize(
    ("clearness", "status"), [(0.69, "fail"), (0.66, "unjudged"), (0.5, "pass")]
)
def test_the_less_was_understood_the_more_like_must_it_be(
    tmp_path: Path, clearness: float, status: str
) -> None:
    turns = [{"agent": "您好"}, {"customer": "何時"}, {"agent": "你煩不煩啊"}]
    call = call_of(dialogue(turns, {}))
    assert ruled(tmp_path, CIVIL, mumbled(call, clearness)).status == status


def test_what_was_hardly_understood_clears_of_nothing(tmp_path: Path) -> None:
    cleared = call_of(dialogue([{"agent": "我幫您登記了，師傅快點到您家"}], {}))
    assert ruled(tmp_path, BANNED, mumbled(cleared, 0.5)).status == "fail"


def mumbled(call: Call, clearness: float) -> Call:
    """The same words, recognition as sure of each."""
    return replace(
        call,
        utterances=tuple(
            replace(one, words=tuple(replace(word, probability=clearness) for word in one.words))
            for one in call.utterances
        ),
    )


@pytest.mark.parametrize(
    ("change", "key", "got"),
    [
        ({"like": ["vage"]}, "like", "kind 'vage', of which answers.tsv has no example"),
        ({"like": ["vague", "rude", "fine", "said"]}, "like", "every kind there is in answers.tsv"),
        ({"like": ["vague"], "than": ["vague"]}, "like", "every kind there is in vague"),
        (
            {"like": ["fine"], "than": ["said"]},
            "like",
            "a kind that every example of said is of as well",
        ),
    ],
)
def test_kinds_without_examples_are_named(
    tmp_path: Path, change: dict[str, Any], key: str, got: str
) -> None:
    folder = folder_with(tmp_path, "phrase: {lexicon: greeting}", [{**LIKENESSES[0], **change}])
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert error.value.got == got
    line = int(error.value.where.rpartition(":")[2])
    written_there = (folder / "standard.yaml").read_text(encoding="utf-8").splitlines()[line - 1]
    assert f"{key}:" in written_there or "- " in written_there


@pytest.mark.parametrize(
    "bounds", [{"sure": 1, "doubt": 2}, {"sure": 1, "doubt": 0.5, "clear": 0.5}]
)
def test_bounds_out_of_order_are_refused(tmp_path: Path, bounds: dict[str, float]) -> None:
    folder = folder_with(tmp_path, "phrase: {lexicon: greeting}", [{**LIKENESSES[0], **bounds}])
    with pytest.raises(StandardError, match=r"doubt|clear"):
        load_standard(folder)


def test_a_likeness_that_is_not_defined_is_named(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "unlike: {like: rud}")
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert (error.value.got, error.value.hint) == ("likeness 'rud'", "Did you mean 'rude'?")


def test_a_missing_file_of_examples_is_named(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, CIVIL)
    (folder / "answers.tsv").unlink()
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert error.value.where.startswith(f"{folder / 'standard.yaml'}:")
    assert error.value.got == "examples 'answers' (no file answers.tsv beside it)"


def test_what_a_process_apart_learns_is_the_same(tmp_path: Path) -> None:
    folder_with(tmp_path, CIVIL)
    asked = lessons_of(tmp_path, amiss=Lesson("answers", ("vague", "rude"), ("fine",)))
    assert learned_apart(asked) == taught(asked)


PUT = "phrase: {lexicon: offer, like: amiss, within: {first_turns: 1}}"
"""「有什麼可以幫您」, or what is like answers that are amiss, in the agent's first turn."""


@pytest.mark.parametrize(
    ("turns", "status", "code"),
    [
        ("a有什麼可以幫您/c您好", "pass", "phrase_said"),
        ("a這個看情況吧，再看看囉/c您好", "pass", "phrase_alike"),
        ("a師傅五點到您家/c您好", "fail", "phrase_missing"),
        # only where it belongs, and by who owes it
        ("a師傅五點到您家/c請問那是什麼時候/a這個看情況吧", "fail", "phrase_missing"),
        ("c這個看情況吧，再看看囉/a您好", "fail", "phrase_missing"),
    ],
)
def test_a_phrase_may_be_put_otherwise(tmp_path: Path, turns: str, status: str, code: str) -> None:
    verdict = verdict_on(load_standard(folder_with(tmp_path, PUT)), turns)
    assert (verdict.status, verdict.reason.code) == (status, code), verdict


def test_a_phrase_that_may_have_been_put_otherwise_is_doubt(tmp_path: Path) -> None:
    unsure = [
        {**one, "sure": 99, "doubt": 0} if one["id"] == "amiss" else one for one in LIKENESSES
    ]
    folder = folder_with(tmp_path, PUT, unsure)
    verdict = verdict_on(load_standard(folder), "a這個看情況吧/c您好")
    assert (verdict.status, verdict.reason) == (
        "unjudged",
        Reason.of("perhaps_otherwise", phrase="有什麼可以幫您", hints="這個看情況吧"),
    )


def test_words_over_which_nobody_speaks_put_nothing_otherwise(tmp_path: Path) -> None:
    call = call_of(
        dialogue([{"agent": "這個看情況吧，再看看囉"}, {"customer": "您好，請問是哪裡"}], {})
    )
    later = [
        replace(one, span=Span(one.span.end_ms - 100, one.span.end_ms))
        if one.role == "agent"
        else one
        for one in call.speech
    ]
    made_up = replace(call, speech=tuple(later))
    assert [ruled(tmp_path, PUT, one).status for one in (call, made_up)] == ["pass", "fail"]


def test_of_what_spans_a_hold_only_the_words_before_it_ask_for_it(tmp_path: Path) -> None:
    phrase = "{lexicon: wait, like: amiss, within: {before: 12s}}"
    asked = f"each: {{of: {{event: hold}}, require: {{phrase: {phrase}}}}}"
    standard = load_standard(folder_with(tmp_path, asked))
    after = "c何時/a我查一下，等一下/-9s/a這個看情況吧，再看看囉"
    before = "c何時/a這個看情況吧，再看看囉，等一下/-9s/a久等了"
    assert [verdict_on(standard, turns).status for turns in (after, before)] == ["fail", "pass"]


def test_like_tells_of_one_phrase(tmp_path: Path) -> None:
    with pytest.raises(StandardError, match="like tells of one phrase"):
        load_standard(folder_with(tmp_path, "phrase: {all: [offer, greeting], like: amiss}"))


def test_what_learns_is_ours_wherever_a_run_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder named ``pipeline`` where the command is given is somebody else's."""
    (tmp_path / "pipeline").mkdir()
    (tmp_path / "pipeline" / "__init__.py").write_text("raise SystemExit('not ours')")
    monkeypatch.chdir(tmp_path)
    folder_with(tmp_path, CIVIL)
    asked = lessons_of(tmp_path, rude=Lesson("answers", ("rude",), ("vague",)))
    assert learned_apart(asked) == taught(asked)
