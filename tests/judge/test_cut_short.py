"""Of a recording that lacks its end nobody is accused of what may have been said there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.judge.cases import settled
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.load import load_standard
from pipeline.records import Call, Scorecard
from pipeline.settings import default_standard

STANDARD = load_standard(default_standard())
TURNS = [
    {"agent": "物業，說。"},
    {"customer": "您好，我家廚房的水管漏水了，想報修，我姓陳，住三棟十二樓零五室。"},
    {"agent": "水管漏水是吧，是洗碗盆下面的水管，還是牆裡的水管？"},
    {"customer": "洗碗盆下面的，一直滴。"},
]
BROKEN = ("4.1.2.2", "4.1.4.3", "4.1.6.1", "4.1.7.1")


def ruled(*warnings: str) -> Scorecard:
    return settled(replace(call_of(dialogue(TURNS)), warnings=warnings), STANDARD)


def status(card: Scorecard) -> list[str]:
    return [card.verdict(clause).status for clause in BROKEN]


def test_a_whole_call_is_judged_to_its_end() -> None:
    assert status(ruled()) == ["fail", "fail", "fail", "fail"]
    assert status(ruled("roles: told from the words")) == ["fail", "fail", "fail", "fail"]


@pytest.mark.parametrize(
    "warning",
    [
        "truncated: the header promises 61.8 s, 12.1 s could be decoded",
        "decoding stopped early: Invalid data found when processing input",
    ],
)
def test_what_may_be_in_the_missing_end_is_open(warning: str) -> None:
    card = ruled(warning)
    # the greeting stands at the beginning, which is there
    assert status(card) == ["fail", "unjudged", "unjudged", "unjudged"]
    assert card.verdict("4.1.7.1").reason.code == "phrase_cut_off"


def test_a_hold_that_the_recording_ends_in_is_open() -> None:
    turns = [*TURNS[:2], {"agent": "請稍候，我查一下。"}, {"silence": "12s"}, {"agent": "在這裡"}]
    whole: Call = call_of(dialogue(turns))
    assert settled(whole, STANDARD).verdict("4.1.8.1").status == "fail"
    cut = replace(whole, warnings=("truncated: the header promises 32044 bytes, the file has 9",))
    assert settled(cut, STANDARD).verdict("4.1.8.1").status == "unjudged"
