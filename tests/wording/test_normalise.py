"""Every text comes to one form, and every place in it can be traced back."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.wording.normalise import Normalised, common_forms, normalise


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("您好，翠湖花園物業管理處！", "您好翠湖花园物业管理处"),
        ("你自己看著辦", "你自己看着办"),
        ("ＢＹＥ－ｂｙｅ", "byebye"),
        ("12樓1205室", "十二楼一千二百零五室"),
        ("１０點半", "十点半"),
        ("13826507731", "一三八二六五零七七三一"),
        ("0800", "零八零零"),
        ("……？！ 　", ""),
        ("", ""),
    ],
)
def test_script_width_numerals_and_punctuation(written: str, plain: str) -> None:
    assert normalise(written).text == plain


def test_offsets_lead_back_to_what_was_written() -> None:
    value = normalise("在１２樓，再見")
    assert value == Normalised(
        "在１２樓，再見",
        "在十二楼再见",
        ((0, 1), (1, 2), (2, 3), (3, 4), (5, 6), (6, 7)),
    )


@given(st.text(max_size=60))
def test_offsets_never_leave_the_text_nor_go_back(text: str) -> None:
    value = normalise(text)
    assert len(value.offsets) == len(value.text)
    assert all(0 <= start < end <= len(text) for start, end in value.offsets)
    assert list(value.offsets) == sorted(value.offsets)


@given(st.text(alphabet="您好再見請稍候讓久等物業管理處著裡啦", max_size=30))
def test_a_normalised_text_stays_as_it_is(text: str) -> None:
    once = normalise(text).text
    assert normalise(once).text == once


@given(st.lists(st.text(alphabet="請稍候。12樓乾隆淨後ＡⅣ㍿\n，", max_size=6), max_size=5))
@example(["頭髮", "發\n現"])
@example([])
def test_common_forms_of_many_are_those_of_each(texts: list[str]) -> None:
    assert common_forms(texts) == [normalise(text).text for text in texts]
