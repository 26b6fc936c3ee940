"""The catalogue is complete: every string in both languages, every label used, none idle."""
# ruff: noqa: E501  (rows of a table are read by the line)

from __future__ import annotations

import re
from pathlib import Path

import pytest

import pipeline.show
from pipeline.errors import UsageError
from pipeline.judge.rules import DEMANDS, Condition
from pipeline.records import KINDS, LINES, STATUSES, Reason
from pipeline.show import text
from pipeline.show.language import LANGUAGES, Language, Text, language_named
from pipeline.show.reasons import GROUPS, REASONS, UnwordedReason, fields, put, say, say_group

ROOM = Path(pipeline.show.__file__).parent
CATALOGUE = [
    *(pair for names in text.NAMES.values() for pair in names.items()),
    *text.LABELS.items(),
    *REASONS.items(),
    *GROUPS.items(),
]


@pytest.mark.parametrize(("key", "words"), CATALOGUE)
def test_every_text_says_the_same_in_both_languages(key: str, words: Text) -> None:
    assert all(words)
    assert fields(words.zh_hant) == fields(words.en)


def test_every_label_is_used_and_every_used_label_exists() -> None:
    used: set[str] = set()
    for path in [*ROOM.glob("templates/*.j2"), *ROOM.glob("*.py")]:
        source = path.read_text()
        used |= set(re.findall(r'\bt\("(\w+)"', source))
        used |= set(re.findall(r'\blabel\("(\w+)"', source))
        used |= set(re.findall(r'\b_row\("(\w+)"', source))
    table_of_meta = {"kind", "situations", "line", "direction", "channels", "engine", "warnings"}
    assert used | table_of_meta == set(text.LABELS)


def test_every_code_of_the_records_has_a_name() -> None:
    assert set(text.STATUSES) == set(STATUSES)
    assert set(text.KINDS) == set(KINDS)
    assert set(text.LINES) == set(LINES)


def test_every_way_of_judging_has_a_name() -> None:
    families = {Condition.model_fields[name].alias or name for name in DEMANDS}
    others = {"the call as a whole", "in part manual", "manual", "not yet"}
    assert set(text.HOWS) == (families - {"all", "any", "not"}) | others


@pytest.mark.parametrize(
    ("reason", "language", "words"),
    [
        (Reason.of("phrase_said", phrase="再見"), "zh-Hant", "說了「再見」"),
        (Reason.of("wrong_kind", kind="visit"), "zh-Hant", "這是來訪，本條不適用"),
        (Reason.of("wrong_line", line="office"), "en", "this is the office line; the clause is not about it"),
        (Reason.of("silence_long", longest=7.25, limit=5), "zh-Hant", "客服人員 7.25 秒沒有出聲，超過 5 秒"),
        (Reason.of("silence_long", longest="7 s", limit="5 s"), "en", "silent for 7 s, longer than 5 s"),
        (Reason.of("silence_long", longest="7.25、9", limit=5), "zh-Hant", "客服人員 7.25 秒、9 秒沒有出聲，超過 5 秒"),
        (Reason("parts", parts=(Reason.of("phrase_said", phrase="您好"), Reason.of("no_hold"))), "zh-Hant", "說了「您好」；沒有請客戶等候"),
    ],
)  # fmt: skip
def test_a_reason_in_words(reason: Reason, language: Language, words: str) -> None:
    assert put(reason, language) == words


def test_a_reason_without_words_raises_where_asked_to_and_shows_itself_in_reports() -> None:
    unknown = Reason.of("comet_seen", tail="long")
    lacking = Reason.of("phrase_missing", phrase="再見")
    for reason in (unknown, lacking):
        with pytest.raises(UnwordedReason):
            put(reason, "en")
    assert say(unknown, "en") == "comet_seen (tail: long)"
    assert say(lacking, "en") == "phrase_missing (phrase: 再見)"


def test_reasons_of_one_code_are_grouped_without_their_details() -> None:
    assert say_group(Reason.of("manual", what="制服"), "zh-Hant") == "聽不出來，須由人查核"
    assert say_group(Reason.of("roles_unknown"), "en") == say(Reason.of("roles_unknown"), "en")
    assert set(GROUPS) <= set(REASONS) | {"parts"}


def test_a_language_reports_do_not_speak_is_a_usage_error() -> None:
    assert tuple(language_named(name) for name in LANGUAGES) == LANGUAGES
    with pytest.raises(UsageError, match="zh-Hant or en"):
        language_named("de")
