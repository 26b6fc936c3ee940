"""The measures of a call, as whole values."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.judge import judge
from pipeline.judge.load import load_standard
from pipeline.judge.measures import longest_silence, measures_of
from pipeline.judge.structure import Hold, Structure
from pipeline.measured import Measures, Overlap, PartyMeasures
from pipeline.records import Event, Murmurs, Span, from_json, to_json
from pipeline.settings import default_standard

from .test_floor import STORY, Said, heard, talk

NO_HOLDS = Structure((), (), ())
QUARREL = heard(
    ("agent", 1_000, 3_000, "您好物業管理處請問您"),
    ("customer", 3_500, 7_500, STORY),
    ("agent", 6_500, 8_500, "這不歸我管你找別人去"),
    ("customer", 13_500, 14_500, "你叫什麼"),
)


def test_the_measures_of_a_quarrel() -> None:
    held = Structure((), (Hold(Span(8_500, 13_500), None, None, None),), ())
    assert measures_of(QUARREL, held) == Measures(
        agent=PartyMeasures(
            role="agent",
            talk_ms=4_000,
            talk_share=0.4444,
            turns=2,
            interruptions=1,
            attempts=0,
            backchannels=0,
            rate=5.0,
            reply_delay_ms=0,
        ),
        customer=PartyMeasures(
            role="customer",
            talk_ms=5_000,
            talk_share=0.5556,
            turns=2,
            interruptions=0,
            attempts=0,
            backchannels=0,
            rate=4.0,
            reply_delay_ms=500,
        ),
        longest_silence=Span(8_500, 13_500),
        holds=1,
        hold_ms=5_000,
        overlaps=(Overlap(Span(6_500, 7_500), "interruption", "agent", "customer", 0),),
        holds_told=0,
    )


def test_measures_survive_json() -> None:
    measures = measures_of(QUARREL, NO_HOLDS)
    assert from_json(Measures, to_json(measures)) == measures


def test_a_reply_without_a_hold_before_it_counts_its_wait() -> None:
    customer = measures_of(QUARREL, NO_HOLDS).customer
    assert customer is not None
    assert customer.reply_delay_ms == 500


def test_a_murmur_counts_as_a_sign_of_listening_and_takes_no_turn() -> None:
    call = heard(("customer", 1_000, 9_000, STORY), ("agent", 9_500, 11_000, "我馬上請人去看"))
    murmured = replace(call, murmurs=(Murmurs(0, (Span(4_000, 4_200), Span(12_000, 12_200))),))
    before, after = (measures_of(one, NO_HOLDS).agent for one in (call, murmured))
    assert before is not None
    assert after == replace(before, backchannels=1)


def test_where_voices_are_not_told_apart_nothing_is_counted_for_each() -> None:
    mono = replace(heard(("unknown", 1_000, 5_000, STORY), ("unknown", 8_000, 9_000, "好")))
    assert measures_of(mono, NO_HOLDS) == Measures(
        agent=None,
        customer=None,
        longest_silence=Span(5_000, 8_000),
        holds=0,
        hold_ms=0,
        overlaps=None,
    )


def test_a_call_in_which_nobody_speaks_has_no_measures() -> None:
    assert measures_of(heard(), NO_HOLDS) == Measures(None, None, None, 0, 0, ())


def test_who_never_speaks_has_no_rate_and_no_reply() -> None:
    customer = measures_of(heard(("agent", 1_000, 3_000, STORY)), NO_HOLDS).customer
    assert customer == PartyMeasures("customer", 0, 0.0, 0, 0, 0, 0, None, None)


def test_music_and_tones_are_no_silence() -> None:
    call = heard(("agent", 1_000, 2_000, "請稍等"), ("agent", 20_000, 21_000, "久等了"))
    music = Event("music", 0, Span(3_000, 19_500))
    assert longest_silence(replace(call, events=(music,))) == Span(2_000, 3_000)


def test_the_ring_before_the_first_word_is_no_silence() -> None:
    call = heard(("agent", 9_000, 10_000, "您好"))
    assert longest_silence(replace(call, events=(Event("ring", 0, Span(0, 1_000)),))) is None


def test_the_judge_measures_the_holds_of_its_standard() -> None:
    call = call_of(
        dialogue([{"agent": "請您稍等一下"}, {"silence": "20s"}, {"agent": "讓您久等了，查到了"}])
    )
    measures = judge(call, load_standard(default_standard())).measures
    assert (measures.holds, measures.holds_told, measures.hold_ms) == (1, 1, 20_000)
    assert measures.longest_silence == Span(2_200, 22_200)


@given(said=talk())
def test_shares_add_up_and_silence_is_silent(said: list[Said]) -> None:
    call = heard(*said)
    measures = measures_of(call, NO_HOLDS)
    shares = [one.talk_share for one in measures.parties if one.talk_share is not None]
    assert not shares or abs(sum(shares) - 1) < 0.001
    gap = measures.longest_silence
    assert gap is None or not any(gap.overlap_ms(one.span) for one in call.speech)
