"""A phrase is found by characters, by words with a little in between, or by how it sounds."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.wording.lexicon import read_lexicon
from pipeline.wording.match import Match, Matcher
from pipeline.wording.normalise import normalise


def matcher(tmp_path: Path, *lines: str) -> Matcher:
    file = tmp_path / "phrases.txt"
    file.write_text("\n".join(lines), encoding="utf-8")
    return Matcher([read_lexicon(file, {"org": ("物業管理處",)})])


def find(tmp_path: Path, text: str, *lines: str) -> tuple[Match, ...]:
    return matcher(tmp_path, *lines).find(normalise(text), "phrases")


def test_characters_in_either_script_and_the_quote_is_the_original(tmp_path: Path) -> None:
    assert find(tmp_path, "好的，再见！", "再見") == (
        Match("phrases", "再見", "再见", 3, 5, "characters", 0.0),
    )


def test_words_with_a_little_in_between(tmp_path: Path) -> None:
    assert find(tmp_path, "那請您先稍等一下哦", "請稍等") == (
        Match("phrases", "請稍等", "请稍等", 1, 6, "words", 0.2),
    )


def test_a_negation_in_between_is_no_insertion(tmp_path: Path) -> None:
    assert find(tmp_path, "請不用稍等", "請稍等") == ()


@pytest.mark.parametrize(
    ("heard", "phrase"),
    [
        ("師父馬上到", "師傅"),
        ("請您再加等候", "在家等候"),
        ("你好", "妳好"),
        ("又什麼可以綁到您", "有什麼可以幫到您"),
        ("這不歸我關", "這不歸我管"),
        ("請燒等一下", "請稍等一下"),
    ],
)
def test_what_sounds_the_same_is_the_same(tmp_path: Path, heard: str, phrase: str) -> None:
    (match,) = find(tmp_path, heard, phrase)
    assert match.level == "syllables"


@pytest.mark.parametrize(
    ("heard", "phrase", "cost"),
    [
        ("青稍等", "請稍等", 0.0),  # a homophone
        ("請燒灯", "請稍等", 0.0),
        ("請請稍等", "請稍等", 0.0),  # a syllable doubled before, inside and after
        ("青稍稍等", "請稍等", 0.25),
        ("让您就就等", "讓您久等", 0.25),
        ("让您等等旧了", "讓您等久了", 0.25),
        ("又什么可以帮帮到您", "有什麼可以幫到您", 0.25),
        ("有什么可帮到您", "有什麼可以幫到您", 1.0),  # a syllable dropped
        ("油什么我可以帮到您", "有什麼可以幫到您", 1.0),  # a syllable put in
        ("您那边是打一位", "您那邊是哪一位", 0.6),  # another initial, the same final
        ("打一位", "哪一位", None),  # in a short phrase that is too much
        ("有什么可帮您", "有什麼可以幫您", 1.0),
        ("请捎等", "請稍等", 0.0),
        ("就等了", "久等了", 0.0),
        ("林稍等", "您稍等", 0.25),  # n for l
        ("您早谁", "您找誰", 0.25),  # z for zh
        ("您找贼", "您找誰", None),
        ("情稍等", "請稍等", 0.0),
        ("秦稍等", "請稍等", 0.25),  # in for ing
        ("请稍扽", "請稍等", 0.25),  # en for eng
        ("房管处", "黃管處", 0.25),  # f for hu
        ("换卡号", "飯卡號", 0.25),  # hu for f
        ("师负马上到", "師傅馬上到", 0.0),  # words split and merged
        ("您好请稍等一下哈", "稍等一下", 0.0),
    ],
)
def test_what_recognition_makes_of_a_phrase(
    tmp_path: Path, heard: str, phrase: str, cost: float | None
) -> None:
    costs = [match.cost for match in find(tmp_path, heard, phrase)]
    assert costs == ([] if cost is None else [cost])


@pytest.mark.parametrize(
    ("heard", "found"),
    [
        ("好的在建", True),  # cut off, and no word of its own
        ("他在建材市場", False),  # 建材 is a word
        ("我還再檢查一下", False),
        ("師父", True),  # a word of its own, but with the same tones
        ("是服", True),
        ("就是付錢", False),
    ],
)
def test_two_syllables_count_by_sound_where_they_are_cut_off(
    tmp_path: Path, heard: str, found: bool
) -> None:
    assert bool(find(tmp_path, heard, "再見", "師傅")) == found


def test_another_word_with_other_tones_is_another_word(tmp_path: Path) -> None:
    assert find(tmp_path, "他是刻意的", "可以") == ()


@pytest.mark.parametrize(
    ("heard", "phrase"),
    [
        ("大家好", "再見"),
        ("在點", "再見"),
        ("我們再聯絡看看", "再見"),
        ("今天天氣不錯", "請您稍等一下"),
    ],
)
def test_a_short_phrase_is_not_matched_by_accident(tmp_path: Path, heard: str, phrase: str) -> None:
    assert find(tmp_path, heard, phrase) == ()


def test_an_exception_bars_what_lies_inside_it(tmp_path: Path) -> None:
    lines = ("不知道", "!不知道您")
    assert find(tmp_path, "不知道您方不方便", *lines) == ()
    assert find(tmp_path, "不知道", *lines) == (
        Match("phrases", "不知道", "不知道", 0, 3, "characters", 0.0),
    )


def test_an_exception_is_told_of_the_lexicons_asked_for(tmp_path: Path) -> None:
    both = matcher(tmp_path, "不知道", "!不知道您")
    assert both.is_excepted("不知道您方不方便", ("phrases",))
    assert not both.is_excepted("我也不知道", ("phrases",))
    assert not both.is_excepted("不知道您方不方便", ("others",))


def test_all_lexicons_at_once_find_what_each_finds(tmp_path: Path) -> None:
    found = [
        read_lexicon(tmp_path / f"{name}.txt", {})
        for name, lines in (
            ("farewell", "再見\n慢走"),
            ("hold", "請稍等\n!請稍等一會再"),
            ("gift", "紅包"),
        )
        if (tmp_path / f"{name}.txt").write_text(lines, encoding="utf-8")
    ]
    text, together = normalise("請稍等，好的再见，您慢慢走"), Matcher(found)
    one_by_one = {one.name: together.find(text, one.name) for one in found}
    assert together.find_all(text) == {name: hits for name, hits in one_by_one.items() if hits}
    assert set(together.find_all(text)) == {"farewell", "hold"}


def test_matches_do_not_overlap_and_the_longer_wording_wins(tmp_path: Path) -> None:
    assert find(tmp_path, "請稍等一下", "稍等", "請稍等一下") == (
        Match("phrases", "請稍等一下", "请稍等一下", 0, 5, "characters", 0.0),
    )


def test_a_match_has_the_weight_of_its_line(tmp_path: Path) -> None:
    assert find(tmp_path, "麻煩您，請稍等", "麻煩您 *3", "請稍等") == (
        Match("phrases", "麻煩您", "麻烦您", 0, 3, "characters", 0.0, 3.0),
        Match("phrases", "請稍等", "请稍等", 4, 7, "characters", 0.0, 1.0),
    )


def test_a_slot_stands_for_the_names_of_the_standard(tmp_path: Path) -> None:
    (match,) = find(tmp_path, "翠湖花園物業管理處", "{org}")
    assert (match.start, match.end) == (4, 9)


@given(st.text(alphabet="您好再見請稍候讓久等在家師傅，。 abc12", max_size=40))
def test_any_match_lies_inside_the_text(text: str) -> None:
    for match in MATCHER.find(normalise(text), "phrases"):
        assert 0 <= match.start < match.end <= len(text)


def _shared() -> Matcher:
    import tempfile

    return matcher(Path(tempfile.mkdtemp()), "再見", "請(您)稍(等|候)", "讓您久等", "在家等候")


MATCHER = _shared()
