"""The shortcuts past jieba and pypinyin come to what jieba and pypinyin come to."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.seg.mmseg import seg

from pipeline.wording import segment
from pipeline.wording.normalise import normalise
from pipeline.wording.segment import Segmenter
from pipeline.wording.syllables import cut, distances, sound_distance, syllables

LINES = (Path(__file__).parents[1] / "bench" / "spotting_lines.tsv").read_text(encoding="utf-8")
SEGMENTER = Segmenter()
TEXTS = st.text(alphabet="再见银行长重庆的了不得着实在家等候一下abc", max_size=30)


def same_words(text: str) -> bool:
    tokens = SEGMENTER._tokenizer.tokenize(text)
    return SEGMENTER.words(text) == tuple((word, start) for word, start, _ in tokens)


def test_words_of_sentences() -> None:
    assert [line for line in map(normalise, LINES.splitlines()) if not same_words(line.text)] == []


@given(TEXTS)
def test_words_of_any_text(text: str) -> None:
    assert same_words(normalise(text).text)


def test_syllables_of_sentences() -> None:
    han = ["".join(c for c in normalise(line).text if c > "z") for line in LINES.splitlines()]
    assert [syllables(text) for text in han] == [tuple(lazy_pinyin(text)) for text in han]


@given(st.text(alphabet="银行长重庆的了不得着绿略嗯哦儿欸", max_size=30))
def test_syllables_of_any_text(text: str) -> None:
    assert syllables(text) == tuple(lazy_pinyin(text))


@given(st.lists(st.sampled_from(sorted(PHRASES_DICT)), max_size=4), st.integers(0, 3))
def test_phrases_of_any_text(phrases: list[str], lost: int) -> None:
    text = "".join(phrases)
    text = text[: len(text) - lost]
    assert cut(text) == list(seg.cut(text))


def test_the_table_of_distances_is_the_distances() -> None:
    sounds = sorted({sound for line in LINES.splitlines() for sound in syllables(line)})
    assert (distances(sounds, sounds) / 100).tolist() == [
        [sound_distance(one, other) for other in sounds] for one in sounds
    ]


def test_words_are_cut_without_a_cache_folder_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "cache"
    in_the_way.touch()
    monkeypatch.setenv("CALLQA_CACHE", str(in_the_way))
    segment._shipped.cache_clear()
    try:
        assert Segmenter().words("请您稍等") == SEGMENTER.words("请您稍等")
    finally:
        segment._shipped.cache_clear()
    assert in_the_way.read_bytes() == b""
