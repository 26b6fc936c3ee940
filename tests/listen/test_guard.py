"""Words nobody said are dropped and counted; words people say are kept, however often."""

from __future__ import annotations

import pytest

from pipeline.listen.guard import PHANTOMS, drop_invented, is_phantom
from pipeline.records import Dropped, Span, Word

SYLLABLE_MS = 200
ALWAYS = (Span(0, 600_000),)


def words(text: str, at: int = 1_000) -> tuple[Word, ...]:
    """One word a character, five a second."""
    return tuple(
        Word(char, Span(at + i * SYLLABLE_MS, at + (i + 1) * SYLLABLE_MS), 0.9)
        for i, char in enumerate(text)
    )


def guarded(
    *said: tuple[Word, ...], speech: tuple[Span, ...] = ALWAYS
) -> tuple[str, tuple[Dropped, ...]]:
    """The text that is left, and what was dropped."""
    placed = [(word, True) for some in said for word in some]
    kept, dropped = drop_invented(placed, speech, channel=1)
    return "".join(word.text for word in kept), dropped


@pytest.mark.parametrize(
    "text",
    [
        "您好，翠湖花園物業管理處，請問有什麼可以幫到您？",
        "對對對對",
        "對對對對對對對",
        "嗯嗯，好的好的好的",
        "電話是八八八八二三二三",
        "哈哈哈哈哈",
        "謝謝您的來電，再見！",
        "我想看看今天的字，寫得不清楚。",
        "我要投訴電梯裡那個螢幕的字幕跑太快",
    ],
)
def test_what_people_say_is_kept(text: str) -> None:
    assert guarded(words(text)) == (text, ())


@pytest.mark.parametrize("phantom", PHANTOMS)
def test_a_caption_whisper_invents_is_dropped_in_either_script(phantom: str) -> None:
    assert is_phantom(phantom)
    assert guarded(words(phantom)) == (
        "",
        (Dropped("phantom", 1, Span(1_000, 1_000 + SYLLABLE_MS * len(phantom)), phantom),),
    )


def test_only_the_sentence_with_the_caption_is_dropped() -> None:
    assert guarded(words("再見。請不吝點贊訂閱。"), words("您慢走。", 9_000)) == (
        "再見。您慢走。",
        (Dropped("phantom", 1, Span(1_600, 3_200), "請不吝點贊訂閱。"),),
    )


def test_what_was_said_before_a_caption_is_kept_where_no_mark_parts_them() -> None:
    assert guarded(words("您好物業管理處字幕由志願者提供")) == (
        "您好物業管理處",
        (Dropped("phantom", 1, Span(2_400, 4_000), "字幕由志願者提供"),),
    )


def test_numbers_of_several_words_move_no_caption() -> None:
    """「13」 and 「86」 are 一千三百八十六 together, and fewer syllables each for itself."""
    said = (*words("管理費"), *(Word(part, Span(2_000, 2_400), 0.9) for part in ("13", "86")))
    assert guarded(said, words("字幕組", 2_500)) == (
        "管理費1386",
        (Dropped("phantom", 1, Span(2_500, 3_100), "字幕組"),),
    )


def test_a_caption_may_be_a_word() -> None:
    assert guarded(words("字幕")) == (
        "",
        (Dropped("phantom", 1, Span(1_000, 1_400), "字幕"),),
    )


def test_a_rest_ends_a_sentence_too() -> None:
    assert guarded(words("再見"), words("字幕由某某製作", 5_000)) == (
        "再見",
        (Dropped("phantom", 1, Span(5_000, 6_400), "字幕由某某製作"),),
    )


@pytest.mark.parametrize(
    ("text", "left", "lost"),
    [
        ("好的我知道" * 4, "好的我知道", "好的我知道" * 3),
        ("請問" * 8, "請問", "請問" * 7),
        ("嗯" * 9, "嗯", "嗯" * 8),
        ("您好。" + "師傅明天來，" * 5 + "再見。", "您好。師傅明天來，再見。", "師傅明天來，" * 4),
    ],
)
def test_a_loop_is_cut_to_its_first_round(text: str, left: str, lost: str) -> None:
    begin = 1_000 + SYLLABLE_MS * (text.index(lost[0]) + len(text) - len(text.lstrip("您好。")))
    kept, (drop,) = guarded(words(text))
    assert (kept, drop.why, drop.text) == (left, "loop", lost)
    assert drop.span.duration_ms == SYLLABLE_MS * len(lost)
    assert begin <= drop.span.start_ms


def test_the_same_short_answer_in_many_places_is_no_loop() -> None:
    answers = [words("好的，謝謝。", 1_000 + 3_000 * turn) for turn in range(12)]
    assert guarded(*answers) == ("好的，謝謝。" * 12, ())


def test_words_where_nobody_speaks_are_dropped() -> None:
    speech = (Span(1_000, 1_600),)
    assert guarded(words("您好。"), words("謝謝", 4_000), speech=speech) == (
        "您好。",
        (
            Dropped("no_speech", 1, Span(4_000, 4_200), "謝"),
            Dropped("no_speech", 1, Span(4_200, 4_400), "謝"),
        ),
    )


def test_a_word_a_little_beside_its_speech_is_kept() -> None:
    speech = (Span(1_000, 1_600),)
    assert guarded(words("好", 1_800), speech=speech) == ("好", ())


def test_a_word_in_no_sound_at_all_is_dropped() -> None:
    word = Word("好", Span(1_000, 1_200), 0.9)
    assert drop_invented([(word, False)], ALWAYS, channel=0) == (
        (),
        (Dropped("no_speech", 0, word.span, "好"),),
    )
