"""The quick search finds just what the plain one does."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.judge.load import Standard, load_standard
from pipeline.settings import default_standard
from pipeline.wording.lexicon import Lexicon, Phrase
from pipeline.wording.match import LEVELS, MOST_KEPT, Matcher
from pipeline.wording.normalise import normalise
from pipeline.wording.search import Index, search
from pipeline.wording.segment import Segmenter
from pipeline.wording.sound import PAUSE
from pipeline.wording.together import MOST_CHARACTERS, search_together
from tests.wording.reference import Reference

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(default_standard())


def spoken() -> Iterator[str]:
    """Texts such as are judged: some channels of the sample calls, and single sentences."""
    channels: dict[tuple[str, str], str] = {}
    with (ROOT / "samples" / "turns.csv").open(encoding="utf-8", newline="") as stream:
        for turn in csv.DictReader(stream):
            key = turn["file"], turn["role"]
            channels[key] = channels.get(key, "") + turn["text"]
    yield from list(channels.values())[::8]
    with (ROOT / "tests" / "bench" / "spotting_lines.tsv").open(encoding="utf-8") as stream:
        yield from [line["text"] for line in csv.DictReader(stream, delimiter="\t")][::16]


def test_the_shipped_lexicons_in_texts_such_as_are_judged(standard: Standard) -> None:
    names = ("ask-identity", "farewell", "greeting", "hold-hint", "hold-return", "offer")
    reference = Reference(standard.lexicons.values())
    for text in map(normalise, spoken()):
        for name in names:
            assert standard.matcher.find(text, name) == reference.find(text, name), text.original


def test_texts_searched_together_hold_what_each_holds(standard: Standard) -> None:
    texts = [normalise(text) for text in ("", *spoken())]
    lexicons = standard.lexicons.values()
    index = Index(lexicons)  # which has searched nothing yet
    together, alone = Matcher(lexicons, index=index), Matcher(lexicons, index=index)
    ahead = []
    for begin in range(0, len(texts), MOST_KEPT):
        some = texts[begin : begin + MOST_KEPT]
        together.look_ahead(some)
        ahead += [together.find_all(text) for text in some]
    assert ahead == [alone.find_all(text) for text in texts]


PIECES = (
    *(
        "请问您有什么可以帮到您",
        "请稍等一下",
        "请稍等",
        "讓您久等了",
        "再见",
        "在建",
        "谢谢",
        "王先生",
    ),
    *(
        "请",
        "问",
        "您",
        "你",
        "有",
        "什么",
        "可以",
        "帮",
        "到",
        "稍",
        "等",
        "一下",
        "哦",
        "不",
        "没",
    ),
    *(
        "青",
        "文",
        "林",
        "又",
        "市",
        "客",
        "一",
        "绑",
        "少",
        "顿",
        "就",
        "了",
        "饭",
        "换",
        "bye",
        "12",
    ),
)
"""What texts and wordings are put together from, so that they meet, whole and in part."""

TEXTS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
WORDINGS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=5).map("".join)


def lexicon(name: str, wordings: list[str], exceptions: list[str]) -> Lexicon:
    plain = [normalise(wording).text for wording in dict.fromkeys(wordings)]
    phrases = tuple(Phrase(text, (text,), (text,), 1.0 + i) for i, text in enumerate(plain))
    return Lexicon(name, phrases, tuple(normalise(wording).text for wording in exceptions))


def test_a_match_by_words_does_not_bridge_a_pause_and_hide_what_stands_beside_it() -> None:
    matcher = Matcher([lexicon("one", ["請稍等"], [])])
    found = matcher.find(normalise(f"快請{PAUSE}稍等"), "one")
    assert found == ()
    beside = Matcher([lexicon("one", ["排隊好", "那邊排隊"], [])])
    found = beside.find(normalise(f"去那邊排對{PAUSE}好"), "one")
    assert [(m.wording, m.level) for m in found] == [("那边排队", "syllables")]


LEXICONS = st.tuples(
    st.lists(WORDINGS, min_size=1, max_size=6), st.lists(WORDINGS, max_size=1)
).map(lambda lists: lexicon("one", *lists))


@settings(max_examples=120, deadline=None)
@given(LEXICONS, LEXICONS, st.lists(TEXTS, min_size=1, max_size=4))
def test_any_wordings_in_any_texts(one: Lexicon, other: Lexicon, texts: list[str]) -> None:
    lexicons = [one, Lexicon("other", other.phrases, other.exceptions)]
    matcher, reference = Matcher(lexicons), Reference(lexicons)
    for text in map(normalise, texts):
        for name in ("one", "other"):
            assert matcher.find(text, name) == reference.find(text, name)


@settings(max_examples=120, deadline=None)
@given(LEXICONS, st.lists(TEXTS, max_size=5))
def test_any_texts_searched_together(one: Lexicon, texts: list[str]) -> None:
    index, plain = Index([one]), [normalise(text).text for text in texts]
    assert search_together(plain, index, LEVELS) == [search(text, index, LEVELS) for text in plain]


def test_a_long_text_is_searched_by_itself() -> None:
    index, texts = Index([lexicon("one", ["再见"], [])]), ["再见", "好" * MOST_CHARACTERS, "再见"]
    assert search_together(texts, index, LEVELS) == [search(text, index, LEVELS) for text in texts]


@settings(max_examples=30, deadline=None)
@given(LEXICONS, TEXTS, st.sampled_from((1, 40, 300)))
def test_syllables_said_over_and_over(one: Lexicon, text: str, times: int) -> None:
    value = normalise(text + "请" * times + text)
    assert Matcher([one]).find(value, "one") == Reference([one]).find(value, "one")


def test_a_syllable_dropped_between_two_that_sound_alike() -> None:
    """What is left of 要不要 is one run where there were three, and the phrase within its bound."""
    one, value = lexicon("one", ["您要不要留下"], []), normalise("那么您要要留下吧")
    assert [(m.start, m.end) for m in Matcher([one]).find(value, "one")] == [(2, 7)]
    assert Matcher([one]).find(value, "one") == Reference([one]).find(value, "one")


def test_the_words_of_every_wording_can_meet(standard: Standard) -> None:
    """No line is lost to the cut: where several words stand as they are, they are found by words."""
    segmenter = Segmenter.knowing(standard.lexicons.values())
    wordings = [wording for lexicon in standard.lexicons.values() for wording in lexicon.variants]
    for text in wordings[:: max(1, len(wordings) // 60)]:
        if len(segmenter.parts(text)) > 1:
            matcher = Matcher([Lexicon("one", (Phrase(text, (text,), (text,)),), ())])
            assert [(m.start, m.end) for m in matcher.find(normalise(text), "one", ("words",))] == [
                (0, len(text))
            ]
