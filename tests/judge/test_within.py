"""Evidence lies within the recording, however long the stretch that was looked through."""

from __future__ import annotations

from dataclasses import replace

from pipeline.judge import judge as judging
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.judge import judge
from pipeline.judge.load import load_standard
from pipeline.records import Evidence, Span
from pipeline.settings import default_standard

SAID = [{"customer": "我姓陳，我家漏水了。"}, {"agent": "好的，馬上派人過去。"}]


def test_no_evidence_reaches_beyond_a_short_recording() -> None:
    heard = call_of(dialogue(SAID))
    end_ms = 500
    call = replace(heard, duration_ms=end_ms)
    card = judge(call, load_standard(default_standard())).scorecard
    spans = [
        evidence.span
        for ruled in (*card.verdicts, *card.situations)
        for evidence in ruled.evidence
        if evidence.span
    ]
    assert spans
    assert [span for span in spans if span.end_ms > end_ms] == []


def test_only_what_lies_beyond_is_cut_off() -> None:
    call = replace(call_of(dialogue(SAID)), duration_ms=12_000)
    spans = [Span(80, 30_080), Span(13_000, 14_000), Span(1_000, 12_000), None]
    cut = judging._within(call, tuple(Evidence(span, quote="好") for span in spans))
    assert [one.span for one in cut] == [
        Span(80, 12_000), Span(12_000, 12_000), Span(1_000, 12_000), None,
    ]  # fmt: skip
    assert {one.quote for one in cut} == {"好"}
