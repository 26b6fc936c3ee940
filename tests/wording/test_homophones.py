"""Characters that make no sense become those of the same sound that do; what makes sense stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.wording.homophones import meant
from pipeline.wording.usage import START, TALK, Usage, front_desk_usage, learn

TALK_OF_TWO = ("我家的熱水器壞了。", "熱水器打不著火，師傅", "我家")


@pytest.fixture(scope="module")
def usage() -> Usage:
    return front_desk_usage()


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        ("握假的热税期", "我家的热水器"),
        ("楼上又在专强", "楼上又在钻墙"),
        ("你们没有制办的吗", "你们没有值班的吗"),
        ("要躲救啊", "要多久啊"),
        ("请少等一夏", "请稍等一下"),
        ("我向投宿", "我想投诉"),
        ("这里是财物部", "这里是财务部"),
        ("不克气", "不客气"),
    ],
)
def test_what_makes_no_sense_is_what_sounds_like_it(usage: Usage, heard: str, said: str) -> None:
    assert meant(heard, [0.6] * len(heard), usage) == said


@pytest.mark.parametrize(
    "said",
    ["您好翠湖花园物业管理处", "这个我不清楚", "他在家等您", "师傅下午两点到"],
)
def test_what_makes_sense_stays(usage: Usage, said: str) -> None:
    assert meant(said, [0.9] * len(said), usage) == said


def test_the_surer_a_character_is_the_likelier_it_stays(usage: Usage) -> None:
    heard = "住你生活愉快"
    assert meant(heard, [0.2] * 6, usage) == "祝你生活愉快"
    assert meant(heard, [1.0] * 6, usage) == heard


def test_nothing_is_made_of_nothing(usage: Usage) -> None:
    assert meant("", [], usage) == ""


HAN_TEXT = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), max_size=12)


@given(text=HAN_TEXT, sure=st.floats(0, 1))
def test_a_text_keeps_its_length(usage: Usage, text: str, sure: float) -> None:
    anew = meant(text, [sure] * len(text), usage)
    assert len(anew) == len(text)


def test_a_pair_that_was_said_is_likelier_than_its_words_alone() -> None:
    usage = learn(TALK_OF_TWO)
    alone = {entry.word: entry.alone for some in usage.by_sound.values() for entry in some}
    broken, heater = alone["坏"], alone["热水器"]
    assert usage.log_prob("坏", broken, "热水器") == usage.after["热水器"]["坏"] > broken
    assert usage.log_prob("热水器", heater, "热水器") == usage.other["热水器"] + heater
    assert usage.log_prob("坏", broken, "从未说过") == broken


def test_a_piece_of_talk_begins_after_every_pause() -> None:
    assert set(learn(TALK_OF_TWO).after[START]) == {"我家", "热水器", "师傅"}


def test_the_talk_says_where_it_comes_from_and_nothing_twice() -> None:
    lines = TALK.read_text("utf-8").splitlines()
    talk = [line for line in lines if not line.startswith("#")]
    assert any(line.startswith("# 來源：") for line in lines)
    assert len(set(talk)) == len(talk) > 15_000
