"""Spotting against an engine whose every probability is known, and once against real weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.judge.checks.phrase import ABSENT, HEARD
from pipeline.listen.audio import SAMPLE_RATE, FloatArray, Sound, decode
from pipeline.listen.engines import Reading
from pipeline.listen.listen import Listener, listen, load_listener
from pipeline.listen.search import FLOOR
from pipeline.listen.spotting import LEAD_MS, PRIOR_SHARE, answer, spot
from pipeline.records import (
    Answer,
    Call,
    CallRecord,
    Provenance,
    Question,
    Recording,
    Role,
    Span,
    Speech,
    Utterance,
    Word,
)
from pipeline.settings import Settings

SAMPLES = Path(__file__).parents[2] / "samples" / "recordings"
END = 0x110000
RIGHT, WRONG = -0.25, -8.0
UNEXPECTED = -PRIOR_SHARE * WRONG
"""What a phrase gains of which nothing is expected in silence."""

SURE = RIGHT + 0.5 + UNEXPECTED
"""-0.25 a token, and half a nat back where the transcript's own tokens are worse than the floor."""


class FakeReader:
    """Gives ``RIGHT`` to the token that was spoken next, ``WRONG`` to any other."""

    def __init__(self, spoken: str) -> None:
        self._spoken = [*map(ord, spoken), END]
        self._depths = [0]

    def grow(self, parents: Sequence[int], tokens: Sequence[int]) -> tuple[int, ...]:
        first = len(self._depths)
        for parent in parents:
            self._depths.append(self._depths[parent] + 1)
        return tuple(range(first, first + len(tokens)))

    def log_probs(self, nodes: Sequence[int], tokens: Sequence[int]) -> tuple[float, ...]:
        return tuple(
            RIGHT if self._next(node) == token else WRONG
            for node, token in zip(nodes, tokens, strict=True)
        )

    def _next(self, node: int) -> int:
        depth = self._depths[node]
        return self._spoken[depth] if depth < len(self._spoken) else END


class FakeEngine:
    """Knows windows by their loudest sample, silence as ``_0``; a token is a character."""

    name = "fake"
    end_of_text = END

    def __init__(self, **spoken: str) -> None:
        heard = {float(f"0.{level[1:]}"): text for level, text in spoken.items()}
        self._spoken = {0.0: ""} | heard
        self.windows: list[FloatArray] = []

    def transcribe(
        self, windows: Sequence[FloatArray], *, careful: bool = False
    ) -> tuple[Reading, ...]:
        return (Reading((), 0.0),) * len(windows)

    def encode_text(self, text: str) -> tuple[int, ...]:
        return tuple(map(ord, text))

    def reader(self, samples: FloatArray) -> FakeReader:
        self.windows.append(samples)
        return FakeReader(self._spoken[round(float(samples.max()), 1)])

    def silent_reader(self) -> FakeReader:
        return FakeReader(self._spoken[0.0])


def sound(*channels: dict[tuple[int, int], float], seconds: int = 60) -> Sound:
    """Channels that hold a constant over each given stretch of seconds."""
    samples = np.zeros((len(channels), seconds * SAMPLE_RATE), np.float32)
    for row, stretches in zip(samples, channels, strict=True):
        for (start, end), level in stretches.items():
            row[start * SAMPLE_RATE : end * SAMPLE_RATE] = level
    return Sound(samples, ())


def said(role: Role, channel: int, start_ms: int, text: str) -> Utterance:
    """Words of one character and 200 ms each."""
    return Utterance(
        role,
        channel,
        tuple(
            Word(char, Span(start_ms + 200 * i, start_ms + 200 * (i + 1)), 0.9)
            for i, char in enumerate(text)
        ),
    )


def call(utterances: Sequence[Utterance], speech: Sequence[Speech]) -> Call:
    return Call(
        recording=Recording("id", "a.wav", 1, CallRecord("a.wav")),
        duration_ms=60_000,
        channels=2,
        utterances=tuple(utterances),
        speech=tuple(speech),
        events=(),
        voices=(),
        dropped=(),
        warnings=(),
        provenance=Provenance("0", "fake", "fake", "0", "zh"),
    )


AGENT = Speech("agent", 0, Span(10_000, 12_000))
CUSTOMER = Speech("customer", 1, Span(20_000, 22_000))
TALK = call(
    [said("agent", 0, 10_000, "好的在點"), said("customer", 1, 20_000, "再見")], [AGENT, CUSTOMER]
)
BOTH_SIDES = sound({(10, 12): 0.1}, {(20, 22): 0.2})
END_OF_CALL = Span(8_000, 30_000)


def test_a_phrase_that_was_written_wrong_is_found() -> None:
    question = Question(("拜拜", "再見"), "agent", END_OF_CALL)
    found = spot(question, TALK, BOTH_SIDES, FakeEngine(_1="好的再見"))
    assert found == Answer(question, SURE, "再見", Span(10_400, 10_840))


def test_a_phrase_that_was_not_said_is_not_found() -> None:
    question = Question(("再見",), "agent", END_OF_CALL)
    found = spot(question, TALK, BOTH_SIDES, FakeEngine(_1="好的在點"))
    # 再 -8, 見 -8 at every place: it is not told how much worse than the floor that is
    assert found == Answer(question, FLOOR)


def test_a_phrase_that_whisper_would_write_unheard_counts_for_less() -> None:
    question = Question(("再見",), "agent", END_OF_CALL)
    found = spot(question, TALK, BOTH_SIDES, FakeEngine(_1="好的再見", _0="好的再見"))
    assert found == Answer(question, round(0.25 - PRIOR_SHARE * RIGHT, 4), "再見", found.at)


def test_one_unlikely_token_weighs_more_than_its_share() -> None:
    question = Question(("再見",), "agent", END_OF_CALL)
    found = spot(question, TALK, BOTH_SIDES, FakeEngine(_1="好的在見"))
    # mean (-8 - 0.25) / 2 = -4.125, a quarter of the way to -8, and half a nat back
    assert found.score == round(-4.125 - 0.25 * 3.875 + 0.5 + UNEXPECTED, 4)


def test_only_the_asked_role_is_listened_to() -> None:
    question = Question(("再見",), "agent", Span(15_000, 30_000))
    engine = FakeEngine(_2="再見")
    assert spot(question, TALK, BOTH_SIDES, engine) == Answer(question, None)
    assert engine.windows == []


def test_only_the_asked_span_is_listened_to() -> None:
    question = Question(("再見",), "agent", Span(11_000, 11_500))
    engine = FakeEngine(_1="的在點")
    spot(question, TALK, BOTH_SIDES, engine)
    # the span, 300 ms of its edge and the 200 ms every window has around its speech, on both sides
    assert [window.size * 1000 // SAMPLE_RATE for window in engine.windows] == [LEAD_MS + 1_500]


def test_a_phrase_beyond_the_asked_span_does_not_count_though_its_window_is_shared() -> None:
    early, late = (
        Question(("再見",), "agent", span) for span in (Span(10_000, 10_500), Span(10_900, 14_000))
    )
    talk = call([said("agent", 0, 10_000, "好的在點好的在點")], [AGENT])
    engine = FakeEngine(_1="好的再見好的在點")
    answers = answer((early, late), talk, BOTH_SIDES, engine)
    assert len(engine.windows) == 1
    assert answers[0] == Answer(early, SURE, "再見", Span(10_400, 10_840))
    assert answers[1] == Answer(late, FLOOR)


def test_a_wording_is_tried_in_both_scripts_and_named_in_its_author_s() -> None:
    question = Question(("再見",), "agent", END_OF_CALL)
    found = spot(question, TALK, BOTH_SIDES, FakeEngine(_1="好的再见"))
    assert found == Answer(question, SURE, "再見", Span(10_400, 10_840))


def test_reading_goes_on_from_what_the_engine_wrote_however_it_is_spelt_now() -> None:
    question = Question(("再見",), "agent", END_OF_CALL)
    wrote, spelt = said("agent", 0, 10_000, "濠的在點"), said("agent", 0, 10_000, "好的在點")
    talk = call([replace(spelt, heard="濠的在點")], [AGENT])
    engine = FakeEngine(_1="濠的再見")
    found = spot(question, talk, BOTH_SIDES, engine)
    assert found == spot(question, call([wrote], [AGENT]), BOTH_SIDES, engine)
    assert found.score is not None
    assert found.score >= HEARD


def test_a_window_without_kept_words_is_still_asked() -> None:
    question = Question(("再見",), "agent", END_OF_CALL)
    found = spot(question, call([], [AGENT]), BOTH_SIDES, FakeEngine(_1="再見"))
    assert found.phrase == "再見"
    assert found.score is not None
    assert found.score >= HEARD


def test_the_best_of_several_windows_counts() -> None:
    speech = [Speech("agent", 0, Span(0, 13_000)), Speech("agent", 0, Span(35_000, 48_000))]
    words = [said("agent", 0, 1_000, "好的"), said("agent", 0, 40_000, "在點")]
    question = Question(("再見",), "agent", Span(0, 60_000))
    engine = FakeEngine(_1="好的", _2="再見")
    found = spot(question, call(words, speech), sound({(0, 25): 0.1, (25, 60): 0.2}), engine)
    assert len(engine.windows) == 2
    assert found == Answer(question, SURE, "再見", Span(40_000, 40_440))


def test_questions_about_one_stretch_share_its_window_and_keep_their_order() -> None:
    questions = (
        Question(("再見",), "agent", END_OF_CALL),
        Question(("再見",), "customer", END_OF_CALL),
        Question(("拜拜",), "agent", END_OF_CALL),
    )
    engine = FakeEngine(_1="好的再見", _2="再見")
    answers = answer(questions, TALK, BOTH_SIDES, engine)
    assert tuple(found.question for found in answers) == questions
    assert len(engine.windows) == 2


@pytest.fixture(scope="module")
def listener() -> Listener:
    return load_listener(Settings())


def farewell(file: str, listener: Listener) -> Answer:
    """What spotting hears of a farewell in the agent's last 20 s of a sample call."""
    record = CallRecord(file, agent_channel=0)
    heard = listen(Recording(file, file, 1, record), SAMPLES / file, listener)
    end = max(speech.span.end_ms for speech in heard.speech)
    question = Question(("再見", "拜拜", "再會", "您慢走"), "agent", Span(end - 20_000, end))
    return spot(question, heard, decode(SAMPLES / file), listener.engine)


def test_real_weights_hear_a_farewell(listener: Listener) -> None:
    found = farewell("13_office_unnamed.mp3", listener)
    assert found.phrase == "再見"
    assert found.score is not None
    assert found.score >= HEARD
    assert found.at is not None
    assert Span(45_000, 47_000).overlap_ms(found.at) > 0


def test_real_weights_hear_no_farewell_where_there_is_none(listener: Listener) -> None:
    found = farewell("06_hold_without_return.wav", listener)
    assert found.score is not None
    assert found.score <= ABSENT
