"""What is shown holds no personal data, and keeps its length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.wording.masking import mask


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("我姓陳，住在三棟十二樓", "我姓＊，住在＊棟＊＊樓"),
        ("好的陳先生，電話是138 2650 7731對嗎", "好的＊先生，電話是＊＊＊＊＊＊＊＊＊＊＊＊＊對嗎"),
        ("一三八二六五零七七三一", "＊＊＊＊＊＊＊＊＊＊＊"),
        ("寄到wang@example.com", "寄到＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊＊"),
        ("我叫陳大文，找經理", "我叫＊＊＊，找經理"),
        ("上午十點半上門，管理費2400元", "上午十點半上門，管理費2400元"),
        ("先生您好，小姐請稍等", "先生您好，小姐請稍等"),
    ],
)
def test_numbers_names_and_homes_are_masked_and_times_and_sums_are_not(
    said: str, shown: str
) -> None:
    assert mask(said) == shown


@given(st.text(max_size=80))
def test_masking_keeps_the_length(text: str) -> None:
    assert len(mask(text)) == len(text)
