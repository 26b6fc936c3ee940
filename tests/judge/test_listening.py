"""Signs of listening, waits and reactions: the reason of every answer, and where nobody is blamed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.judge.cases import settled
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.load import load_standard
from pipeline.records import (
    Call,
    Evidence,
    Loudness,
    Murmurs,
    Reason,
    Span,
    Verdict,
)
from pipeline.settings import default_standard
from pipeline.spans import gaps

STANDARD = load_standard(default_standard())
HELLO = {"agent": "您好，物業管理處，有什麼可以幫您？"}
STORY = {
    "customer": "是這樣的，我們家樓上那一戶上個月開始裝修，每天早上七點不到就開始敲牆，敲到晚上",
    "lasts": "35s",
}
ANSWER = {"agent": "對不起，我馬上請工程部去看。"}
ASKED = {"customer": "請問停電到幾點？"}
LONG = [HELLO, STORY, ANSWER]


def call(turns: list[dict[str, Any]], record: dict[str, Any] | None = None) -> Call:
    return call_of(dialogue(turns, record))


def ruled(one: Call, clause: str = "4.1.5") -> Verdict:
    return settled(one, STANDARD).verdict(clause)


def with_headroom(one: Call, headroom_db: float | None) -> Call:
    return replace(one, murmurs=tuple(Murmurs(c, (), headroom_db) for c in (0, 1)))


def test_a_long_story_without_a_sign_fails_with_its_time() -> None:
    started = call(LONG).utterances[1].span
    assert ruled(call(LONG)) == Verdict(
        "4.1.5",
        "fail",
        Reason.of("listening_silent", longest="35.0", limit="30.0"),
        (Evidence(started, "agent", None, 35.0, 30.0, "s"),),
        0.8,
    )


@pytest.mark.parametrize(
    ("code", "one"),
    [
        ("listening_masked", with_headroom(call(LONG), 8.0)),
        ("listening_masked", with_headroom(call(LONG), None)),
        ("listening_unmeasured", replace(call(LONG), murmurs=())),
        ("no_agent_speech", call([STORY, ANSWER])),
        ("no_agent_speech", with_headroom(replace(call([STORY]), channels=2), 30.0)),
        ("listening_mono", replace(call(LONG), channels=1, murmurs=())),
        ("listening_no_words", call([HELLO, STORY | {"customer": "啊"}, ANSWER])),
        ("listening_doubtful", call([HELLO, STORY | {"lasts": "22s"}, ANSWER])),
    ],
)
def test_where_a_sign_may_have_been_missed_nobody_is_blamed(code: str, one: Call) -> None:
    verdict = ruled(one)
    assert (verdict.status, verdict.reason.code) == ("unjudged", code)


def test_a_murmur_of_the_customer_is_no_sign() -> None:
    assert (
        ruled(call([HELLO, STORY, {"murmur": "customer", "gap": "15s"}, ANSWER])).status == "fail"
    )


def test_voices_that_nobody_can_name_are_left_open_only_where_one_talks_on() -> None:
    def nameless(turns: list[dict[str, Any]]) -> Call:
        one = call(turns)
        return replace(
            one,
            speech=tuple(replace(s, role="unknown") for s in one.speech),
            utterances=tuple(replace(u, role="unknown") for u in one.utterances),
        )

    assert ruled(nameless(LONG)).reason.code == "roles_unknown"
    assert ruled(nameless([HELLO, {"customer": "我想問一下管理費。"}, ANSWER])).status == "pass"


def test_a_third_voice_that_may_be_the_agent_s_breaks_the_accusation() -> None:
    one = call(LONG)
    there = Span(20_000, 21_000)
    other = replace(one.speech[0], role="unknown", speaker=1, span=there)
    verdict = ruled(replace(one, speech=tuple(sorted((*one.speech, other), key=lambda s: s.span))))
    assert (verdict.status, verdict.reason.code) == ("unjudged", "roles_unknown")


@pytest.mark.parametrize(
    ("turns", "status"),
    [
        pytest.param(
            [HELLO, ASKED, {"customer": "喂？", "gap": "5s"}, ANSWER | {"gap": "4s"}],
            "fail",
            id="silence on both sides of 喂",
        ),
        pytest.param(
            [HELLO, ASKED, {"customer": "喂？", "gap": "5s"}, ANSWER],
            "pass",
            id="answered upon it",
        ),
        pytest.param(
            [{"customer": "喂？"}, {"customer": "我家停電了，你們知道嗎？", "gap": "5s"}, ANSWER],
            "pass",
            id="the customer goes on by himself",
        ),
        pytest.param(
            [{"customer": "喂？"}, {"customer": "有人嗎？", "gap": "5s"}, {"customer": "喂？", "gap": "5s"}],
            "fail",
            id="nobody ever answers",
        ),
        pytest.param(
            [
                HELLO,
                ASKED,
                {"murmur": "agent", "gap": "6s"},
                ANSWER | {"gap": "9s"},
            ],
            "pass",
            id="a murmur in between",
        ),
    ],
)  # fmt: skip
def test_what_ends_a_wait(turns: list[dict[str, Any]], status: str) -> None:
    assert ruled(call(turns)).status == status


@pytest.mark.parametrize(
    ("last", "record", "status"),
    [
        ("400ms", {}, "fail"),
        ("1s", {}, "pass"),
        ("400ms", {"direction": "outbound"}, "pass"),
    ],
)
def test_a_silent_start_counts_only_from_a_ring_that_was_cut(
    last: str, record: dict[str, Any], status: str
) -> None:
    turns = [{"ring": "1s"}, {"silence": "4s"}, {"ring": last}, {"silence": "9s"}, HELLO]
    assert ruled(call(turns, record)).status == status


def test_a_receiver_that_clacks_as_it_is_picked_up_leaves_the_ring_the_last() -> None:
    rings = [{"ring": "1s"}, {"silence": "4s"}, {"ring": "400ms"}]
    turns = [*rings, {"click": "40ms"}, {"silence": "9s"}, HELLO]
    assert ruled(call(turns)).status == "fail"


VISIT = {"kind": "visit"}


def test_a_late_reaction_fails_with_its_time() -> None:
    one = call([{"customer": "你好，我來交停車費。"}, {"silence": "8s"}, ANSWER], VISIT)
    ended = one.utterances[0].span.end_ms
    assert ruled(one, "4.2.1.2") == Verdict(
        "4.2.1.2",
        "fail",
        Reason.of("reaction_late", longest="8.0", limit="6.0"),
        (Evidence(Span(ended, ended + 8_000), "agent", None, 8.0, 6.0, "s"),),
        0.8,
    )


@pytest.mark.parametrize(
    ("levels", "status"), [((-60,), "fail"), ((-96,), "unjudged"), (None, "unjudged")]
)
def test_a_visitor_nobody_answers(levels: tuple[int, ...] | None, status: str) -> None:
    one = call([{"customer": "你好，我來交停車費。"}], VISIT)
    loudness = None if levels is None else Loudness(500, (levels, (-20,)))
    alone = replace(one, channels=2, duration_ms=20_000, loudness=loudness)
    assert ruled(alone, "4.2.1.2").status == status


def test_a_visitor_who_talks_on_until_the_recording_ends_was_not_left_alone() -> None:
    story = "我想問一下停車費的事情，上個月交過了，這個月又收到單子，" * 3
    one = call([{"customer": "你好。"}, {"customer": story, "gap": "600ms"}], VISIT)
    alone = replace(one, channels=2, loudness=Loudness(500, ((-60,), (-20,))))
    assert ruled(alone, "4.2.1.2").reason.code == "no_agent_speech"


def test_an_unknown_voice_before_the_staff_s_leaves_a_late_answer_open() -> None:
    one = call([{"customer": "你好，我來交停車費。"}, {"silence": "8s"}, ANSWER], VISIT)
    first = one.speech[0]
    unnamed = (replace(first, role="unknown"), *one.speech[1:])
    assert ruled(replace(one, speech=unnamed), "4.2.1.2").reason.code == "roles_unknown"


def test_on_mono_a_mere_greeting_may_be_anybody_s() -> None:
    def on_mono(words: str) -> Verdict:
        one = call([{"customer": words}, {"silence": "8s"}, ANSWER], VISIT)
        return ruled(replace(one, channels=1, murmurs=()), "4.2.1.2")

    assert on_mono("你好。").reason.code == "reaction_voice"
    assert on_mono("你好，我來交停車費。").status == "fail"


def test_gaps_are_what_no_sound_covers() -> None:
    sounds = (Span(0, 3), Span(5, 7), Span(9, 20))
    assert tuple(gaps(Span(2, 12), sounds)) == (Span(3, 5), Span(7, 9))
    assert tuple(gaps(Span(2, 12), ())) == (Span(2, 12),)
    assert tuple(gaps(Span(10, 12), sounds)) == ()
