"""An utterance's characters are put anew; its times, marks and numerals, and what was heard, stay."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.listen.spelling import spelt
from pipeline.records import Judged, Span, Utterance, Word
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


def test_words_keep_their_times_and_what_was_heard_is_kept(usage: Usage) -> None:
    heard = utterance("握", "假", "的", "熱稅", "期")
    meant = spelt(heard, usage)
    assert [word.text for word in meant.words] == ["我", "家", "的", "熱水", "器"]
    assert [(w.span, w.probability) for w in meant.words] == [
        (w.span, w.probability) for w in heard.words
    ]
    assert meant.heard == "握假的熱稅期"
    assert meant.words_heard == heard.words


def test_what_makes_sense_is_left_as_it_is(usage: Usage) -> None:
    said = utterance("您好", ",", "我家", "漏水。")
    assert spelt(said, usage) is said
    assert said.words_heard == said.words


def test_marks_numerals_and_letters_stay_and_part_what_is_said(usage: Usage) -> None:
    heard = utterance("請少等,", "15", "分鐘", " OK,", "要躲救?")
    assert spelt(heard, usage).text == "請稍等,15分鐘 OK,要多久?"


def test_a_character_that_is_a_word_of_its_own_in_traditional_script_stays(usage: Usage) -> None:
    assert spelt(utterance("乾淨的,", "後面"), usage).heard == ""


def test_what_is_hidden_in_the_words_is_hidden_in_what_was_heard() -> None:
    said = replace(made.said("customer", 0, 0, "我姓 王 我家 漏水"), heard="我姓亡握家漏水")
    call = replace(made.CALL, utterances=(said,))
    (shown,) = as_shown(Judged(call, made.CARD)).call.utterances
    assert (shown.text, shown.heard) == ("我姓＊我家漏水", "我姓＊握家漏水")


def test_what_was_heard_is_shown_in_traditional_characters_too() -> None:
    said = replace(made.said("agent", 0, 0, "水管 漏水"), heard="水管漏谁")
    (shown,) = as_shown(Judged(replace(made.CALL, utterances=(said,)), made.CARD)).call.utterances
    assert (shown.text, shown.heard) == ("水管漏水", "水管漏誰")
