"""A lexicon line stands for its wordings, and a line that cannot work names itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import StandardError
from pipeline.wording.lexicon import Lexicon, Phrase, read_lexicon


def read(tmp_path: Path, text: str) -> Lexicon:
    file = tmp_path / "farewell.txt"
    file.write_text(text, encoding="utf-8")
    return read_lexicon(file, {"org": ("管理處",)})


def test_comments_options_alternatives_slots_and_exceptions(tmp_path: Path) -> None:
    text = "# 道別\n再見|拜拜  # 常用\n\n(您)慢走\n{org}\n!再見面\n"
    assert read(tmp_path, text) == Lexicon(
        "farewell",
        (
            Phrase("再見|拜拜", ("再见", "拜拜"), ("再見", "拜拜")),
            Phrase("(您)慢走", ("慢走", "您慢走"), ("慢走", "您慢走")),
            Phrase("{org}", ("管理处",), ("管理處",)),
        ),
        ("再见面",),
    )


def test_a_byte_order_mark_is_no_part_of_the_first_phrase(tmp_path: Path) -> None:
    file = tmp_path / "farewell.txt"
    file.write_bytes("再見\n".encode("utf-8-sig"))
    assert read_lexicon(file, {}).variants == ("再见",)


def test_a_line_may_end_in_a_weight(tmp_path: Path) -> None:
    assert read(tmp_path, "再見 *3\n慢走|拜拜  *0.5 # 少算\n再會\n").phrases == (
        Phrase("再見", ("再见",), ("再見",), 3.0),
        Phrase("慢走|拜拜", ("慢走", "拜拜"), ("慢走", "拜拜"), 0.5),
        Phrase("再會", ("再会",), ("再會",), 1.0),
    )


@pytest.mark.parametrize(
    ("text", "line", "got"),
    [
        ("再會\n再見 *\n", ":2", "'再見 *' with a weight that cannot be read"),
        ("再見*3\n", ":1", "'再見*3' with a weight that cannot be read"),
        ("再見 *-1\n", ":1", "'再見 *-1' with a weight that cannot be read"),
        ("再見 *1e3\n", ":1", "'再見 *1e3' with a weight that cannot be read"),
        ("再見 ＊3\n", ":1", "'再見 ＊3' with a weight that cannot be read"),
        ("再見 *2 *3\n", ":1", "'再見 *2 *3' with a weight that cannot be read"),
        ("再見 *0\n", ":1", "'再見 *0' with a weight of 0"),
        ("再見\n!再見面 *3\n", ":2", "'!再見面 *3', an exception with a weight"),
        ("再見\n……\n", ":2", "'……', of which nothing is left once punctuation is gone"),
        ("再見\n(您)\n", ":2", "'(您)', of which nothing is left once punctuation is gone"),
        ("{company}\n", ":1", "slot {company}"),
        (
            "請(您稍等\n",
            ":1",
            "'請(您稍等' with brackets that do not close or stand inside each other",
        ),
        ("(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b|c|d)(a|b)\n", ":1", "512 wordings in one line"),
        ("請（您）慢走\n", ":1", "'請（您）慢走' with a full-width （"),
        ("再見｜拜拜\n", ":1", "'再見｜拜拜' with a full-width ｜"),
        ("再見｛org｝\n", ":1", "'再見｛org｝' with a full-width ｛"),
        ("再見\n！再見面\n", ":2", "'！再見面' with a full-width ！"),
        ("＃ 道別\n再見\n", ":1", "'＃ 道別' with a full-width ＃"),
        (
            "您好({org})\n",
            ":1",
            "'您好({org})' with brackets that do not close or stand inside each other",
        ),
        ("(再)" * 20_000 + "\n", ":1", "more than 10^15 wordings in one line"),
        ("# 空的\n", "", "no phrase"),
        (
            "再見\n慢走|再會\n# 重複\n再(見|会)|慢走\n",
            ":4",
            "'再(見|会)|慢走', whose every wording stands on line 1, 2 already",
        ),
        (
            "再見\n!再見面\n!再見面\n",
            ":3",
            "'!再見面', whose every wording stands on line 2 already",
        ),
        (
            "(請)稍等\n我想問(一下)\n!我想問\n",
            ":2",
            "'我想問(一下)', of which no wording can count for the exception on line 3",
        ),
        (
            "!再見\n再見 *2\n",
            ":2",
            "'再見', of which no wording can count for the exception on line 1",
        ),
    ],
)
def test_a_line_that_cannot_work_is_named(tmp_path: Path, text: str, line: str, got: str) -> None:
    with pytest.raises(StandardError) as error:
        read(tmp_path, text)
    assert (error.value.where, error.value.got) == (f"{tmp_path / 'farewell.txt'}{line}", got)


def test_a_line_with_one_wording_of_its_own_may_stay(tmp_path: Path) -> None:
    text = "再見\n再見|再會\n(您)不知道\n!您不知道\n!不知道您\n"
    assert read(tmp_path, text).variants == ("再见", "再会", "不知道", "您不知道")


def test_another_encoding_is_named(tmp_path: Path) -> None:
    file = tmp_path / "farewell.txt"
    file.write_bytes("再見".encode("big5"))
    with pytest.raises(StandardError) as error:
        read_lexicon(file, {})
    assert error.value.got == "byte 0 is not UTF-8"


def test_a_missing_lexicon_is_named(tmp_path: Path) -> None:
    with pytest.raises(StandardError) as error:
        read_lexicon(tmp_path / "farewell.txt", {})
    assert error.value.got == "cannot be read (No such file or directory)"
