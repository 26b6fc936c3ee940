"""An utterance's characters are put anew; its times, marks and numerals, and what was heard, stay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.listen.spelling import respelt
from pipeline.records import Judged, Span, Utterance, Word
from pipeline.wording.masking import MASK
from pipeline.wording.shown import as_shown
from pipeline.wording.usage import Usage, front_desk_usage
from tests.wording import made


@pytest.fixture(scope="module")
def usage() -> Usage:
    return front_desk_usage()


def utterance(*texts: str, probability: float = 0.6) -> Utterance:
    words = (
        Word(text, Span(500 * at, 500 * at + 400), probability) for at, text in enumerate(texts)
    )
    return Utterance("customer", 1, tuple(words))


def one(said: Utterance, usage: Usage) -> Utterance:
    (found,) = respelt([said], usage)
    return found


def test_words_keep_their_times_and_what_was_heard_is_kept(usage: Usage) -> None:
    heard = utterance("握", "假", "的", "熱稅", "期")
    meant = one(heard, usage)
    assert [word.text for word in meant.words] == ["我", "家", "的", "熱水", "器"]
    assert [(w.span, w.probability) for w in meant.words] == [
        (w.span, w.probability) for w in heard.words
    ]
    assert meant.heard == "握假的熱稅期"
    assert meant.words_heard == heard.words


def test_what_makes_sense_is_left_as_it_is(usage: Usage) -> None:
    said = utterance("您好", ",", "我家", "漏水。")
    assert one(said, usage) is said
    assert said.words_heard == said.words


def test_marks_numerals_and_letters_stay_and_part_what_is_said(usage: Usage) -> None:
    heard = utterance("請少等,", "15", "分鐘", " OK,", "要躲救?")
    assert one(heard, usage).text == "請稍等,15分鐘 OK,要多久?"


def test_a_character_that_is_a_word_of_its_own_in_traditional_script_stays(usage: Usage) -> None:
    assert one(utterance("乾淨的,", "後面"), usage).heard == ""


@pytest.mark.parametrize(
    "private",
    [
        "我叫趙丽华",
        "我姓史",
        "我是李燕",
        "劉先生您好",
        "我住二棟七樓二室",
        "车牌粤B四六八四六",
        "我的電話是幺三三五七四六二幺六三",
    ],
)
def test_names_addresses_and_numbers_stay_as_heard(usage: Usage, private: str) -> None:
    assert one(utterance(private, probability=0.8), usage).text == private


PIECES = st.sampled_from(
    [
        "我姓",
        "王",
        "史",
        "趙麗華",
        "先生",
        "二棟七樓二室",
        "幺三三五七四六二",
        "握假",
        "熱稅期",
        "，",
        "電話",
    ]
)


@given(st.lists(st.lists(PIECES, min_size=1, max_size=8), min_size=1, max_size=4), st.floats(0, 1))
def test_no_more_of_anybody_is_shown_than_of_what_was_heard(
    usage: Usage, said: list[list[str]], probability: float
) -> None:
    heard = tuple(utterance(*texts, probability=probability) for texts in said)
    anew = respelt(heard, usage)
    hidden, shown = (
        as_shown(Judged(replace(made.CALL, utterances=some), made.CARD)).call.utterances
        for some in (heard, anew)
    )
    for before, after in zip(hidden, shown, strict=True):
        assert after.heard == ""
        for old, new in zip(before.text, after.text, strict=True):
            assert new == MASK or old != MASK


def test_what_was_heard_is_not_shown() -> None:
    said = replace(made.said("agent", 0, 0, "我姓 王 水管 漏水"), heard="我姓亡水管漏谁")
    call = Judged(replace(made.CALL, utterances=(said,)), made.CARD)
    for unmasked, text in ((False, "我姓＊水管漏水"), (True, "我姓王水管漏水")):
        (shown,) = as_shown(call, unmasked=unmasked).call.utterances
        assert (shown.text, shown.heard) == (text, "")


def test_what_was_spelt_before_keeps_what_was_heard(usage: Usage) -> None:
    anew = replace(utterance("請少等一夏"), heard="輕少等一夏")
    assert one(anew, usage).heard == "輕少等一夏"
