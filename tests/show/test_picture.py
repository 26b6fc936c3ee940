"""The timeline, the transcript and the totals: values, before any page."""

from __future__ import annotations

from dataclasses import replace

from pipeline.records import Evidence, Failure, Loudness, Reason, Span, Verdict
from pipeline.show.brief import brief_of
from pipeline.show.night import Agent, Bin, night_of
from pipeline.show.timeline import LEVEL_PX, Clash, Curve, Stretch, silences, timeline_of
from pipeline.show.transcript import Break, Line, Mark, Run, line_at, transcript_of

from .build import (
    GREETING,
    MEASURES,
    NO_FAREWELL,
    OUTLINE,
    RAISED,
    UNIFORM,
    UNTOLD,
    judged,
    utterance,
)


def test_silences_are_what_neither_voice_nor_tone_fills() -> None:
    assert silences(judged().call) == (Span(3_400, 9_000),)


def test_the_picture_has_a_lane_for_each_role() -> None:
    picture = timeline_of(judged())
    assert [(lane.role, len(lane.blocks)) for lane in picture.lanes] == [
        ("agent", 2),
        ("customer", 1),
    ]
    assert picture.lanes[0].blocks[0].at == Stretch(Span(1_000, 2_000), 11.111, 11.111)
    assert picture.silences == (Stretch(Span(3_400, 9_000), 37.778, 62.222),)


def test_voices_not_told_apart_share_one_lane() -> None:
    mono = judged(verdicts=(), talk=[utterance("unknown", 1_000, "您好")])
    assert [lane.role for lane in timeline_of(mono).lanes] == ["unknown"]


def test_loudness_is_a_curve_of_each_channel_in_its_speaker_s_colour() -> None:
    loudness = Loudness(3_000, ((-10, -65, -21), (-80, -5, -43)))
    picture = timeline_of(judged(loudness=loudness))
    assert picture.curves == (
        Curve("agent", 3.0, "0.5,0 1.5,100 2.5,20"),
        Curve("customer", 3.0, "0.5,100 1.5,0 2.5,60"),
    )
    assert picture.sounds_px - picture.levels_px == LEVEL_PX


def test_a_curve_has_no_more_points_than_can_be_seen() -> None:
    loudness = Loudness(10, ((-20,) * 900,))
    (curve,) = timeline_of(judged(loudness=loudness)).curves
    assert len(curve.points.split()) == 300


def test_a_call_kept_before_loudness_was_measured_has_no_curve() -> None:
    picture = timeline_of(judged())
    assert (picture.curves, picture.sounds_px) == ((), picture.levels_px)


def test_where_two_speak_at_once_is_marked() -> None:
    assert timeline_of(judged(measures=MEASURES)).clashes == (
        Clash(MEASURES.overlaps[0], Stretch(Span(1_800, 2_300), 20.0, 5.556)),
        Clash(MEASURES.overlaps[1], Stretch(Span(3_100, 3_300), 34.444, 2.222)),
    )
    assert timeline_of(judged(measures=UNTOLD)).clashes == ()


def test_a_call_in_which_nobody_speaks_is_drawn_all_the_same() -> None:
    silent = judged(verdicts=(UNIFORM,), talk=[])
    picture = timeline_of(silent)
    assert [lane.role for lane in picture.lanes] == ["agent", "customer"]
    assert picture.pins == ()


def test_pins_that_would_overlap_lie_in_rows_failures_nearest() -> None:
    near = Verdict("4.1.2.2", "pass", GREETING.reason, (Evidence(Span(3_050, 3_200), "agent"),))
    pins = timeline_of(judged(verdicts=(near, RAISED))).pins
    assert [(pin.clause, pin.row) for pin in pins] == [("4.1.8.2", 0), ("4.1.2.2", 1)]


def test_a_pin_at_the_end_points_leftward() -> None:
    late = replace(GREETING, evidence=(Evidence(Span(8_900, 9_000)),))
    (pin,) = timeline_of(judged(verdicts=(late,))).pins
    assert pin.leftward


def test_the_transcript_marks_quoted_words_of_the_right_role() -> None:
    customers = Verdict(
        "4.1.7.1", "fail", Reason("x"), (Evidence(Span(1_000, 3_400), "customer", "漏水"),)
    )
    items = transcript_of(judged(verdicts=(GREETING, customers, NO_FAREWELL)))
    assert items == (
        Break("ring", Span(0, 900)),
        Line(
            0,
            "agent",
            Span(1_000, 2_000),
            (
                Run("您好", (Mark("4.1.2.2", "pass"),), False, 0.9),
                Run("物業處", (), False, 0.9),
            ),
        ),
        Line(
            1,
            "customer",
            Span(2_200, 2_600),
            (Run("漏水", (Mark("4.1.7.1", "fail"),), False, 0.9),),
        ),
        Line(2, "agent", Span(3_000, 3_400), (Run("什麼", (), True, 0.3),)),
        Break("silence", Span(3_400, 9_000)),
    )


def test_a_word_quoted_for_and_against_shows_the_worse() -> None:
    marks = (Mark("4.1.2.2", "pass"), Mark("4.1.8.2", "fail"))
    assert Run("什麼", marks, False, 0.9).status == "fail"


def test_evidence_leads_to_the_utterance_it_shares_most_with() -> None:
    call = judged().call
    assert line_at(call, Span(1_900, 2_500)) == 1
    assert line_at(call, Span(5_000, 6_000)) is None


def test_the_totals_of_a_night() -> None:
    kept = judged("0002.wav", 100.0, [GREETING, UNIFORM], flags=(), agent_id="A01")
    doubt = Verdict("4.1.7.1", "unjudged", Reason.of("phrase_doubtful", phrase="再見"))
    unscored = judged("0003.wav", None, [doubt], flags=(), agent_id=None)
    failure = Failure("0000.wav", "0 bytes", "a sound file", "Copy it again.")
    night = night_of([brief_of(one) for one in (judged(), kept, unscored)], [failure], OUTLINE)
    assert (night.calls, night.scored, night.score, night.critical) == (3, 2, 90.0, 1)
    assert (night.kept, night.manual, night.duration_ms) == (0.5, 2, 27_000)
    assert [one for one in night.bins if one.calls] == [Bin(80, 85, 1), Bin(100, 105, 1)]
    assert [(one.low, one.label) for one in night.bins][-2:] == [(95, "95–99"), (100, "100")]
    assert [(one.clause.id, one.of("fail"), one.judged) for one in night.most_failed] == [
        ("4.1.7.1", 1, 1),
        ("4.1.8.2", 1, 1),
    ]
    assert [(one.reason, one.verdicts, one.calls) for one in night.unjudged] == [
        (doubt.reason, 1, 1)
    ]
    assert night.agents == (
        Agent("A07", 1, 80.0, 1, (("4.1.7.1", 1), ("4.1.8.2", 1))),
        Agent("A01", 1, 100.0, 0, ()),
    )


def test_a_score_below_the_usual_widens_the_distribution() -> None:
    assert night_of([brief_of(judged(score=42.0))], [], OUTLINE).bins[0] == Bin(40, 45, 1)
