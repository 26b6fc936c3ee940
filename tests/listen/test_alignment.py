"""A word ends where the next begins, and does not wait out the pause before it."""

from __future__ import annotations

from types import SimpleNamespace

from pipeline.listen.engines.alignment import timed_words
from pipeline.records import Span, Word


class Letters:
    """A tokenizer with a token for each character."""

    eot = 0

    def split_to_word_tokens(self, tokens: list[int]) -> tuple[list[str], list[list[int]]]:
        return [chr(token) for token in tokens], [[token] for token in tokens]


def words(text: str, frames: list[int]) -> tuple[Word, ...]:
    """The words of a text whose tokens, and the end, begin at these frames."""
    aligned = SimpleNamespace(
        alignments=[
            pair for token, at in enumerate(frames) for pair in ((token, at), (token, at + 1))
        ],
        text_token_probs=[0.5] * len(text),
    )
    return timed_words([*map(ord, text)], aligned, Letters())  # type: ignore[arg-type]


def test_words_begin_at_their_first_frame_of_20_ms() -> None:
    assert words("您好", [0, 10, 25]) == (
        Word("您", Span(0, 200), 0.5),
        Word("好", Span(200, 500), 0.5),
    )


def test_punctuation_belongs_to_the_word_before_it() -> None:
    assert words("好。", [0, 10, 25]) == (Word("好。", Span(0, 200), 0.5),)


def test_a_word_after_a_pause_begins_no_earlier_than_a_syllable_lasts() -> None:
    assert words("您好", [0, 10, 100]) == (
        Word("您", Span(0, 200), 0.5),
        Word("好", Span(1_600, 2_000), 0.5),
    )


def test_no_tokens_are_no_words() -> None:
    assert words("", [0]) == ()
