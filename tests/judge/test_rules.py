"""The rule language: every kind of demand, on small dialogues, with a small standard of its own."""
# ruff: noqa: E501  (rows of a table are read by the line)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.errors import StandardError
from pipeline.judge.cases import settled
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.judge.judge import judge
from pipeline.judge.load import Standard, load_standard
from pipeline.judge.rules import DEMANDS, Condition
from pipeline.judge.weigh import CHECKS
from pipeline.records import Answer, Span, Verdict
from pipeline.wording.lexicon import read_lexicon

LEXICONS = {
    "greeting": "您好\n",
    "org": "物業管理處\n",
    "offer": "有什麼可以幫您\n",
    "wait": "請稍等\n",
    "back": "久等了\n",
    "hint": "等一下\n",
    "sorry": "對不起\n不好意思\n",
    "out": "他不在\n",
    "wish-new": "新年好\n",
    "wish-moon": "中秋快樂\n",
    "leak": "漏水 *3\n水管 *1\n",
    "rude": "神經病\n煩死了\n",
    "minds": "你怎麼說話的\n",
    "maybe": "應該\n",
    "end": "吧\n",
    "thing": "電梯\n大門\n樓道\n",
    "broken": "不動了\n打不開\n",
    "accept": "好的\n",
    "urge": "快一點\n快點\n",
    "seek": "找\n",
}
BASE: dict[str, Any] = {
    "id": "small",
    "title": "small",
    "source": "this test",
    "hold": {"shortest": "8s", "request": "wait", "hint": "hint", "back": "back"},
    "situations": [
        {"id": "repair", "title": "報修", "cues": [{"lexicon": "leak"}], "sure": 3, "doubt": 1},
        {
            "id": "out",
            "title": "不在",
            "cues": [{"lexicon": "out", "by": "agent", "times": 3}],
            "needs": "repair",
            "sure": 3,
            "doubt": 1,
        },
        {
            "id": "public",
            "title": "公共設施",
            "cues": [
                {"lexicon": "thing", "then": "broken", "times": 3},
                {"lexicon": "urge", "times": -3},
            ],
            "sure": 3,
            "doubt": 1,
        },
        {
            "id": "asked",
            "title": "找人",
            "cues": [{"lexicon": "seek", "answered": "out", "times": 3}],
            "sure": 3,
            "doubt": 1,
        },
    ],
    "festivals": {
        "region": "TW",
        "days": [
            {"title": "春節", "lunar": "01-01", "days": 3, "eve": 1, "wishes": ["wish-new"]},
            {"title": "中秋節", "lunar": "08-15", "wishes": ["wish-moon"]},
            {"title": "國慶", "solar": "10-01", "regions": ["CN"], "wishes": ["wish-new"]},
        ],
    },
    "dimensions": [{"id": "all", "clause": "1", "title": "all", "deduct": 10}],
}
CLAUSE = {"id": "1", "title": "one", "demands": "it", "dimension": "all"}

VAGUE = (
    "each: {of: {said: {lexicon: maybe, then: end}}, "
    "require: {phrase: {lexicon: sorry, within: {after: 10s}}}}"
)
"""Who answers vaguely must say sorry."""

EITHER = (
    "choose: {if: {situation: repair}, then: {phrase: {lexicon: greeting}}, "
    "else: {phrase: {lexicon: sorry}}}"
)
"""Who reports something broken is greeted, anybody else is told sorry."""

ABOUT = "choose: {if: {situation: [repair, public]}, then: {phrase: {lexicon: greeting}}}"
"""Who reports something broken, his or everybody's, is greeted."""

Rule = Callable[..., Verdict]


def written(folder: Path, **clause: Any) -> Path:
    for name, text in LEXICONS.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    content = {**BASE, "clauses": [{**CLAUSE, **clause}]}
    (folder / "standard.yaml").write_text(
        yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8"
    )
    return folder


@pytest.fixture
def rule(tmp_path: Path) -> Rule:
    """Rule on a dialogue by one condition: ``a`` the agent, ``c`` the customer, ``-`` seconds of silence."""

    def ruled(require: str, turns: str, record: Any = None, **clause: Any) -> Verdict:
        condition = yaml.safe_load(require)
        standard = load_standard(written(tmp_path, require=condition, **clause))
        return verdict_on(standard, turns, record)

    return ruled


def verdict_on(standard: Standard, turns: str, record: Any = None) -> Verdict:
    roles = {"a": "agent", "c": "customer", "u": "unknown", "-": "silence", "m": "music"}
    listed = [{roles[turn[0]]: turn[1:].strip()} for turn in turns.split("/")]
    return settled(call_of(dialogue(listed, record)), standard).verdict("1")


@pytest.mark.parametrize(
    ("require", "turns", "status"),
    [
        # phrase: of one lexicon, any, all, n of
        ("phrase: {lexicon: greeting}", "a您好", "pass"),
        ("phrase: {lexicon: greeting}", "a喂/c您好", "fail"),
        ("phrase: {any: [greeting, offer]}", "a有什麼可以幫您", "pass"),
        ("phrase: {all: [greeting, offer]}", "a有什麼可以幫您", "fail"),
        ("phrase: {all: [greeting, offer]}", "a您好有什麼可以幫您", "pass"),
        ("phrase: {at_least: 2, of: [greeting, org, offer]}", "a您好，物業管理處", "pass"),
        ("phrase: {at_least: 2, of: [greeting, org, offer]}", "a物業管理處", "fail"),
        ("phrase: {lexicon: greeting, by: customer}", "a喂/c您好", "pass"),
        ("phrase: {lexicon: accept, or_silently: 點頭}", "a喂", "unjudged"),
        # a phrase that nobody owes is neither missed nor listened for
        ("phrase: {lexicon: accept, if_written: true}", "a好的", "pass"),
        ("phrase: {lexicon: accept, if_written: true}", "a喂", "not_applicable"),
        (
            "any: [{phrase: {lexicon: greeting}}, {phrase: {lexicon: accept, if_written: true}}]",
            "a喂",
            "fail",
        ),
        # unless nobody knows who said it
        ("phrase: {lexicon: accept, if_written: true}", "a喂/u好的", "unjudged"),
        # a hint leaves a missing phrase open: only where the phrase belongs, and from who owes it
        ("phrase: {lexicon: offer, hint: back}", "a您好", "fail"),
        ("phrase: {lexicon: offer, hint: back}", "a久等了", "unjudged"),
        ("phrase: {lexicon: offer, hint: back}", "a有什麼可以幫您，久等了", "pass"),
        ("phrase: {lexicon: offer, hint: back}", "a您好/c久等了", "fail"),
        (
            "phrase: {lexicon: offer, hint: back, within: {first_turns: 1}}",
            "a您好/c我家漏水了/a久等了",
            "fail",
        ),
        # absent
        ("absent: {lexicon: rude}", "a您好", "pass"),
        ("absent: {lexicon: rude}", "a你神經病", "fail"),
        ("absent: {lexicon: rude}", "a您好/c你神經病", "pass"),
        # an objection is doubt: the other's, and where nothing forbidden is found
        ("absent: {lexicon: rude, objection: minds}", "a您好/c你怎麼說話的", "unjudged"),
        ("absent: {lexicon: rude, objection: minds}", "a你怎麼說話的/c您好", "pass"),
        ("absent: {lexicon: rude, objection: minds}", "a神經病/c你怎麼說話的", "fail"),
        (
            "absent: {lexicon: rude, objection: minds, by: customer}",
            "a你怎麼說話的/c好",
            "unjudged",
        ),
        # words and what must follow in the same clause
        (VAGUE, "a應該在門口那個箱子裡吧", "fail"),
        (VAGUE, "a應該在門口那個箱子裡吧，對不起", "pass"),
        (VAGUE, "a應該在門口，您看看吧", "not_applicable"),
        (VAGUE, "a應該在大門旁邊那個很大很大的鐵箱子裡吧", "not_applicable"),
        (VAGUE, "a應該/c吧", "not_applicable"),
        (VAGUE, "a應該在門口吧？", "not_applicable"),
        (VAGUE, "a應該登記一下您先來吧", "not_applicable"),
        (VAGUE, "c應該在門口吧/a好", "not_applicable"),
        # what a call is about, or one of several
        (ABOUT, "c我家漏水/a您好", "pass"),
        (ABOUT, "c電梯不動了/a喂", "fail"),
        (ABOUT, "c水管/a喂", "unjudged"),
        (ABOUT, "c水管/a您好", "pass"),
        (ABOUT, "c停車費/a喂", "not_applicable"),
        # it does not matter which where both miss
        (EITHER, "c水管/a喂", "fail"),
        (EITHER, "c水管/a對不起", "unjudged"),
        # all, any, not
        ("all: [{phrase: {lexicon: greeting}}, {phrase: {lexicon: org}}]", "a您好", "fail"),
        ("any: [{phrase: {lexicon: greeting}}, {phrase: {lexicon: org}}]", "a您好", "pass"),
        ("not: {phrase: {lexicon: rude}}", "a煩死了", "fail"),
        ("not: {phrase: {lexicon: rude}}", "a您好", "pass"),
        # places
        ("phrase: {lexicon: greeting, within: {first_turns: 1}}", "a喂/c我家漏水了/a您好", "fail"),
        ("phrase: {lexicon: greeting, within: {first_turns: 2}}", "a喂/c我家漏水了/a您好", "pass"),
        ("phrase: {lexicon: greeting, within: {first_turns: 1}}", "a喂/c喂/a您好", "pass"),
        ("phrase: {lexicon: greeting, within: {from_start: 5s}}", "a喂/-10s/a您好", "fail"),
        ("phrase: {lexicon: back, within: {from_end: 5s}}", "a久等了/-9s/a喂喂喂喂喂", "fail"),
        (
            "phrase: {lexicon: sorry, within: {around: 3s, of: {lexicon: out}}}",
            "a對不起，他不在",
            "pass",
        ),
        (
            "phrase: {lexicon: sorry, within: {after: 3s, of: {lexicon: out}}}",
            "a對不起/-5s/a他不在啊哈哈哈哈哈哈",
            "fail",
        ),
        (
            "phrase: {lexicon: sorry, within: {before: 3s, of: {lexicon: out}}}",
            "a對不起，他不在",
            "pass",
        ),
        (
            "phrase: {lexicon: sorry, within: {before: 3s, of: {lexicon: out}}}",
            "a在啊",
            "not_applicable",
        ),
        # order
        ("order: {lexicons: [greeting, org, offer]}", "a您好，物業管理處，有什麼可以幫您", "pass"),
        ("order: {lexicons: [greeting, org]}", "a物業管理處，您好", "fail"),
        ("order: {lexicons: [greeting, org]}", "a物業管理處", "fail"),
        # each, some, reply, choose
        (
            "each: {of: {event: hold}, require: {phrase: {lexicon: back, within: {after: 5s}}}}",
            "a等一下/-9s/a久等了/a等一下/-9s/a喂",
            "fail",
        ),
        (
            "some: {of: {event: hold}, require: {phrase: {lexicon: back, within: {after: 5s}}}}",
            "a等一下/-9s/a久等了/a等一下/-9s/a喂",
            "pass",
        ),
        (
            "each: {of: {event: hold}, require: {phrase: {lexicon: back, within: {after: 5s}}}}",
            "a您好",
            "not_applicable",
        ),
        (
            "reply: {to: {lexicon: urge, by: customer}, phrase: {lexicon: accept}, within: 5s}",
            "c快一點/a好的/c快一點/a好的",
            "pass",
        ),
        (
            "reply: {to: {lexicon: urge, by: customer}, phrase: {lexicon: accept}, within: 5s}",
            "c快一點/a好的/c快一點/a催什麼",
            "fail",
        ),
        (
            "reply: {to: {lexicon: urge, by: customer}, phrase: {lexicon: accept}, within: 2s}",
            "c快一點/a我在寫字寫字寫字寫字寫字寫好的",
            "fail",
        ),
        (
            "choose: {if: {said: {lexicon: out}}, then: {phrase: {lexicon: sorry}}, "
            "else: {phrase: {lexicon: wait}}}",
            "a他不在",
            "fail",
        ),
        (
            "choose: {if: {said: {lexicon: out}}, then: {phrase: {lexicon: sorry}}, "
            "else: {phrase: {lexicon: wait}}}",
            "a請稍等",
            "pass",
        ),
        (
            "choose: {if: {said: {lexicon: out}}, then: {phrase: {lexicon: sorry}}}",
            "a在",
            "not_applicable",
        ),
        # slots
        ("slot: {kind: phone}", "c我的電話是13826507731", "pass"),
        ("slot: {kind: phone}", "a13826507731/c對", "fail"),
        ("slot: {kind: address}", "c三棟一二零五", "pass"),
        ("slot: {kind: name}", "c我姓陳", "pass"),
        ("slot: {kind: time, by: agent}", "a師傅明天上午十點到", "pass"),
        ("slot: {kind: time, by: agent}", "a盡快", "fail"),
        ("slot: {kind: name}", "a喂/u我姓陳", "unjudged"),
    ],
)
def test_a_demand_on_a_dialogue(rule: Rule, require: str, turns: str, status: str) -> None:
    verdict = rule(require, turns)
    assert verdict.status == status, verdict


@pytest.mark.parametrize(
    ("require", "record", "status"),
    [
        ("record: {field: rings, at_most: 3}", {"rings": 3}, "pass"),
        ("record: {field: rings, at_most: 3}", {"rings": 4}, "fail"),
        ("record: {field: rings, at_most: 3}", {}, "unjudged"),
        ("record: {field: released_by, equals: customer}", {"released_by": "agent"}, "fail"),
        ("record: {field: line, one_of: [office, front_desk]}", {"line": "office"}, "pass"),
        ("record: {tag: queue_s, at_least: 5}", {"tags": {"queue_s": "7.5"}}, "pass"),
        ("record: {tag: queue_s, at_least: 5}", {"tags": {"queue_s": "long"}}, "unjudged"),
        ("record: {tag: queue_s, at_most: 20}", {"tags": {"queue_s": "nan"}}, "unjudged"),
        ("record: {tag: queue_s, at_least: 5}", {"tags": {"queue_s": "inf"}}, "unjudged"),
        ("wish: {}", {"started_at": "2026-02-17T09:00:00+08:00"}, "fail"),
        ("wish: {}", {"started_at": "2026-02-16T09:00:00+08:00"}, "fail"),
        ("wish: {}", {"started_at": "2026-02-20T09:00:00+08:00"}, "not_applicable"),
        ("wish: {}", {"started_at": "2026-10-01T09:00:00+08:00"}, "not_applicable"),
        ("wish: {}", {"started_at": "2026-09-25T09:00:00+08:00"}, "pass"),
        ("wish: {}", {}, "unjudged"),
    ],
)
def test_a_demand_on_the_call_record(rule: Rule, require: str, record: Any, status: str) -> None:
    verdict = rule(require, "a您好，中秋快樂", record)
    assert verdict.status == status, verdict


@pytest.mark.parametrize(
    ("applies", "record", "turns", "status"),
    [
        ({"situation": ["repair"]}, {}, "a您好/c我家漏水", "pass"),
        ({"situation": ["repair"]}, {}, "a您好/c水管", "unjudged"),
        ({"situation": ["repair"]}, {}, "a您好/c停車費", "not_applicable"),
        ({"situation": ["repair"]}, {}, "a您好，漏水/c停車費", "not_applicable"),
        # a pair: both, in this order, in one clause, and by whom it should be
        ({"situation": ["public"]}, {}, "a您好/c電梯又不動了", "pass"),
        ({"situation": ["public"]}, {}, "a您好/c電梯和大門都打不開", "pass"),
        ({"situation": ["public"]}, {}, "a您好/c電梯", "not_applicable"),
        ({"situation": ["public"]}, {}, "a您好/c不動了，電梯", "not_applicable"),
        (
            {"situation": ["public"]},
            {},
            "a您好/c電梯，我想請問一下今天下午三點鐘的那個會議改期以後，我的車不動了",
            "not_applicable",
        ),
        ({"situation": ["public"]}, {}, "a您好，電梯/c不動了", "not_applicable"),
        ({"situation": ["public"]}, {}, "a您好，電梯不動了/c喂", "not_applicable"),
        ({"situation": ["public"]}, {}, "a您好/c電梯又不動了，快一點", "not_applicable"),
        ({"situation": ["out"]}, {}, "a您好，他不在/c我家漏水", "pass"),
        ({"situation": ["out"]}, {}, "a您好，他不在/c水管", "unjudged"),
        ({"situation": ["out"]}, {}, "a您好，他不在/c停車費", "not_applicable"),
        ({"situation": ["out"]}, {}, "a您好/c我家漏水，他不在", "not_applicable"),
        # 「樓稅」 is no word, so 漏水 was said; by itself so short a sound is one sign of several
        ({"situation": ["repair"]}, {}, "a您好/c我家楼税", "unjudged"),
        ({"situation": ["repair"]}, {}, "a您好/c我家楼税，水管", "unjudged"),
        ({"situation": ["repair"]}, {}, "a您好/c我家楼，税", "not_applicable"),
        ({"situation": ["public"]}, {}, "a您好/c电题打不凯", "pass"),
        # 「漏到」 has other tones than 樓道, and makes sense
        ({"situation": ["public"]}, {}, "a您好/c雨水漏到窗台打不開", "not_applicable"),
        ({"situation": ["public"]}, {}, "a您好/c電梯打不開，块典", "pass"),
        # what one asks and the other answers, soon
        ({"situation": ["asked"]}, {}, "a您好/c我找阿明/a他不在", "pass"),
        ({"situation": ["asked"]}, {}, "a您好，他不在/c我找阿明", "not_applicable"),
        ({"situation": ["asked"]}, {}, "a您好/c我找阿明，他不在", "not_applicable"),
        ({"situation": ["asked"]}, {}, "a您好/c我找阿明/-21s/a他不在", "not_applicable"),
        ({"unless": ["repair"]}, {}, "a您好/c我家漏水", "not_applicable"),
        ({"unless": ["repair"]}, {}, "a您好/c水管", "unjudged"),
        ({"unless": ["repair"]}, {}, "a您好/c停車費", "pass"),
        ({"direction": ["inbound"]}, {"direction": "outbound"}, "a您好", "not_applicable"),
        ({"direction": ["inbound"]}, {}, "a您好", "pass"),
        (
            {"since": "2026-01-01"},
            {"started_at": "2025-12-31T09:00:00+08:00"},
            "a您好",
            "not_applicable",
        ),
        ({"since": "2026-01-01"}, {"started_at": "2026-01-01T09:00:00+08:00"}, "a您好", "pass"),
        ({"since": "2026-01-01"}, {}, "a您好", "unjudged"),
    ],
)
def test_the_calls_a_clause_is_about(
    rule: Rule, applies: Any, record: Any, turns: str, status: str
) -> None:
    verdict = rule("phrase: {lexicon: greeting}", turns, record, applies=applies)
    assert verdict.status == status, verdict


@pytest.mark.parametrize(
    ("require", "got", "hint"),
    [
        ("phrase: {lexicon: greting}", "lexicon 'greting' (no file greting.txt beside it)", "Did you mean 'greeting'?"),
        ("duration: {situation: repare, longest: 5s}", "situation 'repare'", "Did you mean 'repair'?"),
        ("absent: {lexicon: rude, objection: mind}", "lexicon 'mind' (no file mind.txt beside it)", "Did you mean 'minds'?"),
        ("phrase: {lexicon: greeting, by: agnet}", "clauses.0.require.phrase.by: 'agnet'", "Did you mean 'agent'?"),
        ("phrases: {lexicon: greeting}", "unknown key 'phrases'", "Did you mean 'phrase'?"),
        ("rings: {at_mots: 3}", "unknown key 'at_mots'", "Did you mean 'at_most'?"),
        ("released: {by: custmer}", "clauses.0.require.released.by: 'custmer'", "Did you mean 'customer'?"),
        ("slot: {kind: telephone}", "clauses.0.require.slot.kind: 'telephone'", "Did you mean 'phone'?"),
    ],
)  # fmt: skip
def test_a_wrong_word_is_told_with_the_nearest_right_one(
    tmp_path: Path, require: str, got: str, hint: str
) -> None:
    folder = written(tmp_path, require=yaml.safe_load(require))
    with pytest.raises(StandardError) as error:
        load_standard(folder)
    assert (error.value.got, error.value.hint) == (got, hint)
    line = int(error.value.where.rsplit(":", 1)[1])
    text = (folder / "standard.yaml").read_text(encoding="utf-8").splitlines()[line - 1]
    wrong = got.split("'")[1]
    assert wrong in text


@pytest.mark.parametrize(
    "require",
    [
        "{}",
        "{phrase: {lexicon: greeting}, absent: {lexicon: rude}}",
        "phrase: {lexicon: greeting, any: [org]}",
        "phrase: {of: [greeting, org]}",
        "phrase: {lexicon: greeting, hint: back, if_written: true}",
        "phrase: {lexicon: greeting, or_silently: 點頭, if_written: true}",
        "phrase: {at_least: 3, of: [greeting, org]}",
        "phrase: {lexicon: greeting, within: {first_turns: 1, from_end: 5s}}",
        "phrase: {lexicon: greeting, within: {from_end: 5s, of: {lexicon: org}}}",
        "record: {field: rings}",
        "record: {field: rings, at_most: 3, equals: 2}",
        "rings: {}",
        "rings: {at_most: -1}",
        "released: {within: 5s}",
        "released: {by: customer, within: soon}",
        "each: {of: {}, require: {phrase: {lexicon: greeting}}}",
    ],
)
def test_a_demand_that_means_nothing_is_refused(tmp_path: Path, require: str) -> None:
    with pytest.raises(StandardError) as error:
        load_standard(written(tmp_path, require=yaml.safe_load(require)))
    assert error.value.where.startswith(str(tmp_path / "standard.yaml") + ":")


def test_a_standard_changed_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path, require={"phrase": {"lexicon": "greeting"}})

    def read_and_changed(*arguments: Any) -> Any:
        lexicon = read_lexicon(*arguments)
        (folder / "greeting.txt").write_text("早安\n", encoding="utf-8")
        return lexicon

    monkeypatch.setattr("pipeline.judge.load.read_lexicon", read_and_changed)
    with pytest.raises(StandardError, match="changed while they were read"):
        load_standard(folder)


def test_a_pair_cannot_speak_against_a_situation(tmp_path: Path) -> None:
    folder = written(tmp_path, require={"phrase": {"lexicon": "greeting"}})
    file = folder / "standard.yaml"
    content = yaml.safe_load(file.read_text("utf-8"))
    content["situations"][2]["cues"][0]["times"] = -1
    file.write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    with pytest.raises(StandardError, match="times must be above 0"):
        load_standard(folder)


@pytest.mark.parametrize(
    ("probability", "score", "status"),
    [
        (0.72, -1.9, "fail"),
        (0.68, -2.3, "unjudged"),
        (0.68, -2.5, "fail"),
        (0.63, -2.9, "unjudged"),
        (0.63, -3.1, "fail"),
        (0.58, -6.0, "unjudged"),
        (0.58, 3.0, "pass"),
    ],
)
def test_who_is_hard_to_understand_is_accused_of_what_is_clear_only(
    tmp_path: Path, probability: float, score: float, status: str
) -> None:
    standard = load_standard(written(tmp_path, require={"phrase": {"lexicon": "greeting"}}))
    call = call_of(dialogue([{"agent": "嗯嗯啊啊嗯嗯啊", "probability": probability}]))
    (question,) = judge(call, standard).questions
    verdict = judge(call, standard, [Answer(question, score)]).scorecard.verdict("1")
    assert verdict.status == status, verdict


@pytest.mark.parametrize(("mumbled", "status"), [(12, "unjudged"), (8, "fail")])
def test_nor_of_what_belongs_where_he_was_not_understood(
    tmp_path: Path, mumbled: int, status: str
) -> None:
    # clear on the whole; a stretch tells by itself when it has words enough
    first = {"phrase": {"lexicon": "greeting", "within": {"first_turns": 1}}}
    standard = load_standard(written(tmp_path, require=first))
    turns = [
        {"agent": "嗯" * mumbled, "probability": 0.65},
        {"customer": "我家漏水了"},
        {"agent": "知道了" * 20, "probability": 0.9},
    ]
    call = call_of(dialogue(turns))
    (question,) = judge(call, standard).questions
    verdict = judge(call, standard, [Answer(question, -2.5)]).scorecard.verdict("1")
    assert verdict.status == status, verdict


def test_the_words_that_ask_for_a_phrase_are_not_taken_for_it(tmp_path: Path) -> None:
    each = {
        "of": {"said": {"lexicon": "rude"}},
        "require": {"phrase": {"lexicon": "sorry", "within": {"after": "20s"}}},
    }
    standard = load_standard(written(tmp_path, require={"each": each}))
    call = call_of(dialogue([{"agent": "煩死了，你等著吧"}]))
    (question,) = judge(call, standard).questions

    def status(score: float, at: Span) -> str:
        answer = Answer(question, score, "對不起", at)
        return judge(call, standard, [answer]).scorecard.verdict("1").status

    own = call.utterances[0].words[1].span
    assert status(-1.5, own) == "fail"
    assert status(-1.5, Span(own.end_ms + 600, own.end_ms + 900)) == "unjudged"
    assert status(1.5, own) == "pass"


def test_words_at_the_edge_of_a_hold_may_be_what_it_asks_for(tmp_path: Path) -> None:
    each = {
        "of": {"event": "hold"},
        "require": {"phrase": {"lexicon": "wait", "within": {"before": "12s"}}},
    }
    standard = load_standard(written(tmp_path, require={"each": each}))
    turns = [{"agent": "我去看看"}, {"silence": "12s"}, {"agent": "好了"}]
    call = call_of(dialogue(turns))
    (question,) = judge(call, standard).questions
    end_ms = call.utterances[0].span.end_ms
    doubtful = Answer(question, -1.5, "請稍等", Span(end_ms - 300, end_ms + 300))
    assert judge(call, standard, [doubtful]).scorecard.verdict("1").status == "unjudged"


@pytest.mark.parametrize(
    ("by", "within", "probability", "status"),
    [
        ("agent", None, 0.74, "unjudged"),
        ("agent", None, 0.76, "fail"),
        ("customer", None, 0.6, "fail"),
        ("customer", {"from_start": "30s"}, 0.69, "unjudged"),
        ("customer", {"from_start": "30s"}, 0.71, "fail"),
    ],
)
def test_nor_is_he_of_whom_a_value_is_missing(
    tmp_path: Path, by: str, within: Any, probability: float, status: str
) -> None:
    slot = {"kind": "time", "by": by, **({"within": within} if within else {})}
    standard = load_standard(written(tmp_path, require={"slot": slot}))
    murmur = [{by: "嗯嗯啊啊嗯嗯啊", "probability": probability}]
    assert settled(call_of(dialogue(murmur)), standard).verdict("1").status == status


def test_words_hardly_believed_are_asked_for_again(tmp_path: Path) -> None:
    standard = load_standard(written(tmp_path, require={"phrase": {"lexicon": "greeting"}}))
    weak = [{"agent": "您好，再見", "probability": 0.1}]
    strong = [{"agent": "您好，再見", "probability": 0.5}]
    assert settled(call_of(dialogue(weak)), standard).verdict("1").status == "unjudged"
    assert settled(call_of(dialogue(weak)), standard, heard=True).verdict("1").status == "pass"
    assert settled(call_of(dialogue(strong)), standard).verdict("1").status == "pass"


def test_a_phrase_heard_where_an_exception_stands_passes_nobody(tmp_path: Path) -> None:
    folder = written(tmp_path, require={"phrase": {"lexicon": "greeting"}})
    (folder / "greeting.txt").write_text("您好\n!您好像\n", encoding="utf-8")
    standard = load_standard(folder)
    call = call_of(dialogue([{"agent": "您好像打錯了吧"}]))
    (question,) = judge(call, standard).questions
    there = Answer(question, 3.0, "您好", Span(1000, 1400))
    verdict = judge(call, standard, [there]).scorecard.verdict("1")
    assert (verdict.status, verdict.reason.code) == ("unjudged", "phrase_doubtful")


def test_where_one_voice_has_no_role_the_agent_is_listened_to_as_well(tmp_path: Path) -> None:
    standard = load_standard(written(tmp_path, require={"phrase": {"lexicon": "greeting"}}))
    call = call_of(dialogue([{"agent": "三點"}, {"customer": "好的"}, {"unknown": "對對"}]))
    own, other = judge(call, standard).questions
    assert {own.role, other.role} == {"agent", "unknown"}

    def status(scores: dict[str, float]) -> str:
        answers = [Answer(question, scores[question.role]) for question in (own, other)]
        return judge(call, standard, answers).scorecard.verdict("1").status

    assert status({"agent": 3.0, "unknown": -9.0}) == "pass"
    assert status({"agent": -9.0, "unknown": 3.0}) == "unjudged"
    assert status({"agent": -9.0, "unknown": -9.0}) == "fail"


def test_the_words_of_two_voices_of_one_channel_make_no_phrase(tmp_path: Path) -> None:
    standard = load_standard(written(tmp_path, require={"phrase": {"lexicon": "greeting"}}))
    call = call_of(dialogue([{"agent": "您"}, {"agent": "好"}]))
    parted = tuple(replace(one, speaker=at) for at, one in enumerate(call.utterances))
    assert settled(call, standard).verdict("1").status == "pass"
    assert settled(replace(call, utterances=parted), standard).verdict("1").status == "fail"


def test_every_demand_that_holds_no_other_has_its_check() -> None:
    demands = {Condition.model_fields[name].alias or name for name in DEMANDS}
    holding = {"all", "any", "not", "each", "some", "choose", "reply"}
    assert set(CHECKS) == demands - holding
