"""Words and voice activity go to the speaker whose turn they lie in."""

from __future__ import annotations

from pipeline.listen.assignment import assign, speech_of_speakers
from pipeline.listen.diarization import Turn
from pipeline.records import Span, Word


def word(start_ms: int, end_ms: int) -> Word:
    return Word("字", Span(start_ms, end_ms), 0.9)


TWO = (Turn(Span(0, 1000), 0), Turn(Span(1300, 2000), 1), Turn(Span(2300, 4000), 0))


def test_a_word_is_his_who_speaks() -> None:
    words = [word(0, 500), word(500, 1000), word(1300, 1700), word(1700, 2000), word(2400, 2800)]
    assert assign(words, TWO) == (0, 0, 1, 1, 0)


def test_a_reply_of_one_syllable_is_a_turn() -> None:
    turns = (Turn(Span(0, 1000), 0), Turn(Span(1400, 1600), 1), Turn(Span(2000, 3000), 0))
    assert assign([word(700, 1000), word(1380, 1620), word(2000, 2300)], turns) == (0, 1, 0)


def test_the_first_word_after_a_pause_may_begin_in_the_pause() -> None:
    assert assign([word(700, 1000), word(1000, 1500), word(1500, 1800)], TWO) == (0, 1, 1)


def test_word_times_a_little_off_change_nobody() -> None:
    assert assign([word(700, 1000), word(900, 1120), word(1300, 1500)], TWO) == (0, 0, 1)


def test_where_both_speak_the_one_who_had_the_word_keeps_it() -> None:
    turns = (Turn(Span(0, 1500), 0), Turn(Span(1000, 2500), 1))
    assert assign([word(500, 900), word(1100, 1400), word(1800, 2000)], turns) == (0, 0, 1)


def test_without_two_speakers_there_is_nothing_to_decide() -> None:
    assert assign([word(0, 100)], ()) == (0,)
    assert assign([word(0, 100)], [Turn(Span(0, 50), 3)]) == (3,)
    assert assign([], TWO) == ()


def test_all_voice_activity_has_a_speaker() -> None:
    assert speech_of_speakers([Span(0, 2100)], TWO) == ((Span(0, 1150), 0), (Span(1150, 2100), 1))
    assert speech_of_speakers([Span(100, 900)], TWO) == ((Span(100, 900), 0),)
    assert speech_of_speakers([Span(5000, 5200)], TWO) == ((Span(5000, 5200), 0),)


def test_where_both_speak_both_have_it() -> None:
    turns = (Turn(Span(0, 1500), 0), Turn(Span(1000, 2500), 1))
    assert speech_of_speakers([Span(0, 2500)], turns) == ((Span(0, 1500), 0), (Span(1000, 2500), 1))


def test_a_channel_of_one_speaker_is_left_as_it_is() -> None:
    speech = [Span(0, 900), Span(1200, 3000)]
    assert speech_of_speakers(speech, ()) == ((Span(0, 900), 0), (Span(1200, 3000), 0))
