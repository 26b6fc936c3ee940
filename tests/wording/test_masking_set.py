"""Masking hides what an independent author marked, and little else."""

from __future__ import annotations

import pytest

from pipeline.wording.masking import MASK, mask
from tests.wording.masking_set import NUMBERS, TUNE, Line, Mark, measured, read_lines


def test_marks_are_read_with_the_characters_that_identify(tmp_path) -> None:
    path = tmp_path / "set.txt"
    path.write_text("住[address:三棟 5 樓]電話[phone:零九 嗯 幺]\n", encoding="utf-8")
    assert read_lines(path) == (
        Line(
            "住三棟 5 樓電話零九 嗯 幺",
            (Mark("address", 1, 7, (1, 4)), Mark("phone", 9, 15, (9, 10, 14))),
        ),
    )


@pytest.mark.parametrize("path", [TUNE], ids=lambda path: path.stem)
def test_at_least_97_of_100_characters_of_numbers_are_hidden(path) -> None:
    lines = read_lines(path)
    found = measured(lines, [mask(line.text) for line in lines], MASK)
    assert found.together(NUMBERS).recall >= 0.97
    assert found.together(NUMBERS).whole >= 0.97


@pytest.mark.parametrize("path", [TUNE], ids=lambda path: path.stem)
def test_names_and_addresses_are_hidden_and_sums_and_times_are_not(path) -> None:
    lines = read_lines(path)
    found = measured(lines, [mask(line.text) for line in lines], MASK)
    assert min(found.of[kind].recall for kind in ("address", "name", "email")) >= 0.97
    assert found.precision >= 0.99
