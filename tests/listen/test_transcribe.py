"""Speech becomes words in the time of the call; what came back empty is listened to again."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.listen.audio import SAMPLE_RATE
from pipeline.listen.engines import Reading
from pipeline.listen.transcribe import Transcript, transcribe, utterances
from pipeline.records import Dropped, Span, Word
from tests.fakes import ScriptedEngine, spoken

SAMPLES = np.zeros((1, 60 * SAMPLE_RATE), np.float32)


def heard(speech: tuple[Span, ...], engine: ScriptedEngine) -> Transcript:
    """What a call of one channel says."""
    (transcript,) = transcribe(SAMPLES, [speech], engine)
    return transcript


def test_words_get_the_time_at_which_they_were_spoken() -> None:
    engine = ScriptedEngine([(*spoken("您好", 200, 600), *spoken("再見", 2_100, 2_500))])
    speech = (Span(10_000, 11_000), Span(40_000, 41_000))
    assert heard(speech, engine) == Transcript(
        (*spoken("您好", 10_000, 10_400), *spoken("再見", 40_000, 40_400)), ()
    )
    assert engine.heard_ms == [2 * 1_400 + 500]


def test_without_speech_the_engine_is_not_asked() -> None:
    engine = ScriptedEngine([spoken("字幕", 0, 400)])
    assert heard((), engine) == Transcript((), ())
    assert engine.heard_ms == []


def test_a_word_in_the_pause_between_two_stretches_is_dropped() -> None:
    engine = ScriptedEngine([(*spoken("您好", 200, 1_000), *spoken("嗯", 1_500, 1_800))])
    speech = (Span(10_000, 11_000), Span(40_000, 40_500))
    assert heard(speech, engine) == Transcript(
        spoken("您好", 10_000, 10_800),
        (Dropped("no_speech", 0, Span(40_700, 40_700), "嗯"),),
    )


SPEECH = (Span(10_000, 12_000), Span(40_000, 42_000))
"""Padded by 200 ms and laid behind each other, the second stretch begins at 2 900 ms of the window."""


def test_speech_without_a_word_is_listened_to_again_alone() -> None:
    engine = ScriptedEngine([spoken("您好", 200, 600), spoken("再見", 200, 600)])
    assert heard(SPEECH, engine) == Transcript(
        (*spoken("您好", 10_000, 10_400), *spoken("再見", 40_000, 40_400)), ()
    )
    assert (engine.heard_ms, engine.careful_ms) == ([5_300], [2_400])


def test_a_long_rest_of_speech_without_a_word_is_listened_to_again() -> None:
    engine = ScriptedEngine([spoken("好", 200, 500), spoken("請留人", 200, 1_100)])
    assert heard((Span(10_000, 12_400),), engine) == Transcript(
        (*spoken("好", 10_000, 10_300), *spoken("請留人", 10_300, 11_200)), ()
    )
    assert (engine.heard_ms, engine.careful_ms) == ([2_800], [2_500])


@pytest.mark.parametrize("at_ms", [200, 1_200, 2_100])
def test_a_shorter_rest_is_a_pause_for_thought(at_ms: int) -> None:
    engine = ScriptedEngine([spoken("好", at_ms, at_ms + 400)])
    heard((Span(10_000, 12_300),), engine)
    assert len(engine.heard_ms) == 1


def test_words_of_the_second_listen_stand_in_the_order_of_time() -> None:
    engine = ScriptedEngine([spoken("再見", 3_100, 3_500), spoken("您好", 200, 600)])
    assert heard(SPEECH, engine).words == (
        *spoken("您好", 10_000, 10_400),
        *spoken("再見", 40_000, 40_400),
    )


def test_a_second_listen_that_is_unsure_is_not_believed() -> None:
    unsure = spoken("再見", 200, 600, probability=0.3)
    engine = ScriptedEngine([spoken("您好", 200, 600), unsure])
    assert heard(SPEECH, engine).words == spoken("您好", 10_000, 10_400)


def test_each_stretch_of_a_second_listen_is_believed_for_itself() -> None:
    speech = (Span(10_000, 12_000), Span(40_000, 42_000), Span(70_000, 71_500))
    again = (*spoken("請稍等", 200, 800), *spoken("雜音", 2_700, 3_300, probability=0.1))
    engine = ScriptedEngine([spoken("您好", 200, 600), again])
    assert heard(speech, engine).words == (
        *spoken("您好", 10_000, 10_400),
        *spoken("請稍等", 40_000, 40_600),
    )


def test_an_invention_of_the_second_listen_is_dropped_and_counted() -> None:
    engine = ScriptedEngine([spoken("您好", 200, 600), spoken("請不吝點贊", 200, 1_200)])
    assert heard(SPEECH, engine) == Transcript(
        spoken("您好", 10_000, 10_400),
        (Dropped("phantom", 0, Span(40_000, 41_000), "請不吝點贊"),),
    )


def test_a_breath_is_not_listened_to_again() -> None:
    engine = ScriptedEngine([spoken("您好", 200, 600)])
    heard((Span(10_000, 11_000), Span(40_000, 40_500)), engine)
    assert len(engine.heard_ms) == 1


def test_no_speech_is_listened_to_a_third_time() -> None:
    engine = ScriptedEngine()
    assert heard(SPEECH, engine) == Transcript((), ())
    assert (engine.heard_ms, engine.careful_ms) == ([5_300], [5_300])


UNSURE = Reading(spoken("您耗", 200, 600), -0.8)
LOOPED = Reading(spoken("您好物業" * 6, 200, 1_800), -0.1)
ONE = (Span(10_000, 12_000),)


@pytest.mark.parametrize("wrong", [UNSURE, LOOPED])
def test_a_reading_that_looks_wrong_is_made_again_with_care(wrong: Reading) -> None:
    engine = ScriptedEngine([wrong, spoken("您好", 200, 600)])
    assert heard(ONE, engine).words == spoken("您好", 10_000, 10_400)
    assert (engine.heard_ms, engine.careful_ms) == ([2_400], [2_400])


@pytest.mark.parametrize("again", [Reading(spoken("尼好", 200, 600), -0.9), LOOPED])
def test_a_careful_reading_that_looks_worse_is_not_taken(again: Reading) -> None:
    engine = ScriptedEngine([UNSURE, again])
    assert heard(ONE, engine).words == spoken("您耗", 10_000, 10_400)


def test_what_a_syllable_was_written_over_again_and_again_is_listened_to_again() -> None:
    """A second of speech with words around it, which without the loop would be a pause for thought."""
    loop = Reading((*spoken("好吧", 200, 600), *spoken("寶" * 12, 600, 1_800)), -0.1)
    engine = ScriptedEngine([loop, loop, spoken("快點", 200, 600)])
    assert heard(ONE, engine) == Transcript(
        (
            *spoken("好吧", 10_000, 10_400),
            *spoken("寶", 10_400, 10_500),
            *spoken("快點", 10_500, 10_900),
        ),
        (Dropped("loop", 0, Span(10_500, 11_600), "寶" * 11),),
    )
    assert (engine.heard_ms, engine.careful_ms) == ([2_400], [2_400, 1_900])


def test_windows_of_both_channels_are_read_together() -> None:
    both = np.zeros((2, 60 * SAMPLE_RATE), np.float32)
    engine = ScriptedEngine([spoken("您好", 200, 600), spoken("喂", 200, 400)])
    speech = [ONE, (Span(14_000, 15_000),)]
    assert transcribe(both, speech, engine) == (
        Transcript(spoken("您好", 10_000, 10_400), ()),
        Transcript(spoken("喂", 14_000, 14_200), ()),
    )
    assert engine.heard_ms == [2_400, 1_400]


def test_a_word_that_reaches_out_of_the_voice_is_cut_to_it() -> None:
    engine = ScriptedEngine([(*spoken("您", 0, 400), *spoken("好", 2_000, 2_400))])
    assert [word.span for word in heard(ONE, engine).words] == [
        Span(10_000, 10_200),
        Span(11_800, 12_000),
    ]


@pytest.mark.parametrize(
    ("gap_ms", "expected"), [(500, ["您好再見"]), (600, ["您好", "再見"]), (900, ["您好", "再見"])]
)
def test_a_pause_of_six_tenths_ends_an_utterance(gap_ms: int, expected: list[str]) -> None:
    second = 2_000 + gap_ms
    words = (*spoken("您好", 1_000, 2_000), *spoken("再見", second, second + 1_000))
    speech = (Span(1_000, 2_000), Span(second, second + 1_000))
    groups = utterances(words, speech)
    assert ["".join(word.text for word in group) for group in groups] == expected


def test_a_word_that_reaches_into_a_pause_does_not_bridge_it() -> None:
    words = (Word("好", Span(1_000, 2_900), 0.9), Word("嗯", Span(3_000, 3_200), 0.9))
    speech = (Span(1_000, 2_000), Span(3_000, 3_200))
    assert utterances(words, speech) == ((words[0],), (words[1],))


def test_no_words_make_no_utterance() -> None:
    assert utterances((), (Span(0, 1_000),)) == ()
