"""Examples: read, refused with the line at fault, and learned from."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import StandardError
from pipeline.wording.examples import Example, read_examples
from pipeline.wording.learning import learn
from pipeline.wording.likeness import THOUSAND, Likenesses, pieces, with_sounds
from pipeline.wording.normalise import normalise

VAGUE = ("看情況囉。", "這個看情況吧。", "再說吧。", "到時候再看吧。", "不一定囉。")
FINE = ("下午三點前到。", "我問了回電給您。", "三樓，右手邊。", "我幫您登記。", "師傅五點到。")
EXAMPLES = [
    *(Example(("vague",), "什麼時候？", text) for text in VAGUE),
    *(Example(("fine",), "什麼時候？", text) for text in FINE),
]


def score(text: str) -> float:
    return scored(EXAMPLES, text)


def scored(examples: list[Example], text: str) -> float:
    likenesses = Likenesses({"vague": learn(examples, ["vague"])})
    return likenesses.scores(with_sounds(normalise(text).text))["vague"]


def test_a_table_is_read(tmp_path: Path) -> None:
    file = tmp_path / "answers.tsv"
    file.write_text("\ufeff# 例句\n\nvague\t何時？\t看情況囉。 \nfine\t-\t您好\n", encoding="utf-8")
    assert read_examples(file) == (
        Example(("vague",), "何時？", "看情況囉。"),
        Example(("fine",), "-", "您好"),
    )


@pytest.mark.parametrize(
    ("line", "got", "hint"),
    [
        ("vague 看情況囉", "'vague 看情況囉'", "Part the columns by one tab each."),
        ("vague\t看情況囉", r"'vague\t看情況囉'", "Part the columns by one tab each."),
        ("含糊\t-\t看情況囉", r"'含糊\t-\t看情況囉'", "Part the columns by one tab each."),
        (
            "vague\t-\t……",
            "the answer '……', of which nothing is left once punctuation is gone",
            "Write what was said, or remove the line.",
        ),
        (
            "vague\t-\t再說！",
            "'再說！', which stands on line 1 already",
            "Remove one of the lines.",
        ),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str, got: str, hint: str) -> None:
    file = tmp_path / "answers.tsv"
    file.write_text(f"fine\t-\t再說\n{line}\n", encoding="utf-8")
    with pytest.raises(StandardError) as error:
        read_examples(file)
    assert (error.value.where, error.value.got, error.value.hint) == (f"{file}:2", got, hint)


def test_what_was_never_seen_is_like_what_it_has_most_of() -> None:
    assert score("那要看情況囉。") > 0.5
    assert score("我三點回電給您。") < -0.5


def test_recognition_that_writes_what_sounds_alike_changes_little() -> None:
    assert score("砍情況囉") > 0  # for 看情況囉


def test_the_order_of_examples_changes_nothing() -> None:
    assert scored(EXAMPLES[::-1], "那要看情況囉。") == pytest.approx(
        score("那要看情況囉。"), abs=0.01
    )


def test_an_example_like_it_is_named() -> None:
    likenesses = Likenesses({"vague": learn(EXAMPLES, ["vague"])})
    heard = with_sounds(normalise("這個嘛，看情況吧").text)
    assert likenesses.nearest("vague", heard) == "這個看情況吧。"
    assert likenesses.nearest("vague", with_sounds("喂")) in VAGUE


@given(st.text(max_size=80))
def test_any_text_scores_what_its_pieces_weigh(text: str) -> None:
    heard, vague = normalise(text).text, learn(EXAMPLES, ["vague"])
    weights = [vague.weights.get(piece, 0) for piece in pieces(heard)]
    fine = learn(EXAMPLES, ["fine"])
    both = Likenesses({"fine": fine, "vague": vague})
    for again in (both, pickle.loads(pickle.dumps(both))):
        scores = again.scores(with_sounds(heard))
        assert scores["vague"] == (vague.bias + sum(weights)) / THOUSAND


def test_a_call_is_known_by_all_that_is_said_in_it(tmp_path: Path) -> None:
    file = tmp_path / "calls.tsv"
    file.write_text("leak\t漏水了\t好的\nfee\t管理費多少\t好的\n", encoding="utf-8")
    assert [one.whole for one in read_examples(file, whole=True)] == [
        "漏水了好的",
        "管理費多少好的",
    ]
    with pytest.raises(StandardError):
        read_examples(file)


@pytest.mark.parametrize("whole", [False, True])
def test_examples_with_nothing_in_common_teach_how_many_there_are(whole: bool) -> None:
    examples = [
        Example(("a",), "-", "甲"),
        Example(("b",), "-", "乙丙"),
        Example(("b",), "-", "丁戊"),
    ]
    likenesses = Likenesses({"a": learn(examples, ["a"], whole=whole)})
    assert likenesses.scores(with_sounds("己")) == {"a": -0.693}
