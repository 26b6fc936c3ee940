"""What only another spelling says accuses nobody by itself, and is one sign of several of a situation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from pipeline.judge.calltext import Found
from pipeline.judge.checks.certain import is_certain, stands
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.judge import case_of, judge
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.reading import Reading
from pipeline.records import Call, Verdict
from pipeline.settings import default_standard


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(default_standard())


def talk(*turns: tuple[str, str], heard: Mapping[str, str] | None = None) -> Call:
    """A call; ``heard`` tells what was written at first of words in it."""
    call = call_of(dialogue([{role: text} for role, text in turns], {}))
    said = list(call.utterances)
    for words, written in (heard or {}).items():
        said = [
            replace(one, heard=one.text.replace(words, written)) if words in one.text else one
            for one in said
        ]
    return replace(call, utterances=tuple(said))


def found(standard: Standard, call: Call, lexicon: str) -> list[tuple[str, bool]]:
    hits = Reading(call, standard.matcher).find(lexicon)
    return [(hit.quote, hit.respelt) for hit in hits]


def first(standard: Standard, call: Call, lexicon: str) -> Found:
    return Reading(call, standard.matcher).find(lexicon)[0]


def test_a_phrase_knows_whether_it_was_written_otherwise(standard: Standard) -> None:
    turns = ("agent", "您好"), ("customer", "他們太吵了"), ("agent", "煩死了")
    assert found(standard, talk(*turns), "forbidden") == [("煩死了", False)]
    assert found(standard, talk(*turns, heard={"煩死了": "飯死了"}), "forbidden") == [
        ("煩死了", True)
    ]
    # another turn's spelling is another matter
    assert found(standard, talk(*turns, heard={"太吵": "太抄"}), "forbidden") == [("煩死了", False)]


def test_a_short_phrase_that_was_written_otherwise_is_put_to_a_closer_listen(
    standard: Standard,
) -> None:
    turns = ("agent", "您好"), ("customer", "請問幾點"), ("agent", "煩死了")
    written, guessed = talk(*turns), talk(*turns, heard={"煩死了": "飯死了"})
    assert is_certain(first(standard, written, "forbidden"))
    assert not is_certain(first(standard, guessed, "forbidden"))
    assert stands(first(standard, guessed, "forbidden"))
    assert ruled(standard, written).status == "fail"
    assert ruled(standard, guessed).status == "unjudged"


def test_a_long_phrase_of_the_same_sound_stands(standard: Standard) -> None:
    turns = ("agent", "您好"), ("customer", "請問幾點"), ("agent", "你自己不會看嗎")
    guessed = talk(*turns, heard={"你自己不會看嗎": "你自已不會看嗎"})
    assert first(standard, guessed, "forbidden").respelt
    assert ruled(standard, guessed).status == "fail"


def test_a_short_sign_that_was_written_otherwise_makes_no_complaint(standard: Standard) -> None:
    turns = ("agent", "您好"), ("customer", "泳池好吵，幾點開門")
    clear, guessed = talk(*turns), talk(*turns, heard={"好吵": "好早"})
    assert case_of(clear, standard).situations["complaint"].clarity == "present"
    assert case_of(guessed, standard).situations["complaint"].clarity == "absent"


def ruled(standard: Standard, call: Call) -> Verdict:
    return judge(call, standard).scorecard.verdict("4.1.8.4")
