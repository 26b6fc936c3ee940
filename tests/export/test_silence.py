"""What is silenced holds every masked word, generously."""

from __future__ import annotations

from dataclasses import replace

from pipeline.export.silence import silenced
from pipeline.records import Dropped, Span
from pipeline.wording.masking import masked_words
from tests.show.build import judged, utterance

CALL = judged(
    talk=(
        utterance("agent", 1_000, "請問電話"),
        utterance("customer", 3_000, "是零九一二三四五六七八對"),
        utterance("agent", 8_000, "好的陳先生"),
    )
).call


def test_every_masked_word_has_a_time() -> None:
    digits = [(1, Span(at, at + 200)) for at in range(3_200, 5_200, 200)]
    assert list(masked_words(CALL)) == [*digits, (0, Span(8_400, 8_600))]


def test_silence_begins_before_and_ends_after() -> None:
    assert silenced(CALL) == (Span(3_100, 5_300), Span(8_300, 8_700))


def test_a_run_of_digits_is_silent_in_its_pauses_too() -> None:
    said = utterance("customer", 3_000, "零九一二三四五六七八對")
    words = [
        replace(word, span=Span(word.span.start_ms + pause, word.span.end_ms + pause))
        for word, pause in zip(said.words, [0] * 5 + [1_500] * 6, strict=True)
    ]
    paused = judged(talk=(replace(said, words=tuple(words)),)).call
    assert silenced(paused) == (Span(2_900, 6_600),)


def test_stretches_near_each_other_are_one() -> None:
    near = judged(talk=(utterance("agent", 1_000, "陳先生和林小姐"),)).call
    assert silenced(near) == (Span(900, 2_100),)


def test_words_that_were_thrown_away_are_silenced_too() -> None:
    drop = Dropped("loop", 0, Span(6_000, 7_000), "0912345678")
    assert silenced(replace(CALL, utterances=(), dropped=(drop,))) == (Span(5_900, 7_100),)


def test_nothing_personal_leaves_everything_to_hear() -> None:
    assert silenced(judged().call) == ()
